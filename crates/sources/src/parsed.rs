//! What a payload says: alerts, and complaints about the items that are none.

use std::sync::Arc;

use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;
use serde::Serialize;

/// How an item says which alert it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// By its labels.
    Labels,
    /// By the sender's own key: a later resolve may come with other or fewer labels.
    Key(String),
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

/// One item that could not be used. Its neighbours are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where in the payload, as a path: `[3].labels.alertname`, `/alerts/0/startsAt`.
    pub path: String,
    /// What is wrong with it, with the value, and what would be right.
    pub problem: String,
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
    /// A content type this source does not take.
    #[error("unsupported media type {0:?}")]
    UnsupportedMedia(String),
}
