//! How often one person may be told while very much happens at once.
//!
//! In a storm the tenth message in a minute is not read any more, and hides the ninth. So a person is told once, and from then
//! on once in a while, of all that has come together: a *digest*, which is made when its time has come and not before, so
//! that what is over by then is not in it. The rules:
//!
//! 1. A person is told at most `at_once` times at once, and `1 / every` on average; in any stretch of time at most
//!    `at_once + stretch / every` times.
//! 2. What is critical waits for what is critical alone. Once in a storm, when something milder was told just before it, it
//!    may therefore come one `every` early; what follows waits for that. So the bound is one more where both kinds are told.
//! 3. What was just told may be told again by other ways of the same person, each once: the same text by chat and by SMS
//!    is one telling. It is how the person wants to be reached, not noise.
//! 4. Nobody waits for longer than the bound says. A clock that was set back does not make it more.
//!
//! [`Slots`] is a state without a clock, and reads back exactly what it wrote.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::severity::Severity;
use crate::time::{Time, micros};

/// The most subjects that one digest tells of; the others are told in the next.
pub const MOST: usize = 2_000;
/// Longest time between two tellings; beyond it people would wait for what they must know.
pub const LONGEST_EVERY: Duration = Duration::from_hours(1);
/// Most tellings at once.
pub const MOST_AT_ONCE: u32 = 60;

/// How often a person may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// One more telling is allowed each time this has passed; longer than zero.
    pub every: Duration,
    /// So many are allowed at once; at least one.
    pub at_once: u32,
}

impl Default for Bound {
    /// Once, and then once a minute.
    fn default() -> Self {
        Self {
            every: Duration::from_mins(1),
            at_once: 1,
        }
    }
}

/// Whether somebody may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Yes: it is a telling.
    Go,
    /// Yes: they have just been told of it by another way.
    Along,
    /// At this time, with all that has come together.
    Wait(Time),
}

/// What somebody was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Up to when what was told lasts: each telling moves it on by `every`, from now on at the earliest.
    #[serde(with = "micros")]
    spent: Time,
    /// The same for what is critical alone.
    #[serde(with = "micros")]
    critical: Time,
    /// What the last telling was about.
    subjects: BTreeSet<u64>,
    /// By which ways it was told.
    ways: BTreeSet<Arc<str>>,
}

/// What is to be told: to whom, how bad it is, what it is about, by which ways.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'t> {
    /// The person's key.
    pub person: &'t Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: an incident's number, a group's.
    pub subject: u64,
    /// The ways.
    pub ways: &'t [Arc<str>],
}

/// What everybody was told last, by person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    by_person: BTreeMap<Arc<str>, Slot>,
}

impl Slot {
    /// When the next telling is allowed.
    fn next(&self, bound: Bound, severity: Severity) -> Time {
        let early = bound.every.saturating_mul(bound.at_once.saturating_sub(1));
        if severity < Severity::Critical {
            return self.spent.before(early);
        }
        let among_all = self.spent.before(early.saturating_add(bound.every));
        self.critical.before(early).max(among_all)
    }

    /// A clock that was set back must not make anybody wait for longer than a full storm would.
    fn look(&mut self, bound: Bound, now: Time) {
        let longest = now.after(bound.every.saturating_mul(bound.at_once.saturating_add(1)));
        self.spent = self.spent.min(longest);
        self.critical = self.critical.min(longest);
    }
}

impl Slots {
    /// Whether somebody may be told now.
    pub fn leave(&self, bound: Bound, what: Telling<'_>, now: Time) -> Leave {
        let Some(told) = self.by_person.get(what.person) else {
            return Leave::Go;
        };
        let mut slot = told.clone_times();
        slot.look(bound, now);
        let next = slot.next(bound, what.severity);
        if next <= now {
            return Leave::Go;
        }
        let is_new_way = what.ways.iter().all(|way| !told.ways.contains(way));
        if is_new_way && !what.ways.is_empty() && told.subjects.contains(&what.subject) {
            return Leave::Along;
        }
        Leave::Wait(next)
    }

    /// Somebody is told now: a telling begins. What else it tells of joins it.
    pub fn told(&mut self, bound: Bound, what: Telling<'_>, now: Time) {
        let slot = self.by_person.entry(Arc::clone(what.person)).or_default();
        slot.look(bound, now);
        slot.spent = slot.spent.max(now).after(bound.every);
        if what.severity >= Severity::Critical {
            slot.critical = slot.critical.max(now).after(bound.every);
        }
        slot.subjects.clear();
        slot.ways.clear();
        self.joins(what);
    }

    /// The telling that has just begun, or a way that repeats it, tells of this too.
    pub fn joins(&mut self, what: Telling<'_>) {
        if let Some(slot) = self.by_person.get_mut(what.person) {
            slot.subjects.insert(what.subject);
            slot.ways.extend(what.ways.iter().map(Arc::clone));
        }
    }

    /// Takes over what somebody was told, as it was written down.
    pub fn insert(&mut self, person: Arc<str>, slot: Slot) {
        self.by_person.insert(person, slot);
    }

    /// What everybody was told last.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Slot)> {
        self.by_person.iter()
    }

    /// What this person was told last.
    pub fn get(&self, person: &str) -> Option<&Slot> {
        self.by_person.get(person)
    }
}

impl Slot {
    /// The times alone, for a look that changes nothing.
    fn clone_times(&self) -> Self {
        Self {
            spent: self.spent,
            critical: self.critical,
            ..Self::default()
        }
    }
}
