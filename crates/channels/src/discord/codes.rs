//! What Discord's codes mean (wire/discord.md, "Errors").

use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use crate::chat::{Answer, Meaning, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected};
use crate::error::SendError;
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{HttpReply, status_error};

const HOOK: &str =
    "copy the webhook's URL from the channel's settings again; it may have been removed";
const FORM: &str = "Discord could not read the message: check the template and the entry's texts";
const FORUM: &str = "set thread_id: a forum channel takes messages in threads only";
const RIGHT: &str = "give the webhook's channel back to it, or make a new webhook";
const SLOWER: &str = "a webhook takes about 5 messages in 2 seconds: group more";
/// How long to keep still when the answer is not Discord's own: its front has locked this address out.
const LOCKED: Duration = Duration::from_mins(1);

/// Codes of an answer that is no success.
const CODES: &[Meaning] = &[
    Meaning::new(10_003, Misconfigured, HOOK),
    Meaning::new(10_008, Rejected, "the message is not there any more"),
    Meaning::new(10_015, Misconfigured, HOOK),
    Meaning::quota(20_028, Duration::from_secs(2), SLOWER),
    Meaning::new(30_046, Rejected, "the message is too old to be changed"),
    Meaning::new(40_001, Misconfigured, HOOK),
    Meaning::new(50_001, Misconfigured, RIGHT),
    Meaning::new(50_006, Rejected, FORM),
    Meaning::new(50_007, Rejected, "this person takes no messages"),
    Meaning::new(50_013, Misconfigured, RIGHT),
    Meaning::new(50_027, Misconfigured, HOOK),
    Meaning::new(50_035, Rejected, FORM),
    Meaning::new(50_109, Rejected, FORM),
    Meaning::new(220_001, Misconfigured, FORUM),
    Meaning::new(
        220_003,
        Misconfigured,
        "remove thread_id: only forum channels have such threads",
    ),
];

/// The message, or the webhook, that a success answers with.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    if reply.is_success() {
        let answer: Value = reply.json()?;
        if answer["id"].is_string() {
            return Ok(answer);
        }
        let detail = format!("the answer has no id: {}", reply.excerpt());
        let kind = crate::error::ErrorKind::UnknownOutcome;
        return Err(SendError::new(kind, crate::http::excerpt(&detail)));
    }
    let body: Option<Value> = reply.json().ok();
    if reply.status == 429 {
        return Err(too_fast(body.as_ref(), reply, now));
    }
    match Answer::read(reply, now, &["code"], &["message"]) {
        Ok(answer) => Err(refusal(&answer, reply, now, CODES)),
        Err(error) if reply.status == 404 => Err(error.fix(HOOK)),
        Err(error) => Err(error),
    }
}

/// The wait stands in the body as seconds with a fraction; without a body it is not Discord that answers but its
/// front.
fn too_fast(body: Option<&Value>, reply: &HttpReply, now: Time) -> SendError {
    let error = status_error(reply, now).fix(SLOWER);
    let wait = match body.map(|body| &body["retry_after"]) {
        Some(seconds) => seconds
            .as_f64()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds.ceil()).ok()),
        None => Some(reply.retry_after(now).unwrap_or(LOCKED)),
    };
    match wait {
        // A header that says more than the body is the one to go by.
        Some(wait) => {
            let header = error.retry_after.unwrap_or_default();
            let wait = if body.is_some() {
                wait.max(header)
            } else {
                wait
            };
            error.after(wait.min(MAX_RETRY_AFTER))
        }
        None => error,
    }
}
