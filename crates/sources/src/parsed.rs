//! What a payload says: alerts, and complaints about the items that are none.

use std::cmp::Ordering;
use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;
use serde::Serialize;
use serde_json::Value;

use crate::ask::Ask;

/// How an item says which alert it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// By its labels.
    Labels,
    /// By the sender's own key: a later resolve may come with other or fewer labels.
    Key(String),
    /// By the sender's deduplication key: as long as its alert fires, further reports under the key are
    /// about that alert and change none of its labels but `severity`, whatever their words.
    Dedup(String),
}

/// Whether it is on or over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// It is the case.
    Firing,
    /// It is over.
    Resolved,
    /// It happened; there is nothing to resolve.
    Event,
}

/// One alert as parsed: times not yet defaulted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParsedAlert {
    /// How it is recognised again.
    pub identity: Identity,
    /// On, over or once.
    pub signal: Signal,
    /// Its labels, without empty ones.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Annotations,
    /// Its start as sent.
    pub starts_at: Option<Time>,
    /// Its end as sent.
    pub ends_at: Option<Time>,
    /// Link to where it came from; empty when none.
    pub generator_url: Arc<str>,
}

/// What sort of mistake a complaint is about; Alertmanager's API answers each sort differently
/// (422 with code 601 or 602, 400 with an object, 400 with a bare string).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintKind {
    /// The shape is right but the meaning is not: no labels, an end before the start.
    #[default]
    Domain,
    /// A field that must be there is not (Alertmanager: 422, code 602).
    Required,
    /// A text that is not of the form its field has (Alertmanager: 422, code 601).
    Format,
    /// A value of the wrong JSON type, or a time that cannot be read (Alertmanager: 400).
    Type,
    /// Breaks a rule that is ours alone: a repeated key, a NUL, too much of something.
    Bound,
}

/// One item that could not be used. Its neighbours are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where in the payload, as a path: `[3].labels.alertname`, `alerts[0].startsAt`.
    pub path: String,
    /// What is wrong with it, with the value, and what would be right.
    pub problem: String,
    /// What sort of mistake it is.
    pub kind: ComplaintKind,
}

impl Complaint {
    /// A complaint about what an item means.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::of(ComplaintKind::Domain, path, problem)
    }

    /// A complaint of a given sort.
    pub fn of(kind: ComplaintKind, path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
            kind,
        }
    }
}

/// All that one request says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Parsed {
    /// The usable alerts.
    pub alerts: Vec<ParsedAlert>,
    /// The unusable items.
    pub complaints: Vec<Complaint>,
    /// Things to record but not to refuse: test messages, ignored states.
    pub notes: Vec<String>,
    /// How these alerts end, where the format was found out from the payload (the inbox) and it
    /// differs from what the source's own `lifecycle` says.
    pub lifecycle: Option<Lifecycle>,
    /// An address to visit once all is on disk, which confirms a subscription; one of the sender's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// What is asked about, or done with, alerts that are there already.
    #[serde(skip)]
    pub ask: Option<Ask>,
    /// What the answer in the sender's own shape needs of the request; null for the common answer.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub reply: Value,
}

/// How many complaints of one request are kept; a body of nothing but broken items stays bounded.
pub const MAX_COMPLAINTS: usize = 1_000;
/// How many notes of one request are kept.
pub const MAX_NOTES: usize = 100;

impl Parsed {
    /// Adds a complaint; beyond [`MAX_COMPLAINTS`] one last line stands for the rest.
    pub fn complain(&mut self, complaint: Complaint) {
        match self.complaints.len().cmp(&MAX_COMPLAINTS) {
            Ordering::Less => self.complaints.push(complaint),
            Ordering::Equal => self.complaints.push(Complaint::new(
                complaint.path,
                format!("more than {MAX_COMPLAINTS} unusable items; the rest is not listed"),
            )),
            Ordering::Greater => {}
        }
    }

    /// Adds a note; beyond [`MAX_NOTES`] they are dropped.
    pub fn note(&mut self, note: impl Into<String>) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note.into());
        }
    }
}

/// The whole request is unusable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not the format this source speaks.
    #[error("{path}: {problem}")]
    Malformed {
        /// Where.
        path: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The sender's signature or shared secret does not match.
    #[error("the signature does not match: {0}")]
    Unauthorized(String),
    /// The sender may not use this source.
    #[error("{0}")]
    Stranger(String),
    /// A path below the source's own at which there is nothing.
    #[error("there is nothing at {0:?} below this source")]
    NoSuchPath(String),
    /// A content type this source does not take.
    #[error("unsupported media type {0:?}")]
    UnsupportedMedia(String),
}

/// How much of a path from outside is repeated, in bytes.
const PATH_SHOWN: usize = 200;

impl Refusal {
    /// There is nothing at this path below the source.
    pub fn no_such_path(path: &str) -> Self {
        Self::NoSuchPath(path[..path.floor_char_boundary(PATH_SHOWN)].to_owned())
    }

    /// The HTTP status it is answered with.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } => 400,
            Self::Unauthorized(_) | Self::Stranger(_) => 401,
            Self::NoSuchPath(_) => 404,
            Self::UnsupportedMedia(_) => 415,
        }
    }

    /// Not the format this source speaks.
    pub fn malformed(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.into(),
            problem: problem.into(),
        }
    }
}
