//! Escalations: who is told next when nobody answers.
//!
//! A *policy* is a list of *steps*. A step pages people (by name, by team, whoever is on call) or tells
//! receivers, then waits for an answer; without one the next step is taken. After the last step all are
//! gone through again, `repeat` times; then the policy named by `then` takes over; then the escalation is
//! *exhausted*, which is told to those who run Balefire. The rules:
//!
//! 1. Once as many people as the policy `needs` have acknowledged, nobody is paged. Before that, those who
//!    have acknowledged are not paged again.
//! 2. A step that would page nobody and tell nobody (its condition does not hold, nobody is on call, nobody
//!    can be reached that way) is passed over at once. A round in which nobody at all was reached is not
//!    repeated. So somebody is told, or the escalation is exhausted, within the same turn.
//! 3. A wait is counted from the moment its step was really taken. After a standstill the state as it is
//!    now decides, and one step is taken, not all that were missed.
//! 4. A step without `by` starts each person's own contacts ([`crate::person`]). If these are still under
//!    way from an earlier step they go on and do not start anew. Contacts end with an answer, not with
//!    the next step. Quiet hours put off a contact, not the step: its wait is the same.
//! 5. A receipt that says that a contact failed brings the person's next contact forward; when nobody of a
//!    step can be reached any more, or all have declined, the next step is taken at once. A receipt that
//!    never comes changes nothing.
//! 6. Snoozing ends all contacts; if the incident is still open when the snooze ends, the first step is
//!    taken. Reassigning pages those people, and goes on with the steps when they do not answer. Both
//!    undo acknowledgements, as does a person who asks for the next step.
//! 7. Nobody is paged more often than [`crate::storm`] allows. A contact that has to wait is made with the person's
//!    next digest, and those after it later by as much; steps go on meanwhile. What a person asks for (the next step, other
//!    people) is told at once, storm or not: they wait for it, and are few.
//!
//! [`Escalation`] is a state machine without a clock: [`Escalation::apply`] takes in what happened,
//! [`Escalation::due`] says what is to be done now, [`Escalation::wake`] when to ask again. It reads back
//! exactly what it wrote, so that a restart changes nothing. A clock that is set back takes the waits
//! with it; the end of a snooze is a moment of the calendar and stays. [`Escalations`] holds
//! many, and sees to it that after a standstill nobody is paged for each of them.

mod action;
mod apply;
mod directory;
mod due;
mod policies;
mod policy;
mod problem;
mod queue;
mod talk;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::person::Ladder;
use crate::severity::Severity;
use crate::time::{Time, micros};

pub use self::action::{Action, At, WhyExhausted, WhyPassed};
pub use self::apply::{Event, Receipt};
pub use self::directory::Directory;
pub use self::policies::Policies;
pub use self::policy::{
    Known, LONGEST_WAIT, Notify, Page, Policy, PolicySpec, SHORTEST_WAIT, StepSpec, USUAL_WAIT,
    When,
};
pub use self::problem::{PolicyError, StepError, What};
pub use self::queue::Escalations;

/// What an escalation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The incident's number.
    pub incident: u64,
    /// How bad it is.
    pub severity: Severity,
    /// When it was opened.
    #[serde(with = "micros")]
    pub opened: Time,
    /// How many incidents its policy had before; turns the round robin.
    pub ordinal: u64,
}

/// Where an escalation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has answered yet.
    Running,
    /// As many as are needed have acknowledged.
    Acknowledged,
    /// Put off until a moment.
    Snoozed {
        /// Which.
        #[serde(with = "micros")]
        until: Time,
    },
    /// Nobody is left to be told. Contacts that are under way go on.
    Exhausted,
    /// The incident is over.
    Resolved,
}

/// One incident's escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    facts: Facts,
    /// The policy it started with, to which it returns when it starts anew.
    home: Arc<str>,
    /// The policy it goes by.
    policy: Arc<str>,
    state: State,
    /// Which time the steps are gone through, from 0.
    round: u32,
    /// The step that is taken next, from 0.
    step: usize,
    /// Whether anybody was told in this round.
    reached: bool,
    /// When the next step is taken; never, when none is.
    #[serde(with = "micros")]
    next: Time,
    /// People who were assigned and are paged before the next step.
    assigned: Option<Vec<Notify>>,
    /// Whether a person asked for what is taken next.
    #[serde(default)]
    asked: bool,
    /// Who has acknowledged.
    acknowledged: BTreeSet<Arc<str>>,
    /// Pages under way.
    pages: Vec<PageUnderWay>,
    /// What became of the contacts of the last step that was taken.
    tries: Vec<Try>,
    /// The latest time it was told.
    #[serde(with = "micros")]
    seen: Time,
}

