//! The rungs below the sentence: what happened on the way, in order of time.

use std::sync::Arc;
use std::time::Duration;

use super::facts::{Contact, Duty, Escalated, Facts, Happened, Look, Outcome, Person, Refused};
use super::kept;
use crate::duration;
use crate::incident::EntryKind;
use crate::time::Time;

/// A text's key and what fills its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The key in the locales.
    pub key: &'static str,
    /// The places by name.
    pub places: Vec<(&'static str, Place)>,
}

/// What fills a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Words, as they are.
    Text(Arc<str>),
    /// A moment, written for the reader's zone.
    Time(Time),
    /// A length of time.
    Span(Duration),
    /// A number.
    Count(usize),
}

/// One thing that happened, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// When; `None` for what holds without a moment.
    pub at: Option<Time>,
    /// Whether it led on towards somebody's being told.
    pub is_good: bool,
    /// What.
    pub line: Line,
}

impl Line {
    pub(super) fn new(key: &'static str) -> Self {
        Self {
            key,
            places: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, place: Place) -> Self {
        self.places.push((name, place));
        self
    }

    fn text(self, name: &'static str, text: &Arc<str>) -> Self {
        self.with(name, Place::Text(Arc::clone(text)))
    }
}

/// Names, as a list.
pub(super) fn joined(names: &[Arc<str>]) -> Place {
    Place::Text(names.join(", ").into())
}

fn rung(at: impl Into<Option<Time>>, is_good: bool, line: Line) -> Rung {
    Rung {
        at: at.into(),
        is_good,
        line,
    }
}

/// All rungs up to the instant that is asked about. What happened at the same moment stays in the order of
/// causes: heard, judged, told, escalated, paged.
pub(super) fn rungs(facts: &Facts) -> Vec<Rung> {
    let mut rungs = Vec::new();
    if let Some(arrived) = facts.arrived {
        let line = Line::new("rung-arrived").with("receivers", joined(&facts.receivers));
        rungs.push(rung(arrived, true, line));
    }
    rungs.extend(facts.looks.iter().map(|look| looked(facts, look)));
    for told in &facts.told {
        rungs.extend(contact("rung-told", told));
    }
    for one in &facts.escalated {
        rungs.extend(escalated(one, facts.person.as_ref()));
    }
    if let Some(person) = &facts.person {
        for one in &person.contacts {
            rungs.extend(contact("rung-own", one));
        }
    }
    rungs.retain(|rung| rung.at.is_none_or(|at| at <= facts.at));
    // A sender's clock may be wrong, so that those that came a little later count, too.
    rungs.extend(facts.refused.iter().map(refused));
    rungs.sort_by_key(|rung| rung.at);
    if let Some(person) = &facts.person {
        rungs.extend(rules(person));
    }
    rungs
}

fn refused(one: &Refused) -> Rung {
    let line = Line::new("rung-refused").text("source", &one.source);
    rung(one.at, false, line.text("reason", &one.reason))
}

/// What was said of the alert when its group was looked at.
fn looked(facts: &Facts, look: &Look) -> Rung {
    let Some(why) = kept(facts, look) else {
        let key = if look.owed.is_empty() {
            "rung-passed"
        } else {
            "rung-owed"
        };
        return rung(look.at, true, Line::new(key).with("to", joined(&look.owed)));
    };
    rung(look.at, false, why.line())
}

/// A notification, its tries and its end.
fn contact(key: &'static str, one: &Contact) -> Vec<Rung> {
    let made = Line::new(key).text("to", &one.to);
    let made = made.with("number", Place::Text(one.notification.to_string().into()));
    let mut rungs = vec![rung(one.at, true, made)];
    if let Some(why) = &one.held {
        let line = Line::new("rung-try").text("to", &one.to);
        rungs.push(rung(one.at, true, line.text("said", why)));
    }
    rungs.extend(one.tries.iter().map(|tried| {
        let line = Line::new("rung-try").text("to", &one.to);
        rung(tried.at, tried.is_good, line.text("said", &tried.said))
    }));
    let ended = one.end.as_ref().map(|(when, outcome)| match outcome {
        Outcome::Arrived => rung(*when, true, Line::new("rung-delivered").text("to", &one.to)),
        Outcome::Failed(why) => {
            let line = Line::new("rung-failed").text("to", &one.to);
            rung(*when, false, line.text("why", why))
        }
        Outcome::TakenBack(why) => {
            let line = Line::new("rung-taken-back").text("to", &one.to);
            rung(*when, false, line.text("why", why))
        }
    });
    rungs.extend(ended);
    rungs
}

/// An incident's timeline, and who was on call when its steps were due.
fn escalated(of: &Escalated, person: Option<&Person>) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = of.timeline.iter().map(|one| happened(of, one)).collect();
    let names = of.steps.iter().flat_map(|step| &step.names);
    for name in names {
        if let Some(duty) = &name.duty {
            let on_call = person.is_none_or(|_| name.is_them);
            rungs.push(rung(duty.at, on_call, on_duty(duty)));
        }
    }
    rungs
}

fn happened(of: &Escalated, one: &Happened) -> Rung {
    let is_bad = matches!(
        one.kind,
        EntryKind::StepPassed
            | EntryKind::PageHeld
            | EntryKind::PageFailed
            | EntryKind::PagesWithdrawn
            | EntryKind::EscalationExhausted
    );
    let line = Line::new("rung-incident")
        .with("incident", Place::Text(of.incident.to_string().into()))
        .with("kind", Place::Text(one.kind.as_str().into()))
        .text("actor", &one.actor)
        .text("text", &one.text);
    rung(one.at, !is_bad, line)
}

fn on_duty(duty: &Duty) -> Line {
    let layer = duty.layer.clone().unwrap_or_else(|| "-".into());
    let key = match (duty.who.is_empty(), duty.overrides.is_empty()) {
        (true, _) => "rung-nobody-on-duty",
        (_, true) => "rung-on-duty",
        (_, false) => "rung-on-duty-override",
    };
    let line = Line::new(key)
        .text("schedule", &duty.schedule)
        .with("who", joined(&duty.who))
        .text("layer", &layer)
        .with("overrides", joined(&duty.overrides));
    match duty.shift {
        Some((from, to)) => line
            .with("from", Place::Time(from))
            .with("to", Place::Time(to)),
        None => line
            .with("from", Place::Text("?".into()))
            .with("to", Place::Text("?".into())),
    }
}

/// What the person's own rules say.
fn rules(person: &Person) -> Vec<Rung> {
    let way = |(by, after): &(Arc<str>, Duration)| {
        if after.is_zero() {
            by.to_string()
        } else {
            format!("{by} (+{})", duration::format(*after))
        }
    };
    let ways: Vec<String> = person.ways.iter().map(way).collect();
    let key = if ways.is_empty() {
        "rung-no-ways"
    } else {
        "rung-ways"
    };
    let ways = Line::new(key).with("ways", Place::Text(ways.join(", ").into()));
    let mut rungs = vec![rung(None, person.is_reachable, ways)];
    if !person.unverified.is_empty() {
        let ways: Vec<&str> = person.unverified.iter().map(|way| &**way).collect();
        let ways = Place::Text(ways.join(", ").into());
        let line = Line::new("rung-unverified").with("ways", ways);
        rungs.push(rung(None, false, line));
    }
    if let Some(until) = person.quiet_until {
        let line = Line::new("rung-quiet").with("until", Place::Time(until));
        rungs.push(rung(None, false, line));
    }
    rungs
}
