//! The stream under an SMTP connection: plain or TLS, and what of it matters for outcomes.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Most of a server's first words that are kept.
const MOST_HEARD: usize = 16 * 1024;
/// The end of a mail on the wire (RFC 5321 section 4.1.1.4).
const END: &[u8; 5] = b"\r\n.\r\n";

/// Either stream.
#[derive(Debug)]
pub(super) enum Line {
    /// Clear text.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

/// What is seen of the dialogue while the library has the stream.
#[derive(Debug)]
pub(super) struct Watch {
    ended: AtomicBool,
    /// What the server says, until somebody takes it.
    heard: Mutex<Option<Vec<u8>>>,
}

impl Watch {
    /// Whether the end of a mail has been written: from then on the server may have accepted it.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// A new mail begins.
    pub(super) fn begin(&self) {
        self.ended.store(false, Ordering::Release);
    }

    /// The server's words so far; later ones are not kept.
    pub(super) fn take_heard(&self) -> Vec<u8> {
        self.heard.lock().take().unwrap_or_default()
    }

    fn hear(&self, bytes: &[u8]) {
        if let Some(heard) = &mut *self.heard.lock() {
            let room = MOST_HEARD - heard.len();
            heard.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }
}

/// The stream with two additions: the server's greeting is played back where it was read before TLS began, and
/// a [`Watch`] sees what goes by.
pub(super) struct Wire {
    line: Line,
    greeting: Vec<u8>,
    tail: [u8; 5],
    watch: Arc<Watch>,
}

impl Wire {
    /// A wire that first reads `greeting`; and its watch.
    pub(super) fn new(line: Line, greeting: Vec<u8>) -> (Self, Arc<Watch>) {
        let watch = Arc::new(Watch {
            ended: AtomicBool::new(false),
            heard: Mutex::new(Some(Vec::new())),
        });
        let wire = Self {
            line,
            greeting,
            tail: [0; 5],
            watch: Arc::clone(&watch),
        };
        (wire, watch)
    }

    fn wrote(&mut self, bytes: &[u8]) {
        for byte in &bytes[bytes.len().saturating_sub(END.len())..] {
            self.tail.rotate_left(1);
            self.tail[END.len() - 1] = *byte;
        }
        if self.tail == *END {
            self.watch.ended.store(true, Ordering::Release);
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.greeting.is_empty() {
            let taken = self.greeting.len().min(buf.remaining());
            buf.put_slice(&self.greeting[..taken]);
            self.greeting.drain(..taken);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Line::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        })?;
        self.watch.hear(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Line::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        })?;
        self.wrote(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Line::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Line::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.line {
            Line::Plain(stream) => stream.peer_addr(),
            Line::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}
