//! The event log, taken in again by other rules.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::Episode;
use crate::dispatch::{Dispatch, Flush, Rules};
use crate::event::{Event, Input};
use crate::time::Time;

/// How often what nobody needs any more is dropped.
const COLLECTED: Duration = Duration::from_mins(15);
/// The smallest step of time.
const TICK: Duration = Duration::from_micros(1);

/// A dispatcher that is fed from the log. Everything that it decides counts as delivered.
pub struct Rerun {
    state: Dispatch,
    now: Time,
    collected: Time,
    taken: u64,
}

impl Rerun {
    /// Nothing has happened yet.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            state: Dispatch::new(rules),
            now: Time::EPOCH,
            collected: Time::EPOCH,
            taken: 0,
        }
    }

    /// Takes in what comes next in the log, and what is due before it. Events of one instant are taken in together.
    pub fn take(&mut self, event: &Event, flushes: &mut Vec<Flush>) {
        // A clock that was set back does not undo what is decided.
        if event.at > self.now {
            self.pass(event.at.before(TICK), flushes);
            self.now = event.at;
            if self.now.since(self.collected) > COLLECTED {
                self.state.collect(self.now);
                self.collected = self.now;
            }
        }
        self.apply(event.at, event.input.clone());
    }

    /// Takes in what was there before the log that is taken in.
    pub fn seed(&mut self, at: Time, input: Input) {
        self.now = self.now.max(at);
        self.apply(at, input);
    }

    /// The log's own numbers do not begin where the history does.
    fn apply(&mut self, at: Time, input: Input) {
        self.taken += 1;
        let seq = self.taken;
        self.state.apply(&Event { seq, at, input });
    }

    /// Lets time pass up to and including `until`.
    pub fn pass(&mut self, until: Time, flushes: &mut Vec<Flush>) {
        while let Some(due) = self.state.next_due().filter(|due| *due <= until) {
            let before = flushes.len();
            let due = due.max(self.now);
            self.now = due;
            flushes.extend(self.state.turn(due, usize::MAX));
            for flush in &flushes[before..] {
                for told in &flush.record.obligations {
                    let episodes: Vec<Episode> = told.episodes.iter().map(|(e, _)| *e).collect();
                    self.state
                        .settled(flush.record.group, &told.integration, &episodes);
                }
            }
        }
        self.now = self.now.max(until);
    }
}
