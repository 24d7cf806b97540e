//! The state at start: the last checkpoint, then the log after it, decisions as they were taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::dispatch::{Dispatch, FlushRecord, Rules};
use balefire_core::event::Seq;
use balefire_store::{DecisionRow, Store, StoreError};

use crate::checkpoint;
use crate::codec::{self, Unreadable};
use crate::keys::Keys;
use crate::known::Known;
use crate::tally::Tally;

/// Events read at a time.
const EVENTS: usize = 4096;
/// Decisions read at a time.
const DECISIONS: usize = 512;
/// Waiting notifications read at a time.
const PENDING: usize = 4096;
/// Largest decision that is unpacked.
const DECISION_BYTES: usize = 64 << 20;

/// Why the state could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of ours cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// What a start did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Events applied after the checkpoint.
    pub events: u64,
    /// Decisions applied after the checkpoint.
    pub decisions: u64,
}

/// Rebuilds the dispatcher's state.
pub(crate) async fn recover(
    store: &Store,
    rules: Arc<Rules>,
    known: &Known,
    keys: &Keys,
) -> Result<(Dispatch, Recovered), RecoveryError> {
    let (state, decided) = match store.checkpoint().await? {
        Some(checkpoint) => (
            checkpoint::read(&checkpoint, rules, keys)?,
            checkpoint.decision,
        ),
        None => (Dispatch::new(rules), 0),
    };
    let mut replay = Replay {
        store,
        known,
        keys,
        state,
        ahead: Vec::new().into_iter(),
        done: Recovered::default(),
    };
    let mut after = decided;
    loop {
        let decisions = store.decisions(after, DECISIONS).await?;
        let Some(last) = decisions.last() else { break };
        after = last.seq;
        for decision in &decisions {
            replay.decision(decision).await?;
        }
    }
    replay.events_to(Seq::MAX).await?;
    Ok((replay.state, replay.done))
}

struct Replay<'a> {
    store: &'a Store,
    known: &'a Known,
    keys: &'a Keys,
    state: Dispatch,
    ahead: std::vec::IntoIter<balefire_core::event::Event>,
    done: Recovered,
}

impl Replay<'_> {
    async fn decision(&mut self, decision: &DecisionRow) -> Result<(), RecoveryError> {
        self.events_to(decision.cursor).await?;
        let records: Vec<FlushRecord> = codec::unpack(&decision.body, DECISION_BYTES)?;
        for record in &records {
            self.state.replay(record);
        }
        self.done.decisions += 1;
        Ok(())
    }

    /// Applies the events up to and including `last`.
    async fn events_to(&mut self, last: Seq) -> Result<(), RecoveryError> {
        while self.state.cursor() < last {
            if self.ahead.len() == 0 {
                self.ahead = self
                    .store
                    .events(self.state.cursor(), EVENTS)
                    .await?
                    .into_iter();
            }
            let Some(event) = self.ahead.as_slice().first() else {
                break;
            };
            if event.seq > last {
                break;
            }
            let Some(event) = self.ahead.next() else {
                break;
            };
            self.state.apply(&event);
            self.known.learn(&event);
            self.keys.learn(&event);
            self.done.events += 1;
        }
        Ok(())
    }
}

/// The notifications that waited when the last process ended.
#[derive(Default)]
pub(crate) struct Pending {
    accounts: BTreeSet<Arc<str>>,
    episodes: Vec<Episode>,
    tally: Tally,
}

impl Pending {
    /// Reads them all, a page at a time; the lanes read them again when they have room.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut pending = Self::default();
        let mut after = 0;
        loop {
            let rows = store.pending(None, after, PENDING).await?;
            let Some(last) = rows.last() else {
                return Ok(pending);
            };
            after = last.seq;
            pending
                .episodes
                .extend(pending.tally.opened(&rows).into_iter().flatten());
            for row in &rows {
                if !pending.accounts.contains(&row.account) {
                    pending.accounts.insert(Arc::clone(&row.account));
                }
            }
        }
    }

    /// One item for each obligation's episode.
    pub(crate) fn episodes(&self) -> impl Iterator<Item = Episode> + '_ {
        self.episodes.iter().copied()
    }

    /// The lanes that have work, and the open obligations.
    pub(crate) fn into_parts(self) -> (BTreeSet<Arc<str>>, Tally) {
        (self.accounts, self.tally)
    }
}
