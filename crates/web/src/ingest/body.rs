//! Reading a request's body within bounds: size, time, compression, one budget for all in flight.

use std::error::Error;
use std::io::Read;

use axum::body::Body;
use balefire_engine::engine::Engine;
use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

use super::room::Room;
use crate::listener::TooSlow;

/// Unpacked at once.
const CHUNK: usize = 64 * 1024;

/// Bodies that are unpacked at once; it is the processor that they wait for.
static UNPACKING: Semaphore = Semaphore::const_new(4);

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Too much is in flight.
    #[error("too many requests are under way, come back in a second")]
    Busy,
    /// Larger than its source allows, as sent or unpacked.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// A compression we do not unpack.
    #[error("content encoding {0:?} is not supported, send gzip, deflate or none")]
    Encoding(String),
    /// Not what its compression says.
    #[error("the compressed body is damaged: {0}")]
    Damaged(String),
    /// It came too slowly.
    #[error("{0}")]
    Slow(TooSlow),
    /// The sender went away.
    #[error("the body ended early: {0}")]
    Broken(String),
}

impl BodyError {
    /// The status that tells the sender. 503 and not 429 for too much at once: Alertmanager, for
    /// one, comes back after a 5xx only.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Damaged(_) | Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// A body in memory, and its room.
pub(crate) struct Whole {
    bytes: Bytes,
    _room: Room,
}

impl Whole {
    /// What was sent, unpacked.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The length the sender announced, if it did.
pub(crate) fn announced(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}

/// How a body is packed.
enum Packing {
    Gzip,
    Zlib,
}

fn packing(headers: &HeaderMap) -> Result<Option<Packing>, BodyError> {
    let names: Vec<String> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .trim()
                .to_ascii_lowercase()
        })
        .collect();
    match names.join(", ").as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => Ok(Some(Packing::Gzip)),
        "deflate" => Ok(Some(Packing::Zlib)),
        other => Err(BodyError::Encoding(other.chars().take(80).collect())),
    }
}

/// The body, unpacked, of at most `limit` bytes before and after unpacking.
pub(crate) async fn read(
    engine: &Engine,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Whole, BodyError> {
    let announced = announced(headers).unwrap_or(0);
    if announced > limit {
        return Err(BodyError::TooLarge(limit));
    }
    let packing = packing(headers)?;
    let mut room = Room::new(engine);
    if !room.grow_to(announced) {
        return Err(BodyError::Busy);
    }
    let bytes = collect(body, announced, limit, &mut room).await?;
    let Some(packing) = packing else {
        return Ok(Whole { bytes, _room: room });
    };
    // A few bytes may become megabytes, which takes a while: away from the threads that answer, and not on many
    // others at once, each of which would keep what it needed.
    let _turn = UNPACKING.acquire().await;
    let unpacking = tokio::task::spawn_blocking(move || {
        let bytes = match packing {
            Packing::Gzip => unpack(MultiGzDecoder::new(&*bytes), bytes.len(), limit, &mut room),
            Packing::Zlib => unpack(ZlibDecoder::new(&*bytes), bytes.len(), limit, &mut room),
        };
        bytes.map(|bytes| Whole { bytes, _room: room })
    });
    unpacking
        .await
        .map_err(|error| BodyError::Damaged(error.to_string()))?
}

/// The bytes as they were sent. Most bodies are one frame, which is kept as it is.
async fn collect(
    mut body: Body,
    announced: usize,
    limit: usize,
    room: &mut Room,
) -> Result<Bytes, BodyError> {
    let mut only: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else {
            continue;
        };
        length += data.len();
        if length > limit {
            return Err(BodyError::TooLarge(limit));
        }
        if !room.grow_to(length) {
            return Err(BodyError::Busy);
        }
        if length == data.len() {
            only = Some(data);
            continue;
        }
        if let Some(first) = only.take() {
            whole.reserve(announced.max(length));
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&data);
    }
    Ok(only.unwrap_or_else(|| whole.freeze()))
}

/// What a body's error means.
pub(crate) fn broken(error: &axum::Error) -> BodyError {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if let Some(slow) = error.downcast_ref::<TooSlow>() {
            return BodyError::Slow(*slow);
        }
        cause = error.source();
    }
    BodyError::Broken(error.to_string())
}

/// Unpacks; what was `packed` is held until the end and takes room as well.
fn unpack(
    decoder: impl Read,
    packed: usize,
    limit: usize,
    room: &mut Room,
) -> Result<Bytes, BodyError> {
    let mut plain = Vec::new();
    let mut decoder = decoder.take(limit as u64 + 1);
    loop {
        let read = decoder
            .by_ref()
            .take(CHUNK as u64)
            .read_to_end(&mut plain)
            .map_err(|error| BodyError::Damaged(error.to_string()))?;
        if plain.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        if read == 0 {
            return Ok(plain.into());
        }
        if !room.grow_to(packed + plain.len()) {
            return Err(BodyError::Busy);
        }
    }
}
