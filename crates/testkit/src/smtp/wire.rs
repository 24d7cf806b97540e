//! The connection's bytes: command lines, replies, a message's lines, TLS in mid-stream.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Most bytes that are read ahead of the line that is wanted.
const MAX_PENDING: usize = 64 << 10;
/// Octets of a message's line, without CRLF (RFC 5322 2.1.1).
const MAX_TEXT_LINE: usize = 998;

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// One connection.
pub(super) struct Wire {
    stream: Stream,
    pending: Vec<u8>,
}

/// A command line as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Without its CRLF.
    Whole(Vec<u8>),
    /// It ended with a bare LF, or has a bare CR in it.
    BadEnding,
    TooLong,
    /// The client is gone.
    End,
}

/// A message's text with what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Dots unstuffed, with CRLF.
    pub(super) bytes: Vec<u8>,
    /// The gravest first.
    pub(super) flaws: BTreeSet<Flaw>,
}

/// What can be wrong with a message's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flaw {
    TooLarge,
    BareLineEnding,
    Nul,
    /// Good if 8BITMIME was declared.
    EightBit,
    LongLine,
}

impl Wire {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self {
            stream: Stream::Plain(stream),
            pending: Vec::new(),
        }
    }

    /// The same connection under TLS. Bytes that came before the handshake are an error: they
    /// could have been slipped in by somebody else.
    pub(super) async fn secure(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        if !self.pending.is_empty() {
            return Err(io::Error::other("bytes before the TLS handshake"));
        }
        match self.stream {
            Stream::Plain(stream) => {
                let stream = Stream::Tls(Box::new(acceptor.accept(stream).await?));
                Ok(Self {
                    stream,
                    pending: Vec::new(),
                })
            }
            Stream::Tls(_) => Err(io::Error::other("TLS is on already")),
        }
    }

    /// Whether the client has sent more than it has been answered.
    pub(super) fn has_more(&self) -> bool {
        !self.pending.is_empty()
    }

    async fn fill(&mut self) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read_buf(&mut self.pending).await,
            Stream::Tls(stream) => stream.read_buf(&mut self.pending).await,
        }
    }

    /// The next command line of at most `most` octets, CRLF included.
    pub(super) async fn line(&mut self, most: usize) -> io::Result<Line> {
        loop {
            if let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.pending.drain(..=end).collect();
                line.pop();
                let ends_well = line.pop() == Some(b'\r') && !line.contains(&b'\r');
                return Ok(if line.len() + 2 > most {
                    Line::TooLong
                } else if ends_well {
                    Line::Whole(line)
                } else {
                    Line::BadEnding
                });
            }
            if self.pending.len() > MAX_PENDING || self.fill().await? == 0 {
                return Ok(Line::End);
            }
        }
    }

    /// One line of a message, up to its CRLF; `None` if the client is gone or the line has no end.
    pub(super) async fn text_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut from = 0;
        loop {
            let found = self.pending[from..]
                .windows(2)
                .position(|pair| pair == b"\r\n");
            if let Some(at) = found {
                let mut line: Vec<u8> = self.pending.drain(..from + at + 2).collect();
                line.truncate(from + at);
                return Ok(Some(line));
            }
            from = self.pending.len().saturating_sub(1);
            if self.pending.len() > MAX_PENDING + MAX_PENDING || self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The reply: one line, or several with the last one marked.
    pub(super) async fn say(&mut self, code: u16, lines: &[&str]) -> io::Result<()> {
        let mut bytes = String::new();
        for (index, line) in lines.iter().enumerate() {
            let mark = if index + 1 == lines.len() { ' ' } else { '-' };
            // Writing to a text cannot fail.
            let _ = write!(bytes, "{code}{mark}{line}\r\n");
        }
        match &mut self.stream {
            Stream::Plain(stream) => {
                stream.write_all(bytes.as_bytes()).await?;
                stream.flush().await
            }
            Stream::Tls(stream) => {
                stream.write_all(bytes.as_bytes()).await?;
                stream.flush().await
            }
        }
    }

    /// Reads and forgets until the client is gone.
    pub(super) async fn drain(&mut self) {
        loop {
            self.pending.clear();
            if !matches!(self.fill().await, Ok(1..)) {
                return;
            }
        }
    }

    /// Says farewell to the transport.
    pub(super) async fn close(mut self) {
        // The client may be gone already, which is as good.
        let _ = match &mut self.stream {
            Stream::Plain(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
        };
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(self) {
        let stream = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        // Without lingering, closing sends RST.
        let _ = stream.set_zero_linger();
    }
}

impl Content {
    /// Adds a line as it came, which was not the final dot; keeps at most `most` bytes.
    pub(super) fn add(&mut self, line: &[u8], most: usize) {
        let line_of_text = line.strip_prefix(b".").unwrap_or(line);
        let fits = self.bytes.len() + line_of_text.len() + 2 <= most;
        let found = [
            (Flaw::TooLarge, !fits),
            (
                Flaw::BareLineEnding,
                line.iter().any(|byte| b"\r\n".contains(byte)),
            ),
            (Flaw::Nul, line.contains(&0)),
            (Flaw::EightBit, !line.is_ascii()),
            (Flaw::LongLine, line_of_text.len() > MAX_TEXT_LINE),
        ];
        self.flaws.extend(
            found
                .into_iter()
                .filter(|(_, is_there)| *is_there)
                .map(|(flaw, _)| flaw),
        );
        if fits {
            self.bytes.extend_from_slice(line_of_text);
            self.bytes.extend_from_slice(b"\r\n");
        }
    }
}
