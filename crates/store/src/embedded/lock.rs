//! One process per data folder: a lock on a file that says who holds it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};

use crate::error::OpenError;

const FILE: &str = "balefire.lock";

/// Held while the store is open. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock(Mutex<Option<File>>);

impl Lock {
    /// Locks the folder, or says which process has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let failed = |error| OpenError::Folder {
            path: path.clone(),
            error,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                let pid = holder.trim().parse().unwrap_or(0);
                return Err(OpenError::Locked {
                    folder: folder.to_owned(),
                    pid,
                });
            }
            Err(error) => return Err(failed(error.into())),
        }
        // The number is only for people, so a full disk does not keep the store from opening.
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = written {
            tracing::warn!(%error, path = %path.display(), "cannot note the process in the lock file");
        }
        Ok(Self(Mutex::new(Some(file))))
    }

    /// Lets another process in.
    pub(crate) fn release(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
