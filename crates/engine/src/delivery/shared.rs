//! What all lanes share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use balefire_config::plan::Plan;
use balefire_core::clock::Clock;
use balefire_core::dispatch::Dispatch;
use balefire_core::event::Seq;
use balefire_core::message::Message;
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationState, Store};
use balefire_template::sandbox::Sandbox;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use tokio::sync::{oneshot, watch};

use super::content::GroupContent;
use super::live::Posts;
use crate::bell::Bell;
use crate::calls::Calls;
use crate::identity::Identities;
use crate::link::Links;
use crate::meta::Findings;
use crate::metrics::Metrics;
use crate::roster::Rosters;
use crate::verified::Verified;

/// The end of a direct message, for a caller that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Delivered, dead-lettered, …
    pub(crate) state: NotificationState,
    /// What the provider said last.
    pub(crate) detail: String,
}

/// What a lane tells the dispatcher.
#[derive(Debug)]
pub(crate) enum Back {
    /// A notification has ended: its episodes are no longer needed for it.
    Ended(Ending),
    /// New notifications, already durable, for their lanes: a fallback's.
    Rows(Vec<Notification>),
    /// A dead letter that is to be tried again; its lane reads it from the store.
    Again(Box<Notification>),
}

/// The end of a group's notification.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) decision: u64,
    pub(crate) integration: Arc<str>,
    pub(crate) content: GroupContent,
    /// Nobody was told by it, and nothing took its place.
    pub(crate) untold: bool,
}

/// Messages of dead letters that are tried again, as they were when they were given up: for those whose
/// alerts memory no longer holds. Lost at a restart; then the group's labels have to do.
#[derive(Default)]
pub(crate) struct Kept(Mutex<FxHashMap<u64, Arc<Message>>>);

/// At most so many are held; of more that are tried again, only what memory still knows is told.
const KEPT: usize = 1024;

impl Kept {
    pub(crate) fn keep(&self, seq: u64, message: Message) {
        let mut kept = self.0.lock();
        if kept.len() < KEPT {
            kept.insert(seq, Arc::new(message));
        }
    }

    pub(crate) fn of(&self, seq: u64) -> Option<Arc<Message>> {
        self.0.lock().get(&seq).map(Arc::clone)
    }

    fn forget(&self, seq: u64) {
        self.0.lock().remove(&seq);
    }
}

pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) plan: Arc<ArcSwap<Plan>>,
    pub(crate) store: Store,
    pub(crate) state: Arc<RwLock<Dispatch>>,
    pub(crate) sandbox: Sandbox,
    pub(crate) findings: Arc<Findings>,
    pub(crate) metrics: Arc<Metrics>,
    /// Counts up whenever something a page shows has changed.
    pub(crate) changes: watch::Sender<u64>,
    /// Numbers for messages that belong to no group's flush; only their difference matters.
    pub(crate) next_ordinal: AtomicU64,
    pub(crate) waiters: Mutex<FxHashMap<u64, oneshot::Sender<Ended>>>,
    pub(crate) kept: Kept,
    /// Who is at which message of a chat.
    pub(crate) posts: Posts,
    /// Who is on call.
    pub(crate) rosters: Rosters,
    /// Who people are at platforms.
    pub(crate) identities: Identities,
    /// Which ways of people are known to reach them.
    pub(crate) verified: Verified,
    /// What telephones are asked to place.
    pub(crate) calls: Calls,
    /// Where the escalator hears of what concerns it.
    pub(crate) bell: Bell,
    /// Signs the links in messages.
    pub(crate) links: Links,
    /// When this process started.
    pub(crate) started_at: Time,
    /// Decisions are recorded and nothing is sent.
    pub(crate) shadow: bool,
}

impl Shared {
    /// The next number for a message outside any group.
    pub(crate) fn ordinal(&self) -> u64 {
        self.next_ordinal.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits until the dispatcher has applied the log up to `last`; for ever when it has ended.
    pub(crate) async fn applied(&self, last: Seq) {
        let mut changes = self.changes.subscribe();
        while self.state.read().cursor() < last {
            // The sender lives in `self`.
            let _ = changes.changed().await;
        }
    }

    /// Wakes who waits for this notification.
    pub(crate) fn ended(&self, seq: u64, ended: Ended) {
        self.kept.forget(seq);
        self.bell.ended(seq, ended.state, &ended.detail);
        if let Some(waiter) = self.waiters.lock().remove(&seq) {
            // The caller may have stopped waiting.
            let _ = waiter.send(ended);
        }
    }

    /// Tells the pages that there is news.
    pub(crate) fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}
