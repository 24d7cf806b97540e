//! Answers that say in a code of their own what became of a message, whatever the HTTP status.

use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use serde_json::Value;

use crate::channel::Outcome;
use crate::error::{ErrorKind, SendError};
use crate::http::{HttpReply, excerpt, status_error};

/// An answer with a code; 0 is a yes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The provider's code.
    pub(crate) code: i64,
    /// Its words.
    pub(crate) words: String,
    /// The whole answer.
    pub(crate) body: Value,
}

/// What a code means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    code: i64,
    kind: ErrorKind,
    fix: &'static str,
    wait: Option<Duration>,
}

impl Meaning {
    /// A code, what to do, and what a person can do.
    pub(crate) const fn new(code: i64, kind: ErrorKind, fix: &'static str) -> Self {
        Self {
            code,
            kind,
            fix,
            wait: None,
        }
    }

    /// A code of a quota, and how long to keep still.
    pub(crate) const fn quota(code: i64, wait: Duration, fix: &'static str) -> Self {
        Self {
            code,
            kind: ErrorKind::RateLimited,
            fix,
            wait: Some(wait),
        }
    }
}

impl Meaning {
    /// Whether it is the meaning of this code.
    pub(crate) const fn is(&self, code: i64) -> bool {
        self.code == code
    }
}

impl Answer {
    /// Reads the first of the `codes` that the answer has (a number, or a number as text) and the first of the
    /// `words`. An answer without a code is judged by its status; a 2xx without one is an unknown outcome.
    pub(crate) fn read(
        reply: &HttpReply,
        now: Time,
        codes: &[&str],
        words: &[&str],
    ) -> Result<Self, SendError> {
        let body: Value = match reply.json() {
            Ok(body) => body,
            Err(unreadable) if reply.is_success() => return Err(unreadable),
            Err(_) => return Err(status_error(reply, now)),
        };
        let code = codes.iter().find_map(|name| number(body.get(name)?));
        let words = words
            .iter()
            .find_map(|name| body.get(name)?.as_str())
            .unwrap_or_default()
            .to_owned();
        match code {
            Some(code) if code != 0 || reply.is_success() => Ok(Self { code, words, body }),
            _ if !reply.is_success() => Err(status_error(reply, now)),
            _ => {
                let detail = format!("the answer has no code: {}", reply.excerpt());
                Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
            }
        }
    }

    /// Code and words for a record.
    pub(crate) fn detail(&self) -> String {
        excerpt(&format!("{} {}", self.code, self.words))
    }
}

fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// What a refusal means by the provider's table; a code that it does not have is judged by the status, and
/// is a refusal for good under a 2xx.
pub(crate) fn refusal(
    answer: &Answer,
    reply: &HttpReply,
    now: Time,
    table: &[Meaning],
) -> SendError {
    let found = table.iter().find(|meaning| meaning.code == answer.code);
    let Some(meaning) = found else {
        if !reply.is_success() {
            return status_error(reply, now);
        }
        let fix = "look the code up in the provider's list of error codes";
        return SendError::new(ErrorKind::Rejected, answer.detail()).fix(fix);
    };
    let error = SendError::new(meaning.kind, answer.detail()).fix(meaning.fix);
    let may_wait = matches!(meaning.kind, ErrorKind::RateLimited | ErrorKind::Transient);
    match reply.retry_after(now).filter(|_| may_wait).or(meaning.wait) {
        Some(wait) => error.after(wait),
        None => error,
    }
}

/// Shortest text that counts as a secret; shorter ones stand in many words.
const SHORTEST: usize = 6;

/// The outcome without secrets, which some providers repeat in their answers. Of a URL, each value of the
/// query and the last part of the path count.
pub(crate) fn hide(outcome: Outcome, secrets: &[&Secret]) -> Outcome {
    let clean = |mut text: String| {
        for secret in secrets.iter().map(|secret| secret.reveal()) {
            for part in parts(secret) {
                if part.len() >= SHORTEST && text.contains(&part) {
                    text = text.replace(&part, "…");
                }
            }
        }
        text
    };
    match outcome {
        Ok(mut receipt) => {
            receipt.answer = clean(receipt.answer);
            Ok(receipt)
        }
        Err(mut error) => {
            error.detail = clean(error.detail);
            Err(error)
        }
    }
}

/// The secret itself, and where it is a URL what in it is secret.
fn parts(secret: &str) -> Vec<String> {
    let mut parts = vec![secret.to_owned()];
    if let Ok(url) = url::Url::parse(secret) {
        parts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        if url.query().is_none() {
            let last = url.path_segments().and_then(Iterator::last);
            parts.extend(last.map(ToOwned::to_owned));
        }
    }
    parts
}
