//! What WeCom's codes mean (wire/wecom.md, 8).

use std::time::Duration;

use super::lookup::NOBODY;
use crate::chat::Meaning;
use crate::error::ErrorKind::{Misconfigured, Rejected, StaleCredential, Transient};
use crate::error::SendError;

const MINUTE: Duration = Duration::from_mins(1);
const SCOPE: &str =
    "the person or group is outside the application's visible scope (可见范围): widen it";
const UNKNOWN: &str = "WeCom does not know this user id: look it up in the address book (账号)";
const MOBILE: &str = "WeCom takes no such mobile number: write it as the address book shows it";
const TOO_LONG: &str = "shorten the template: the text is longer than WeCom takes";
const CHAT: &str = "check chat_id: only groups that this application has made can be reached";
const RIGHTS: &str = "the application lacks this permission: grant it in the admin console";
const HOOK: &str = "copy the robot's webhook again; the robot may have been removed";

/// Codes of the message path.
pub(super) const CODES: &[Meaning] = &[
    Meaning::new(-1, Transient, ""),
    Meaning::new(
        40_001,
        StaleCredential,
        "if it stays, copy the application's secret again",
    ),
    Meaning::new(
        40_014,
        StaleCredential,
        "if it stays, copy the application's secret again",
    ),
    Meaning::new(
        42_001,
        StaleCredential,
        "if it stays, copy the application's secret again",
    ),
    Meaning::new(40_013, Misconfigured, "check corp_id (我的企业 → 企业ID)"),
    Meaning::new(
        40_091,
        Misconfigured,
        "the secret belongs to another corp_id: check both",
    ),
    Meaning::new(
        40_056,
        Misconfigured,
        "check agent_id (AgentId of the application)",
    ),
    Meaning::new(41_002, Misconfigured, "give corp_id"),
    Meaning::new(41_004, Misconfigured, "give the application's secret"),
    Meaning::new(41_011, Misconfigured, "give agent_id"),
    Meaning::new(48_002, Misconfigured, RIGHTS),
    Meaning::new(48_004, Misconfigured, RIGHTS),
    Meaning::new(301_002, Misconfigured, RIGHTS),
    Meaning::new(
        50_003,
        Misconfigured,
        "the application is disabled: enable it in the admin console",
    ),
    Meaning::new(
        60_011,
        Misconfigured,
        "the application needs the whole company in its visible scope (可见范围) for this",
    ),
    Meaning::new(
        60_020,
        Misconfigured,
        "add the address that the answer names to the application's trusted IPs (企业可信IP)",
    ),
    Meaning::new(93_000, Misconfigured, HOOK),
    Meaning::new(
        93_004,
        Misconfigured,
        "the robot is disabled: enable it in the group",
    ),
    Meaning::new(
        93_008,
        Misconfigured,
        "the robot is not in the group any more: add it again",
    ),
    Meaning::new(86_001, Misconfigured, CHAT),
    Meaning::new(86_003, Misconfigured, CHAT),
    Meaning::new(86_008, Misconfigured, CHAT),
    Meaning::quota(
        45_009,
        MINUTE,
        "WeCom's limit is reached: group more, or use several robots",
    ),
    Meaning::quota(
        45_033,
        Duration::from_secs(2),
        "too many calls at once: lower concurrency",
    ),
    Meaning::new(40_003, Rejected, UNKNOWN),
    Meaning::new(40_031, Rejected, UNKNOWN),
    Meaning::new(46_004, Rejected, UNKNOWN),
    Meaning::new(60_103, Rejected, MOBILE),
    Meaning::new(60_111, Rejected, UNKNOWN),
    Meaning::new(50_002, Rejected, SCOPE),
    Meaning::new(
        81_013,
        Rejected,
        "nobody of those addressed can be reached: check the ids and the visible scope",
    ),
    Meaning::new(
        82_001,
        Rejected,
        "nobody of those addressed can be reached: check the ids and the visible scope",
    ),
    Meaning::new(40_058, Rejected, TOO_LONG),
    Meaning::new(45_002, Rejected, TOO_LONG),
    Meaning::new(44_004, Rejected, "the text is empty: check the template"),
    Meaning::new(
        40_008,
        Rejected,
        "WeCom does not take this kind of message here",
    ),
];

/// Whether a refusal says that nobody has this id, number or address; not that they cannot be seen.
pub(super) fn is_nobody(error: &SendError) -> bool {
    error.kind == Rejected && [UNKNOWN, MOBILE, NOBODY].contains(&error.fix)
}

/// Codes of the token call: a refused secret is wrong there, and no stale token.
pub(super) const TOKEN_CODES: &[Meaning] = &[
    Meaning::new(40_001, Misconfigured, "copy the application's secret again"),
    Meaning::new(40_014, Misconfigured, "copy the application's secret again"),
    Meaning::new(42_001, Misconfigured, "copy the application's secret again"),
    // Failing calls for tokens are blocked for an hour.
    Meaning::quota(
        45_009,
        Duration::from_hours(1),
        "too many calls for tokens failed: check corp_id and secret",
    ),
];
