//! Looks at what expires elsewhere, through the guarded client: no channel, but a call outwards all the same.

pub mod certificate;
pub mod rdap;
#[cfg(test)]
mod tests;

use balefire_core::time::Time;

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it expires.
    pub expires_at: Time,
    /// Who issued it, or with whom it is registered; may be empty.
    pub detail: String,
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
