//! One byte budget for all request bodies in flight: over it, senders are asked to come back.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits for bytes; held until the request is answered.
#[derive(Debug)]
pub struct Admission {
    kibibytes: Arc<Semaphore>,
}

impl Admission {
    /// A budget of so many bytes, counted in KiB.
    pub fn new(bytes: usize) -> Self {
        Self {
            kibibytes: Arc::new(Semaphore::new((bytes / 1024).max(1))),
        }
    }

    /// Takes room for a body of `bytes`; `None` when the budget is spent.
    pub fn admit(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kibibytes = u32::try_from(bytes.div_ceil(1024).max(1)).ok()?;
        Arc::clone(&self.kibibytes)
            .try_acquire_many_owned(kibibytes)
            .ok()
    }
}
