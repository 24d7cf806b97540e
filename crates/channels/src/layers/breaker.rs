//! Whether a provider is worth asking: a breaker per account.
//!
//! Closed lets everything through. Open lets nothing through until its time is over. Then one probe
//! goes; its outcome closes the breaker or opens it for longer.

use std::collections::VecDeque;
use std::time::Duration;

use balefire_core::time::Time;

use crate::error::ErrorKind;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub consecutive: u32,
    /// The last so many calls are looked at for the ratio.
    pub window: usize,
    /// The share of failures in a full window that opens it, above 0 and up to 1.
    pub ratio: f64,
    /// How long it stays open the first time; doubles with each failed probe.
    pub open_for: Duration,
    /// How long it stays open at most.
    pub open_at_most: Duration,
}

/// A provider that is back is asked again within half a minute: pages wait behind the breaker.
impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            consecutive: 5,
            window: 20,
            ratio: 0.5,
            open_for: Duration::from_secs(5),
            open_at_most: Duration::from_secs(30),
        }
    }
}

/// The answer to "may a call leave?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes; report its outcome with this.
    Go(Pass),
    /// Not before then.
    Wait(Time),
}

/// A call that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The opening it is the probe of; 0 for an ordinary call.
    probe_of: u64,
}

/// What a call says about the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever it answered.
    Answered,
    /// It did not answer, or said that it cannot.
    Failing,
}

impl Health {
    /// What an outcome says: a refused message or a full quota is an answer; no answer and server errors are
    /// not.
    pub const fn of(error: Option<ErrorKind>) -> Self {
        match error {
            Some(ErrorKind::Transient | ErrorKind::UnknownOutcome) => Self::Failing,
            _ => Self::Answered,
        }
    }
}

/// The state as shown in the console and in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// No calls before then.
    OpenUntil(Time),
    /// A probe is or may be under way.
    HalfOpen,
}

/// One account's breaker.
#[derive(Debug, Clone)]
pub struct Breaker {
    settings: BreakerSettings,
    /// Outcomes of the last calls while closed, true for a failure.
    recent: VecDeque<bool>,
    in_a_row: u32,
    open: Option<Opening>,
    openings: u64,
}

