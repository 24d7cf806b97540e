//! What became of a try, in the one question that matters: what now?

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kinds of failure; the delivery acts on the kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Try again later: network, 5xx, greylisting.
    Transient,
    /// The provider's quota: try again after `retry_after`, slow the account down.
    RateLimited,
    /// The cached token is no longer good: refresh once, then try again at once.
    StaleCredential,
    /// The account is set up wrongly (bad secret, missing keyword, IP not allowed): nothing sent through
    /// it will work until somebody changes it.
    Misconfigured,
    /// The provider refuses this message or this target for good.
    Rejected,
    /// The channel cannot do what was asked.
    Unsupported,
    /// The request left and no answer came: it may or may not have arrived.
    UnknownOutcome,
}

impl ErrorKind {
    /// Whether the same message may be tried again through the same account.
    pub const fn may_retry(self) -> bool {
        matches!(
            self,
            Self::Transient | Self::RateLimited | Self::StaleCredential | Self::UnknownOutcome
        )
    }

    /// The word in the API, the console and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::RateLimited => "rate_limited",
            Self::StaleCredential => "stale_credential",
            Self::Misconfigured => "misconfigured",
            Self::Rejected => "rejected",
            Self::Unsupported => "unsupported",
            Self::UnknownOutcome => "unknown_outcome",
        }
    }
}

/// A failed try.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.as_str())]
pub struct SendError {
    /// What to do about it.
    pub kind: ErrorKind,
    /// The provider's wish, where it gave one.
    pub retry_after: Option<Duration>,
    /// What the provider said, first 256 bytes, no secrets.
    pub detail: String,
    /// What a person can do about it, in words; empty when there is nothing to say.
    pub fix: &'static str,
}

impl SendError {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            retry_after: None,
            detail: detail.into(),
            fix: "",
        }
    }

    /// With the advice for a person.
    #[must_use]
    pub fn fix(mut self, fix: &'static str) -> Self {
        self.fix = fix;
        self
    }

    /// With the provider's wish when to come back.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

/// A try that the provider took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's own id of the message, where it gives one.
    pub provider_id: String,
    /// What the provider answered, first 256 bytes, no secrets.
    pub answer: String,
}
