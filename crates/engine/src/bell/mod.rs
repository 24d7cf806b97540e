//! Where the escalator hears of what concerns it, and where changes of incidents wait while it decides.

pub(crate) mod event;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use balefire_store::NotificationState;
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use tokio::sync::{Notify, futures::Notified};

/// Incidents and ends of pages that one turn takes in; the others follow in the next.
const AT_ONCE: usize = 256;

/// A page's notification has ended.
#[derive(Clone, Debug)]
pub(crate) struct PageEnd {
    pub(crate) seq: u64,
    pub(crate) state: NotificationState,
    /// What the provider said last.
    pub(crate) detail: String,
}

/// What a turn has to take in.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) touched: Vec<u64>,
    pub(crate) ended: Vec<PageEnd>,
    /// Whether there is more.
    pub(crate) more: bool,
}

/// The escalator's bell.
pub(crate) struct Bell {
    /// Incidents are changed by one at a time, and not while it is decided who is paged for them.
    desk: tokio::sync::Mutex<()>,
    touched: Mutex<BTreeSet<u64>>,
    /// A group may have said something of its incident.
    words: AtomicBool,
    pages: Mutex<Pages>,
    /// How many pages have no end; most notifications are none, and this is all they cost.
    expected: AtomicUsize,
    ring: Notify,
}

#[derive(Default)]
struct Pages {
    expected: FxHashSet<u64>,
    ended: Vec<PageEnd>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            desk: tokio::sync::Mutex::default(),
            touched: Mutex::default(),
            // What was said before the start waits in the store.
            words: AtomicBool::new(true),
            pages: Mutex::default(),
            expected: AtomicUsize::new(0),
            ring: Notify::new(),
        }
    }
}

impl Bell {
    /// The right to change an incident, or to decide who is paged.
    pub(crate) async fn desk(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.desk.lock().await
    }

    /// Something happened to an incident.
    pub(crate) fn touch(&self, incident: u64) {
        self.touched.lock().insert(incident);
        self.ring.notify_one();
    }

    /// A decision holds what a group's flush means for its incident.
    pub(crate) fn word(&self) {
        self.words.store(true, Ordering::Release);
        self.ring.notify_one();
    }

    /// A notification has ended.
    pub(crate) fn ended(&self, seq: u64, state: NotificationState, detail: &str) {
        if self.expected.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut pages = self.pages.lock();
        if pages.expected.remove(&seq) {
            self.expected.store(pages.expected.len(), Ordering::Release);
            pages.ended.push(PageEnd {
                seq,
                state,
                detail: detail.to_owned(),
            });
            drop(pages);
            self.ring.notify_one();
        }
    }

    /// A page that its provider had taken has reached nobody after all.
    pub(crate) fn missed(&self, seq: u64, detail: &str) {
        self.pages.lock().ended.push(PageEnd {
            seq,
            state: NotificationState::DeadLettered,
            detail: detail.to_owned(),
        });
        self.ring.notify_one();
    }

    /// The end of these notifications is waited for; called before their lanes have them.
    pub(crate) fn expect(&self, seqs: impl IntoIterator<Item = u64>) {
        let mut pages = self.pages.lock();
        pages.expected.extend(seqs);
        self.expected.store(pages.expected.len(), Ordering::Release);
    }

    /// Whether groups may have said something since this was asked last.
    pub(crate) fn has_words(&self) -> bool {
        self.words.swap(false, Ordering::AcqRel)
    }

    /// What one turn takes in.
    pub(crate) fn news(&self) -> News {
        let mut news = News::default();
        let mut touched = self.touched.lock();
        while news.touched.len() < AT_ONCE
            && let Some(incident) = touched.pop_first()
        {
            news.touched.push(incident);
        }
        let mut pages = self.pages.lock();
        let most = pages.ended.len().min(AT_ONCE);
        news.ended.extend(pages.ended.drain(..most));
        news.more = !touched.is_empty() || !pages.ended.is_empty();
        news
    }

    /// Takes back what a turn could not take in.
    pub(crate) fn give_back(&self, news: News) {
        self.touched.lock().extend(news.touched);
        self.pages.lock().ended.splice(0..0, news.ended);
    }

    /// Resolves when something happens.
    pub(crate) fn rung(&self) -> Notified<'_> {
        self.ring.notified()
    }
}
