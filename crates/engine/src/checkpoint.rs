//! The dispatcher's memory, written down so that a start need not read the whole log.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::dispatch::{CheckpointChunk, Dispatch, Rules};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use balefire_store::{Checkpoint, Store, StoreError};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use crate::codec::{self, Unreadable};
use crate::keys::Keys;

/// Largest chunk that is unpacked.
const CHUNK_BYTES: usize = 256 << 20;
/// A checkpoint is not written more often than this, unless asked for.
const AT_MOST_EVERY: Duration = Duration::from_secs(20);
/// With anything to write down at all, one is written this often: what lies before it may be pruned.
const AT_LEAST_EVERY: Duration = Duration::from_hours(1);
/// Events and flushes after which one is worth its bytes, however small the last was.
const TAIL_EVENTS: usize = 20_000;

/// One blob of a checkpoint. Variants are only ever appended.
#[derive(Serialize, Deserialize)]
enum Chunk {
    Dispatch(CheckpointChunk),
    Keys(Vec<(Arc<str>, Fingerprint)>),
}

/// Decides when the next checkpoint is due: when the log has grown by as much as the last one was
/// large, so that both together stay within twice the log.
#[derive(Debug)]
pub(crate) struct Pace {
    events: usize,
    threshold: usize,
    tried_at: Time,
}

impl Pace {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            events: 0,
            threshold: TAIL_EVENTS,
            tried_at: now,
        }
    }

    /// So many events or flushes came after the checkpoint.
    pub(crate) fn grew(&mut self, by: usize) {
        self.events += by;
    }

    pub(crate) fn due(&self, now: Time) -> bool {
        let since = now.since(self.tried_at);
        (self.events >= self.threshold && since >= AT_MOST_EVERY)
            || (self.events > 0 && since >= AT_LEAST_EVERY)
    }

    /// A checkpoint of so many bytes stands; an event is some forty bytes in the log.
    pub(crate) fn written(&mut self, bytes: usize, now: Time) {
        *self = Self {
            events: 0,
            threshold: TAIL_EVENTS.max(bytes / 40),
            tried_at: now,
        };
    }

    /// It could not be written; it is tried again after a while.
    pub(crate) fn failed(&mut self, now: Time) {
        self.tried_at = now;
    }

    /// The clock was set back to `now`.
    pub(crate) fn set_back(&mut self, now: Time) {
        self.tried_at = self.tried_at.min(now);
    }
}

/// Writes the state; answers how many bytes it took.
pub(crate) async fn write(
    store: &Store,
    state: &RwLock<Dispatch>,
    keys: &Keys,
    now: Time,
) -> Result<usize, StoreError> {
    let (cursor, mut chunks) = {
        let state = state.read();
        let chunks: Vec<Vec<u8>> = state
            .checkpoint()
            .map(|chunk| codec::pack(&Chunk::Dispatch(chunk)))
            .collect();
        (state.cursor(), chunks)
    };
    chunks.push(codec::pack(&Chunk::Keys(keys.entries())));
    let bytes = chunks.iter().map(Vec::len).sum();
    let decision = store.last_decision().await?;
    store
        .writer()
        .checkpoint(Checkpoint {
            cursor,
            decision,
            at: now,
            chunks,
        })
        .await?;
    Ok(bytes)
}

/// The state and keys of a checkpoint.
pub(crate) fn read(
    checkpoint: &Checkpoint,
    rules: Arc<Rules>,
    keys: &Keys,
) -> Result<Dispatch, Unreadable> {
    let mut chunks = Vec::with_capacity(checkpoint.chunks.len());
    for bytes in &checkpoint.chunks {
        match codec::unpack(bytes, CHUNK_BYTES)? {
            Chunk::Dispatch(chunk) => chunks.push(chunk),
            Chunk::Keys(entries) => keys.restore(entries),
        }
    }
    Ok(Dispatch::restore(rules, chunks))
}
