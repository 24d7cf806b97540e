//! Files: taken in piece by piece, found, removed. None is ever in memory as a whole, but for what goes with a
//! mail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use balefire_core::file::{FileName, SNIFFED, media_type};
use balefire_store::{File, FileKept, FileQuota, StoreError};
use bytes::{Bytes, BytesMut};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Engine, reading};

/// Files that are taken in at once; each holds up to [`HELD`] bytes of memory.
const AT_ONCE: usize = 32;
/// Bytes of memory that a file holds while it is taken in: the piece that grows, the piece that is written,
/// and the store's copy of it.
pub const HELD: usize = 3 * File::PART;
/// A file of which no piece has come for so long will not be finished by anybody.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(1);

/// Why a file was not taken, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is larger than the limit.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// There are too many files, or they are too large together.
    #[error(
        "no room for the file: {count} files with {bytes} bytes are kept, files.count is {} and files.bytes {}; delete some first (DELETE /api/v1/files/ID)",
        quota.count, quota.bytes
    )]
    NoRoom {
        /// Files there are.
        count: u64,
        /// Their bytes, and those of files that are coming in.
        bytes: u64,
        /// The limits.
        quota: FileQuota,
    },
    /// Too many files are coming in or going out at once.
    #[error("too many files are under way, come back in a second")]
    Busy,
    /// The store did not take or find it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The files that are coming in and going out on this node.
#[derive(Debug)]
pub(crate) struct Uploads {
    seats: Arc<Semaphore>,
    bytes: Arc<AtomicU64>,
    pub(super) readers: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            bytes: Arc::default(),
            readers: Arc::new(Semaphore::new(reading::AT_ONCE)),
        }
    }
}

/// A seat, and the bytes that its file has put into the store; given back when this goes.
struct Share {
    all: Arc<AtomicU64>,
    own: u64,
    _seat: OwnedSemaphorePermit,
}

