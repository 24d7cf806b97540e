//! Files read piece by piece, by readers who may stop reading.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use balefire_store::{File, Store, StoreError};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::Engine;
use super::files::FileError;

/// Files that are read at once; each holds a piece or two in memory.
pub(super) const AT_ONCE: usize = 64;
/// Bytes that a reader is given at once.
const CHUNK: usize = 64 * 1024;
/// A reader who takes nothing for so long has gone; others wait for the place.
const STALLED: Duration = Duration::from_secs(30);

/// The bytes of a file, as they come; an error is the last of them.
pub type FileBytes = mpsc::Receiver<Result<Bytes, StoreError>>;

impl Engine {
    /// Reads these bytes of a file, both ends included.
    pub fn read_file(
        &self,
        file: &File,
        bytes: RangeInclusive<u64>,
    ) -> Result<FileBytes, FileError> {
        let place = Arc::clone(&self.inner.uploads.readers).try_acquire_owned();
        let place = place.map_err(|_| FileError::Busy)?;
        let (to, from) = mpsc::channel(1);
        let (store, file) = (self.store().clone(), file.clone());
        // A reader who does not read asks for nothing, so that only a task of its own can wait for them.
        self.tasks().spawn(async move {
            pour(&store, &file, bytes, &to).await;
            drop(place);
        });
        Ok(from)
    }
}

async fn pour(
    store: &Store,
    file: &File,
    bytes: RangeInclusive<u64>,
    to: &mpsc::Sender<Result<Bytes, StoreError>>,
) {
    let size = File::PART as u64;
    for part in bytes.start() / size..=bytes.end() / size {
        let begin = part * size;
        let first = bytes.start().saturating_sub(begin) as usize;
        let end = (bytes.end() - begin + 1).min(size) as usize;
        let found = store.file_part(&file.id, part).await;
        let mut rest = match found.map(|piece| Bytes::from(piece.unwrap_or_default())) {
            Ok(piece) if piece.len() >= end => piece.slice(first..end),
            // The reader must not take half a file for the whole.
            Ok(_) => {
                let why = format!("file {} was removed while it was read", file.id);
                give(to, Err(StoreError::Conflict(why))).await;
                return;
            }
            Err(error) => {
                give(to, Err(error)).await;
                return;
            }
        };
        while !rest.is_empty() {
            let chunk = rest.split_to(rest.len().min(CHUNK));
            if !give(to, Ok(chunk)).await {
                return;
            }
        }
    }
}

/// Whether the reader took it.
async fn give(
    to: &mpsc::Sender<Result<Bytes, StoreError>>,
    chunk: Result<Bytes, StoreError>,
) -> bool {
    let given = tokio::time::timeout(STALLED, to.send(chunk));
    matches!(given.await, Ok(Ok(())))
}
