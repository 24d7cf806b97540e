//! What can go wrong with the store, named by what the caller can do about it.

use std::path::PathBuf;

/// Why a call on an open store failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk. Appends answer this until there is room again; decisions and
    /// settlements keep going on the reserve for a while.
    #[error("the disk of the store is full")]
    DiskFull,
    /// The database cannot be reached or does not answer; it may later. Whether the last
    /// transaction was committed is unknown.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Writing or syncing failed below the database. Nothing of that batch is acknowledged, and the
    /// writer has stopped: after a failed fsync only a restart shows what is really on disk.
    #[error("the disk refused a write, restart to recover what is on it: {0}")]
    Fatal(String),
    /// What was read is not what was written.
    #[error("the store is damaged: {0}; restore it from a backup (balefire restore)")]
    Corrupt(String),
    /// Another process wrote the same key, or the row was no longer in the state that was expected.
    #[error("another writer was first: {0}")]
    Conflict(String),
    /// The store was closed, or its writer has stopped.
    #[error("the store is closed")]
    Closed,
    /// The database refused a statement: a mistake in Balefire.
    #[error("the database refused a statement: {0}")]
    Sql(String),
}

impl StoreError {
    /// Whether the same call can succeed when it is repeated later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::DiskFull | Self::Unavailable(_))
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one of a store.
    #[error("{0:?} is not a store: give a folder, postgres://… or mysql://…")]
    Address(String),
    /// Another process has this data folder open.
    #[error("the data folder {} is in use by process {pid}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// The process that holds it; 0 when it did not say.
        pid: u32,
    },
    /// The data folder cannot be created, read or written.
    #[error("{}: {error}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: std::io::Error,
    },
    /// The SQLite library is older than the first one without the WAL-reset bug.
    #[error("SQLite {found} can corrupt its log, at least 3.51.3 is needed")]
    Library {
        /// Its version.
        found: String,
    },
    /// A newer Balefire has written here.
    #[error(
        "the store was written by a newer Balefire (schema {found}, this one knows {known}): use that version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The newest step in the database.
        found: i64,
        /// The newest step this binary knows.
        known: i64,
    },
    /// The schema's history differs from the one in this binary.
    #[error("schema step {0} in the store is not the one this binary was built with")]
    Altered(i64),
    /// The database does not keep what it acknowledges.
    #[error("{0}")]
    NotDurable(String),
    /// The start check found damage, or a statement failed.
    #[error("{}: {error}", place)]
    Store {
        /// File or server, without credentials.
        place: String,
        /// What is wrong.
        #[source]
        error: StoreError,
    },
}
