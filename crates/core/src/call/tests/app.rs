//! The Android app, from the description of what it does: it knows one call, asks every ten seconds, dials the first
//! number of a call it sees for the first time and is silent until that has ended, looks into its call log for the
//! answer, and forgets everything when it is started anew.

use std::sync::Arc;

use crate::time::Time;

/// What it does at a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Nothing: it blocks, or is being started.
    Nothing,
    Ask,
    /// Somebody answered.
    Answered(String, String),
    /// Nobody did.
    Nobody(String),
}

/// An entry of the call log.
#[derive(Debug)]
struct Logged {
    number: String,
    spoke: bool,
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) model: &'static str,
    call: Option<(String, String)>,
    log: Option<Logged>,
    silent_until: Time,
    /// What it has to say; said again until that worked.
    report: Option<Act>,
}

/// Seconds between two questions, and of its rest after an error.
pub(super) const INTERVAL: i64 = 10;
const REST: i64 = 15;
const START: i64 = 30;

fn later(now: Time, seconds: i64) -> Time {
    Time::from_secs(now.secs() + seconds)
}

impl App {
    pub(super) fn new(model: &'static str) -> Self {
        Self {
            model,
            call: None,
            log: None,
            silent_until: Time::EPOCH,
            report: None,
        }
    }

    /// It is started anew: what it knew is gone, the call log is the telephone's.
    pub(super) fn restart(&mut self, now: Time) {
        self.call = None;
        self.report = None;
        self.silent_until = later(now, START);
    }

    pub(super) fn next(&self, now: Time) -> Act {
        if now < self.silent_until {
            return Act::Nothing;
        }
        match &self.report {
            Some(Act::Answered(id, number)) => Act::Answered(id.clone(), number.clone()),
            Some(Act::Nobody(id)) => Act::Nobody(id.clone()),
            _ => Act::Ask,
        }
    }

    /// The network failed.
    pub(super) fn failed(&mut self, now: Time) {
        self.silent_until = later(now, REST);
    }

    /// Its report was taken: it goes on asking. After "nobody" it forgets the call.
    pub(super) fn reported(&mut self, now: Time) {
        if let Some(Act::Nobody(_)) = self.report.take() {
            self.call = None;
        }
        self.silent_until = later(now, INTERVAL);
    }

    /// `{"code": 1}`: a pause.
    pub(super) fn idle(&mut self, now: Time) {
        self.silent_until = later(now, INTERVAL);
    }

    /// Gets a call; `dial` says whether somebody answers a number and how long that takes.
    pub(super) fn work(
        &mut self,
        id: &str,
        phones: &[Arc<str>],
        now: Time,
        dial: &mut impl FnMut(&str) -> (bool, i64),
    ) {
        assert!(!phones.is_empty(), "the app would never speak again");
        self.silent_until = later(now, INTERVAL);
        let Some((_, number)) = self.call.as_ref().filter(|(known, _)| known == id) else {
            let first = phones[0].to_string();
            let (spoke, took) = dial(&first);
            self.silent_until = later(now, took.max(INTERVAL));
            self.log = Some(Logged {
                number: first.clone(),
                spoke,
            });
            self.call = Some((id.to_owned(), first));
            return;
        };
        let log = self.log.as_ref();
        if log.is_some_and(|log| log.number == *number && log.spoke) {
            self.report = Some(Act::Answered(id.to_owned(), number.clone()));
            return;
        }
        let place = phones.iter().position(|phone| **phone == **number);
        let next = place.and_then(|place| phones.get(place + 1));
        let Some(next) = next else {
            self.report = Some(Act::Nobody(id.to_owned()));
            return;
        };
        let (spoke, took) = dial(next);
        let number = next.to_string();
        // Who does not pick up within the interval and ten seconds counts as not answering.
        let spoke = spoke && took <= INTERVAL + 10;
        self.log = Some(Logged {
            number: number.clone(),
            spoke,
        });
        self.call = Some((id.to_owned(), number));
    }
}
