//! What the error names of the current API mean (wire/dingtalk.md, B.4 and B.5): a status, and `code` in the body.

use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use super::codes::{ADDRESS, MONTH, RIGHTS, SECRET, TOO_FAST, UNKNOWN};
use crate::dingtalk_robot::banned;
use crate::error::ErrorKind::{
    self, Misconfigured, RateLimited, Rejected, StaleCredential, Transient, UnknownOutcome,
};
use crate::error::SendError;
use crate::http::{HttpReply, excerpt, status_error};

const CREDENTIAL: &str = "copy Client ID and Client Secret again (开发者后台 → 凭证与基础信息)";
const GROUP: &str =
    "the robot cannot reach this group: check conversation_id, and add the robot to the group";
const ROBOT: &str = "check robot_code, and switch the application's robot on (开发者后台 → 机器人)";
const UNSAFE: &str = "DingTalk's content check refused this text or link: change its words";
const CREDIT: &str =
    "the company's DING credit is used up: buy more (管理后台 → 增值服务 → 产品专区)";
const CARD: &str =
    "somebody took the card back, or another application made it: the next message is a new card";
const PARAMETER: &str = "DingTalk does not take this request: check the entry's ids";

/// Names, what to do about them, how long to keep still, and what a person can do.
const NAMES: &[(&[&str], ErrorKind, u64, &str)] = &[
    (&["InvalidAuthentication"], StaleCredential, 0, SECRET),
    (
        &[
            "send.too.fast",
            "send.byToken.tooFast",
            "too.many.people",
            "too.many.group",
            "toomuch.msg",
            "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
        ],
        RateLimited,
        60,
        TOO_FAST,
    ),
    (
        &[
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            "Forbidden.AccessDenied.QpsLimitForApi",
        ],
        RateLimited,
        1,
        TOO_FAST,
    ),
    (
        &[
            "system.error",
            "system.busy",
            "server.error",
            "unknownError",
            "ServiceUnavailable",
            "send.ding.exception",
        ],
        Transient,
        0,
        "",
    ),
    (
        &[
            "invalidClientIdOrSecret",
            "invalid.client",
            "unauthorized.client",
            "unsupported.grant.type",
        ],
        Misconfigured,
        0,
        CREDENTIAL,
    ),
    (
        &["Forbidden.AccessDenied.ApiCountLimitForOrg"],
        Misconfigured,
        0,
        MONTH,
    ),
    (
        &["Forbidden.AccessDenied.IpNotInWhiteList"],
        Misconfigured,
        0,
        ADDRESS,
    ),
    (&["ding.serverquota.insufficient"], Misconfigured, 0, CREDIT),
    (GONE, Misconfigured, 0, GROUP),
    (
        &[
            "bot.stopped",
            "template.stopped",
            "robot.oto.notExist",
            "chatbotId.notAllow.sendOTO",
            "invalid.chatbotId",
            "invalidParameter.robotCode.notExsit",
            "invalidParameter.robotCode.auth",
        ],
        Misconfigured,
        0,
        ROBOT,
    ),
    (
        &["staffId.notExisted", "miss.staffId"],
        Rejected,
        0,
        UNKNOWN,
    ),
    (
        &[
            "contain.unsafe.url",
            "contain.notAllowed.text",
            "contain.notAllowed.picture",
            "contain.notAllowed.content",
        ],
        Rejected,
        0,
        UNSAFE,
    ),
    (&[NO_CARD], Rejected, 0, CARD),
    (
        &["invalidParameter.msgParam.tooLong"],
        Rejected,
        0,
        "shorten the template: DingTalk takes 15000 bytes",
    ),
];

/// A card is not there any more.
pub(super) const NO_CARD: &str = "param.cardNotExist";

/// A group is not there any more, or not for us.
const GONE: &[&str] = &[
    "group.disbanded",
    "invalid.openConversationId",
    "conversation.org.notMatch",
];

/// Beginnings of names, for those that no table can list.
const FAMILIES: &[(&str, ErrorKind, &str)] = &[
    ("Forbidden.AccessDenied", Misconfigured, RIGHTS),
    ("invalidParameter.", Rejected, PARAMETER),
    ("miss.param.", Rejected, PARAMETER),
];

/// The answer if it is a yes; its name counts before the status.
pub(super) fn read(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    if let Some(error) = banned(reply) {
        return Err(error);
    }
    let answer: Value = match reply.json() {
        Ok(answer) => answer,
        Err(unreadable) if reply.is_success() => return Err(unreadable),
        Err(_) => return Err(status_error(reply, now)),
    };
    match answer["code"].as_str() {
        Some(name) => Err(named(name, &answer, reply, now)),
        None if !reply.is_success() => Err(status_error(reply, now)),
        None if answer.is_object() => Ok(answer),
        None => {
            let detail = format!("the answer is no object: {}", reply.excerpt());
            Err(SendError::new(UnknownOutcome, excerpt(&detail)))
        }
    }
}

fn named(name: &str, answer: &Value, reply: &HttpReply, now: Time) -> SendError {
    let words = answer["message"].as_str().unwrap_or_default();
    let detail = excerpt(&format!("{name}: {words}"));
    let known = NAMES.iter().find(|(names, ..)| names.contains(&name));
    if let Some((_, kind, wait, fix)) = known {
        let error = SendError::new(*kind, detail).fix(fix);
        let own = (*wait > 0).then(|| Duration::from_secs(*wait));
        let wish = reply.retry_after(now).filter(|_| kind.may_retry()).or(own);
        return match wish {
            Some(wait) => error.after(wait),
            None => error,
        };
    }
    let family = FAMILIES.iter().find(|(start, ..)| name.starts_with(start));
    if let Some((_, kind, fix)) = family {
        return SendError::new(*kind, detail).fix(fix);
    }
    if reply.is_success() {
        return SendError::new(Rejected, detail).fix(PARAMETER);
    }
    SendError {
        detail,
        ..status_error(reply, now)
    }
}

/// Whether a refusal says that the group is not there any more, or not for us.
pub(super) fn is_gone(error: &SendError) -> bool {
    let name = error.detail.split(':').next().unwrap_or_default();
    GONE.contains(&name)
}
