//! What in an answer says that the message was taken: its status, and a value in it where the operator names one.

use balefire_core::time::Time;
use serde_json::Value;

use crate::channel::Outcome;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{HttpReply, excerpt, status_error};
use crate::options::Options;

/// The operator's own rule.
#[derive(Debug, Default)]
pub(super) struct Success {
    /// Statuses that are a yes; none for every 2xx.
    statuses: Vec<u16>,
    pointer: Option<String>,
    values: Vec<String>,
    retry: Vec<String>,
    limit: Vec<String>,
    id: Option<String>,
}

impl Success {
    pub(super) fn of(options: &mut Options<'_>) -> Self {
        let owned = |texts: Vec<&str>| texts.into_iter().map(ToOwned::to_owned).collect();
        let values: Vec<String> = owned(options.texts("success_values"));
        let retry: Vec<String> = owned(options.texts("retry_values"));
        let limit: Vec<String> = owned(options.texts("limit_values"));
        let [pointer, id] = ["success_pointer", "id_pointer"].map(|key| pointer(options, key));
        for (key, given) in [
            ("success_values", &values),
            ("retry_values", &retry),
            ("limit_values", &limit),
        ] {
            if pointer.is_none() && !given.is_empty() {
                options.problem(
                    key,
                    "says nothing without success_pointer",
                    "name where in the answer they stand",
                );
            }
        }
        Self {
            statuses: statuses(options),
            pointer,
            values,
            retry,
            limit,
            id,
        }
    }

    /// A status that is no yes is judged as everywhere; after a yes the value decides. What should be there and
    /// cannot be read leaves it open whether the message was taken.
    pub(super) fn classify(&self, reply: &HttpReply, now: Time) -> Outcome {
        if !self.is_yes(reply.status) {
            return Err(refused(reply, now));
        }
        if self.pointer.is_none() && self.id.is_none() {
            return Ok(receipt(reply, String::new()));
        }
        let Some(pointer) = &self.pointer else {
            // Only for the record: an answer without it was still a yes.
            let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
            return Ok(receipt(reply, self.id_in(&body)));
        };
        let body: Value = reply.json()?;
        let Some(found) = body.pointer(pointer) else {
            let detail = format!("the answer has nothing at {pointer}: {}", reply.excerpt());
            return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
        };
        let word = word(found);
        let among = |values: &[String]| values.contains(&word);
        let good = if self.values.is_empty() {
            is_yes(found)
        } else {
            among(&self.values)
        };
        if good {
            return Ok(receipt(reply, self.id_in(&body)));
        }
        let kind = if among(&self.limit) {
            ErrorKind::RateLimited
        } else if among(&self.retry) {
            ErrorKind::Transient
        } else {
            ErrorKind::Rejected
        };
        let detail = format!("{pointer} is {word}: {}", reply.excerpt());
        let fix = match kind {
            ErrorKind::RateLimited => {
                "the receiver takes fewer messages: set the account's quotas, or group more"
            }
            ErrorKind::Transient => "",
            _ => {
                "the receiver says no in its answer; if it was a yes, write the value into success_values"
            }
        };
        let error = SendError::new(kind, excerpt(&detail)).fix(fix);
        Err(match reply.retry_after(now) {
            Some(wait) if kind.may_retry() => error.after(wait),
            _ => error,
        })
    }

    fn is_yes(&self, status: u16) -> bool {
        if self.statuses.is_empty() {
            (200..300).contains(&status)
        } else {
            self.statuses.contains(&status)
        }
    }

    fn id_in(&self, body: &Value) -> String {
        let found = self.id.as_ref().and_then(|pointer| body.pointer(pointer));
        found.map(word).map(|id| excerpt(&id)).unwrap_or_default()
    }
}

fn receipt(reply: &HttpReply, provider_id: String) -> Receipt {
    let said = reply.excerpt();
    Receipt {
        provider_id,
        answer: if said.is_empty() {
            format!("status {}", reply.status)
        } else {
            said
        },
    }
}

/// A 2xx that the operator does not call a yes is a refusal.
fn refused(reply: &HttpReply, now: Time) -> SendError {
    if reply.is_success() {
        let detail = format!(
            "status {} is not among success_status: {}",
            reply.status,
            reply.excerpt()
        );
        let fix = "the receiver says no in its answer; if it was a yes, write its status into success_status";
        return SendError::new(ErrorKind::Rejected, excerpt(&detail)).fix(fix);
    }
    status_error(reply, now)
}

/// A value as the operator writes it.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What most interfaces mean by it when nobody says what is a yes.
fn is_yes(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

fn statuses(options: &mut Options<'_>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for text in options.texts("success_status") {
        if let Ok(status @ 100..=599) = text.parse() {
            statuses.push(status);
        } else {
            let problem = format!("{text:?} is no HTTP status");
            options.problem("success_status", problem, "write numbers such as 200,202");
        }
    }
    statuses
}

fn pointer(options: &mut Options<'_>, key: &str) -> Option<String> {
    let text = options.text(key)?;
    if !text.starts_with('/') {
        let problem = format!("{text:?} is no JSON pointer");
        options.problem(key, problem, "write / before each key, as in /data/code");
    }
    Some(text.to_owned())
}
