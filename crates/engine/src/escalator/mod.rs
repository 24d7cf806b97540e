//! Escalations at work: who is paged next when nobody answers.
//!
//! The rules are `balefire_core::escalation`'s; this task owns them, hears of what happens to incidents and pages, and
//! writes what follows. Where an escalation stands, its pages and their entries of the timeline are one decision, so that a
//! crash between two turns repeats nothing and forgets nobody. It sleeps until the next step is due.

mod answering;
mod groups;
mod paging;
mod stop;
mod storm;
mod turn;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::escalation::Escalations;
use balefire_store::{NotificationState, StoreError};
use tokio_util::sync::CancellationToken;

pub(crate) use self::groups::ACTOR as ALERTS;
pub(crate) use self::paging::{reader, step_in};
use self::turn::Turn;
use crate::delivery::Lanes;
use crate::delivery::shared::Shared;

/// Rows read at a time at the start.
const PAGE: usize = 512;
/// How long after a turn that the store did not take the next one is made.
const AGAIN: Duration = Duration::from_secs(1);
/// A clock that was set is noticed within this time while something waits for it.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

/// The owner of all escalations that are under way.
pub(crate) struct Escalator {
    shared: Arc<Shared>,
    lanes: Lanes,
    all: Escalations,
    /// The last entry of each incident's timeline that was taken in.
    seen: BTreeMap<u64, u64>,
}

impl Escalator {
    /// Reads which escalations are under way and which pages have no end yet. To be made before the lanes end any.
    pub(crate) async fn new(shared: &Arc<Shared>, lanes: &Lanes) -> Result<Self, StoreError> {
        if !shared.shadow {
            expect_pages(shared).await?;
            let mut after = 0;
            loop {
                let rows = shared.store.escalations(after, PAGE).await?;
                for row in &rows {
                    after = row.incident;
                    shared.bell.touch(row.incident);
                }
                if rows.len() < PAGE {
                    break;
                }
            }
        }
        Ok(Self {
            shared: Arc::clone(shared),
            lanes: lanes.clone(),
            all: storm::as_written(shared).await?,
            seen: BTreeMap::new(),
        })
    }

    /// Runs until `stop`; what is due then is done by the next start.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut failed = false;
        while !stop.is_cancelled() {
            let more = match self.look().await {
                Ok(more) => {
                    failed = false;
                    more
                }
                Err(error) => {
                    // A database that is away is said once, by the store.
                    if !failed && !error.is_transient() {
                        tracing::error!(%error, "nobody can be paged, trying again");
                    }
                    failed = true;
                    false
                }
            };
            if more {
                continue;
            }
            let shared = Arc::clone(&self.shared);
            let wait = self.idle(failed);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = shared.bell.rung(), if !failed => {}
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            }
        }
    }

    /// How long nothing happens by itself; `None` for ever.
    fn idle(&self, failed: bool) -> Option<Duration> {
        if failed {
            return Some(AGAIN);
        }
        let wake = self.all.wake();
        let left = wake.since(self.shared.clock.now());
        (!wake.is_never()).then(|| left.min(LOOK_AT_CLOCK))
    }

    /// Takes in what happened and does what is due; whether there is more of it.
    async fn look(&mut self) -> Result<bool, StoreError> {
        let shared = Arc::clone(&self.shared);
        let more_words = shared.bell.has_words() && {
            let read = groups::words(&shared).await;
            if !matches!(read, Ok(false)) {
                shared.bell.word();
            }
            read?
        };
        let desk = shared.bell.desk().await;
        let news = shared.bell.news();
        let mut turn = Turn::new(&shared, &self.all, &self.seen);
        let done = async {
            turn.take_in(&news).await?;
            turn.decide().await
        };
        let decided = match done.await {
            Ok(decided) => decided,
            Err(error) => {
                shared.bell.give_back(news);
                return Err(error);
            }
        };
        let more = news.more || more_words;
        (self.all, self.seen) = turn.into_parts();
        storm::watch(&shared, &self.all);
        drop(desk);
        decided.carry_out(&shared, &self.lanes).await;
        Ok(more)
    }
}

/// Registers the pages whose end is not known; those that ended before the process did have their end at once.
async fn expect_pages(shared: &Shared) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let pages = shared.store.pages_waiting(after, PAGE).await?;
        for page in &pages {
            after = page.seq;
            shared.bell.expect([page.seq]);
            let row = shared.store.notification(page.seq).await?;
            let (state, detail) = match row {
                Some(row) if row.state == NotificationState::Pending => continue,
                Some(row) => (
                    row.state,
                    row.last_error.as_deref().unwrap_or("").to_owned(),
                ),
                // Retention took it.
                None => (NotificationState::Cancelled, String::new()),
            };
            shared.bell.ended(page.seq, state, &detail);
        }
        if pages.len() < PAGE {
            return Ok(());
        }
    }
}
