//! A layer from a calendar file (iCalendar, RFC 5545): who is on call stands in its events.
//!
//! 1. An event's people are found by its attendees' addresses and names, else by its summary: a name that is the
//!    whole of it, else every name that stands in it as a word. An event that names nobody known is left out and told.
//! 2. Times are reckoned on the wall of the event: its TZID, UTC, or the schedule's clock where it has none. An event of
//!    whole days is on from midnight to midnight by the schedule's clock.
//! 3. Where several events are on, all of their people are on call.
//! 4. RECURRENCE-ID puts one time of a series elsewhere, EXDATE and STATUS:CANCELLED take it out, RDATE adds one.
//! 5. What cannot be read costs no neighbour: the event is left out and told.
//! 6. A calendar that is fetched from an address counts from when it was read; what earlier copies said up to then stays. (`copy.rs`)

mod copy;
mod draft;
mod essence;
mod event;
mod guess;
mod line;
mod rule;
#[cfg(test)]
mod tests;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(super) use self::copy::Fetched;
pub use self::copy::{CalendarCopy, CalendarRead};
use self::draft::{LeftOut, Read, drafts};
pub use self::essence::essence;
pub(crate) use self::event::rule_until;
use self::event::{Event, Moment};
pub use self::guess::{CalendarGuess, GuessedPerson};
pub(crate) use self::rule::Rule;
use super::stretch::Stretch;
use super::turns::People;
use crate::time::Time;
use crate::wall::{UnknownZone, Zone};

/// The largest calendar file that is read, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Most events of one.
pub const MAX_EVENTS: usize = 5_000;
/// Most times of events in one look: five years with more than ninety a day.
const MAX_TIMES: usize = 175_000;
/// Most complaints that are kept.
const MAX_TOLD: usize = 20;
/// Most summaries of events that name nobody known that are kept.
const MAX_UNKNOWN: usize = 100;

/// A layer of events as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSpec {
    /// The calendar file's content; empty when it is `fetched`.
    #[serde(default)]
    pub text: String,
    /// Who is meant by which name or address, in any case of letters; keys of people stand for themselves.
    #[serde(default)]
    pub names: BTreeMap<String, Arc<str>>,
    /// The IANA zone of times that name none, and of whole days; the schedule's without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the content comes from an address: the layer is off until [`super::Schedule::with_copy`] gives it one.
    #[serde(default)]
    pub fetched: bool,
}

/// Why a calendar file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventsError {
    /// It is none.
    #[error("is no iCalendar file: it has no BEGIN:VCALENDAR")]
    NoCalendar,
    /// It is too large.
    #[error("{0} bytes; {MAX_TEXT} at most")]
    Large(usize),
    /// It has too many events.
    #[error("more than {MAX_EVENTS} events; export fewer months")]
    TooMany,
    /// It breaks off.
    #[error("breaks off: it has no END:VCALENDAR")]
    BrokeOff,
    /// No such zone.
    #[error("timezone: {0}")]
    Zone(#[from] UnknownZone),
    /// A name stands for somebody who is not among the people.
    #[error("names: nobody is called {0:?}")]
    UnknownPerson(Arc<str>),
}

/// The events of a calendar file.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    events: Vec<Event>,
    /// How many events stand in it, those that were left out with them.
    written: usize,
    /// What was left out, and why.
    told: Vec<String>,
    /// The summaries of events that name nobody known.
    unknown: Vec<String>,
}

/// Who is meant by names and addresses, these in small letters.
pub(super) type Names = BTreeMap<String, Arc<str>>;

