//! How rows of the log are encoded: postcard, lz4 when it helps, and a checksum over key and body.
//!
//! The first byte of a body names its version, so that a row of an older release stays readable.

use std::borrow::Cow;

use balefire_core::event::{Event, Input, Seq};
use balefire_core::time::Time;

use crate::error::StoreError;

/// The body is as it was given.
const PLAIN: u8 = 1;
/// The body is an lz4 block with its size before it.
const LZ4: u8 = 2;
/// Shorter bodies are not compressed: there is nothing to gain.
const COMPRESS_FROM: usize = 96;
/// No row is larger than this; a larger size in a row is damage, and must not make us allocate it.
const MAX_BODY: usize = 256 << 20;

/// A body ready to be stored.
pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
    if plain.len() >= COMPRESS_FROM {
        let mut packed =
            Vec::with_capacity(5 + lz4_flex::block::get_maximum_output_size(plain.len()));
        packed.push(LZ4);
        packed.extend_from_slice(&(plain.len() as u32).to_le_bytes());
        packed.extend_from_slice(&lz4_flex::block::compress(plain));
        if packed.len() < plain.len() {
            return packed;
        }
    }
    [&[PLAIN], plain].concat()
}

/// What was packed.
pub(crate) fn unpack(body: &[u8]) -> Result<Cow<'_, [u8]>, StoreError> {
    match body.split_first() {
        Some((&PLAIN, plain)) => Ok(Cow::Borrowed(plain)),
        Some((&LZ4, packed)) => {
            let (size, block) = packed
                .split_first_chunk::<4>()
                .ok_or_else(|| damaged("cut short"))?;
            let size = u32::from_le_bytes(*size) as usize;
            if size > MAX_BODY {
                return Err(damaged("impossible size"));
            }
            let plain = lz4_flex::block::decompress(block, size).map_err(|_| damaged("not lz4"))?;
            Ok(Cow::Owned(plain))
        }
        Some((version, _)) => Err(StoreError::Corrupt(format!(
            "row of unknown version {version}"
        ))),
        None => Err(damaged("empty")),
    }
}

fn damaged(how: &str) -> StoreError {
    StoreError::Corrupt(format!("row body is {how}"))
}

/// The checksum of a row: over the numbers it is found by and its body.
pub(crate) fn crc(numbers: &[i64], body: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    for number in numbers {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(body);
    i64::from(hasher.finalize())
}

/// Says what is damaged when a row's checksum is not the stored one.
pub(crate) fn verify(what: &str, key: i64, stored: i64, computed: i64) -> Result<(), StoreError> {
    if stored == computed {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "checksum of {what} {key} does not match"
    )))
}

/// The inputs of one caller, encoded on the caller's own time.
pub(crate) fn encode_inputs(inputs: &[Input]) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(inputs).map_err(|error| StoreError::Sql(format!("cannot encode: {error}")))
}

/// A batch's body: each caller's time relative to the row's, then the caller's inputs.
#[derive(Debug, Default)]
pub(crate) struct BatchBody(Vec<u8>);

impl BatchBody {
    pub(crate) fn push(&mut self, row_at: Time, at: Time, encoded: &[u8]) {
        let offset = at.micros().wrapping_sub(row_at.micros());
        let mut buffer = [0; 10];
        // Ten bytes hold every 64-bit number in postcard's form.
        if let Ok(used) = postcard::to_slice(&offset, &mut buffer) {
            self.0.extend_from_slice(used);
        }
        self.0.extend_from_slice(encoded);
    }

    pub(crate) fn pack(&self) -> Vec<u8> {
        pack(&self.0)
    }
}

/// The events of a batch that began with number `first`.
pub(crate) fn decode_batch(
    first: Seq,
    row_at: Time,
    body: &[u8],
) -> Result<Vec<Event>, StoreError> {
    let plain = unpack(body)?;
    let mut rest: &[u8] = &plain;
    let mut events = Vec::new();
    while !rest.is_empty() {
        let ((offset, inputs), tail) = postcard::take_from_bytes::<(i64, Vec<Input>)>(rest)
            .map_err(|error| StoreError::Corrupt(format!("event row {first}: {error}")))?;
        let at = Time::from_micros(row_at.micros().wrapping_add(offset));
        for input in inputs {
            events.push(Event {
                seq: first + events.len() as u64,
                at,
                input,
            });
        }
        rest = tail;
    }
    Ok(events)
}

#[cfg(test)]
mod tests;