/// Contacts still to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PageUnderWay {
    person: Arc<str>,
    /// Whether these are the person's own contacts.
    own: bool,
    at: At,
    ladder: Ladder,
    /// Whether it waits for the person's next digest, which is when the ladder says.
    #[serde(default)]
    held: bool,
    /// Whether a person asked for it, so that its first contact does not wait for a digest.
    #[serde(default)]
    asked: bool,
}

/// A contact that was made, or somebody who is to be contacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Try {
    person: Arc<str>,
    by: Arc<str>,
    failed: bool,
}

impl Escalation {
    /// Starts an escalation by a policy; its first step is due at once.
    pub fn start(policy: &str, facts: Facts, now: Time) -> Self {
        let policy: Arc<str> = policy.into();
        Self {
            facts,
            home: Arc::clone(&policy),
            policy,
            state: State::Running,
            round: 0,
            step: 0,
            reached: false,
            next: now,
            assigned: None,
            asked: false,
            acknowledged: BTreeSet::new(),
            pages: Vec::new(),
            tries: Vec::new(),
            seen: now,
        }
    }

    /// The policy it started with.
    pub fn home(&self) -> &Arc<str> {
        &self.home
    }

    /// What it is about.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Who has acknowledged.
    pub fn acknowledged(&self) -> impl Iterator<Item = &Arc<str>> {
        self.acknowledged.iter()
    }

    /// The policy, round and step that are taken next, and when; `None` when none is.
    pub fn next_step(&self) -> Option<(At, Time)> {
        (!self.next.is_never()).then(|| (self.at(), self.next))
    }

    /// Who is still being contacted, and when next.
    pub fn under_way(&self) -> impl Iterator<Item = (&Arc<str>, Time)> {
        self.pages
            .iter()
            .map(|page| (&page.person, page.ladder.wake()))
    }

    /// Who waits for their next digest, and until when.
    pub fn held(&self) -> impl Iterator<Item = (&Arc<str>, Time)> {
        let held = self.pages.iter().filter(|page| page.held);
        held.map(|page| (&page.person, page.ladder.wake()))
    }

    /// When to ask [`Self::due`] again; never, when nothing is left to do.
    pub fn wake(&self) -> Time {
        let pages = self.pages.iter().map(|page| page.ladder.wake());
        let timer = match self.state {
            State::Snoozed { until } => until,
            _ => self.next,
        };
        pages.chain([timer]).min().unwrap_or(Time::NEVER)
    }

    /// The clock was put so many microseconds on, or back when negative: waits keep their length.
    pub fn clock_moved(&mut self, micros: i64) {
        let moved = |at: Time| Time::from_micros(at.micros().saturating_add(micros));
        if !self.next.is_never() {
            self.next = moved(self.next);
        }
        self.seen = moved(self.seen);
        for page in &mut self.pages {
            page.ladder.clock_moved(micros);
        }
    }

    /// Takes note of the time: one that lies before the last one means that the clock was set back,
    /// and a snooze may have ended.
    fn saw(&mut self, now: Time) {
        if now < self.seen {
            self.clock_moved(now.micros().saturating_sub(self.seen.micros()));
        }
        self.seen = now;
        if let State::Snoozed { until } = self.state
            && until <= now
        {
            self.start_anew(now);
        }
    }

    fn at(&self) -> At {
        At {
            policy: Arc::clone(&self.policy),
            round: self.round,
            step: self.step,
        }
    }

    /// Nobody is contacted any more, and no step is taken.
    fn stop(&mut self, state: State) {
        self.state = state;
        self.next = Time::NEVER;
        self.assigned = None;
        self.asked = false;
        self.pages.clear();
        self.tries.clear();
    }

    /// As at the beginning.
    fn start_anew(&mut self, now: Time) {
        self.stop(State::Running);
        self.policy = Arc::clone(&self.home);
        self.round = 0;
        self.step = 0;
        self.reached = false;
        self.acknowledged.clear();
        self.next = now;
    }
}
