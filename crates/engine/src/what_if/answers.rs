//! What people did to the incidents of that time, by the alerts that they were about.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::escalation::Event;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::incident::EntryKind;
use balefire_core::schedule::Stretch;
use balefire_core::time::Time;
use balefire_core::what_if::{Answer, Word};
use balefire_store::{StoreError, Which};

use crate::bell::event;
use crate::delivery::change::group_of;
use crate::engine::Engine;

/// Incidents whose answers are read.
const MOST_INCIDENTS: usize = 5_000;
/// Incidents read at a time.
const ROWS: usize = 500;
/// Entries of a timeline that are read.
const ENTRIES: usize = 300;

/// What each group's incident was about, and since when, in order of time.
type Told = BTreeMap<u64, Vec<(Time, BTreeSet<Fingerprint>)>>;

impl Engine {
    /// What people did, oldest first; whether that is all of it.
    pub(super) async fn answers(
        &self,
        words: &[Word],
        from: Time,
        to: Time,
    ) -> Result<(Vec<Answer>, bool), StoreError> {
        let mut told = Told::new();
        for word in words.iter().filter(|word| !word.is_over) {
            let of_group = told.entry(word.group).or_default();
            of_group.push((word.at, word.alerts.clone()));
        }
        let store = self.store();
        let within = Stretch { from, to };
        let (mut answers, mut after, mut read) = (Vec::new(), 0, 0);
        let all = loop {
            let page = store.incidents_opened(within, after, ROWS).await?;
            for incident in &page {
                after = incident.id;
                self.answers_to(incident.id, &told, &mut answers).await?;
            }
            read += page.len();
            if page.len() < ROWS {
                break true;
            }
            if read >= MOST_INCIDENTS {
                break false;
            }
        };
        answers.sort_by_key(|answer: &Answer| answer.at);
        Ok((answers, all))
    }

    async fn answers_to(
        &self,
        id: u64,
        told: &Told,
        answers: &mut Vec<Answer>,
    ) -> Result<(), StoreError> {
        let store = self.store();
        let Some(incident) = store.incident(&Which::Id(id)).await? else {
            return Ok(());
        };
        let of_group = group_of(&incident).and_then(|group| told.get(&group));
        let Some(of_group) = of_group else {
            return Ok(());
        };
        let plan = self.plan();
        for entry in store.incident_timeline(id, 0, ENTRIES).await? {
            // That alerts are over follows from the alerts.
            if entry.actor == crate::escalator::ALERTS || entry.kind == EntryKind::Edited {
                continue;
            }
            let Some(event) = event::of(&plan, &entry, entry.at) else {
                continue;
            };
            let by_then = of_group.iter().filter(|(at, _)| *at <= entry.at);
            let since = by_then.filter(|(at, _)| *at >= incident.opened_at.before(APART));
            let alerts: BTreeSet<Fingerprint> =
                since.flat_map(|(_, alerts)| alerts).copied().collect();
            if !alerts.is_empty() && !matches!(event, Event::Severity(_)) {
                answers.push(Answer {
                    at: entry.at,
                    alerts,
                    event,
                });
            }
        }
        Ok(())
    }
}

/// An incident is opened a moment after the flush that says so.
const APART: std::time::Duration = std::time::Duration::from_mins(1);
