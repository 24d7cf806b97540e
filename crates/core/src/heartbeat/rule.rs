//! What becomes of a heartbeat by what is heard of it, and by time.

use std::time::Duration;

use super::{Beat, Down, Outage, Pace, Ping, RunId, Signal, Standing, Status, Why};
use crate::time::Time;

/// Senders try again for as long as a restart takes; an outage that is longer has lost what was sent in it.
const LOSES: Duration = Duration::from_mins(2);
/// Who is due again so soon can be waited for, whatever was lost: that costs an hour at most.
const SOON: Duration = Duration::from_hours(1);

impl Beat {
    /// Takes in a signal, of the run that it says it is of.
    pub fn hear(&mut self, signal: Signal, run: Option<RunId>, at: Time) {
        self.pings = self.pings.saturating_add(1);
        self.last = Some(Ping { at, signal });
        match signal {
            Signal::Log => {}
            Signal::Start => self.runs.begin(run, at),
            Signal::Success => {
                self.end_run(run, at);
                self.waits_from = Some(at);
                self.down = None;
            }
            Signal::Fail(code) => {
                self.end_run(run, at);
                let why = Why::Failed(code);
                // What is down already stays so since then.
                let since = self.down.map_or(at, |down| down.since);
                if self.paused_at.is_none() {
                    self.down = Some(Down { since, why });
                }
            }
        }
    }

    fn end_run(&mut self, run: Option<RunId>, at: Time) {
        if let Some(started) = self.runs.end(run) {
            self.took = Some(at.since(started));
        }
    }

    /// How it stands.
    pub fn standing(&self, pace: &Pace, now: Time) -> Standing {
        let due = self.due(pace);
        let (status, down_at) = if self.paused_at.is_some() {
            (Status::Paused, None)
        } else if self.down.is_some() {
            (Status::Down, None)
        } else if due.is_some_and(|due| due <= now) {
            (Status::Late, self.end(pace))
        } else if due.is_some() {
            (Status::Up, self.end(pace))
        } else {
            (Status::New, self.end(pace))
        };
        Standing {
            status,
            due: due.filter(|_| self.paused_at.is_none()),
            down_at: down_at.map(|(at, _)| at),
        }
    }

    /// Declares it down when its time is over; whether it did.
    pub fn miss(&mut self, pace: &Pace, now: Time) -> bool {
        if self.paused_at.is_some() || self.down.is_some() {
            return false;
        }
        match self.end(pace) {
            Some((at, why)) if at <= now => {
                self.down = Some(Down { since: at, why });
                true
            }
            _ => false,
        }
    }

    /// Nobody wants to hear of it until it is resumed.
    pub fn pause(&mut self, now: Time) {
        self.paused_at.get_or_insert(now);
        self.down = None;
    }

    /// Waits for it again, from now on; whether it was paused.
    pub fn resume(&mut self, now: Time) -> bool {
        if self.paused_at.take().is_none() {
            return false;
        }
        self.wait_anew(now);
        true
    }

    /// Waits anew from now on for what was waited for: after a pause, or by another pace.
    pub fn wait_anew(&mut self, now: Time) {
        self.runs.clear();
        self.waits_from = self.waits_from.map(|_| now);
    }

    /// Holds nothing against it for which an outage of ours may be the reason.
    ///
    /// Everybody has at least a grace after it. What was due before its end may have been sent in it and lost: then
    /// the one after that is waited for, if senders had no reason to try again, or if it comes soon. Whose grace
    /// was over before it began has no excuse.
    pub fn excuse(&mut self, pace: &Pace, outage: Outage) {
        self.excused_until = Some(outage.to);
        let was_long = outage.to.since(outage.from) >= LOSES;
        let due = self.due(pace);
        let next = due.and_then(|_| pace.rhythm.next(outage.to));
        let is_soon = next.is_some_and(|next| next.since(outage.to) <= SOON);
        let waits_on = was_long || is_soon;
        let in_time = |from: Time| from.after(pace.grace) >= outage.from;
        if waits_on {
            self.runs.forget(in_time);
        }
        if waits_on && due.is_some_and(|due| due <= outage.to && in_time(due)) {
            self.waits_from = Some(outage.to);
        }
    }

    /// Brings back times that lie ahead because the clock was set back: they count as now. Whether there were any.
    pub fn set_back(&mut self, now: Time) -> bool {
        let before = self.clone();
        for time in [&mut self.waits_from, &mut self.excused_until] {
            *time = time.map(|at| at.min(now));
        }
        self.runs.set_back(now);
        *self != before
    }

    /// When the next success is due.
    fn due(&self, pace: &Pace) -> Option<Time> {
        pace.rhythm.next(self.waits_from?)
    }

    /// When its time is over, and for what.
    fn end(&self, pace: &Pace) -> Option<(Time, Why)> {
        let late = self.due(pace).map(|due| (due, Why::Late));
        let run = self.runs.first().map(|at| (at, Why::Unended));
        let excused = self.excused_until.unwrap_or(Time::from_micros(i64::MIN));
        let ends = late.into_iter().chain(run);
        ends.map(|(from, why)| (from.max(excused).after(pace.grace), why))
            .min_by_key(|(at, _)| *at)
    }
}
