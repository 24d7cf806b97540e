//! Looks at what expires elsewhere, through the guarded client: no channel, but a call outwards all the same.

pub mod certificate;
pub mod domain;
pub mod rdap;
mod reach;
mod starttls;
#[cfg(test)]
mod tests;
pub mod whois;

use balefire_core::monitor::Certificate;
use balefire_core::time::Time;

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it expires.
    pub expires_at: Time,
    /// Who issued it, or with whom it is registered; may be empty.
    pub detail: String,
    /// What a certificate says besides.
    pub certificate: Option<Certificate>,
}

impl Seen {
    /// That it expires then.
    pub(crate) fn at(expires_at: Time) -> Self {
        Self {
            expires_at,
            detail: String::new(),
            certificate: None,
        }
    }
}

/// Why nothing was seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// The host is out of reach, cannot be found, or does not answer.
    #[error("{0}")]
    Unreachable(String),
    /// What answered is not what was looked for.
    #[error("{0}")]
    Unreadable(String),
    /// The registry has no such service, or the service says no date: another may know it.
    #[error("{0}")]
    Unknown(String),
    /// It took too long.
    #[error("no answer within {0} s")]
    Slow(u64),
}

/// Characters of what others say that are kept.
const LONGEST_DETAIL: usize = 200;

/// A text of others as one short line.
fn shown(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(LONGEST_DETAIL).collect()
}
