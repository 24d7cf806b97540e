//! Alerts that notifications told of and memory has dropped since, looked up in the event log.

use std::sync::Arc;

use balefire_core::alert::{Alert, Episode};
use balefire_core::event::{Event, Input, Seq};
use balefire_core::fingerprint::Fingerprint;
use balefire_store::{Store, StoreError};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::engine::Engine;

/// Episodes remembered, found or not.
const KEPT: usize = 4096;
/// Events looked through for one episode, back from the decision that told of it.
const SCANNED_EACH: usize = 4000;
/// Events looked through in one call.
const SCANNED: usize = 20_000;
/// Events read at a time.
const PAGE: usize = 500;

/// The answers found.
type Found = FxHashMap<Episode, Arc<Alert>>;

/// Finds the alerts of episodes: in memory, else in the log, where the search is remembered.
#[derive(Debug, Default)]
pub struct Recall {
    kept: Mutex<FxHashMap<Episode, Option<Arc<Alert>>>>,
}

impl Recall {
    /// Remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The alerts of `wanted`, each named with the event cursor of the decision that told of it. Those
    /// that are neither in memory nor within a few thousand events before their decision are left out.
    pub async fn alerts(
        &self,
        engine: &Engine,
        wanted: &[(Seq, Episode)],
    ) -> Result<FxHashMap<Episode, Arc<Alert>>, StoreError> {
        let mut found = Found::default();
        let mut missing = Vec::new();
        {
            let state = engine.state();
            let kept = self.kept.lock();
            for (cursor, episode) in wanted {
                if let Some(alert) = state.episode(*episode) {
                    found.insert(*episode, alert);
                } else if let Some(known) = kept.get(episode) {
                    found.extend(known.iter().map(|alert| (*episode, Arc::clone(alert))));
                } else {
                    missing.push((*cursor, *episode));
                }
            }
        }
        if !missing.is_empty() {
            let from_log = search(engine.store(), missing.clone()).await?;
            self.keep(&missing, &from_log);
            found.extend(from_log);
        }
        Ok(found)
    }

    fn keep(&self, searched: &[(Seq, Episode)], found: &Found) {
        let mut kept = self.kept.lock();
        if kept.len() + searched.len() > KEPT {
            kept.clear();
        }
        for (_, episode) in searched.iter().take(KEPT) {
            kept.insert(*episode, found.get(episode).cloned());
        }
    }
}

/// Reads the log backwards from each decision, the newest first; what lies on the way serves all.
async fn search(store: &Store, mut missing: Vec<(Seq, Episode)>) -> Result<Found, StoreError> {
    missing.sort_unstable_by_key(|(cursor, _)| std::cmp::Reverse(*cursor));
    let mut by_alert: FxHashMap<Fingerprint, Vec<(Seq, Episode)>> = FxHashMap::default();
    for (cursor, episode) in &missing {
        by_alert
            .entry(episode.fingerprint)
            .or_default()
            .push((*cursor, *episode));
    }
    let mut found = Found::default();
    let (mut position, mut budget) = (Seq::MAX, SCANNED);
    for (cursor, episode) in missing {
        let mut here = SCANNED_EACH.min(budget);
        let mut before = position.min(cursor.saturating_add(1));
        while here > 0 && !found.contains_key(&episode) {
            let page = store.events_before(before, PAGE).await?;
            let Some(oldest) = page.last() else { break };
            before = oldest.seq;
            here = here.saturating_sub(page.len());
            budget = budget.saturating_sub(page.len());
            for event in &page {
                learn(event, &by_alert, &mut found);
            }
        }
        position = position.min(before);
    }
    Ok(found)
}

/// Takes the newest full report of an alert at or before each decision that is looked for.
fn learn(event: &Event, wanted: &FxHashMap<Fingerprint, Vec<(Seq, Episode)>>, found: &mut Found) {
    let Input::Alert { alert, .. } = &event.input else {
        return;
    };
    let Some(episodes) = wanted.get(&alert.fingerprint()) else {
        return;
    };
    let alert = Arc::new(Alert::clone(alert));
    for (cursor, episode) in episodes {
        if event.seq <= *cursor {
            found.entry(*episode).or_insert_with(|| Arc::clone(&alert));
        }
    }
}
