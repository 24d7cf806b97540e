//! What Slack's error names mean (wire/slack.md, 4 and 6); the webhook and the methods share most of them.

use balefire_core::time::Time;
use serde_json::Value;

use crate::error::{ErrorKind, SendError};
use crate::http::{HttpReply, excerpt, status_error};

const TOKEN: &str =
    "copy the bot's token (xoxb-…) again, and install the app in the workspace anew if need be";
const RIGHT: &str =
    "give the app the scope chat:write (and chat:write.public, or invite it), then install it anew";
const HOOK: &str = "copy the webhook's URL again; it may have been removed";
const INVITE: &str = "check the channel's id, and invite the app to it with /invite";
const CHANNEL: &str =
    "the channel does not take messages of this app: choose another one, or change its rules";
const PAYLOAD: &str = "Slack could not read the message: check the template and the entry's texts";
const ADMIN: &str = "the workspace does not allow this: ask its administrator";

/// Names, what to do about them, and what a person can do.
const NAMES: &[(&[&str], ErrorKind, &str)] = &[
    (
        &["ratelimited", "rate_limited", "message_limit_exceeded"],
        ErrorKind::RateLimited,
        "group more: Slack takes about one message a second for a channel",
    ),
    (
        &[
            "internal_error",
            "service_unavailable",
            "request_timeout",
            "team_added_to_org",
            "external_channel_migrating",
            "rollup_error",
            "update_failed",
        ],
        ErrorKind::Transient,
        "",
    ),
    // Slack says of this one that part of it may have been done.
    (&["fatal_error"], ErrorKind::UnknownOutcome, ""),
    (
        &[
            "invalid_auth",
            "not_authed",
            "token_expired",
            "token_revoked",
            "account_inactive",
            "not_allowed_token_type",
            "two_factor_setup_required",
            "org_login_required",
            "team_not_found",
        ],
        ErrorKind::Misconfigured,
        TOKEN,
    ),
    (
        &["missing_scope", "no_permission"],
        ErrorKind::Misconfigured,
        RIGHT,
    ),
    (
        &[
            "access_denied",
            "accesslimited",
            "ekm_access_denied",
            "app_access_restricted",
            "enterprise_is_restricted",
            "action_prohibited",
            "team_disabled",
            "team_access_not_granted",
        ],
        ErrorKind::Misconfigured,
        ADMIN,
    ),
    (
        &[
            "invalid_token",
            "no_service",
            "no_service_id",
            "no_active_hooks",
            "no_team",
        ],
        ErrorKind::Misconfigured,
        HOOK,
    ),
    (
        &["channel_not_found", "not_in_channel"],
        ErrorKind::Misconfigured,
        INVITE,
    ),
    (
        &[
            "is_archived",
            "channel_is_archived",
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "messages_tab_disabled",
            "is_bot",
            "user_not_found",
            "posting_to_general_channel_denied",
        ],
        ErrorKind::Rejected,
        CHANNEL,
    ),
    (
        &[
            "no_text",
            "msg_too_long",
            "msg_blocks_too_long",
            "invalid_blocks",
            "invalid_blocks_format",
            "too_many_attachments",
            "attachment_payload_limit_exceeded",
            "invalid_arguments",
            "invalid_payload",
            "invalid_json",
            "invalid_charset",
            "invalid_form_data",
        ],
        ErrorKind::Rejected,
        PAYLOAD,
    ),
];

/// What a name means; `None` for one that is not in the table.
pub(super) fn known(name: &str, detail: &str, reply: &HttpReply, now: Time) -> Option<SendError> {
    let (_, kind, fix) = NAMES.iter().find(|(names, ..)| names.contains(&name))?;
    let error = SendError::new(*kind, excerpt(detail)).fix(fix);
    Some(match reply.retry_after(now) {
        Some(wait) if kind.may_retry() => error.after(wait),
        _ => error,
    })
}

/// What a name means; new ones appear, and they are refusals for good.
pub(super) fn named(name: &str, detail: &str, reply: &HttpReply, now: Time) -> SendError {
    known(name, detail, reply, now).unwrap_or_else(|| {
        let fix = "look the name up in Slack's documentation of chat.postMessage";
        SendError::new(ErrorKind::Rejected, excerpt(detail)).fix(fix)
    })
}

/// Whether the message that was to be answered or changed is not there any more, or takes no answers.
pub(super) fn is_gone(error: &SendError) -> bool {
    const NAMES: [&str; 7] = [
        "cannot_reply_to_message",
        "message_not_found",
        "thread_not_found",
        "cant_update_message",
        "edit_window_closed",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
    ];
    let name = error.detail.split(':').next().unwrap_or_default();
    NAMES.contains(&name)
}

/// The answer if it says `ok`; its error's name counts before the status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    let answer: Value = match reply.json() {
        Ok(answer) => answer,
        Err(unreadable) if reply.is_success() => return Err(unreadable),
        Err(_) => return Err(status_error(reply, now)),
    };
    match (answer["ok"].as_bool(), answer["error"].as_str()) {
        (Some(true), _) if reply.is_success() => Ok(answer),
        (Some(false), Some(name)) => {
            let more = answer["response_metadata"]["messages"][0].as_str();
            let detail = more.map_or_else(|| name.to_owned(), |more| format!("{name}: {more}"));
            Err(named(name, &detail, reply, now))
        }
        _ if !reply.is_success() => Err(status_error(reply, now)),
        _ => {
            let detail = format!(
                "the answer says neither ok nor an error: {}",
                reply.excerpt()
            );
            Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
        }
    }
}
