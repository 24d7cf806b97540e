//! A request body that remembers whether it was handed to a connection.
//!
//! "Was it sent?" decides between *transient* and *unknown outcome*. The connection asks for the body
//! only after it stands (TCP, TLS, proxy tunnel), so a body that was never asked for cannot have arrived.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// All bytes at once, with a flag raised when they are taken.
pub(super) struct TracedBody {
    content: Option<Bytes>,
    taken: Arc<AtomicBool>,
}

impl TracedBody {
    /// The body and its flag.
    pub(super) fn new(content: Bytes) -> (Self, Arc<AtomicBool>) {
        let taken = Arc::new(AtomicBool::new(false));
        let content = (!content.is_empty()).then_some(content);
        (
            Self {
                content,
                taken: Arc::clone(&taken),
            },
            taken,
        )
    }
}

impl Body for TracedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.taken.store(true, Ordering::Release);
        Poll::Ready(self.content.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
