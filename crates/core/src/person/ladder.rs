//! A page under way: the contacts that are still to be made, each at its time.
//!
//! Distances between contacts are kept. When one is made late, because the node stood still or
//! because of quiet hours, those after it move by as much: nobody gets all of them in one burst, and
//! none is left out.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Contact, Quiet};
use crate::severity::Severity;
use crate::time::{Time, micros};

/// Later than this is not the usual delay of a busy node, so that what follows is put off too.
pub const LATE: Duration = Duration::from_secs(10);

/// Contacts still to be made for one page. Empty when all are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// In order of their times.
    rungs: Vec<Rung>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rung {
    by: Arc<str>,
    #[serde(with = "micros")]
    at: Time,
    /// Whether quiet hours put it off.
    held: bool,
}

impl Ladder {
    /// The contacts of a page made now, in order of their times.
    pub fn new(contacts: &[Contact], now: Time) -> Self {
        let rungs = contacts.iter().map(|contact| Rung {
            by: Arc::clone(&contact.by),
            at: now.after(contact.after),
            held: false,
        });
        Self {
            rungs: rungs.collect(),
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.rungs.is_empty()
    }

    /// When the next contact is due; never, when all are made.
    pub fn wake(&self) -> Time {
        self.rungs
            .iter()
            .map(|rung| rung.at)
            .min()
            .unwrap_or(Time::NEVER)
    }

    /// The channels whose time has come, whatever quiet hours say.
    pub fn ripe(&self, now: Time) -> Vec<Arc<str>> {
        let ripe = self.rungs.iter().filter(|rung| rung.at <= now);
        ripe.map(|rung| Arc::clone(&rung.by)).collect()
    }

    /// The next contact is made at `until`, and those after it later by as much.
    pub fn hold(&mut self, until: Time) {
        let late = until.since(self.wake());
        self.put_off(late, |_| true, false);
    }

    /// The channels to use now. What quiet hours hold back is put off to their end.
    pub fn contacts_due(
        &mut self,
        severity: Severity,
        quiet: Option<&Quiet>,
        now: Time,
    ) -> Vec<Arc<str>> {
        let late = now.since(self.wake());
        if late > LATE {
            self.put_off(late, |_| true, false);
        }
        if self.wake() > now {
            return vec![];
        }
        if let Some((quiet, until)) =
            quiet.and_then(|quiet| Some((quiet, quiet.until(severity, now)?)))
        {
            let held = |rung: &Rung| !quiet.allows(&rung.by);
            let first = self
                .rungs
                .iter()
                .filter(|rung| held(rung))
                .map(|rung| rung.at)
                .min();
            if let Some(first) = first.filter(|first| *first <= now) {
                self.put_off(until.since(first), held, true);
            }
        }
        let (due, rest) = std::mem::take(&mut self.rungs)
            .into_iter()
            .partition(|rung| rung.at <= now);
        self.rungs = rest;
        let due: Vec<Rung> = due;
        due.into_iter().map(|rung| rung.by).collect()
    }

    /// The next contact is due at once, and those after it earlier by as much: the one before failed.
    pub fn hurry(&mut self, now: Time) {
        let early = self.wake().since(now);
        if !self.is_done() {
            self.moved(|at| at.before(early));
        }
    }

    /// The clock was put so many microseconds on, or back when negative: distances stay.
    pub fn clock_moved(&mut self, micros: i64) {
        self.moved(|at| Time::from_micros(at.micros().saturating_add(micros)));
    }

    /// What quiet hours put off is due at once, at its distances, unless they still hold: it is worse now.
    pub fn released(&mut self, now: Time) {
        let held = self.rungs.iter().filter(|rung| rung.held);
        let early = held
            .map(|rung| rung.at.since(now))
            .min()
            .unwrap_or_default();
        for rung in self.rungs.iter_mut().filter(|rung| rung.held) {
            rung.at = rung.at.before(early);
            rung.held = false;
        }
    }

    fn put_off(&mut self, by: Duration, which: impl Fn(&Rung) -> bool, held: bool) {
        for rung in &mut self.rungs {
            if which(rung) {
                rung.at = rung.at.after(by);
                rung.held |= held;
            }
        }
    }

    fn moved(&mut self, new: impl Fn(Time) -> Time) {
        for rung in &mut self.rungs {
            rung.at = new(rung.at);
        }
    }
}
