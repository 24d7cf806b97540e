//! What a simulated provider answers, and the ways an answer can be spoiled on its way out.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Frame, SizeHint};
use serde_json::Value;

use crate::mode::HUGE_BODY_BYTES;

/// The body type of every answer.
pub(crate) type ReplyBody = UnsyncBoxBody<Bytes, io::Error>;

const CHUNK: usize = 16 << 10;
static BLANK: [u8; CHUNK] = [b' '; CHUNK];

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// 200 with a JSON body.
    pub(crate) fn json(value: &Value) -> Self {
        Self {
            status: 200,
            headers: vec![(
                "content-type".into(),
                "application/json; charset=utf-8".into(),
            )],
            body: Bytes::from(value.to_string()),
        }
    }

    /// A plain text.
    pub(crate) fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "text/plain; charset=utf-8".into())],
            body: body.into(),
        }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn wrap(&self, body: ReplyBody) -> Response<ReplyBody> {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }

    /// The answer as it should be.
    pub(crate) fn whole(self) -> Response<ReplyBody> {
        let body = Full::new(self.body.clone()).map_err(never).boxed_unsync();
        self.wrap(body)
    }

    /// Byte by byte, so many a second.
    pub(crate) fn dripping(self, bytes_per_sec: u32) -> Response<ReplyBody> {
        let pause = Duration::from_secs(1) / bytes_per_sec.max(1);
        let bytes = self.body.clone();
        let drops = stream::iter(0..bytes.len()).then(move |at| {
            let drop = bytes.slice(at..=at);
            async move {
                tokio::time::sleep(pause).await;
                Ok(Frame::data(drop))
            }
        });
        self.wrap(BodyExt::boxed_unsync(StreamBody::new(drops)))
    }

    /// A content length for the whole, half of the bytes, and the end of the connection.
    pub(crate) fn halved(self) -> Response<ReplyBody> {
        let half = self.body.slice(..self.body.len() / 2);
        let promised = self.body.len().max(1) as u64;
        let body = Halved {
            half: Some(half),
            promised,
            flushed: false,
        };
        self.wrap(BodyExt::boxed_unsync(body))
    }

    /// White space for ever.
    pub(crate) fn endless(self) -> Response<ReplyBody> {
        let blanks = stream::repeat_with(|| Ok(Frame::data(Bytes::from_static(&BLANK))));
        self.wrap(BodyExt::boxed_unsync(StreamBody::new(blanks)))
    }

    /// Much white space, then the reply.
    pub(crate) fn huge(mut self) -> Response<ReplyBody> {
        let length = HUGE_BODY_BYTES + self.body.len();
        self.headers
            .push(("content-length".into(), length.to_string()));
        let blanks =
            stream::repeat_with(|| Bytes::from_static(&BLANK)).take(HUGE_BODY_BYTES / CHUNK);
        let frames = blanks
            .chain(stream::iter([self.body.clone()]))
            .map(|chunk| Ok(Frame::data(chunk)));
        self.wrap(BodyExt::boxed_unsync(StreamBody::new(frames)))
    }
}

fn never(never: Infallible) -> io::Error {
    match never {}
}

/// The headers and query of a request, as the checks read them.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    // A header sent twice is as good as none: checks that take the first can be fooled.
    if values.next().is_some() {
        None
    } else {
        first.to_str().ok()
    }
}

/// A body that gives half of what it promised and then fails.
struct Halved {
    half: Option<Bytes>,
    promised: u64,
    flushed: bool,
}

impl Body for Halved {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // One pause, so that the server writes out what it has before it sees the failure.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dripping_body_has_one_byte_in_a_frame() {
        let mut body = Reply::text(200, "drops").dripping(100_000).into_body();
        let mut drops = Vec::new();
        while let Some(frame) = body.frame().await {
            drops.push(frame.expect("a frame").into_data().expect("data"));
        }
        assert_eq!(drops, ["d", "r", "o", "p", "s"]);
    }
}