#[derive(Debug, Clone, Copy)]
struct Opening {
    until: Time,
    lasts: Duration,
    /// When the probe under way left; it is given up after as long as the opening lasted.
    probe: Option<Time>,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            recent: VecDeque::new(),
            in_a_row: 0,
            open: None,
            openings: 0,
        }
    }

    /// Asks for one call.
    pub fn allow(&mut self, now: Time) -> Verdict {
        let Some(opening) = &mut self.open else {
            return Verdict::Go(Pass { probe_of: 0 });
        };
        if now < opening.until {
            return Verdict::Wait(opening.until);
        }
        if let Some(left) = opening.probe {
            let given_up = left.after(opening.lasts);
            if now < given_up {
                return Verdict::Wait(given_up);
            }
        }
        opening.probe = Some(now);
        Verdict::Go(Pass {
            probe_of: self.openings,
        })
    }

    /// Reports what became of a call. While the breaker is open, only its own probe counts.
    pub fn report(&mut self, pass: Pass, health: Health, now: Time) {
        match self.open {
            Some(opening) if pass.probe_of == self.openings => match health {
                Health::Answered => self.close(),
                Health::Failing => {
                    self.open_for(now, (opening.lasts * 2).min(self.settings.open_at_most));
                }
            },
            Some(_) => {}
            None => self.count(health, now),
        }
    }

    /// The state at this moment.
    pub fn state(&self, now: Time) -> BreakerState {
        match self.open {
            None => BreakerState::Closed,
            Some(opening) if now < opening.until => BreakerState::OpenUntil(opening.until),
            Some(_) => BreakerState::HalfOpen,
        }
    }

    fn count(&mut self, health: Health, now: Time) {
        let failed = health == Health::Failing;
        self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
        if self.recent.len() >= self.settings.window.max(1) {
            self.recent.pop_front();
        }
        self.recent.push_back(failed);
        let failures = self.recent.iter().filter(|failed| **failed).count();
        let full = self.recent.len() >= self.settings.window.max(1);
        let too_many = failures as f64 >= self.settings.ratio * self.recent.len() as f64;
        if failed && (self.in_a_row >= self.settings.consecutive || (full && too_many)) {
            self.open_for(now, self.settings.open_for);
        }
    }

    fn open_for(&mut self, now: Time, lasts: Duration) {
        self.openings += 1;
        self.open = Some(Opening {
            until: now.after(lasts),
            lasts,
            probe: None,
        });
    }

    fn close(&mut self) {
        self.open = None;
        self.recent.clear();
        self.in_a_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Time = Time::from_secs(1_800_000_000);

    fn at(secs: u64) -> Time {
        START.after(Duration::from_secs(secs))
    }

    fn go(breaker: &mut Breaker, now: Time) -> Pass {
        match breaker.allow(now) {
            Verdict::Go(pass) => pass,
            Verdict::Wait(until) => panic!("must wait until {until}"),
        }
    }

    fn fail(breaker: &mut Breaker, times: u32, now: Time) {
        for _ in 0..times {
            let pass = go(breaker, now);
            breaker.report(pass, Health::Failing, now);
        }
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_probe_closes_it() {
        let mut breaker = Breaker::new(BreakerSettings::default());
        fail(&mut breaker, 4, START);
        assert_eq!(breaker.state(START), BreakerState::Closed);
        fail(&mut breaker, 1, START);
        assert_eq!(breaker.allow(at(4)), Verdict::Wait(at(5)));
        let probe = go(&mut breaker, at(5));
        assert_eq!(
            breaker.allow(at(5)),
            Verdict::Wait(at(10)),
            "one probe at a time"
        );
        breaker.report(probe, Health::Answered, at(6));
        assert_eq!(breaker.state(at(6)), BreakerState::Closed);
    }

    #[test]
    fn a_failed_probe_doubles_the_wait_up_to_the_limit() {
        let mut breaker = Breaker::new(BreakerSettings::default());
        fail(&mut breaker, 5, START);
        let mut now = START;
        let mut waits = Vec::new();
        for _ in 0..5 {
            let Verdict::Wait(until) = breaker.allow(now) else {
                panic!("open")
            };
            waits.push(until.since(now).as_secs());
            now = until;
            let probe = go(&mut breaker, now);
            breaker.report(probe, Health::Failing, now);
        }
        assert_eq!(waits, [5, 10, 20, 30, 30]);
    }

    #[test]
    fn half_of_a_full_window_opens_it_too() {
        let mut breaker = Breaker::new(BreakerSettings::default());
        for n in 0..20 {
            let pass = go(&mut breaker, START);
            let health = if n % 2 == 1 {
                Health::Failing
            } else {
                Health::Answered
            };
            breaker.report(pass, health, START);
        }
        assert!(matches!(breaker.state(START), BreakerState::OpenUntil(_)));
    }

    #[test]
    fn a_call_from_before_the_opening_changes_nothing() {
        let mut breaker = Breaker::new(BreakerSettings::default());
        let old = go(&mut breaker, START);
        fail(&mut breaker, 5, START);
        let _probe = go(&mut breaker, at(5));
        breaker.report(old, Health::Answered, at(6));
        assert_eq!(breaker.state(at(6)), BreakerState::HalfOpen);
    }

    #[test]
    fn a_probe_that_never_reports_is_followed_by_another() {
        let mut breaker = Breaker::new(BreakerSettings::default());
        fail(&mut breaker, 5, START);
        let _lost = go(&mut breaker, at(5));
        let second = go(&mut breaker, at(10));
        breaker.report(second, Health::Answered, at(11));
        assert_eq!(breaker.state(at(11)), BreakerState::Closed);
    }

    #[test]
    fn a_refusal_is_an_answer() {
        assert_eq!(Health::of(None), Health::Answered);
        assert_eq!(Health::of(Some(ErrorKind::Rejected)), Health::Answered);
        assert_eq!(Health::of(Some(ErrorKind::RateLimited)), Health::Answered);
        assert_eq!(Health::of(Some(ErrorKind::Transient)), Health::Failing);
        assert_eq!(Health::of(Some(ErrorKind::UnknownOutcome)), Health::Failing);
    }

    proptest! {
        #[test]
        fn a_dead_provider_gets_at_most_one_call_per_wait(steps in proptest::collection::vec(0_u64..20, 1..300)) {
            let mut breaker = Breaker::new(BreakerSettings::default());
            let (mut now, mut calls) = (START, 0_u32);
            for step in steps {
                now = now.after(Duration::from_secs(step));
                if let Verdict::Go(pass) = breaker.allow(now) {
                    calls += 1;
                    breaker.report(pass, Health::Failing, now);
                }
            }
            let spent = now.since(START).as_secs();
            prop_assert!(u64::from(calls) <= 5 + spent / 5);
        }

        #[test]
        fn a_healthy_provider_is_never_cut_off(calls in 1_usize..200) {
            let mut breaker = Breaker::new(BreakerSettings::default());
            for _ in 0..calls {
                let pass = go(&mut breaker, START);
                breaker.report(pass, Health::Answered, START);
            }
            prop_assert_eq!(breaker.state(START), BreakerState::Closed);
        }
    }
}
