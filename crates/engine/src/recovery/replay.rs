//! The log after the checkpoint, taken in again.

use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::dispatch::{Dispatch, FlushRecord, GroupId};
use balefire_core::event::{Event, Seq};
use balefire_store::{DecisionRow, Store};
use rustc_hash::FxHashMap;

use super::{Recovered, RecoveryError};
use crate::codec;
use crate::keys::Keys;
use crate::known::Known;

/// Events read at a time.
const EVENTS: usize = 4096;
/// Decisions read at a time.
const DECISIONS: usize = 512;
/// Largest decision that is unpacked.
const DECISION_BYTES: usize = 64 << 20;

/// What each integration of each group was to be told, decision by decision.
pub(super) type Told = FxHashMap<(GroupId, Arc<str>), Vec<(u64, Vec<Episode>)>>;

pub(super) struct Replay<'a> {
    store: &'a Store,
    known: &'a Known,
    keys: &'a Keys,
    pub(super) state: Dispatch,
    ahead: std::iter::Peekable<std::vec::IntoIter<Event>>,
    pub(super) done: Recovered,
    pub(super) told: Told,
}

impl<'a> Replay<'a> {
    pub(super) fn new(store: &'a Store, known: &'a Known, keys: &'a Keys, state: Dispatch) -> Self {
        Self {
            store,
            known,
            keys,
            state,
            ahead: Vec::new().into_iter().peekable(),
            done: Recovered::default(),
            told: Told::default(),
        }
    }

    /// Takes over every decision after `decided`, each at the event it was taken at, then the events left.
    pub(super) async fn run(&mut self, decided: u64) -> Result<(), RecoveryError> {
        let mut after = decided;
        loop {
            let decisions = self.store.decisions(after, DECISIONS).await?;
            let Some(last) = decisions.last() else { break };
            after = last.seq;
            for decision in &decisions {
                self.decision(decision).await?;
            }
        }
        self.events_to(Seq::MAX).await
    }

    async fn decision(&mut self, decision: &DecisionRow) -> Result<(), RecoveryError> {
        let records: Vec<FlushRecord> = codec::unpack(&decision.body, DECISION_BYTES)?;
        // Direct messages and fallbacks are written by others than the dispatcher; where it stood then says
        // nothing about the order of its own decisions.
        if !records.is_empty() {
            self.events_to(decision.cursor).await?;
        }
        for record in &records {
            self.state.replay(record);
            for obligation in &record.obligations {
                let listener = (record.group, Arc::clone(&obligation.integration));
                let episodes = obligation.episodes.iter().map(|(e, _)| *e).collect();
                self.told
                    .entry(listener)
                    .or_default()
                    .push((decision.seq, episodes));
            }
        }
        self.done.decisions += 1;
        Ok(())
    }

    /// Applies the events up to and including `last`.
    async fn events_to(&mut self, last: Seq) -> Result<(), RecoveryError> {
        while self.state.cursor() < last {
            if self.ahead.peek().is_none() {
                let events = self.store.events(self.state.cursor(), EVENTS).await?;
                self.ahead = events.into_iter().peekable();
            }
            let Some(event) = self.ahead.next_if(|event| event.seq <= last) else {
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
