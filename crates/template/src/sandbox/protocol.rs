//! What the pool and a worker say to each other: four bytes of length, most significant first, then JSON.

use std::io;

use balefire_core::message::Locale;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::check::Problem;
use crate::escape::Escape;
use crate::template::{Rendered, Template};

/// Most bytes of one request: the alerts of a large group with long annotations.
pub(super) const REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes of one reply: two outputs of 64 KiB, every character escaped.
pub(super) const REPLY_BYTES: usize = 1024 * 1024;

/// One piece of work.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) template: Template,
    pub(super) escape: Escape,
    pub(super) locale: Locale,
    pub(super) zone: String,
    /// The data to render with; `None` asks for a check against all samples.
    pub(super) context: Option<Value>,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// It has shut itself in and waits for work; `filtered` tells whether the system-call filter holds.
    Ready { filtered: bool },
    /// It could not shut itself in, so it does no work.
    Unconfined(String),
    /// The outcome of a rendering.
    Rendered(Rendered),
    /// The outcome of a check.
    Checked(Vec<Problem>),
}

/// A message with its length in front; `None` when it is longer than `most`.
pub(super) fn frame(message: &impl Serialize, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > most {
        return Ok(None);
    }
    // At most REQUEST_BYTES, far below what four bytes hold.
    bytes[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(Some(bytes))
}

/// Writes what [`frame`] made.
pub(super) async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(frame).await?;
    to.flush().await
}

/// Reads one reply.
pub(super) async fn receive(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Reply> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    let mut body = vec![0; bounded(length, REPLY_BYTES)?];
    from.read_exact(&mut body).await?;
    parse(&body)
}

/// The worker's side of reading; `None` at the end of the stream.
pub(super) fn next_request(from: &mut impl io::Read) -> io::Result<Option<Request>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; bounded(length, REQUEST_BYTES)?];
    from.read_exact(&mut body)?;
    parse(&body).map(Some)
}

fn bounded(length: [u8; 4], most: usize) -> io::Result<usize> {
    let length = u32::from_be_bytes(length) as usize;
    if length > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "longer than allowed",
        ));
    }
    Ok(length)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    serde_json::from_slice(body).map_err(io::Error::from)
}
