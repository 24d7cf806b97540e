//! What Pushover's answers mean (wire/ntfy_gotify_pushover_bark.md, Pushover).

use balefire_core::time::Time;
use serde_json::Value;

use crate::channel::Outcome;
use crate::chat::{Words, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{HttpReply, excerpt};

const MONTH: &str =
    "the month's messages are used up: group more, or buy more at https://pushover.net/apps";

/// Words of refusals.
const WORDS: &[Words] = &[
    Words::new(
        "token is invalid",
        Misconfigured,
        "copy the application's token from https://pushover.net/apps again",
    ),
    Words::new(
        "user identifier is not a valid",
        Rejected,
        "copy the person's or group's key again; the account may have ended",
    ),
    Words::new(
        "user key is invalid",
        Rejected,
        "copy the person's or group's key again",
    ),
    Words::new("device name is not valid", Rejected, "check device"),
    Words::new(
        "no active devices",
        Rejected,
        "the person has no device that could be reached",
    ),
    Words::new("message cannot be blank", Rejected, "check the template"),
];

/// `status: 1` is a yes; what stands in `errors` counts before the status.
pub(in crate::push) fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if reply.status == 429 {
        return Err(month(reply, now));
    }
    let body: Result<Value, SendError> = reply.json();
    if !reply.is_success() {
        let body = body.unwrap_or_default();
        let errors = body["errors"].as_array().into_iter().flatten();
        let words: Vec<&str> = errors.filter_map(Value::as_str).collect();
        let said = if words.is_empty() {
            reply.excerpt()
        } else {
            words.join("; ")
        };
        return Err(worded(&said, reply, now, WORDS));
    }
    let answer = body?;
    if answer["status"] != 1 {
        let detail = format!("the answer is no yes: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    }
    let word = |key: &str| answer[key].as_str().map(ToOwned::to_owned);
    Ok(Receipt {
        provider_id: word("receipt")
            .or_else(|| word("request"))
            .unwrap_or_default(),
        answer: "ok".to_owned(),
    })
}

/// The month's quota; when it begins anew is told in seconds since the epoch.
fn month(reply: &HttpReply, now: Time) -> SendError {
    let error = worded(&reply.excerpt(), reply, now, &[]).fix(MONTH);
    let reset = reply
        .header("x-limit-app-reset")
        .and_then(|text| text.trim().parse().ok());
    match reset {
        Some(seconds) if error.retry_after.is_none() => {
            let wait = Time::from_secs(seconds).since(now);
            error.after(wait.min(MAX_RETRY_AFTER))
        }
        _ => error,
    }
}
