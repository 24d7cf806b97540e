//! The state at start: the last checkpoint, then the log after it, decisions as they were taken.

mod given_up;
mod pending;
mod replay;

use std::collections::BTreeSet;
use std::sync::Arc;

use balefire_core::dispatch::{Dispatch, Rules};
use balefire_core::time::Time;
use balefire_store::{Store, StoreError};

pub(crate) use self::given_up::GivenUp;
use self::pending::Pending;
use self::replay::Replay;
use crate::checkpoint;
use crate::codec::Unreadable;
use crate::keys::Keys;
use crate::known::Known;
use crate::tally::Tally;

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

/// What a node begins with.
pub(crate) struct Start {
    pub(crate) state: Dispatch,
    pub(crate) recovered: Recovered,
    /// The lanes that have work.
    pub(crate) accounts: BTreeSet<Arc<str>>,
    /// The open obligations.
    pub(crate) tally: Tally,
    /// How many notifications wait.
    pub(crate) pending: usize,
    /// Notifications that were given up and of which nobody may have heard.
    pub(crate) given_up: Vec<GivenUp>,
}

/// Rebuilds what was in memory.
pub(crate) async fn start(
    store: &Store,
    rules: Arc<Rules>,
    known: &Known,
    keys: &Keys,
    now: Time,
) -> Result<Start, RecoveryError> {
    let (state, decided, at) = match store.checkpoint().await? {
        Some(checkpoint) => {
            let state = checkpoint::read(&checkpoint, rules, keys)?;
            (state, checkpoint.decision, checkpoint.at)
        }
        None => (Dispatch::new(rules), 0, Time::EPOCH),
    };
    for alert in state.alerts() {
        known.hold(alert, now);
    }
    let mut replay = Replay::new(store, known, keys, state);
    replay.run(decided).await?;
    let Replay {
        mut state,
        done: recovered,
        told,
        ..
    } = replay;
    let since = given_up::Since {
        decision: decided,
        at,
        told: &told,
    };
    let given_up = given_up::take_back(store, &since, &mut state).await?;
    let pending = Pending::read(store).await?;
    state.repin(pending.episodes());
    let count = pending.count();
    let (accounts, tally) = pending.into_parts();
    Ok(Start {
        state,
        recovered,
        accounts,
        tally,
        pending: count,
        given_up,
    })
}
