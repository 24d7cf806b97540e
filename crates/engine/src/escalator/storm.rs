//! Storms: who is paged in digests, and how it is seen from outside.
//!
//! The rule is `balefire_core::storm`'s, and what somebody was paged for last is written with the decision that pages them.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::escalation::{At, Escalation, Escalations};
use balefire_core::incident::{Entry, EntryKind};
use balefire_core::time::Time;
use balefire_store::{StoreError, noted};

use super::paging::step_text;
use super::turn::Turn;
use crate::delivery::shared::Shared;
use crate::meta::Trouble;

/// From so many incidents on that wait for the same digest it is told to those who run Balefire.
const WORTH_TELLING: usize = 10;

/// No escalations yet, with what people were paged for last. What cannot be read counts as nothing.
pub(super) async fn as_written(shared: &Shared) -> Result<Escalations, StoreError> {
    let mut all = Escalations::default();
    for (person, body) in shared.store.told_last().await? {
        if let Ok(slot) = serde_json::from_str(&body) {
            all.insert_slot(person, slot);
        }
    }
    Ok(all)
}

impl Turn<'_> {
    /// Notes that somebody is told with their next digest.
    pub(super) fn hold_page(&mut self, person: &str, incident: u64, until: Time, at: &At) {
        let words = "paged very often just now, told in the digest at";
        let text = format!("{person}: {words} {until} ({})", step_text(at));
        let mut entry = Entry::new(EntryKind::PageHeld, &at.policy, &text, self.now);
        entry.detail.until = Some(until);
        self.facts.push(noted(incident, &entry));
    }
}

/// Shows how many wait for whose digest, and says so where it is a storm.
pub(super) fn watch(shared: &Shared, all: &Escalations) {
    let mut waiting: BTreeMap<&Arc<str>, (usize, Time)> = BTreeMap::new();
    for (person, until) in all.iter().flat_map(Escalation::held) {
        let (count, first) = waiting.entry(person).or_insert((0, until));
        *count += 1;
        *first = (*first).min(until);
    }
    let metrics = &shared.metrics;
    metrics.storm_people.set(waiting.len() as i64);
    let held = waiting.values().map(|(count, _)| *count).sum::<usize>();
    metrics.storm_pages_held.set(held as i64);
    for (person, (count, until)) in waiting {
        if count >= WORTH_TELLING {
            let text = format!(
                "a storm: {count} incidents wait for the digest that {person} gets at {until}"
            );
            let now = shared.clock.now();
            shared.findings.report(now, Trouble::Storm, person, text);
        }
    }
}
