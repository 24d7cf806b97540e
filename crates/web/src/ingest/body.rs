//! Reading a request's body within bounds: size, compression, one budget for all in flight.

use std::io::Read;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use flate2::read::{GzDecoder, ZlibDecoder};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Larger than its source allows, as sent or unpacked.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// A compression we do not unpack.
    #[error("content encoding {0:?} is not supported, send gzip, deflate or none")]
    Encoding(String),
    /// Not what its compression says.
    #[error("the compressed body is damaged: {0}")]
    Damaged(String),
    /// The sender went away.
    #[error("the body ended early: {0}")]
    Broken(String),
}

impl BodyError {
    /// The status that tells the sender.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Damaged(_) | Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The length the sender announced, if it did.
pub(crate) fn announced(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The body, unpacked, of at most `limit` bytes before and after unpacking.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, BodyError> {
    if announced(headers).is_some_and(|length| length > limit) {
        return Err(BodyError::TooLarge(limit));
    }
    let raw = collect(body, limit).await?;
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .trim()
                .to_ascii_lowercase()
        })
        .unwrap_or_default();
    match encoding.as_str() {
        "" | "identity" => Ok(raw),
        "gzip" | "x-gzip" => unpack(GzDecoder::new(&*raw), limit),
        "deflate" => unpack(ZlibDecoder::new(&*raw), limit),
        _ => Err(BodyError::Encoding(encoding)),
    }
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut first: Option<Bytes> = None;
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyError::Broken(error.to_string()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let so_far = first.as_ref().map_or(0, Bytes::len) + more.len();
        if so_far + data.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        match &first {
            None => first = Some(data),
            Some(_) => more.extend_from_slice(&data),
        }
    }
    let first = first.unwrap_or_default();
    if more.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + more.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&more);
    Ok(whole.freeze())
}

fn unpack(decoder: impl Read, limit: usize) -> Result<Bytes, BodyError> {
    let mut plain = Vec::new();
    decoder
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|error| BodyError::Damaged(error.to_string()))?;
    if plain.len() > limit {
        return Err(BodyError::TooLarge(limit));
    }
    Ok(plain.into())
}
