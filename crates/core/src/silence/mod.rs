//! Silences: people's word that certain alerts need not be told for a while.
//!
//! [`Silences`] decides what an edit or an expiry amounts to without doing it; the caller writes
//! the outcome to the event log and then hands it to [`Silences::apply`], so that nothing counts
//! before it is on disk. Source of the rules: Alertmanager's `silence.go`, 0.34.

mod edit;
mod index;
mod series;
mod set;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::label::{Annotations, Labels};
use crate::matcher::Matchers;
use crate::time::Time;

pub use self::edit::{InvalidSilence, MAX_SILENCES, Put, SilenceError, matcher_set};
pub use self::series::{MAX_TIMES, RuleError, RuleSpec, SERIES, Series, SeriesError};
pub use self::set::Silences;

/// A silence. In JSON its times are microseconds since the epoch, so that it reads back exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// A UUID as text; empty for one that is to be created.
    pub id: Arc<str>,
    /// Sets of matchers: an alert is silenced when all matchers of any one set pass.
    pub matcher_sets: Vec<Matchers>,
    /// When it begins.
    #[serde(with = "crate::time::micros")]
    pub starts_at: Time,
    /// When it ends; at this instant it is over.
    #[serde(with = "crate::time::micros")]
    pub ends_at: Time,
    /// When this state of it was made; a later one replaces an earlier one.
    #[serde(with = "crate::time::micros")]
    pub updated_at: Time,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// Further words.
    #[serde(default)]
    pub annotations: Annotations,
}

/// Where a silence stands, by the clock. In the order in which silences are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// It silences.
    Active,
    /// It has not begun.
    Pending,
    /// It is over.
    Expired,
}

impl SilenceState {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for SilenceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Silence {
    /// Where it stands.
    pub fn state(&self, now: Time) -> SilenceState {
        if now < self.starts_at {
            SilenceState::Pending
        } else if now < self.ends_at {
            SilenceState::Active
        } else {
            SilenceState::Expired
        }
    }

    /// Whether its matchers pass, whatever the time.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matcher_sets.iter().any(|set| set.matches(labels))
    }
}
