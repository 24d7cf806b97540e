//! What Matrix's errors mean (wire/matrix.md).

use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use crate::chat::{Words, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, SendError};
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{HttpReply, excerpt, status_error};

const TOKEN: &str = "log the bot's user in again, and put its new access token into the account";
const ROOM: &str = "invite the bot's user to the room, and let it write there";
const USER: &str = "the homeserver has locked the bot's user: ask its administrator";
const PLACE: &str =
    "check the room's id or alias, and base_url: the homeserver knows no such thing";
const FORM: &str = "the homeserver could not read the message: check the template";
const SLOWER: &str =
    "the homeserver slows the bot's user down: group more, or ask for an exception";
const WAIT: Duration = Duration::from_secs(5);

/// The errors' names; the longer of two that begin alike first.
const WORDS: &[Words] = &[
    Words::quota("m_limit_exceeded", WAIT, SLOWER),
    Words::new("m_unknown_token", Misconfigured, TOKEN),
    Words::new("m_missing_token", Misconfigured, TOKEN),
    Words::new("m_forbidden", Misconfigured, ROOM),
    Words::new("m_user_locked", Misconfigured, USER),
    Words::new("m_user_suspended", Misconfigured, USER),
    Words::new("m_user_deactivated", Misconfigured, USER),
    Words::new("m_user_limit_exceeded", Misconfigured, USER),
    Words::new("m_not_found", Misconfigured, PLACE),
    Words::new("m_unrecognized", Misconfigured, PLACE),
    Words::new("m_bad_json", Rejected, FORM),
    Words::new("m_not_json", Rejected, FORM),
    Words::new("m_invalid_param", Rejected, FORM),
    Words::new("m_too_large", Rejected, "shorten the template"),
    Words::new("m_unknown", Transient, ""),
];

/// A success's answer; an error's name counts before the status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    if reply.is_success() {
        let answer: Value = reply.json()?;
        return if answer.is_object() {
            Ok(answer)
        } else {
            Err(unnamed(&answer))
        };
    }
    let body: Value = reply.json().unwrap_or_default();
    let Some(name) = body["errcode"].as_str() else {
        return Err(status_error(reply, now));
    };
    let said = match body["error"].as_str() {
        Some(words) => format!("{name}: {words}"),
        None => name.to_owned(),
    };
    let error = worded(&said, reply, now, WORDS);
    let wish = body["retry_after_ms"].as_u64();
    match wish
        .filter(|_| error.kind == ErrorKind::RateLimited && reply.header("retry-after").is_none())
    {
        Some(millis) => {
            let seconds = millis.div_ceil(1_000);
            Err(error.after(Duration::from_secs(seconds).min(MAX_RETRY_AFTER)))
        }
        None => Err(error),
    }
}

/// A success that names no event.
pub(super) fn unnamed(answer: &Value) -> SendError {
    let detail = format!("the answer names no event: {answer}");
    SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail))
}
