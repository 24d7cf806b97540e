//! Refusals with a name, such as `isv.AMOUNT_NOT_ENOUGH`, and what each of them means.

use std::time::Duration;

use balefire_core::time::Time;

use crate::error::{ErrorKind, SendError};
use crate::http::{HttpReply, excerpt, status_error};

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    name: &'static str,
    kind: ErrorKind,
    fix: &'static str,
    wait: Option<Duration>,
    one_number: bool,
}

/// A refused call.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// What to do about it.
    pub(crate) error: SendError,
    /// Whether a single number of those in the call may be the reason.
    pub(crate) one_number: bool,
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self {
            error,
            one_number: false,
        }
    }
}

impl Meaning {
    /// A name (or with `*` at its end the beginning of one), what to do, and what a person can do.
    pub(crate) const fn new(name: &'static str, kind: ErrorKind, fix: &'static str) -> Self {
        Self {
            name,
            kind,
            fix,
            wait: None,
            one_number: false,
        }
    }

    /// Something that nothing but the account's owner can mend.
    pub(crate) const fn account(name: &'static str, fix: &'static str) -> Self {
        Self::new(name, ErrorKind::Misconfigured, fix)
    }

    /// A message that is refused for good.
    pub(crate) const fn message(name: &'static str, fix: &'static str) -> Self {
        Self::new(name, ErrorKind::Rejected, fix)
    }

    /// A number that is refused for good.
    pub(crate) const fn number(name: &'static str, fix: &'static str) -> Self {
        let mut meaning = Self::new(name, ErrorKind::Rejected, fix);
        meaning.one_number = true;
        meaning
    }

    /// A quota, and how long to keep still.
    pub(crate) const fn quota(name: &'static str, wait: Duration, fix: &'static str) -> Self {
        let mut meaning = Self::new(name, ErrorKind::RateLimited, fix);
        meaning.wait = Some(wait);
        meaning
    }

    /// A quota of one person, which others in the same call may still have room in.
    pub(crate) const fn one_persons_quota(
        name: &'static str,
        wait: Duration,
        fix: &'static str,
    ) -> Self {
        let mut meaning = Self::quota(name, wait, fix);
        meaning.one_number = true;
        meaning
    }

    /// Comes right by itself.
    pub(crate) const fn passing(name: &'static str) -> Self {
        Self::new(name, ErrorKind::Transient, "")
    }

    /// Comes right by itself, but not before so long.
    pub(crate) const fn passing_after(name: &'static str, wait: Duration) -> Self {
        let mut meaning = Self::passing(name);
        meaning.wait = Some(wait);
        meaning
    }

    /// Whether it is the meaning of this name.
    fn covers(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => self.name == name,
        }
    }

    fn error(&self, detail: String) -> SendError {
        let error = SendError::new(self.kind, detail).fix(self.fix);
        match self.wait {
            Some(wait) => error.after(wait),
            None => error,
        }
    }
}

/// What a name means where the answer has one for each number; one that the table does not have is a refusal for
/// good.
pub(crate) fn named(name: &str, words: &str, table: &[Meaning]) -> SendError {
    let detail = excerpt(&format!("{name} {words}"));
    match table.iter().find(|meaning| meaning.covers(name)) {
        Some(meaning) => meaning.error(detail),
        None => SendError::new(ErrorKind::Rejected, detail)
            .fix("look the code up in the provider's list of error codes"),
    }
}

/// What a refusal means by the provider's table; the first entry that covers the name counts. A name that the
/// table does not have is judged by the status, and is a refusal for good under a 2xx.
pub(crate) fn refusal(
    name: &str,
    words: &str,
    reply: &HttpReply,
    now: Time,
    table: &[Meaning],
) -> Refusal {
    let known = table.iter().find(|meaning| meaning.covers(name));
    if known.is_none() && !reply.is_success() {
        return status_error(reply, now).into();
    }
    let mut error = named(name, words, table);
    if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Transient) {
        error.retry_after = reply.retry_after(now).or(error.retry_after);
    }
    Refusal {
        error,
        one_number: known.is_some_and(|meaning| meaning.one_number),
    }
}
