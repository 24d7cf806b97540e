//! Following the log: committed batches in order, from memory while they are fresh, from the
//! database when a reader has fallen behind.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use balefire_core::event::{Event, Seq};
use tokio::sync::watch;

use crate::Store;
use crate::error::StoreError;

/// Fresh batches are kept up to this many encoded bytes; older ones are read from the database.
const FRESH_BYTES: usize = 4 << 20;
/// How many events a reader that is behind takes at once.
const CATCH_UP: usize = 4096;

/// The newest committed batches, and the number of the last event.
#[derive(Debug)]
pub(crate) struct Fresh {
    batches: Mutex<Batches>,
    last: watch::Sender<Seq>,
}

#[derive(Debug, Default)]
struct Batches {
    queue: VecDeque<(Arc<[Event]>, usize)>,
    bytes: usize,
}

impl Fresh {
    pub(crate) fn new(last: Seq) -> Self {
        Self {
            batches: Mutex::default(),
            last: watch::Sender::new(last),
        }
    }

    fn batches(&self) -> MutexGuard<'_, Batches> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a committed batch. Without a reader nothing is kept.
    pub(crate) fn push(&self, events: Vec<Event>, bytes: usize) {
        let Some(last) = events.last().map(|event| event.seq) else {
            return;
        };
        if self.last.receiver_count() > 0 {
            let mut batches = self.batches();
            batches.queue.push_back((events.into(), bytes));
            batches.bytes += bytes;
            while batches.bytes > FRESH_BYTES && batches.queue.len() > 1 {
                if let Some((_, gone)) = batches.queue.pop_front() {
                    batches.bytes -= gone;
                }
            }
        }
        self.announce(last);
    }

    /// Tells readers that events up to `last` are in the database.
    pub(crate) fn announce(&self, last: Seq) {
        self.last.send_if_modified(|seen| {
            let newer = last > *seen;
            *seen = last.max(*seen);
            newer
        });
    }

    pub(crate) fn last(&self) -> Seq {
        *self.last.borrow()
    }

    /// The batch that holds event `seq`, if it is still here.
    fn holding(&self, seq: Seq) -> Option<Arc<[Event]>> {
        let batches = self.batches();
        let after = batches
            .queue
            .partition_point(|(batch, _)| batch[0].seq <= seq);
        let (batch, _) = batches.queue.get(after.checked_sub(1)?)?;
        batch
            .last()
            .is_some_and(|event| event.seq >= seq)
            .then(|| Arc::clone(batch))
    }

    /// Lets go of batches that the only reader has seen.
    fn seen(&self, seq: Seq) {
        if self.last.receiver_count() > 1 {
            return;
        }
        let mut batches = self.batches();
        while batches
            .queue
            .front()
            .is_some_and(|(batch, _)| batch[batch.len() - 1].seq <= seq)
        {
            if let Some((_, gone)) = batches.queue.pop_front() {
                batches.bytes -= gone;
            }
        }
    }
}

/// A reader of the log that waits for what comes next.
#[derive(Debug)]
pub struct Tail {
    store: Store,
    after: Seq,
    last: watch::Receiver<Seq>,
}

impl Tail {
    pub(crate) fn new(store: Store, after: Seq) -> Self {
        let last = store.fresh().last.subscribe();
        Self { store, after, last }
    }

    /// The last event that was handed out.
    pub const fn position(&self) -> Seq {
        self.after
    }

    /// The next events, in order and without a gap; waits for a commit when there are none. May be
    /// dropped and called again at any await.
    ///
    /// # Errors
    ///
    /// [`StoreError::Closed`] when the writer has stopped; others from reading what is no longer in memory.
    pub async fn next(&mut self) -> Result<Arc<[Event]>, StoreError> {
        loop {
            let committed = *self.last.borrow_and_update();
            if committed > self.after
                && let Some(events) = self.read().await?
            {
                return Ok(events);
            }
            // The store itself holds the sender, so a stopped writer is asked about too.
            tokio::select! {
                changed = self.last.changed() => changed.map_err(|_| StoreError::Closed)?,
                () = self.store.writer().stopped() => {
                    if *self.last.borrow() <= self.after {
                        return Err(StoreError::Closed);
                    }
                }
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Arc<[Event]>>, StoreError> {
        let wanted = self.after + 1;
        let events = match self.store.fresh().holding(wanted) {
            Some(batch) if batch[0].seq == wanted => batch,
            Some(batch) => batch
                .iter()
                .filter(|event| event.seq >= wanted)
                .cloned()
                .collect(),
            None => self.store.events(self.after, CATCH_UP).await?.into(),
        };
        let Some(last) = events.last() else {
            return Ok(None);
        };
        self.after = last.seq;
        self.store.fresh().seen(self.after);
        Ok(Some(events))
    }
}
