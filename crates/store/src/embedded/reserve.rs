//! Space kept back for the day the disk is full, so that what is owed can still be written.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::Errno;

pub(crate) const FILE: &str = "balefire.reserve";
/// Two MiB for rows, and what the main file may grow by when the log is moved to it: only then can the log be
/// written from its beginning again, and a full disk be lived with for long.
const BYTES: u64 = (2 << 20) + super::LOG_BYTES as u64;

/// A file that takes up room until it is needed. It is emptied, not removed, so that making it again
/// needs no new inode.
#[derive(Debug)]
pub(crate) struct Reserve(File);

impl Reserve {
    /// Opens and fills it. On a disk that is already full it stays empty, which is not an error.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        let reserve = Self(file);
        if !reserve.restore() {
            tracing::warn!(path = %path.display(), "the disk is nearly full: no space could be kept back");
        }
        Ok(reserve)
    }

    /// Gives the room up.
    pub(crate) fn release(&self) {
        if let Err(error) = self.0.set_len(0) {
            tracing::error!(%error, "the reserve cannot be given up");
        }
    }

    /// Takes the room again; whether it is there, with as much again beside it for others to use.
    pub(crate) fn restore(&self) -> bool {
        let held = self.0.metadata().map_or(0, |metadata| metadata.len());
        if held < BYTES {
            let free = fstatvfs(&self.0).map_or(0, |disk| disk.f_bavail * disk.f_frsize);
            return free >= 2 * BYTES && self.fill();
        }
        true
    }

    fn fill(&self) -> bool {
        let filled = match fallocate(&self.0, FallocateFlags::empty(), 0, BYTES) {
            // Some file systems cannot allocate without writing.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => self.write_zeros(),
            other => other.map_err(Into::into),
        };
        if filled.is_err() {
            self.release();
        }
        filled.is_ok()
    }

    fn write_zeros(&self) -> std::io::Result<()> {
        let zeros = [0; 4096];
        for page in 0..BYTES / zeros.len() as u64 {
            self.0.write_all_at(&zeros, page * zeros.len() as u64)?;
        }
        self.0.sync_data()
    }
}
