//! Whether a person was concerned by an alert, and if not, what stood between the two.

use std::sync::Arc;
use std::time::Duration;

use super::facts::{Escalated, Facts, Happened, Outcome, Person, StepFacts};
use super::kept;
use super::verdict::Verdict;
use crate::escalation::Notify;
use crate::incident::EntryKind;
use crate::time::Time;

/// What it comes to for a person.
pub(super) fn verdict(facts: &Facts, person: &Person) -> Verdict {
    if let Some(found) = contacted(facts, person) {
        return found;
    }
    let mut looks = facts.looks_by_then();
    let Some(last) = looks.next_back() else {
        return Verdict::NotDecided;
    };
    // What was told once is not undone by a silence that came later.
    let never_passed = looks.all(|look| kept(facts, look).is_some());
    if let Some(found) = kept(facts, last).filter(|_| never_passed) {
        return found;
    }
    let open = facts.escalated.iter().filter(|one| one.opened <= facts.at);
    let why = open.map(|one| not_paged(facts, person, one));
    // Of several incidents the one counts in which they came nearest to being paged.
    why.min_by_key(Verdict::distance)
        .unwrap_or_else(|| Verdict::RoutedElsewhere {
            receivers: facts.receivers.clone(),
        })
}

/// What became of what was sent to them: the best of it.
fn contacted(facts: &Facts, person: &Person) -> Option<Verdict> {
    let at = facts.at;
    let made = || person.contacts.iter().filter(|one| one.at <= at);
    let arrived = made().filter_map(|one| one.arrived_by(at).map(|when| (when, one)));
    if let Some((when, one)) = arrived.min_by_key(|(when, one)| (*when, one.notification)) {
        let answers = facts
            .escalated
            .iter()
            .filter_map(|one| one.answered.as_ref());
        let own = answers.filter(|answer| answer.who == person.key && answer.at <= at);
        return Some(Verdict::Reached {
            by: Arc::clone(&one.to),
            at: when,
            answered: own.map(|answer| answer.at).min(),
        });
    }
    if let Some(one) = made().find(|one| one.is_open(at)) {
        return Some(Verdict::BeingSent {
            by: Arc::clone(&one.to),
            since: one.at,
        });
    }
    let last = made().next_back()?;
    Some(match &last.end {
        Some((when, Outcome::TakenBack(why))) => Verdict::TakenBack {
            by: Arc::clone(&last.to),
            at: *when,
            why: Arc::clone(why),
        },
        _ => Verdict::Failed {
            by: Arc::clone(&last.to),
            why: last.why_not(at),
        },
    })
}

/// Why an incident's escalation had not paged them.
fn not_paged(facts: &Facts, person: &Person, of: &Escalated) -> Verdict {
    let theirs = |step: &&StepFacts| step.names.iter().any(|name| name.is_them);
    let Some(place) = of.steps.iter().position(|step| theirs(&step)) else {
        return not_named(of);
    };
    let step = &of.steps[place];
    let number = step.number;
    let taken = step.taken.filter(|taken| *taken <= facts.at);
    if taken.is_some() {
        if let Some(why) = &step.passed {
            return Verdict::StepPassed {
                step: number,
                why: Arc::clone(why),
            };
        }
        if !person.is_reachable {
            return Verdict::Unreachable;
        }
        if let Some(until) = person.quiet_until {
            return Verdict::Quiet { until };
        }
    }
    stopped(facts, of, place).unwrap_or_else(|| match taken {
        Some(_) => held(facts, person, of).unwrap_or(Verdict::OthersTurn { step: number }),
        None => Verdict::NotYet {
            policy: Arc::clone(&step.policy),
            step: number,
        },
    })
}

/// They wait for their digest.
fn held(facts: &Facts, person: &Person, of: &Escalated) -> Option<Verdict> {
    let mut before = of.timeline.iter().filter(|one| one.at <= facts.at);
    let theirs = |one: &&Happened| {
        let text = one.text.strip_prefix(&*person.key);
        one.kind == EntryKind::PageHeld && text.is_some_and(|rest| rest.starts_with(": "))
    };
    let until = before.rfind(theirs)?.until?;
    Some(Verdict::Held { until })
}

/// No step stands for them: they were not on call, or it has nothing to do with them.
fn not_named(of: &Escalated) -> Verdict {
    let mut names = of.steps.iter().flat_map(|step| &step.names);
    let schedule = names.find_map(|name| match name.entry {
        Notify::Schedule(_) => name.duty.clone(),
        _ => None,
    });
    match schedule {
        Some(duty) => Verdict::NotOnCall { duty },
        None => Verdict::NotInEscalation {
            policy: Arc::clone(&of.policy),
        },
    }
}

/// Somebody was first, or it was over, before the escalation came to the step at this place.
fn stopped(facts: &Facts, of: &Escalated, place: usize) -> Option<Verdict> {
    let answered = of.answered.as_ref().filter(|one| one.at <= facts.at);
    let over = of.over.filter(|over| *over <= facts.at);
    match (answered, over) {
        (Some(answer), over) if over.is_none_or(|over| answer.at <= over) => {
            Some(Verdict::AnsweredFirst {
                who: Arc::clone(&answer.who),
                at: answer.at,
                early: early(facts, of, place, answer.at),
            })
        }
        (_, over) => over.map(|at| Verdict::OverFirst { at }),
    }
}

/// How long before the step was due, when it was the next one.
fn early(facts: &Facts, of: &Escalated, place: usize, at: Time) -> Option<Duration> {
    let before = of.steps.get(place.checked_sub(1)?)?;
    let step = of.steps.get(place)?;
    let is_next = step.taken.is_none() && step.policy == before.policy;
    let taken = before.taken.filter(|taken| *taken <= facts.at)?;
    let due = taken.after(before.wait);
    (is_next && due > at).then(|| due.since(at))
}
