//! A layer from a calendar file (iCalendar, RFC 5545): who is on call stands in its events.
//!
//! 1. An event's people are found by its attendees' addresses and names, else by its summary: a name that is the
//!    whole of it, else every name that stands in it as a word. An event that names nobody known is left out and told.
//! 2. Times are reckoned on the wall of the event: its TZID, UTC, or the schedule's clock where it has none. An event of
//!    whole days is on from midnight to midnight by the schedule's clock.
//! 3. Where several events are on, all of their people are on call.
//! 4. RECURRENCE-ID puts one time of a series elsewhere, EXDATE and STATUS:CANCELLED take it out, RDATE adds one.
//! 5. What cannot be read costs no neighbour: the event is left out and told.

mod event;
mod line;
mod rule;
#[cfg(test)]
mod tests;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use self::event::{Event, Moment, cut, duration, moments};
use self::line::{Line, lines};
use self::rule::Rule;
use super::stretch::Stretch;
use super::turns::People;
use crate::time::Time;
use crate::wall::Zone;

/// The largest calendar file that is read, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Most events of one.
pub const MAX_EVENTS: usize = 5_000;
/// Most beginnings that are added to an event, or taken out of it, by themselves.
const MAX_DATES: usize = 5_000;
/// Most times of events in one look: five years with more than ninety a day.
const MAX_TIMES: usize = 175_000;
/// Most complaints that are kept.
const MAX_TOLD: usize = 20;

/// A layer of events as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSpec {
    /// The calendar file's content.
    pub text: String,
    /// Who is meant by which name or address, in any case of letters; keys of people stand for themselves.
    #[serde(default)]
    pub names: BTreeMap<String, Arc<str>>,
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
    /// A name stands for somebody who is not among the people.
    #[error("names: nobody is called {0:?}")]
    UnknownPerson(Arc<str>),
}

/// The events of a calendar file.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    events: Vec<Event>,
    /// What was left out, and why.
    told: Vec<String>,
}

/// An event while it is read.
#[derive(Default)]
struct Draft {
    lines: Vec<Line>,
    /// Parts within it, as alarms, that are not read.
    depth: usize,
}

/// An event with what joins it to others.
struct Read {
    uid: String,
    recurrence: Option<Moment>,
    is_cancelled: bool,
    event: Event,
}

