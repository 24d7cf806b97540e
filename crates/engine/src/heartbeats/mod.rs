//! Heartbeats of jobs: what was heard of them, kept in memory and written in the background, many at a time.
//!
//! A signal is answered once it is on disk. That a heartbeat is down is on disk, with the labels of its alert, before
//! the alert is in the log, and leaves it after the alert's end is: so a crash in between leaves no alert that nobody
//! ends, and none that nobody raised. Signals that could not be written count all the same, as long as the process
//! lives; their senders were told to come again.

mod alert;
mod book;
mod entry;
pub(crate) mod waited;

use std::sync::Arc;

use balefire_config::heartbeat::{Heartbeat, Heartbeats as All};
use balefire_core::heartbeat::{Beat, RunId, Signal, Standing};
use balefire_core::time::Time;
use balefire_store::{Store, StoreError};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

pub(crate) use self::alert::{over, raised};
use self::book::Book;
pub(crate) use self::book::{Ends, Todo};
pub use self::waited::Made;
pub(crate) use self::waited::Waited;

/// The fact under which it is noted when heartbeats were looked at last.
pub(crate) const LOOKED: &str = "heartbeats.looked";
/// A signal, and what came with it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// What the job said.
    pub signal: Signal,
    /// The run that it is of, where it says so.
    pub run: Option<RunId>,
    /// Where it came from.
    pub sender: Arc<str>,
    /// What came with it; the caller keeps it short.
    pub body: Arc<str>,
}

/// A heartbeat as it stands.
#[derive(Clone, Debug)]
pub struct HeartbeatState {
    /// As the document has it, or as it was made.
    pub heartbeat: Arc<Heartbeat>,
    /// Who made it; `None` for one of the document.
    pub made: Option<Made>,
    /// What is known of it.
    pub beat: Beat,
    /// How it stands now.
    pub standing: Standing,
    /// Where the last signal came from.
    pub sender: Arc<str>,
    /// What came with it.
    pub body: Arc<str>,
}

/// The heartbeats of a node.
pub(crate) struct Heartbeats {
    book: Mutex<Book>,
    /// There is something to write.
    to_write: Notify,
    /// There is something to raise or to end.
    to_look: Notify,
}

/// Resolves when a change is on disk.
pub(crate) type Written = oneshot::Receiver<Result<(), StoreError>>;

impl Heartbeats {
    /// As they were left; the time since they were looked at last was an outage.
    pub(crate) async fn load(store: &Store, all: &Arc<All>, now: Time) -> Result<Self, StoreError> {
        let looked = store.meta(LOOKED).await?;
        let looked = looked.and_then(|text| text.parse().ok().map(Time::from_micros));
        let rows = store.heartbeats().await?;
        Ok(Self {
            book: Mutex::new(Book::new(rows, looked, all, now)),
            to_write: Notify::new(),
            to_look: Notify::new(),
        })
    }

    /// Takes in a signal.
    pub(crate) fn hear(&self, heartbeat: &Heartbeat, heard: Heard, now: Time) -> Written {
        let mut book = self.book.lock();
        if book.hear(heartbeat, heard, now) {
            self.to_look.notify_one();
        }
        self.written(&mut book)
    }

    /// Changes what is known of a heartbeat.
    pub(crate) fn change(&self, heartbeat: &Heartbeat, change: impl FnOnce(&mut Beat)) -> Written {
        let mut book = self.book.lock();
        book.change(heartbeat, change);
        self.to_look.notify_one();
        self.written(&mut book)
    }

    /// Forgets what was heard of one of this name, for another that is made; its alert ends, if one is out.
    pub(crate) fn anew(&self, name: &str) {
        self.book.lock().anew(name);
        self.to_look.notify_one();
    }

    fn written(&self, book: &mut Book) -> Written {
        let (answer, written) = oneshot::channel();
        book.wait(answer);
        self.to_write.notify_one();
        written
    }

    /// How one stands.
    pub(crate) fn state(&self, heartbeat: &Arc<Heartbeat>, now: Time) -> HeartbeatState {
        self.book.lock().state(heartbeat, now)
    }

    /// Looks at all of them by the clock: what is to be raised and ended now.
    pub(crate) fn look(&self, all: &Arc<All>, now: Time) -> Todo {
        self.book.lock().look(all, now)
    }

    /// Notes that others are waited for, or with another pace.
    pub(crate) fn followed(&self) {
        self.to_look.notify_one();
    }

    /// Whether there is any.
    pub(crate) fn is_empty(&self) -> bool {
        self.book.lock().is_empty()
    }

    /// Notes that the alerts of these are out.
    pub(crate) fn told(&self, names: &[Arc<str>]) {
        self.book.lock().told(names);
    }

    /// Notes that alerts have ended.
    pub(crate) fn ended(&self, ends: &Ends) {
        self.book.lock().ended(ends);
        self.to_write.notify_one();
    }

    /// Forgets those that nobody waits for any more.
    pub(crate) fn forget(&self, names: &[Arc<str>]) {
        self.book.lock().forget(names);
    }

    /// Resolves when all that has changed so far is on disk.
    pub(crate) async fn flushed(&self) -> Result<(), StoreError> {
        let written = self.written(&mut self.book.lock());
        written.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Resolves when there is something to raise or to end before its time.
    pub(crate) async fn news(&self) {
        self.to_look.notified().await;
    }

    /// Resolves when something waits to be written.
    pub(crate) async fn changes(&self) {
        self.to_write.notified().await;
    }

    /// Writes what has changed, all of it at once. While that is under way, more comes together.
    pub(crate) async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let (rows, waiting) = self.book.lock().take_changed();
        let names: Vec<Arc<str>> = rows.iter().map(|row| Arc::clone(&row.name)).collect();
        let written = if rows.is_empty() {
            Ok(())
        } else {
            store.writer().put_heartbeats(rows).await
        };
        if written.is_err() {
            self.book.lock().changed(&names);
        }
        for answer in waiting {
            // Whoever asked may have gone.
            let _ = answer.send(written.clone());
        }
        written
    }
}
