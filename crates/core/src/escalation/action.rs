//! What an escalation asks for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A step of a policy, for the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At {
    /// Which policy.
    pub policy: Arc<str>,
    /// Which time its steps are gone through, from 0.
    pub round: u32,
    /// Which step, from 0.
    pub step: usize,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Page somebody through these channels.
    Page {
        /// Whom.
        person: Arc<str>,
        /// Through which channels, all at once.
        by: Vec<Arc<str>>,
        /// For which incidents, worst and newest first.
        incidents: Vec<u64>,
        /// The step that says so, for each of them.
        ats: Vec<At>,
    },
    /// Somebody has been paged too often just now to be paged for this by itself; for the record.
    Held {
        /// Whom.
        person: Arc<str>,
        /// For which incident.
        incident: u64,
        /// When they are paged next, of all that has come together.
        until: Time,
        /// The step that says so.
        at: At,
    },
    /// Tell a receiver.
    Tell {
        /// Which.
        receiver: Arc<str>,
        /// Of which incident.
        incident: u64,
        /// The step that says so.
        at: At,
    },
    /// A step was taken that contacts nobody at once: its people's contacts come later, or are under way; for the record.
    Taken {
        /// Of which incident.
        incident: u64,
        /// Which step.
        at: At,
    },
    /// A step was passed over; for the record.
    Passed {
        /// Of which incident.
        incident: u64,
        /// Which step.
        at: At,
        /// Why.
        why: WhyPassed,
    },
    /// Nobody is left to be told.
    Exhausted {
        /// Of which incident.
        incident: u64,
        /// Why.
        why: WhyExhausted,
    },
}

/// Why a step was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyPassed {
    /// Its condition does not hold.
    Condition,
    /// It stands for nobody at the moment: nobody is on call.
    NobodyThere,
    /// Those it stands for have acknowledged already.
    AllAcknowledged,
    /// Nobody can be reached the way it says.
    NobodyReachable,
}

/// Why an escalation is exhausted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyExhausted {
    /// Too few have answered in any round.
    NotAnswered,
    /// The last round had nobody to tell.
    NobodyToTell,
    /// Its policy is gone from the configuration.
    PolicyGone,
}
