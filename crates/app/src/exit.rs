//! Exit codes: documented, stable.

use std::fmt;
use std::process::ExitCode;

/// How a command ended. Two more come from elsewhere: 2 when the command line itself is wrong, 130
/// after Ctrl-C.
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
    /// `doctor`, `oncall coverage` or `shadow report` found something to mend.
    Problems = 9,
    /// Not now: the same call may work in a moment.
    Temporary = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that ends the command with a code of its own.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The code.
    pub(crate) exit: Exit,
    words: String,
}

impl Ended {
    /// An error with this code and these words.
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            words: words.into(),
        }
    }

    /// The input breaks a rule.
    pub(crate) fn invalid(words: impl Into<String>) -> Self {
        Self::new(Exit::Invalid, words)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Ended {}
