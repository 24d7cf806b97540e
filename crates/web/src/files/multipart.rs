//! A multipart body: its first file, as a stream, held to bounds that the parser does not have.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use balefire_core::file::FileName;
use balefire_engine::engine::{Engine, Upload};
use balefire_store::File;
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, header};
use multer::{Field, Multipart};

use super::disposition::file_name;
use super::receive::ReceiveError;
use crate::ingest::body::{BodyError, broken};

/// The field that is stored.
const FIELD: &str = "file";
/// Parts of a body that are looked at.
const PARTS: usize = 64;
/// Bytes that the parser may hold without having made something of them: the head of a part, or what stands
/// before the first.
const UNCLAIMED: usize = 64 * 1024;
/// Bytes that a body may have besides its file: heads and other fields.
const BESIDES: u64 = 1 << 20;

/// Why no more of a body is given to the parser.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Cut {
    #[error("the head of a part is larger than {UNCLAIMED} bytes")]
    Head,
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Body(BodyError),
}

/// The body's frames. The parser takes all there is before it looks at any of it, so they are rationed here.
struct Rationed {
    body: BodyDataStream,
    left: u64,
    most: u64,
    unclaimed: Arc<AtomicUsize>,
    /// The parser has been told to look at what it has.
    told: bool,
}

impl Stream for Rationed {
    type Item = Result<Bytes, Cut>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.unclaimed.load(Ordering::Relaxed) >= UNCLAIMED {
            if self.told {
                return Poll::Ready(Some(Err(Cut::Head)));
            }
            self.told = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.told = false;
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_next(context));
        Poll::Ready(frame.map(|frame| {
            let data = frame.map_err(|error| Cut::Body(broken(&error)))?;
            self.left =
                (self.left.checked_sub(data.len() as u64)).ok_or(Cut::TooLarge(self.most))?;
            self.unclaimed.fetch_add(data.len(), Ordering::Relaxed);
            Ok(data)
        }))
    }
}

/// The parser, which gives back what it made of the body.
struct Form {
    parser: Multipart<'static>,
    unclaimed: Arc<AtomicUsize>,
    parts: usize,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl Form {
    fn new(body: Body, boundary: String, most: u64) -> Self {
        let unclaimed = Arc::new(AtomicUsize::new(0));
        let stream = Rationed {
            body: body.into_data_stream(),
            left: most,
            most,
            unclaimed: Arc::clone(&unclaimed),
            told: false,
        };
        Self {
            parser: Multipart::new(stream, boundary),
            unclaimed,
            parts: 0,
        }
    }

    /// The next part; `None` at the end.
    async fn next(&mut self) -> Result<Option<Field<'static>>, ReceiveError> {
        if self.parts == PARTS {
            let why = format!("more than {PARTS} parts");
            return Err(ReceiveError::Multipart(why));
        }
        self.parts += 1;
        let field = self
            .parser
            .next_field()
            .await
            .map_err(|error| unread(&error))?;
        self.unclaimed.store(0, Ordering::Relaxed);
        Ok(field)
    }

    /// The next bytes of a part; `None` at its end.
    async fn chunk(&self, field: &mut Field<'static>) -> Result<Option<Bytes>, ReceiveError> {
        let chunk = field.chunk().await.map_err(|error| unread(&error))?;
        self.unclaimed.store(0, Ordering::Relaxed);
        Ok(chunk)
    }

    /// Reads what is left, for nothing: a client that is not read to the end takes it for a broken connection.
    async fn drain(&mut self) -> Result<(), ReceiveError> {
        while let Some(mut field) = self.next().await? {
            while self.chunk(&mut field).await?.is_some() {}
        }
        Ok(())
    }
}

/// What the parser says, or what stopped it.
fn unread(error: &multer::Error) -> ReceiveError {
    if let multer::Error::StreamReadFailed(cause) = error
        && let Some(cut) = cause.downcast_ref::<Cut>()
    {
        return match cut {
            Cut::Head => ReceiveError::Multipart(cut.to_string()),
            Cut::TooLarge(most) => ReceiveError::TooLarge(*most),
            Cut::Body(error) => ReceiveError::Body(error.clone()),
        };
    }
    ReceiveError::Multipart(error.to_string())
}

/// The boundary of a multipart body; `None` when it is none.
pub(super) fn boundary(headers: &HeaderMap) -> Option<Result<String, ReceiveError>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let is_multipart = kind.get(..10)?.eq_ignore_ascii_case("multipart/");
    is_multipart.then(|| multer::parse_boundary(kind).map_err(|error| unread(&error)))
}

/// Stores the first file of the field; what comes after it changes nothing.
pub(super) async fn first_file(
    engine: &Engine,
    body: Body,
    boundary: String,
    name: Option<FileName>,
    most: u64,
) -> Result<File, ReceiveError> {
    let mut form = Form::new(body, boundary, most.saturating_add(BESIDES));
    while let Some(mut field) = form.next().await? {
        let header = field.headers().get(header::CONTENT_DISPOSITION);
        let given = header.and_then(|header| file_name(header.as_bytes()));
        let is_file = field.name() == Some(FIELD);
        let Some(given) = given.filter(|_| is_file) else {
            while form.chunk(&mut field).await?.is_some() {}
            continue;
        };
        let name = name.unwrap_or_else(|| FileName::of(&given));
        let mut upload: Upload = engine.begin_file(name, most).await?;
        while let Some(chunk) = form.chunk(&mut field).await? {
            upload.push(chunk).await?;
        }
        drop(field);
        let file = upload.finish().await?;
        // The file is on disk, whatever the rest looks like.
        let _ = form.drain().await;
        return Ok(file);
    }
    Err(ReceiveError::NoFile)
}
