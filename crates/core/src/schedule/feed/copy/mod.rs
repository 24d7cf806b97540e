//! A calendar that is fetched: the copy that counts, and what earlier copies said.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{EventsError, EventsSpec, Feed, Names};
use crate::schedule::shift::LayerShift;
use crate::schedule::stretch::Stretch;
use crate::schedule::turns::People;
use crate::time::Time;
use crate::wall::Zone;

/// How long what earlier copies said is kept: as far as reports look back.
const KEPT: Duration = Duration::from_hours(400 * 24);
/// Most parts of time of it; the oldest give way.
const MAX_PAST: usize = 20_000;

/// The copy of a fetched calendar that counts. What it says counts from when it was read, so that a calendar that is
/// changed, even in its past, never changes who was on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCopy {
    /// What it says, as [`super::essence`] makes it.
    pub text: String,
    /// Since when it counts.
    pub since: Time,
    /// Who was on call by the copies before it, in order.
    pub past: Vec<LayerShift>,
}

impl CalendarCopy {
    /// As it is stored: JSON.
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Self::written`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What was read of a calendar, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarRead {
    /// Since when the copy counts.
    pub since: Time,
    /// How many events stand in it.
    pub events: usize,
    /// In how many of them each person is named.
    pub people: BTreeMap<Arc<str>, usize>,
    /// The summaries of events that name nobody known; at most a hundred.
    pub unknown: Vec<String>,
    /// What was left out, and why; at most twenty.
    pub told: Vec<String>,
}

/// A layer whose calendar is fetched.
#[derive(Clone, Debug)]
pub(in crate::schedule) struct Fetched {
    names: Arc<Names>,
    zone: Zone,
    copy: Option<Arc<Standing>>,
}

/// A copy that was read.
#[derive(Debug)]
struct Standing {
    feed: Feed,
    since: Time,
    past: Vec<(Stretch, People)>,
}

impl Fetched {
    /// Without a copy; `zone` is the schedule's.
    pub(in crate::schedule) fn new(
        spec: &EventsSpec,
        zone: &Zone,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, EventsError> {
        let (names, zone) = spec.checked(zone, known)?;
        Ok(Self {
            names: names.into(),
            zone,
            copy: None,
        })
    }

    /// With a copy.
    pub(in crate::schedule) fn with(&self, copy: &CalendarCopy) -> Result<Self, EventsError> {
        let past = copy.past.iter();
        let past = past.map(|part| (part.stretch, People::clone(&part.people)));
        let standing = Standing {
            feed: Feed::of(&copy.text, &self.zone, &self.names)?,
            since: copy.since,
            past: past.collect(),
        };
        Ok(Self {
            copy: Some(standing.into()),
            ..self.clone()
        })
    }

    /// What was read of its copy.
    pub(in crate::schedule) fn summed_up(&self) -> Option<CalendarRead> {
        let copy = self.copy.as_ref()?;
        Some(CalendarRead {
            since: copy.since,
            ..copy.feed.summed_up()
        })
    }

    /// What of its events was left out, and why.
    pub(in crate::schedule) fn told(&self) -> &[String] {
        self.copy.as_ref().map_or(&[], |copy| copy.feed.told())
    }

    /// When its first event begins that counts.
    pub(in crate::schedule) fn begins(&self) -> Time {
        self.copy.as_ref().map_or(Time::NEVER, |copy| {
            let first = copy.past.first().map(|(stretch, _)| stretch.from);
            first.unwrap_or_else(|| copy.feed.begins().max(copy.since))
        })
    }

    /// Everybody it names now.
    pub(in crate::schedule) fn everybody(&self) -> impl Iterator<Item = &Arc<str>> {
        self.copy.iter().flat_map(|copy| copy.feed.everybody())
    }

    /// Who is on call by it within a part of time, in order; neighbours may say the same.
    pub(in crate::schedule) fn pieces(&self, within: Stretch) -> Vec<(Stretch, People)> {
        let Some(copy) = &self.copy else {
            return vec![];
        };
        let first = copy
            .past
            .partition_point(|(stretch, _)| stretch.to <= within.from);
        let past = copy.past.iter().skip(first).map_while(|(stretch, people)| {
            let part = stretch.within(within)?;
            Some((part, People::clone(people)))
        });
        let mut pieces: Vec<_> = past.collect();
        if let Some(within) = Stretch::new(within.from.max(copy.since), within.to) {
            pieces.extend(copy.feed.pieces(within));
        }
        pieces
    }

    /// What its copies have said up to an instant, for the next one to begin with.
    pub(in crate::schedule) fn past(&self, until: Time) -> Vec<LayerShift> {
        let Some(within) = Stretch::new(until.before(KEPT), until) else {
            return vec![];
        };
        let mut past: Vec<LayerShift> = Vec::new();
        for (stretch, people) in self.pieces(within) {
            match past.last_mut() {
                Some(last) if last.stretch.to == stretch.from && last.people == people => {
                    last.stretch.to = stretch.to;
                }
                _ => past.push(LayerShift { stretch, people }),
            }
        }
        past.split_off(past.len().saturating_sub(MAX_PAST))
    }
}

impl Feed {
    /// What was read, for people.
    fn summed_up(&self) -> CalendarRead {
        let mut people: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for person in self.everybody() {
            *people.entry(Arc::clone(person)).or_default() += 1;
        }
        CalendarRead {
            since: Time::EPOCH,
            events: self.written,
            people,
            unknown: self.unknown.clone(),
            told: self.told.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
