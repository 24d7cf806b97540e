//! How far long work is: one at a time, and whoever asks sees it.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, MutexGuard};

/// How far work of one sort is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Steps to take; 0 while none is under way.
    total: AtomicU64,
    taken: AtomicU64,
    running: Mutex<()>,
}

/// Work that is under way; it ends when this is dropped, by whichever way.
#[derive(Debug)]
pub(crate) struct UnderWay<'p> {
    progress: &'p Progress,
    _running: MutexGuard<'p, ()>,
}

impl Progress {
    /// Steps taken, and how many there are; `None` while no work is under way.
    pub fn seen(&self) -> Option<(u64, u64)> {
        let total = self.total.load(Ordering::Relaxed);
        (total > 0).then(|| (self.taken.load(Ordering::Relaxed).min(total), total))
    }

    /// Begins; `None` when other work of the sort is under way.
    pub(crate) fn begin(&self) -> Option<UnderWay<'_>> {
        let running = self.running.try_lock().ok()?;
        self.taken.store(0, Ordering::Relaxed);
        Some(UnderWay {
            progress: self,
            _running: running,
        })
    }
}

impl UnderWay<'_> {
    /// There are so many steps.
    pub(crate) fn of(&self, total: u64) {
        self.progress.total.store(total.max(1), Ordering::Relaxed);
    }

    /// So many more are taken.
    pub(crate) fn took(&self, steps: u64) {
        self.progress.taken.fetch_add(steps, Ordering::Relaxed);
    }

    /// Steps taken.
    pub(crate) fn taken(&self) -> u64 {
        self.progress.taken.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.progress.total.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_is_dropped_half_way_is_no_longer_under_way() {
        let progress = Progress::default();
        let work = progress.begin().expect("nothing else is under way");
        work.of(10);
        work.took(4);
        assert_eq!(progress.seen(), Some((4, 10)));
        assert!(progress.begin().is_none());
        drop(work);
        assert_eq!(progress.seen(), None);
        assert!(progress.begin().is_some());
    }
}
