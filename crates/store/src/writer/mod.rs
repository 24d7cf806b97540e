//! The one task that writes, and the handle to it.
//!
//! Callers queue; the task takes what is waiting and commits it as one transaction: appends become
//! one row, decisions and settlements multi-row statements. Every call resolves after the commit,
//! so one fsync serves everyone who waited for it (spec/reliability.md section 1).
//!
//! Measured on 2 cores that others were using too, SQLite, every commit synced (an fdatasync took 0.3 to 4 ms):
//!
//! | what (`benches/append.rs`, `examples/write_cost.rs`) | figure |
//! |---|---|
//! | appends by 64 callers, one alert each | 170 000 to 195 000 acknowledged a second |
//! | the same, each also decided on, told and settled | 32 000 to 47 000 a second |
//! | bytes written for such an alert, at 60 to a commit | 490 (144 of them are the store's size) |
//! | reopen; with 100 000 pending notifications read | 3 ms; 0.3 to 0.5 s |

mod chore;
mod doubt;
mod hot;
mod outage;
mod plan;
mod task;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use balefire_core::event::{Input, Seq};
use balefire_core::time::Time;
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use chore::Desk;
pub(crate) use outage::Outage;
pub(crate) use task::{Numbers, Task, start};

use crate::codec;
use crate::error::StoreError;
use crate::notification::{Decided, Decision, Settlement};
use crate::record::WriterStats;
use chore::{AnyChore, Chore, Work};

/// How many calls may wait before callers are held back.
const QUEUE: usize = 4096;

/// The handle to the writing task; cheap to clone.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Call>,
    status: Arc<Status>,
}

/// What the task tells about itself.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) commits: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) disk_full: AtomicBool,
    pub(crate) away: AtomicBool,
    /// Why the task has stopped, once it has.
    pub(crate) stopped: watch::Sender<Option<StoreError>>,
}

impl Status {
    fn new() -> Self {
        Self {
            commits: AtomicU64::new(0),
            events: AtomicU64::new(0),
            disk_full: AtomicBool::new(false),
            away: AtomicBool::new(false),
            stopped: watch::Sender::new(None),
        }
    }
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to be written.
pub(crate) enum Call {
    Append {
        inputs: Vec<Input>,
        encoded: Vec<u8>,
        at: Time,
        answer: Answer<RangeInclusive<Seq>>,
    },
    Decide {
        decision: Box<Decision>,
        answer: Answer<Decided>,
    },
    Settle {
        settlements: Vec<Settlement>,
        answer: Answer<()>,
    },
    Chore(Box<dyn AnyChore>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Call>, Arc<Status>) {
        let (queue, calls) = mpsc::channel(QUEUE);
        let status = Arc::new(Status::new());
        (
            Self {
                queue,
                status: Arc::clone(&status),
            },
            calls,
            status,
        )
    }

    async fn ask<T>(&self, call: impl FnOnce(Answer<T>) -> Call) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        if self.queue.send(call(answer)).await.is_err() {
            return Err(self.why_stopped());
        }
        answered.await.unwrap_or_else(|_| Err(self.why_stopped()))
    }

    fn why_stopped(&self) -> StoreError {
        self.status
            .stopped
            .borrow()
            .clone()
            .unwrap_or(StoreError::Closed)
    }

    /// Appends inputs to the event log; resolves once they are on disk, with their numbers.
    ///
    /// No inputs give an empty range. `at` is when they were received.
    ///
    /// # Errors
    ///
    /// [`StoreError::DiskFull`] while there is no room (decisions still work), and
    /// [`StoreError::Unavailable`] when it is unknown whether they were written.
    pub async fn append(
        &self,
        inputs: Vec<Input>,
        at: Time,
    ) -> Result<RangeInclusive<Seq>, StoreError> {
        let encoded = codec::encode_inputs(&inputs)?;
        self.ask(|answer| Call::Append {
            inputs,
            encoded,
            at,
            answer,
        })
        .await
    }

    /// Writes a decision, the notifications that follow from it and what it supersedes, as one. Where the
    /// connection breaks before the answer, this waits until the database says whether it has it.
    pub async fn decide(&self, decision: Decision) -> Result<Decided, StoreError> {
        let decision = Box::new(decision);
        self.ask(|answer| Call::Decide { decision, answer }).await
    }

    /// Records attempts and what became of their notifications.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError> {
        if settlements.is_empty() {
            return Ok(());
        }
        self.ask(|answer| Call::Settle {
            settlements,
            answer,
        })
        .await
    }

    /// Runs rare work on the writing connection, in a transaction of its own. The work may be run
    /// again when another node was first or the disk was full.
    pub(crate) async fn chore<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<T>,
    {
        self.ask(|answer| Call::Chore(Chore::boxed(work, answer, true)))
            .await
    }

    /// The same for large things that can wait until there is room: on a full disk they are refused, and what
    /// is kept back for notifications stays theirs.
    pub(crate) async fn bulk<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<T>,
    {
        self.ask(|answer| Call::Chore(Chore::boxed(work, answer, false)))
            .await
    }

    /// Resolves when the writer has stopped: closed, or after a failure that needs a restart.
    pub async fn stopped(&self) {
        let mut stopped = self.status.stopped.subscribe();
        // An error means that the sender is gone, which is a stop too.
        let _ = stopped.wait_for(Option::is_some).await;
    }

    /// Why the writer has stopped; `None` while it works.
    pub fn failure(&self) -> Option<StoreError> {
        self.status.stopped.borrow().clone()
    }

    /// How busy the writer is, whether the disk is full or the database away.
    pub fn stats(&self) -> WriterStats {
        WriterStats {
            queued: self.queue.max_capacity() - self.queue.capacity(),
            commits: self.status.commits.load(Ordering::Relaxed),
            events: self.status.events.load(Ordering::Relaxed),
            disk_full: self.status.disk_full.load(Ordering::Relaxed),
            away: self.status.away.load(Ordering::Relaxed),
        }
    }

    /// Commits what waits and ends the task.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Call::Close(done)).await.is_ok() {
            // The task may have stopped by itself, which is as good.
            let _ = closed.await;
        }
    }
}
