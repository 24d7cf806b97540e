//! All escalations that are under way.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::action::{Action, At};
use super::directory::Directory;
use super::talk::Talk;
use super::{Escalation, Event};
use crate::storm::{Slot, Slots};
use crate::time::Time;

/// Escalations by the number of their incident.
#[derive(Clone, Debug, Default)]
pub struct Escalations {
    by_incident: BTreeMap<u64, Escalation>,
    /// What people were paged for last.
    slots: Slots,
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

    /// What people were paged for last.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Takes over what somebody was paged for last.
    pub fn insert_slot(&mut self, person: Arc<str>, slot: Slot) {
        self.slots.insert(person, slot);
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
    /// for several gets one page by each way that names them all; in a storm, one for all that has come together since
    /// the last.
    pub fn due(&mut self, directory: &Directory, now: Time) -> Vec<Action> {
        let mut talk = Talk::new(directory.storm, &mut self.slots);
        let mut actions: Vec<Action> = Vec::new();
        let all = self.by_incident.values_mut();
        // One that has seen a later time needs to hear that the clock was set back.
        let awake = all.filter(|escalation| escalation.wake() <= now || escalation.seen > now);
        for escalation in worst_first(awake) {
            actions.extend(escalation.due_among(directory, &mut talk, now));
        }
        // Whoever is told now is told of all that waits for them: what came in between must not keep them from it.
        if talk.is_speaking() {
            let all = self.by_incident.values_mut();
            let waiting = all.filter(|escalation| escalation.is_held_for(&talk));
            for escalation in worst_first(waiting) {
                escalation.let_go(&talk, now);
                actions.extend(escalation.due_among(directory, &mut talk, now));
            }
        }
        talk.end();
        let actions = together(actions);
        match directory.storm {
            Some(_) => once_by_each_way(actions),
            None => actions,
        }
    }
}

/// The worst and newest first.
fn worst_first<'e>(
    escalations: impl Iterator<Item = &'e mut Escalation>,
) -> Vec<&'e mut Escalation> {
    let mut sorted: Vec<&mut Escalation> = escalations.collect();
    sorted.sort_by_key(|escalation| {
        let facts = escalation.facts;
        Reverse((facts.severity, facts.opened, facts.incident))
    });
    sorted
}

/// The same, where a person who is paged in the same ways for several incidents is paged once.
fn together(all: Vec<Action>) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    let mut paged: BTreeMap<(Arc<str>, Vec<Arc<str>>), usize> = BTreeMap::new();
    for action in all {
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
    actions
}

/// A person's pages by way: the incidents it tells of with the steps that say so, the worst first.
type ByWay = BTreeMap<Arc<str>, Vec<(u64, At)>>;

/// Incidents, and the step that says so for each.
type Told = (Vec<u64>, Vec<At>);

/// Pages in which each way of a person is used once, for all incidents that are told by it.
fn once_by_each_way(actions: Vec<Action>) -> Vec<Action> {
    let mut people: BTreeMap<Arc<str>, ByWay> = BTreeMap::new();
    let mut rest: Vec<Action> = Vec::with_capacity(actions.len());
    let mut order: Vec<(usize, Arc<str>)> = Vec::new();
    for action in actions {
        let Action::Page {
            person,
            by,
            incidents,
            ats,
        } = action
        else {
            rest.push(action);
            continue;
        };
        if !people.contains_key(&person) {
            order.push((rest.len(), Arc::clone(&person)));
        }
        let all = people.entry(person).or_default();
        for way in by {
            let told = all.entry(way).or_default();
            told.extend(incidents.iter().copied().zip(ats.iter().cloned()));
        }
    }
    let mut done: Vec<Action> = Vec::with_capacity(rest.len() + order.len());
    let mut order = order.into_iter().peekable();
    for (place, action) in rest.into_iter().map(Some).chain([None]).enumerate() {
        while let Some((_, person)) = order.next_if(|(before, _)| *before <= place) {
            let by_way = people.remove(&person).unwrap_or_default();
            done.extend(pages_of(&person, by_way));
        }
        done.extend(action);
    }
    done
}

/// The pages of one person: the ways that tell of the same make one.
fn pages_of(person: &Arc<str>, by_way: ByWay) -> Vec<Action> {
    let mut pages: Vec<(Vec<Arc<str>>, Told)> = Vec::new();
    for (way, mut told) in by_way {
        let mut seen = BTreeSet::new();
        told.retain(|(incident, _)| seen.insert(*incident));
        let told: Told = told.into_iter().unzip();
        match pages.iter_mut().find(|(_, same)| same.0 == told.0) {
            Some((ways, _)) => ways.push(way),
            None => pages.push((vec![way], told)),
        }
    }
    let page = |(by, (incidents, ats))| Action::Page {
        person: Arc::clone(person),
        by,
        incidents,
        ats,
    };
    pages.into_iter().map(page).collect()
}
