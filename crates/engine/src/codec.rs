//! How the engine's own records (flushes, the state's chunks) lie in the store's blobs.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are not ours, or of a newer release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored record cannot be read: {0}")]
pub struct Unreadable(String);

/// postcard, then lz4.
pub(crate) fn pack<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    // Our records hold nothing that postcard refuses.
    let plain = postcard::to_allocvec(value).unwrap_or_default();
    lz4_flex::compress_prepend_size(&plain)
}

/// The inverse of [`pack`]; at most `limit` bytes are unpacked.
pub(crate) fn unpack<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, Unreadable> {
    let size = bytes
        .first_chunk::<4>()
        .map_or(0, |size| u32::from_le_bytes(*size) as usize);
    if size > limit {
        return Err(Unreadable(format!(
            "it claims {size} bytes, more than {limit}"
        )));
    }
    let plain = lz4_flex::decompress_size_prepended(bytes)
        .map_err(|error| Unreadable(error.to_string()))?;
    postcard::from_bytes(&plain).map_err(|error| Unreadable(error.to_string()))
}
