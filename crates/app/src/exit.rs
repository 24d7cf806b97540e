//! Exit codes: documented, stable.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Ok = 0,
    /// It failed.
    Failure = 1,
    /// Nothing of that name.
    NotFound = 3,
    /// Not allowed.
    Auth = 4,
    /// Something else holds it.
    Conflict = 5,
    /// The input breaks a rule.
    Invalid = 6,
    /// It was not delivered.
    NotDelivered = 7,
    /// Still under way when the wait was over.
    TimedOut = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
