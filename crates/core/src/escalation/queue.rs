//! All escalations that are under way.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::action::Action;
use super::directory::Directory;
use super::{Escalation, Event};
use crate::time::Time;

/// Escalations by the number of their incident.
#[derive(Clone, Debug, Default)]
pub struct Escalations {
    by_incident: BTreeMap<u64, Escalation>,
}

impl Escalations {
    /// Takes an escalation in; one of the same incident is replaced.
    pub fn insert(&mut self, escalation: Escalation) {
        self.by_incident
            .insert(escalation.facts.incident, escalation);
    }

    /// Takes an escalation out.
    pub fn remove(&mut self, incident: u64) -> Option<Escalation> {
        self.by_incident.remove(&incident)
    }

    /// The escalation of an incident.
    pub fn get(&self, incident: u64) -> Option<&Escalation> {
        self.by_incident.get(&incident)
    }

    /// All, in order of their incidents.
    pub fn iter(&self) -> impl Iterator<Item = &Escalation> {
        self.by_incident.values()
    }

    /// Takes in what happened to an incident; whether it changed something is the answer.
    pub fn apply(
        &mut self,
        incident: u64,
        event: &Event,
        directory: &Directory,
        now: Time,
    ) -> bool {
        let escalation = self.by_incident.get_mut(&incident);
        escalation.is_some_and(|escalation| escalation.apply(event, directory, now))
    }

    /// The clock was put so many microseconds on, or back when negative: waits keep their length. For
    /// whoever can tell that from a standstill; a clock that was set back is also noticed without it.
    pub fn clock_moved(&mut self, micros: i64) {
        let all = self.by_incident.values_mut();
        all.for_each(|escalation| escalation.clock_moved(micros));
    }

    /// When to ask [`Self::due`] again; never, when nothing is left to do.
    pub fn wake(&self) -> Time {
        let wakes = self.by_incident.values().map(Escalation::wake);
        wakes.min().unwrap_or(Time::NEVER)
    }

    /// What is to be done now, for the worst and newest incidents first. Somebody who is to be paged
    /// through the same channels for several gets one page that names them all.
    pub fn due(&mut self, directory: &Directory, now: Time) -> Vec<Action> {
        let mut awake: Vec<&mut Escalation> = self
            .by_incident
            .values_mut()
            // One that has seen a later time needs to hear that the clock was set back.
            .filter(|escalation| escalation.wake() <= now || escalation.seen > now)
            .collect();
        awake.sort_by_key(|escalation| {
            let facts = escalation.facts;
            Reverse((facts.severity, facts.opened, facts.incident))
        });
        let mut actions: Vec<Action> = Vec::new();
        let mut paged: BTreeMap<(Arc<str>, Vec<Arc<str>>), usize> = BTreeMap::new();
        for escalation in awake {
            for action in escalation.due(directory, now) {
                let Action::Page {
                    person,
                    by,
                    incidents,
                    ats,
                } = &action
                else {
                    actions.push(action);
                    continue;
                };
                let key = (Arc::clone(person), by.clone());
                let known = paged.get(&key).and_then(|index| actions.get_mut(*index));
                if let Some(Action::Page {
                    incidents: all,
                    ats: all_ats,
                    ..
                }) = known
                {
                    all.extend(incidents);
                    all_ats.extend_from_slice(ats);
                } else {
                    paged.insert(key, actions.len());
                    actions.push(action);
                }
            }
        }
        actions
    }
}
