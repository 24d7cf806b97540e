//! An event while it is read, from its lines to whom it puts on call when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;

use super::event::{Event, Moment, cut, duration, moments, rule_until};
use super::line::{Line, lines};
use super::rule::Rule;
use super::{EventsError, MAX_EVENTS};
use crate::wall::Zone;

/// Most beginnings that are added to an event, or taken out of it, by themselves.
const MAX_DATES: usize = 5_000;

/// An event while it is read.
#[derive(Default)]
pub(super) struct Draft {
    lines: Vec<Line>,
    /// Parts within it, as alarms, that are not read.
    depth: usize,
}

/// Why an event is left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum LeftOut {
    /// Nobody who is known is meant.
    #[error("event {0:?} names nobody known")]
    Nobody(String),
    /// Something about it cannot be read.
    #[error("event {summary:?}: {what} cannot be read")]
    Unread { summary: String, what: String },
}

/// An event with what joins it to others.
pub(super) struct Read {
    pub(super) uid: String,
    pub(super) recurrence: Option<Moment>,
    pub(super) is_cancelled: bool,
    pub(super) event: Event,
}

/// The events of a file, line by line.
pub(super) fn drafts(text: &str) -> Result<Vec<Draft>, EventsError> {
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

impl Draft {
    /// All of its lines, in order.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Its lines of a name, in order.
    pub(super) fn all<'d>(&'d self, name: &'d str) -> impl Iterator<Item = &'d Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    fn moment(&self, name: &str, zone: &Zone) -> Result<Option<Moment>, String> {
        let Some(line) = self.all(name).next() else {
            return Ok(None);
        };
        Ok(moments(line, zone)?.into_iter().next())
    }

    /// The event, or why it is left out.
    pub(super) fn event(
        &self,
        floating: &Zone,
        names: &BTreeMap<String, Arc<str>>,
    ) -> Result<Read, LeftOut> {
        let summary = self
            .all("SUMMARY")
            .next()
            .map(Line::text)
            .unwrap_or_default();
        let about = |what: String| LeftOut::Unread {
            summary: cut(&summary),
            what,
        };
        let uid = self.all("UID").next().map(Line::text).unwrap_or_default();
        let recurrence = self.moment("RECURRENCE-ID", floating).map_err(about)?;
        let is_cancelled = self
            .all("STATUS")
            .any(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED"));
        let start = self.moment("DTSTART", floating).map_err(about)?;
        let start = start.ok_or_else(|| about("its beginning".to_owned()))?;
        let length = self.length(&start, floating).map_err(about)?;
        let until = |text: &str| rule_until(text, &start.zone);
        let rule = self
            .all("RRULE")
            .next()
            .map(|line| Rule::read(line.value.trim(), until));
        let rule = rule
            .transpose()
            .map_err(|part| about(format!("its rule {part:?}")))?;
        let people = self.people(&summary, names);
        if people.is_empty() && !is_cancelled {
            return Err(LeftOut::Nobody(cut(&summary)));
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
        self.dates(&start, floating, &mut event).map_err(about)?;
        Ok(Read {
            uid,
            recurrence,
            is_cancelled,
            event,
        })
    }

    /// Adds the beginnings that stand by themselves, and takes out those that are excepted.
    fn dates(&self, start: &Moment, floating: &Zone, event: &mut Event) -> Result<(), String> {
        for line in self.all("RDATE") {
            let moments = moments(line, floating)?;
            event
                .dates
                .extend(moments.iter().map(|moment| moment.on(&start.zone)));
        }
        for line in self.all("EXDATE") {
            for moment in moments(line, floating)? {
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
            return Err(format!("more than {MAX_DATES} dates"));
        }
        Ok(())
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
