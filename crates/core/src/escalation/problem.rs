//! What can be wrong with a policy.

use std::fmt;
use std::sync::Arc;

use super::policy::{MAX_NEEDS, MAX_NOTIFY, MAX_REPEAT, MAX_STEPS};

/// Why a policy is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No steps, or too many.
    #[error("escalation {policy:?}: steps: {steps} steps; 1 to {MAX_STEPS}")]
    StepCount {
        /// Which policy.
        policy: Arc<str>,
        /// How many it has.
        steps: usize,
    },
    /// Too many rounds.
    #[error("escalation {policy:?}: repeat: {repeat} is more than {MAX_REPEAT}")]
    Repeat {
        /// Which policy.
        policy: Arc<str>,
        /// As written.
        repeat: u32,
    },
    /// More acknowledgements than there can be.
    #[error(
        "escalation {policy:?}: needs: {needs} people must acknowledge, but {}; write less, or name more people",
        .possible.map_or_else(|| format!("1 to {MAX_NEEDS} can be asked for"), |possible| format!("its steps name {possible}"))
    )]
    Needs {
        /// Which policy.
        policy: Arc<str>,
        /// As written.
        needs: u32,
        /// How many people its steps name, when that is certain.
        possible: Option<usize>,
    },
    /// Something about a step.
    #[error("escalation {policy:?}: step {step}: {problem}")]
    Step {
        /// Which policy.
        policy: Arc<str>,
        /// Which step, from 1.
        step: usize,
        /// What about it.
        problem: StepError,
    },
    /// A fallback that does not exist.
    #[error(
        "escalation {policy:?}: then: no escalation is called {then:?}; add it, or mend the name"
    )]
    UnknownPolicy {
        /// Which policy.
        policy: Arc<str>,
        /// As written.
        then: Arc<str>,
    },
    /// Fallbacks that lead back to where they came from.
    #[error("escalations: then: {} leads back to {:?}, so that it would never end; take one of them out", .circle.join(" → "), .circle.first().map_or("", |name| name))]
    Circle {
        /// The policies of the circle.
        circle: Vec<Arc<str>>,
    },
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Nobody, or too many.
    #[error("notify: {0} entries; 1 to {MAX_NOTIFY}")]
    NotifyCount(usize),
    /// Something that does not exist.
    #[error("no {what} is called {name:?}; add it, or mend the name")]
    Unknown {
        /// What it should be.
        what: What,
        /// As written.
        name: Arc<str>,
    },
    /// Not a length of time, too short or too long.
    #[error("wait: {0:?} is not a time from 5s to 7d; write 5m")]
    Wait(String),
    /// No interval.
    #[error("when: within: no interval, so that it would never be taken; leave it out for always")]
    NeverTaken,
    /// Channels or a choice of people for receivers alone.
    #[error(
        "by and page choose how people are reached, and there are only receivers; leave them out"
    )]
    NoPeople,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A person.
    Person,
    /// A team.
    Team,
    /// A schedule.
    Schedule,
    /// A receiver.
    Receiver,
    /// A channel.
    Channel,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Schedule => "schedule",
            Self::Receiver => "receiver",
            Self::Channel => "channel",
        })
    }
}
