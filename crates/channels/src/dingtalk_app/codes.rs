//! What the codes of the older API mean (wire/dingtalk.md, B): HTTP 200 with `errcode`.

use std::time::Duration;

use balefire_core::time::Time;

use crate::chat::{Answer, Meaning, refusal};
use crate::dingtalk_robot::banned;
use crate::error::ErrorKind::{Misconfigured, Rejected, StaleCredential, Transient};
use crate::error::SendError;
use crate::http::HttpReply;

pub(super) const SECRET: &str =
    "if it stays, copy the Client Secret again (开发者后台 → 凭证与基础信息)";
pub(super) const RIGHTS: &str =
    "the application lacks the right that the answer names: grant it (开发者后台 → 权限管理)";
pub(super) const ADDRESS: &str = "add this machine's public address, which the answer names, to the application's list (服务器出口IP)";
pub(super) const MONTH: &str = "the company's calls of this month are used up: buy more, or group more until the month is over";
pub(super) const TOO_FAST: &str = "DingTalk takes 20 calls a second of an application: group more";
pub(super) const UNKNOWN: &str =
    "DingTalk does not know this user: look the user id up in the address book (员工UserID)";
const NUMBER: &str = "nobody in the company has this mobile number: correct to_mobile, or name the user id in to_user";
const SCOPE: &str = "the person is outside the application's visible scope (可使用范围): widen it";

/// Codes of all calls below `/topapi`.
const CODES: &[Meaning] = &[
    Meaning::new(-1, Transient, ""),
    Meaning::new(34_015, Transient, ""),
    Meaning::new(40_001, StaleCredential, SECRET),
    Meaning::new(40_014, StaleCredential, SECRET),
    Meaning::new(42_001, StaleCredential, SECRET),
    Meaning::quota(90_002, Duration::from_mins(1), TOO_FAST),
    Meaning::quota(90_018, Duration::from_secs(1), TOO_FAST),
    Meaning::new(90_020, Misconfigured, MONTH),
    Meaning::new(88, Misconfigured, RIGHTS),
    Meaning::new(60_011, Misconfigured, RIGHTS),
    Meaning::new(60_020, Misconfigured, ADDRESS),
    Meaning::new(
        40_056,
        Misconfigured,
        "check agent_id (开发者后台 → 凭证与基础信息 → AgentId)",
    ),
    Meaning::new(33_012, Rejected, UNKNOWN),
    Meaning::new(60_121, Rejected, UNKNOWN),
    Meaning::new(40_104, Rejected, NUMBER),
    Meaning::new(50_002, Rejected, SCOPE),
    Meaning::new(
        34_016,
        Rejected,
        "shorten the template: a work notice has 2048 bytes",
    ),
    Meaning::new(40_035, Rejected, "DingTalk does not take this message"),
    Meaning::new(400_002, Rejected, "DingTalk does not take this request"),
];

/// Whether a refusal says that nobody has this id or number; not that they cannot be seen.
pub(super) fn is_nobody(error: &SendError) -> bool {
    error.kind == Rejected && [UNKNOWN, NUMBER].contains(&error.fix)
}

/// The answer if it is a yes.
pub(super) fn read(reply: &HttpReply, now: Time) -> Result<Answer, SendError> {
    if let Some(error) = banned(reply) {
        return Err(error);
    }
    let mut answer = Answer::read(reply, now, &["errcode"], &["errmsg"])?;
    // 88 wraps what is wrong with the token or the right.
    if answer.code == 88 {
        let word = |key: &str| answer.body[key].as_str().unwrap_or_default().to_owned();
        let (sub_code, sub_words) = (word("sub_code"), word("sub_msg"));
        answer.words = format!("{} {sub_code} {sub_words}", answer.words);
        answer.code = sub_code
            .parse()
            .ok()
            .filter(|code| CODES.iter().any(|meaning| meaning.is(*code)))
            .unwrap_or(88);
    }
    match answer.code {
        0 => Ok(answer),
        _ => Err(refusal(&answer, reply, now, CODES)),
    }
}
