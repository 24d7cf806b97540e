//! A request body that must arrive in time: a byte every ten seconds would hold its room for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// A body has this long to arrive, from when it is first read.
pub(super) const BODY_WITHIN: Duration = Duration::from_secs(30);

/// The body did not arrive in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body did not arrive within {} s", BODY_WITHIN.as_secs())]
pub(crate) struct TooSlow;

/// A body with a time limit.
pub(super) struct Deadline<B> {
    body: B,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<B> Deadline<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body, sleep: None }
    }
}

impl<B> Body for Deadline<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            // Most bodies are here with their headers and never need a timer.
            let over = self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed());
            if !over {
                return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
            }
        }
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep(BODY_WITHIN)));
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(TooSlow.into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{BodyExt, Full, StreamBody};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_cut_after_thirty_seconds() {
        let trickle = stream::unfold((), |()| async {
            sleep(Duration::from_secs(10)).await;
            Some((
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))),
                (),
            ))
        });
        let began = Instant::now();
        let body = Deadline::new(StreamBody::new(Box::pin(trickle)));
        let error = body.collect().await.expect_err("cut");
        assert!(error.is::<TooSlow>());
        assert_eq!(began.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_there_is_read_without_a_timer() {
        let mut body = Deadline::new(Full::new(Bytes::from_static(b"all of it")));
        assert_eq!(body.size_hint().exact(), Some(9));
        let frame = body.frame().await.expect("a frame").expect("data");
        assert_eq!(
            frame.into_data().ok(),
            Some(Bytes::from_static(b"all of it"))
        );
        assert!(body.is_end_stream() && body.sleep.is_none());
    }
}
