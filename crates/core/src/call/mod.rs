//! Calls that telephones place for us: which of them asks gets which call, and when a call is over.
//!
//! A phone agent asks every few seconds and says afterwards who answered, or that nobody did. It remembers nothing
//! across a restart, asks again after errors, and is silent while the first number of a call rings. So asking takes
//! nothing away: the same phone gets the same call with the same numbers until it has said how it went.

mod number;
mod switchboard;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::severity::Severity;
use crate::time::Time;

pub use self::number::{distinct, neighbours_differ, same_number};
pub use self::switchboard::Switchboard;

/// How long a phone has a call for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// After it has asked; asking again renews it.
    pub lease: Duration,
    /// After it has asked for the first time or after a silence, when the first number may be ringing: the app does
    /// not ask then.
    pub dialling: Duration,
}

impl Rules {
    /// With this lease; while the first number rings, at least five minutes, longer than any call takes to end.
    pub fn of(lease: Duration) -> Self {
        Self {
            lease,
            dialling: lease.max(Duration::from_mins(5)),
        }
    }
}

/// A call that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name towards the phones, fit for a URL.
    pub id: Arc<str>,
    /// The numbers, tried in this order.
    pub phones: Vec<Arc<str>>,
    /// The worst is served first.
    pub priority: Severity,
    /// When it was asked for; of equals the older is served first.
    pub at: Time,
    /// How often the numbers are tried.
    pub rounds: u32,
    /// Rounds that are over already, before a restart.
    pub done: u32,
    /// How long after `at` it is given up.
    pub max_age: Duration,
}

/// What a phone is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serve {
    /// The call.
    pub id: Arc<str>,
    /// The numbers to try in this order.
    pub phones: Vec<Arc<str>>,
}

/// What follows from a phone's word that nobody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// No such call, another phone's, or said before.
    Ignored,
    /// The numbers are tried again; so many rounds are over.
    Again(u32),
    /// That was the last round, of so many: the call is over.
    Over(u32),
}
