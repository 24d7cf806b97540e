//! What a link says.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

/// How long a link is good: a weekend, and the day after.
const LIVES: Duration = Duration::from_hours(72);

/// What a link is about. Variants are only ever appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A group of alerts, by its number.
    Group(u64),
    /// An incident, by its number.
    Incident(u64),
    /// Whatever a notification told, by its number.
    Notification(u64),
}

/// What a token is good for; made for one, it is worth nothing for another. Variants are only ever appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The page that shows how it stands and takes an answer.
    Page,
    /// The buttons below a chat message.
    Button,
    /// The keys of a telephone.
    Key,
    /// The address that a mail is answered to.
    Mail,
}

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What it is good for.
    pub purpose: Purpose,
    /// What it is about.
    pub subject: Subject,
    /// The key of the person it was made for, if that is known.
    pub person: Option<Arc<str>>,
    /// Until when it is good, to the second.
    #[serde(with = "seconds")]
    pub expires_at: Time,
}

impl Claim {
    /// A claim that is made now.
    pub fn new(purpose: Purpose, subject: Subject, person: Option<Arc<str>>, now: Time) -> Self {
        Self {
            purpose,
            subject,
            person,
            expires_at: Time::from_secs(now.after(LIVES).secs()),
        }
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It is not ours, was changed, or was made for something else.
    #[error("the link is not one of ours")]
    Forged,
    /// It was good once.
    #[error("the link is over")]
    Expired,
}

/// Times in links are short: they are read by people in text messages.
mod seconds {
    use balefire_core::time::Time;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(time.secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        i64::deserialize(from).map(Time::from_secs)
    }
}
