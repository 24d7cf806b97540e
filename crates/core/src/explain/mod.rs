//! Why somebody was told of an alert, or was not: facts in, one sentence and the rungs below it out.
//!
//! [`Facts`] is what is known of one alert, and of one person where one is asked about; [`explain`] says what
//! it comes to at an instant. Whatever happened after that instant is left out, so that a question about last
//! night is answered as it would have been last night. Nothing here has words: a [`Line`] is a text's key and
//! what fills its places.

mod concern;
mod facts;
mod ladder;
#[cfg(test)]
mod tests;
mod verdict;

pub use self::facts::{
    Answer, Contact, Duty, Escalated, Facts, Happened, Look, Naming, Outcome, Person, Refused,
    SilenceFact, StepFacts, Try,
};
pub use self::ladder::{Line, Place, Rung};
pub use self::verdict::Verdict;

use std::sync::Arc;

use crate::dispatch;

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// In one sentence.
    pub verdict: Verdict,
    /// What it rests on, in order of time.
    pub rungs: Vec<Rung>,
}

/// What the facts come to at [`Facts::at`].
pub fn explain(facts: &Facts) -> Explanation {
    Explanation {
        verdict: verdict(facts),
        rungs: ladder::rungs(facts),
    }
}

fn verdict(facts: &Facts) -> Verdict {
    if facts.arrived.is_none_or(|arrived| arrived > facts.at) {
        return Verdict::NeverArrived {
            refused: facts.refused.len(),
        };
    }
    if let Some(person) = &facts.person {
        return concern::verdict(facts, person);
    }
    match facts.looks_by_then().last() {
        None => Verdict::NotDecided,
        Some(look) => kept(facts, look).unwrap_or_else(|| told(facts)),
    }
}

/// What kept an alert quiet when its group was looked at; `None` when nothing did.
fn kept(facts: &Facts, look: &Look) -> Option<Verdict> {
    Some(match &look.verdict {
        dispatch::Verdict::Passed => return None,
        dispatch::Verdict::Silenced(ids) => {
            let id = ids.first().cloned().unwrap_or_else(|| "".into());
            let silence = facts.silences.iter().find(|known| known.id == id);
            Verdict::Silenced {
                id,
                silence: silence.cloned(),
            }
        }
        dispatch::Verdict::Inhibited(by) => Verdict::Inhibited { by: *by },
        dispatch::Verdict::Muted => Verdict::Muted {
            by: look.muted_by.clone(),
        },
        dispatch::Verdict::OverInQuiet => Verdict::OverInQuiet,
        dispatch::Verdict::Flapping { since } => Verdict::Flapping { since: *since },
    })
}

/// What became of telling the receivers.
fn told(facts: &Facts) -> Verdict {
    let at = facts.at;
    let made = || facts.told.iter().filter(|one| one.at <= at);
    let arrived = made().filter_map(|one| one.arrived_by(at).map(|when| (when, one)));
    if let Some((when, one)) = arrived.max_by_key(|(when, one)| (*when, one.notification)) {
        return Verdict::Told {
            receiver: Arc::clone(&one.to),
            at: when,
        };
    }
    if let Some(one) = made().rfind(|one| one.is_open(at)) {
        let receiver = Arc::clone(&one.to);
        return match &one.held {
            Some(why) => Verdict::Waiting {
                receiver,
                why: Arc::clone(why),
            },
            None => Verdict::Sending { receiver },
        };
    }
    match made().next_back() {
        Some(one) => Verdict::Undelivered {
            receiver: Arc::clone(&one.to),
            why: one.why_not(at),
        },
        None => Verdict::NobodyToTell {
            receivers: facts.receivers.clone(),
        },
    }
}
