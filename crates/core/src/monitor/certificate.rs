//! What a certificate says besides when it expires.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What was seen of a certificate and of those that were shown with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose it is, by its own words.
    pub subject: String,
    /// The names and addresses it is for; some hundred at most.
    pub names: Vec<String>,
    /// Whether the name that was asked for is among them.
    pub covers: bool,
    /// From when on it is good.
    pub valid_from: Time,
    /// How many certificates were shown, this one among them.
    pub shown: usize,
    /// Whether we would trust it.
    pub trust: Trust,
}

impl Certificate {
    /// As it is kept, JSON.
    pub fn text(&self) -> String {
        // Every part of it has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Self::text`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Whether a certificate is vouched for by an authority that is trusted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It is.
    Trusted,
    /// It vouches for itself.
    SelfSigned,
    /// Nobody here knows who issued the last one that was shown: one in between is missing, or its authority is not
    /// trusted here.
    Incomplete,
    /// All up to an authority were shown, which is not trusted here.
    UnknownAuthority,
    /// It is over, or not good yet.
    NotNow,
    /// For another reason, or it could not be judged.
    Refused,
}

impl Trust {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::SelfSigned => "self_signed",
            Self::Incomplete => "incomplete",
            Self::UnknownAuthority => "unknown_authority",
            Self::NotNow => "not_now",
            Self::Refused => "refused",
        }
    }
}
