//! What the codes of an application's calls mean (wire/feishu.md, 2.6); the body counts before the status.

use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use crate::chat::{Answer, Meaning, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected, StaleCredential, Transient};
use crate::error::{ErrorKind, SendError};
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{HttpReply, excerpt};

const SECRET: &str = "copy App ID and App Secret from the application's page again";
const STALE: &str = "if it stays, copy App ID and App Secret from the application's page again";
const SCOPE: &str =
    "the application lacks the right that the answer names: grant it, and publish a version";
const MONTH: &str = "the company's calls of this month are used up: buy more, or group more until the month is over";
const SLOWER: &str =
    "Feishu takes 50 calls a second of an application, and 5 to one person or chat: group more";
const MEMBER: &str =
    "add the application's bot to the chat, and the person to the application's scope (可用范围)";
const PUBLISH: &str = "switch the application's bot on, and publish a version";
const BUZZ: &str = "what the company has bought of 加急 is used up: buy more (费用中心 → 权益数据)";
const VISIBLE: &str =
    "the person is outside the application's data scope (通讯录权限范围): widen it";
/// Also of a question to which nobody is the answer.
pub(super) const NOBODY: &str = "nobody in the application's scope (通讯录权限范围) has it: widen the scope, or name the open id";
const UNKNOWN: &str = "Feishu does not know this id: copy the person's open id or user id again";
const WAIT: Duration = Duration::from_secs(5);

const CODES: &[Meaning] = &[
    Meaning::new(10_003, Misconfigured, SECRET),
    Meaning::new(10_014, Misconfigured, SECRET),
    Meaning::quota(99_991_400, WAIT, SLOWER),
    Meaning::new(99_991_403, Misconfigured, MONTH),
    Meaning::new(99_991_661, StaleCredential, STALE),
    Meaning::new(99_991_663, StaleCredential, STALE),
    Meaning::new(99_991_664, StaleCredential, STALE),
    Meaning::new(99_991_668, Misconfigured, SECRET),
    Meaning::new(99_991_671, Misconfigured, SECRET),
    Meaning::new(99_991_672, Misconfigured, SCOPE),
    Meaning::new(99_991_677, Misconfigured, SECRET),
    Meaning::new(41_012, Rejected, UNKNOWN),
    Meaning::new(41_050, Misconfigured, VISIBLE),
    Meaning::new(40_004, Misconfigured, VISIBLE),
    Meaning::new(
        230_001,
        Rejected,
        "check the ids: the reason stands after ext= in the answer",
    ),
    Meaning::new(230_002, Misconfigured, MEMBER),
    Meaning::new(230_006, Misconfigured, PUBLISH),
    Meaning::new(
        230_012,
        Rejected,
        "the message to be buzzed is not the application's own",
    ),
    Meaning::new(230_013, Rejected, MEMBER),
    Meaning::quota(230_020, WAIT, SLOWER),
    Meaning::new(
        230_022,
        Rejected,
        "Feishu holds the text to be sensitive: check the template",
    ),
    Meaning::new(230_023, Rejected, "the person has too many unread buzzes"),
    Meaning::new(230_024, Rejected, BUZZ),
    Meaning::new(230_025, Rejected, "shorten the template"),
    Meaning::new(230_027, Misconfigured, SCOPE),
    Meaning::new(
        230_052,
        Misconfigured,
        "only the chat's owner may buzz: change the chat's settings",
    ),
    Meaning::new(230_098, Rejected, "the chat is folded"),
    Meaning::new(
        230_099,
        Rejected,
        "Feishu could not make the card: check the template",
    ),
    Meaning::new(
        230_101,
        Transient,
        "new applications may be held back for a while: ask Feishu when it lasts",
    ),
    Meaning::new(230_110, Rejected, "the message is deleted"),
    Meaning::new(
        232_009,
        Rejected,
        "the chat is dissolved: choose another one",
    ),
];

/// Whether a refusal says that nobody has this id, number or address; not that they cannot be seen.
pub(super) fn is_nobody(error: &SendError) -> bool {
    error.kind == Rejected && [UNKNOWN, NOBODY].contains(&error.fix)
}

/// An answer whose code is 0.
pub(super) fn read(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    let answer = Answer::read(reply, now, &["code"], &["msg", "message"])?;
    if answer.code == 0 {
        return Ok(answer.body);
    }
    let mut error = refusal(&answer, reply, now, CODES);
    if let Some(log) = answer.body["error"]["log_id"].as_str() {
        // Feishu's people ask for it.
        error.detail = excerpt(&format!("{} (log_id {log})", error.detail));
    }
    let reset = reply.header("x-ogw-ratelimit-reset");
    let reset = reset.and_then(|text| text.trim().parse().ok());
    match reset {
        Some(seconds)
            if error.kind == ErrorKind::RateLimited && reply.header("retry-after").is_none() =>
        {
            Err(error.after(Duration::from_secs(seconds).min(MAX_RETRY_AFTER)))
        }
        _ => Err(error),
    }
}