impl Feed {
    /// Reads a calendar file; `zone` is the schedule's.
    pub(super) fn read(
        spec: &EventsSpec,
        zone: &Zone,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, EventsError> {
        if spec.text.len() > MAX_TEXT {
            return Err(EventsError::Large(spec.text.len()));
        }
        if let Some(person) = spec.names.values().find(|person| !known(person)) {
            return Err(EventsError::UnknownPerson(Arc::clone(person)));
        }
        let names = spec
            .names
            .iter()
            .map(|(name, person)| (name.to_lowercase(), Arc::clone(person)));
        let names: BTreeMap<String, Arc<str>> = names.collect();
        let mut told = BTreeSet::new();
        let mut reads = Vec::new();
        for draft in drafts(&spec.text)? {
            match draft.event(zone, &names) {
                Ok(read) => reads.push(read),
                Err(why) => _ = told.insert(why),
            }
        }
        Ok(Self {
            events: joined(reads),
            told: told.into_iter().take(MAX_TOLD).collect(),
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

/// The events of a file, line by line.
fn drafts(text: &str) -> Result<Vec<Draft>, EventsError> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut open: Option<Draft> = None;
    let mut is_calendar = false;
    for line in lines(text) {
        let what = line.value.trim().to_ascii_uppercase();
        match (line.name.as_str(), what.as_str(), &mut open) {
            ("BEGIN", "VCALENDAR", _) => is_calendar = true,
            ("BEGIN", "VEVENT", None) => open = Some(Draft::default()),
            ("BEGIN", _, Some(draft)) => draft.depth += 1,
            ("END", "VEVENT", Some(draft)) if draft.depth == 0 => drafts.extend(open.take()),
            ("END", _, Some(draft)) => draft.depth = draft.depth.saturating_sub(1),
            (_, _, Some(draft)) if draft.depth == 0 => draft.lines.push(line),
            _ => {}
        }
        if drafts.len() > MAX_EVENTS {
            return Err(EventsError::TooMany);
        }
    }
    if is_calendar {
        Ok(drafts)
    } else {
        Err(EventsError::NoCalendar)
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

impl Draft {
    fn all<'d>(&'d self, name: &'d str) -> impl Iterator<Item = &'d Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    fn moment(&self, name: &str, zone: &Zone) -> Result<Option<Moment>, String> {
        let Some(line) = self.all(name).next() else {
            return Ok(None);
        };
        Ok(moments(line, zone)?.into_iter().next())
    }

    /// The event, or why it is left out.
    fn event(&self, floating: &Zone, names: &BTreeMap<String, Arc<str>>) -> Result<Read, String> {
        let summary = self
            .all("SUMMARY")
            .next()
            .map(Line::text)
            .unwrap_or_default();
        let about = |why: String| format!("event {:?}: {why} cannot be read", cut(&summary));
        let uid = self.all("UID").next().map(Line::text).unwrap_or_default();
        let recurrence = self.moment("RECURRENCE-ID", floating).map_err(about)?;
        let is_cancelled = self
            .all("STATUS")
            .any(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED"));
        let start = self.moment("DTSTART", floating).map_err(about)?;
        let start = start.ok_or_else(|| about("its beginning".to_owned()))?;
        let length = self.length(&start, floating).map_err(about)?;
        let until = |text: &str| {
            let moment = Moment::read(text, &start.zone)?;
            let wall = moment.on(&start.zone);
            // A day counts as a whole.
            Some(if moment.is_day {
                wall.date().to_datetime(jiff::civil::Time::MAX)
            } else {
                wall
            })
        };
        let rule = self
            .all("RRULE")
            .next()
            .map(|line| Rule::read(line.value.trim(), until));
        let rule = rule
            .transpose()
            .map_err(|part| about(format!("its rule {part:?}")))?;
        let people = self.people(&summary, names);
        if people.is_empty() && !is_cancelled {
            return Err(format!("event {:?} names nobody known", cut(&summary)));
        }
        let mut event = Event {
            zone: start.zone.clone(),
            start: start.wall,
            length,
            rule,
            dates: Vec::new(),
            except: BTreeSet::new(),
            except_days: BTreeSet::new(),
            people: people.into(),
        };
        for line in self.all("RDATE") {
            let moments = moments(line, floating).map_err(about)?;
            event
                .dates
                .extend(moments.iter().map(|moment| moment.on(&start.zone)));
        }
        for line in self.all("EXDATE") {
            for moment in moments(line, floating).map_err(about)? {
                if moment.is_day && !start.is_day {
                    event.except_days.insert(moment.wall.date());
                } else {
                    event.except.insert(moment.on(&start.zone));
                }
            }
        }
        event.dates.sort_unstable();
        event.dates.dedup();
        let dates = event
            .dates
            .len()
            .max(event.except.len())
            .max(event.except_days.len());
        if dates > MAX_DATES {
            return Err(about(format!("more than {MAX_DATES} dates")));
        }
        Ok(Read {
            uid,
            recurrence,
            is_cancelled,
            event,
        })
    }

    /// How long it is on the wall of its beginning.
    fn length(&self, start: &Moment, floating: &Zone) -> Result<SignedDuration, String> {
        let length = match (self.moment("DTEND", floating)?, self.all("DURATION").next()) {
            (Some(end), _) => end.on(&start.zone).duration_since(start.wall),
            (None, Some(line)) => {
                let length = duration(line.value.trim());
                length.ok_or_else(|| format!("its length {:?}", cut(&line.value)))?
            }
            (None, None) if start.is_day => SignedDuration::from_hours(24),
            (None, None) => SignedDuration::ZERO,
        };
        if Event::is_sound(length) {
            Ok(length)
        } else {
            Err("its length (none, or more than 400 days)".to_owned())
        }
    }

    /// Whom it names.
    fn people(&self, summary: &str, names: &BTreeMap<String, Arc<str>>) -> Vec<Arc<str>> {
        let mut people: Vec<Arc<str>> = Vec::new();
        let mut add = |person: &Arc<str>| {
            if !people.contains(person) {
                people.push(Arc::clone(person));
            }
        };
        for line in self.all("ATTENDEE") {
            let declined = line
                .parameter("PARTSTAT")
                .is_some_and(|word| word.eq_ignore_ascii_case("DECLINED"));
            let address = line.value.trim().to_lowercase();
            let address = address
                .strip_prefix("mailto:")
                .unwrap_or(&address)
                .to_owned();
            let name = line
                .parameter("CN")
                .map(str::to_lowercase)
                .unwrap_or_default();
            let found = names.get(&address).or_else(|| names.get(&name));
            found.filter(|_| !declined).into_iter().for_each(&mut add);
        }
        if !people.is_empty() {
            return people;
        }
        let summary = summary.trim().to_lowercase();
        if let Some(person) = names.get(&summary) {
            return vec![Arc::clone(person)];
        }
        let mut found: Vec<(usize, &Arc<str>)> = Vec::new();
        for (name, person) in names {
            found.extend(word_in(&summary, name).map(|at| (at, person)));
        }
        found.sort_unstable();
        for (_, person) in found {
            if !people.contains(person) {
                people.push(Arc::clone(person));
            }
        }
        people
    }
}

/// Where a name stands in a text as a word or words by itself.
fn word_in(text: &str, name: &str) -> Option<usize> {
    let part_of_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '@');
    let mut places = text.match_indices(name).filter(|_| !name.is_empty());
    places.find_map(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        // Chinese has no spaces between words.
        let ends = |letter: Option<char>, own: Option<char>| {
            !(letter.is_some_and(part_of_word) && own.is_some_and(part_of_word))
        };
        (ends(before, name.chars().next()) && ends(after, name.chars().next_back())).then_some(at)
    })
}