impl Share {
    fn add(&mut self, bytes: u64) {
        self.own += bytes;
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

/// A file that is coming in. Dropped before it was finished, its pieces are removed.
pub struct Upload {
    engine: Engine,
    id: Arc<str>,
    name: FileName,
    most: u64,
    quota: FileQuota,
    /// What other files have, as it was when this one began.
    kept: u64,
    head: Vec<u8>,
    piece: BytesMut,
    parts: u64,
    size: u64,
    /// `None` once the file is finished.
    share: Option<Share>,
}

impl Upload {
    /// Takes the next bytes; what makes a piece is on disk when this returns.
    pub async fn push(&mut self, mut bytes: Bytes) -> Result<(), FileError> {
        self.size += bytes.len() as u64;
        if self.size > self.most {
            return Err(FileError::TooLarge(self.most));
        }
        let sniff = SNIFFED.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..sniff]);
        while !bytes.is_empty() {
            let room = (File::PART - self.piece.len()).min(bytes.len());
            self.piece.extend_from_slice(&bytes.split_to(room));
            if self.piece.len() == File::PART {
                self.write().await?;
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<(), FileError> {
        let piece = self.piece.split().to_vec();
        let coming = self.engine.inner.uploads.bytes.load(Ordering::Relaxed);
        let bytes = self.kept.saturating_add(coming) + piece.len() as u64;
        if bytes > self.quota.bytes {
            return Err(self.no_room(bytes).await?);
        }
        if let Some(share) = &mut self.share {
            share.add(piece.len() as u64);
        }
        let now = self.engine.now();
        let writer = self.engine.store().writer();
        writer.file_part(&self.id, self.parts, piece, now).await?;
        self.parts += 1;
        Ok(())
    }

    async fn no_room(&self, bytes: u64) -> Result<FileError, StoreError> {
        let count = self.engine.store().file_totals().await?.count;
        let quota = self.quota;
        Ok(FileError::NoRoom {
            count,
            bytes,
            quota,
        })
    }

    /// The last piece, and the row that makes it a file; `Ok` means that it is on disk.
    pub async fn finish(mut self) -> Result<File, FileError> {
        if !self.piece.is_empty() {
            self.write().await?;
        }
        let file = File {
            id: Arc::clone(&self.id),
            seq: 0,
            at: self.engine.now(),
            size: self.size,
            name: self.name.as_str().into(),
            media_type: media_type(&self.head).into(),
        };
        let quota = self.quota;
        match self.engine.store().writer().keep_file(file, quota).await? {
            FileKept::Kept(file) => {
                self.share = None;
                Ok(file)
            }
            FileKept::NoRoom(totals) => Err(FileError::NoRoom {
                count: totals.count,
                bytes: totals.bytes.saturating_add(self.size),
                quota,
            }),
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some(share) = self.share.take() else {
            return;
        };
        // A node that has stopped leaves the pieces to the sweep of a later one.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (engine, id) = (self.engine.clone(), Arc::clone(&self.id));
        let dropping = async move {
            let dropped = engine.store().writer().drop_draft(&id).await;
            if let Err(error) = dropped.and(engine.sweep_files().await) {
                tracing::debug!(%error, "pieces of a broken upload stay until the next sweep");
            }
            drop(share);
        };
        self.engine.tasks().spawn_on(dropping, &runtime);
    }
}

impl Engine {
    /// Begins a file of at most `most` bytes.
    pub async fn begin_file(&self, name: FileName, most: u64) -> Result<Upload, FileError> {
        let uploads = &self.inner.uploads;
        let seat = Arc::clone(&uploads.seats).try_acquire_owned();
        let seat = seat.map_err(|_| FileError::Busy)?;
        let limits = self.plan().files;
        let quota = FileQuota {
            count: limits.count,
            bytes: limits.bytes,
        };
        let totals = self.store().file_totals().await?;
        if !totals.has_room(0, quota) {
            return Err(FileError::NoRoom {
                count: totals.count,
                bytes: totals.bytes,
                quota,
            });
        }
        let id: Arc<str> = random_id().into();
        self.store().writer().begin_file(&id, self.now()).await?;
        Ok(Upload {
            engine: self.clone(),
            id,
            name,
            most,
            quota,
            kept: totals.bytes,
            head: Vec::new(),
            piece: BytesMut::with_capacity(File::PART),
            parts: 0,
            size: 0,
            share: Some(Share {
                all: Arc::clone(&uploads.bytes),
                own: 0,
                _seat: seat,
            }),
        })
    }

    /// The file that is meant by an id, or by a name, of which the newest counts.
    pub async fn find_file(&self, asked: &str) -> Result<Option<File>, StoreError> {
        if is_id(asked)
            && let Some(file) = self.store().file(asked).await?
        {
            return Ok(Some(file));
        }
        match FileName::asked(asked) {
            Some(name) => self.store().file_named(name.as_str()).await,
            None => Ok(None),
        }
    }

    /// Whether there is a file of this id.
    pub async fn has_file(&self, id: &str) -> Result<bool, StoreError> {
        Ok(is_id(id) && self.store().file(id).await?.is_some())
    }

    /// Removes a file; whether it was there. A mail that waits with it goes out without it, and says so.
    pub async fn remove_file(&self, id: &str) -> Result<bool, StoreError> {
        if !is_id(id) || !self.store().writer().remove_file(id).await? {
            return Ok(false);
        }
        if let Err(error) = self.sweep_files().await {
            tracing::debug!(%error, "pieces of a removed file stay until the next sweep");
        }
        Ok(true)
    }

    /// Removes pieces that belong to no file.
    pub(crate) async fn sweep_files(&self) -> Result<(), StoreError> {
        let cutoff = self.now().before(GIVEN_UP_AFTER);
        self.store().sweep_files(cutoff).await.map(drop)
    }
}

/// Digits of an id: 128 bits.
const ID: usize = 32;

fn is_id(text: &str) -> bool {
    text.len() == ID && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// 128 random bits: nobody finds a file by trying.
fn random_id() -> String {
    use std::fmt::Write;
    let mut bytes = [0_u8; ID / 2];
    // Without randomness from the system there is no TLS either; the store refuses an id that is taken.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
