//! The data folder of an embedded store: who has it open, how SQLite is set up, the space kept back.

mod lock;
mod reserve;

use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

pub(crate) use lock::Lock;

use crate::error::{OpenError, StoreError};
use reserve::Reserve;

/// The database's file name in the folder.
pub(crate) const FILE: &str = "balefire.db";
/// Bytes of a page. Every commit writes the last page of each table and what points to it, so at 60
/// alerts a commit an alert's whole life costs 480 bytes with 512, 500 with 1024, 820 with 4096.
const PAGE_SIZE: u32 = 512;
/// The log is moved to the main file when it has this many bytes: until then, writes to the same page
/// become one. Larger logs gained nothing that could be measured, and the reserve must hold one.
const LOG_BYTES: u32 = 4 << 20;

/// The folder while it is in use.
#[derive(Debug)]
pub(crate) struct Ground {
    file: PathBuf,
    /// Device and inode of the database file, once it is there.
    identity: (u64, u64),
    reserve: Reserve,
}

impl Ground {
    /// Takes note of the open database and keeps the reserve back.
    pub(crate) fn new(folder: &Path) -> Result<Self, OpenError> {
        let file = folder.join(FILE);
        let identity = identity(&file).map_err(|error| OpenError::Folder {
            path: file.clone(),
            error,
        })?;
        let path = folder.join(reserve::FILE);
        let reserve = Reserve::open(&path).map_err(|error| OpenError::Folder { path, error })?;
        Ok(Self {
            file,
            identity,
            reserve,
        })
    }

    /// An open file that was deleted or replaced takes writes that nobody will ever read again.
    pub(crate) fn still_there(&self) -> Result<(), StoreError> {
        match identity(&self.file) {
            Ok(found) if found == self.identity => Ok(()),
            Ok(_) => Err(self.gone("was replaced while it was open")),
            Err(error) => Err(self.gone(&error.to_string())),
        }
    }

    fn gone(&self, how: &str) -> StoreError {
        StoreError::Fatal(format!("{}: {how}", self.file.display()))
    }

    pub(crate) fn release(&self) {
        self.reserve.release();
    }

    pub(crate) fn restore(&self) -> bool {
        self.reserve.restore()
    }
}

fn identity(file: &Path) -> std::io::Result<(u64, u64)> {
    let found = std::fs::metadata(file)?;
    Ok((found.dev(), found.ino()))
}

/// Makes the folder if it is missing, for its owner only.
pub(crate) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| OpenError::Folder {
            path: folder.to_owned(),
            error,
        })
}

/// How SQLite is opened.
pub(crate) fn options(folder: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.join(FILE))
        .create_if_missing(true)
        .page_size(PAGE_SIZE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", (LOG_BYTES / PAGE_SIZE).to_string())
        // The log's file is kept at this size after a checkpoint: room that is already ours.
        .pragma("journal_size_limit", LOG_BYTES.to_string())
        .statement_cache_capacity(crate::db::STATEMENTS)
}

/// Whether a version of SQLite is free of the WAL-reset bug (<https://www.sqlite.org/wal.html>, fixed in 3.51.3).
pub(crate) fn version_is_sound(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= (3, 51, 3)
}

#[cfg(test)]
mod tests {
    use super::version_is_sound;

    #[test]
    fn a_library_with_the_wal_reset_bug_is_recognised() {
        assert!(version_is_sound("3.51.3"));
        assert!(version_is_sound("3.53.0"));
        assert!(!version_is_sound("3.51.2"));
        assert!(!version_is_sound("3.40.1"));
        assert!(!version_is_sound("nonsense"));
    }
}