impl EventsSpec {
    /// The names in small letters, and the zone of times that name none.
    fn checked(
        &self,
        zone: &Zone,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<(Names, Zone), EventsError> {
        if let Some(person) = self.names.values().find(|person| !known(person)) {
            return Err(EventsError::UnknownPerson(Arc::clone(person)));
        }
        let names = self.names.iter();
        let names = names.map(|(name, person)| (name.to_lowercase(), Arc::clone(person)));
        let zone = match &self.timezone {
            Some(name) => Zone::named(name)?,
            None => zone.clone(),
        };
        Ok((names.collect(), zone))
    }
}

impl Feed {
    /// Reads a calendar file; `zone` is the schedule's.
    pub(super) fn read(
        spec: &EventsSpec,
        zone: &Zone,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, EventsError> {
        let (names, zone) = spec.checked(zone, known)?;
        Self::of(&spec.text, &zone, &names)
    }

    /// The same of a text, with names in small letters.
    pub(super) fn of(text: &str, zone: &Zone, names: &Names) -> Result<Self, EventsError> {
        if text.len() > MAX_TEXT {
            return Err(EventsError::Large(text.len()));
        }
        let mut told = BTreeSet::new();
        let mut unknown = BTreeSet::new();
        let mut reads = Vec::new();
        let drafts = drafts(text)?;
        let written = drafts.len();
        for draft in drafts {
            match draft.event(zone, names) {
                Ok(read) => reads.push(read),
                Err(why) => {
                    told.insert(why.to_string());
                    if let LeftOut::Nobody(summary) = why {
                        unknown.insert(summary);
                    }
                }
            }
        }
        Ok(Self {
            events: joined(reads),
            written,
            told: told.into_iter().take(MAX_TOLD).collect(),
            unknown: unknown.into_iter().take(MAX_UNKNOWN).collect(),
        })
    }

    /// What was left out, and why; at most twenty.
    pub(super) fn told(&self) -> &[String] {
        &self.told
    }

    /// When its first event begins.
    pub(super) fn begins(&self) -> Time {
        let starts = self.events.iter().flat_map(|event| {
            let walls = std::iter::once(&event.start).chain(&event.dates);
            walls.map(|wall| event.zone.first(*wall))
        });
        starts.min().unwrap_or(Time::NEVER)
    }

    /// Everybody it names.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Arc<str>> {
        self.events.iter().flat_map(|event| event.people.iter())
    }

    /// Who is on call by it within a part of time, in order; neighbours may say the same.
    pub(super) fn pieces(&self, within: Stretch) -> Vec<(Stretch, People)> {
        let mut times: Vec<(Stretch, &People)> = Vec::new();
        for event in &self.events {
            event.each(within, &mut |stretch| {
                times.push((stretch, &event.people));
                times.len() < MAX_TIMES
            });
        }
        // Those that begin earlier come first in a union.
        times.sort_by_key(|(stretch, _)| *stretch);
        let mut edges: Vec<Time> = times
            .iter()
            .flat_map(|(when, _)| [when.from, when.to])
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let mut coming = times.into_iter().peekable();
        let mut on: Vec<(Stretch, &People)> = Vec::new();
        let mut pieces = Vec::new();
        for pair in edges.windows(2) {
            let Some(stretch) = Stretch::new(pair[0], pair[1]) else {
                continue;
            };
            on.retain(|(when, _)| when.to > stretch.from);
            while let Some(next) = coming.next_if(|(when, _)| when.from <= stretch.from) {
                on.push(next);
            }
            pieces.extend(union(&on).map(|people| (stretch, people)));
        }
        pieces
    }
}

/// All who are on, each once; `None` when nobody is.
fn union(on: &[(Stretch, &People)]) -> Option<People> {
    match on {
        [] => None,
        [(_, one)] => Some(People::clone(one)),
        several => {
            let mut people: Vec<Arc<str>> = Vec::new();
            for person in several.iter().flat_map(|(_, people)| people.iter()) {
                if !people.contains(person) {
                    people.push(Arc::clone(person));
                }
            }
            Some(people.into())
        }
    }
}

/// Takes what was put elsewhere out of its series, and leaves out what was cancelled.
fn joined(reads: Vec<Read>) -> Vec<Event> {
    let mut moved: BTreeMap<String, Vec<Moment>> = BTreeMap::new();
    for read in &reads {
        if let Some(recurrence) = &read.recurrence {
            moved
                .entry(read.uid.clone())
                .or_default()
                .push(recurrence.clone());
        }
    }
    let mut events = Vec::new();
    for mut read in reads {
        if read.is_cancelled {
            continue;
        }
        if read.recurrence.is_none() {
            for moment in moved.get(&read.uid).into_iter().flatten() {
                read.event.except.insert(moment.on(&read.event.zone));
            }
        }
        events.push(read.event);
    }
    events
}
