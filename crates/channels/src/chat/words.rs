//! Answers that say in words what became of a message: names of errors and sentences.

use std::time::Duration;

use balefire_core::time::Time;

use crate::error::{ErrorKind, SendError};
use crate::http::{HttpReply, excerpt, status_error};

/// What words in a provider's answer mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// In lower case.
    part: &'static str,
    kind: ErrorKind,
    fix: &'static str,
    wait: Option<Duration>,
}

impl Words {
    /// Words in lower case, what to do, and what a person can do.
    pub(crate) const fn new(part: &'static str, kind: ErrorKind, fix: &'static str) -> Self {
        Self {
            part,
            kind,
            fix,
            wait: None,
        }
    }

    /// Words of a quota, and how long to keep still.
    pub(crate) const fn quota(part: &'static str, wait: Duration, fix: &'static str) -> Self {
        Self {
            part,
            kind: ErrorKind::RateLimited,
            fix,
            wait: Some(wait),
        }
    }
}

/// What a refusal means by the first of the table's words that stand in what the provider said, in whatever
/// case; else by the status, and under a 2xx it is a refusal for good.
pub(crate) fn worded(said: &str, reply: &HttpReply, now: Time, table: &[Words]) -> SendError {
    let small = said.to_lowercase();
    let Some(found) = table.iter().find(|words| small.contains(words.part)) else {
        if !reply.is_success() {
            let by_status = status_error(reply, now);
            let detail = excerpt(&format!("status {}: {said}", reply.status));
            let detail = if said.is_empty() {
                by_status.detail
            } else {
                detail
            };
            return SendError {
                detail,
                ..by_status
            };
        }
        let fix = "look the words up in the provider's documentation";
        return SendError::new(ErrorKind::Rejected, excerpt(said)).fix(fix);
    };
    let detail = excerpt(&format!("status {}: {said}", reply.status));
    let error = SendError::new(found.kind, detail).fix(found.fix);
    let may_wait = matches!(found.kind, ErrorKind::RateLimited | ErrorKind::Transient);
    match reply.retry_after(now).filter(|_| may_wait).or(found.wait) {
        Some(wait) => error.after(wait),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::sample::reply;

    const TABLE: &[Words] = &[
        Words::new("bad token", ErrorKind::Misconfigured, "copy it again"),
        Words::quota("too many", Duration::from_secs(5), "group more"),
    ];

    #[test]
    fn the_first_words_that_are_said_decide_and_else_the_status() {
        for (status, said, kind) in [
            (400, "Error: Bad Token, too many", ErrorKind::Misconfigured),
            (500, "Too many of them", ErrorKind::RateLimited),
            (500, "else", ErrorKind::Transient),
            (400, "", ErrorKind::Rejected),
            (200, "no", ErrorKind::Rejected),
        ] {
            let error = worded(said, &reply(status, said), Time::EPOCH, TABLE);
            assert_eq!(error.kind, kind, "{status} {said}");
            assert!(error.detail.contains(said), "{}", error.detail);
        }
    }
}
