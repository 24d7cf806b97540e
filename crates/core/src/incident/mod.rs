//! Incidents: what people work on, from the moment it is opened until it is resolved, with everything that
//! happened on the way.
//!
//! [`Incident::open`] and [`Incident::change`] work out what a change amounts to, as a new state and the entries
//! of the timeline that tell of it, without doing it; the caller writes both down as one.

mod change;
mod check;
mod entry;
mod hand_on;
mod merge;
mod role;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::severity::Severity;
use crate::time::Time;

pub use self::change::{Change, Changed, Field};
pub use self::check::{
    MAX_ACTOR, MAX_KEY, MAX_NAME, MAX_REPORT, MAX_TEXT, MAX_TITLE, Refused, check_actor, check_key,
};
pub use self::entry::{Detail, Entry, EntryKind, FieldChange};
pub use self::hand_on::{MAX_ASSIGNED, MAX_SNOOZE};
pub use self::merge::Merged;
pub use self::role::{MAX_ROLE, MAX_ROLES, Role, RoleHeld};

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its number, from 1; 0 for one that is not stored yet.
    pub id: u64,
    /// What it was opened for, as `namespace/name`; there is one incident of a key at most.
    pub key: Option<String>,
    /// Where it stands.
    pub state: IncidentState,
    /// How bad it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// Who answers for it.
    pub responsible: Option<String>,
    /// Who works on it.
    pub worker: Option<String>,
    /// When it began, which may be before it was opened.
    pub started_at: Time,
    /// When it was over. One that is not resolved may have an end that somebody expects.
    pub ended_at: Option<Time>,
    /// Why it happened.
    pub cause: Option<String>,
    /// What it was, in short.
    pub summary: Option<String>,
    /// The report.
    pub report: Option<String>,
    /// Who said first that they have it, since it was opened or opened again.
    pub acknowledged: Option<Acknowledgement>,
    /// Who plays which part in it, by the names of the roles.
    pub roles: Vec<RoleHeld>,
    /// When it was opened.
    pub opened_at: Time,
    /// When it was last changed.
    pub changed_at: Time,
}

/// Somebody's word that they have an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentState {
    /// It is over.
    Resolved,
    /// Nobody has said that they have it.
    Open,
    /// Somebody has it.
    Acknowledged,
}

impl IncidentState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Resolved, Self::Open, Self::Acknowledged];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
        }
    }
}

impl fmt::Display for IncidentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An incident that is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is opened for; `None` for one that may stand beside others of its kind.
    pub key: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// When it began; when it is opened, if nothing is said.
    pub started_at: Option<Time>,
    /// Whatever else is known.
    pub fields: Vec<Field>,
}

impl Incident {
    /// How long it lasted; `None` while it has no end.
    pub fn duration(&self) -> Option<Duration> {
        self.ended_at.map(|end| end.since(self.started_at))
    }
}
