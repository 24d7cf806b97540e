//! What Telegram's refusals mean (wire/telegram.md, 5). Its backend's own words come as 400 whatever they are, so
//! that the words count before the code.

use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use crate::chat::{Words, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, SendError};
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{HttpReply, excerpt, status_error};

const MARKUP: &str =
    "Telegram could not read the markup: check the template, or set parse_mode to its markup";
const SHORTEN: &str = "shorten the template: Telegram takes 4096 characters";
const CHAT: &str = "check chat_id; a person must first press Start at the bot, and a group must have the bot in it";
const GONE: &str = "the bot cannot write there any more: add it again, or remove the chat";
const RIGHTS: &str = "make the bot an administrator of the chat, or let members write there";
const TOPIC: &str = "check message_thread_id: there is no such topic, or it is closed";
const EDITED: &str = "the message is gone, or too old to be changed: the next one is posted anew";
const TOKEN: &str = "copy the bot's token from @BotFather again";
const SLOWER: &str = "a bot may send 20 messages a minute to a group: group more";
/// How long to keep still when Telegram does not say.
const WAIT: Duration = Duration::from_secs(30);

/// The more particular words first.
const WORDS: &[Words] = &[
    Words::quota("too many requests", WAIT, SLOWER),
    Words::new("can't parse entities", Rejected, MARKUP),
    Words::new("message is too long", Rejected, SHORTEN),
    Words::new("message_too_long", Rejected, SHORTEN),
    Words::new("text is too long", Rejected, SHORTEN),
    Words::new("message text is empty", Rejected, MARKUP),
    Words::new("reply markup is too long", Rejected, SHORTEN),
    Words::new(
        "upgraded to a supergroup",
        Misconfigured,
        "the group has a new number: put migrate_to_chat_id into chat_id",
    ),
    Words::new("chat not found", Rejected, CHAT),
    Words::new("message thread not found", Misconfigured, TOPIC),
    Words::new("topic_closed", Misconfigured, TOPIC),
    Words::new("topic_deleted", Misconfigured, TOPIC),
    Words::new("message to be replied not found", Transient, ""),
    Words::new("message to reply not found", Transient, ""),
    Words::new("message to edit not found", Rejected, EDITED),
    Words::new("message can't be edited", Rejected, EDITED),
    Words::new("message is not modified", Rejected, EDITED),
    Words::new("button_data_invalid", Rejected, MARKUP),
    Words::new("button_url_invalid", Rejected, MARKUP),
    Words::new("not enough rights", Misconfigured, RIGHTS),
    Words::new("need administrator rights", Misconfigured, RIGHTS),
    Words::new("chat_admin_required", Misconfigured, RIGHTS),
    Words::new("chat_write_forbidden", Misconfigured, RIGHTS),
    Words::new("bot was blocked by the user", Rejected, GONE),
    Words::new("bot was kicked", Rejected, GONE),
    Words::new("bot is not a member", Rejected, GONE),
    Words::new("user is deactivated", Rejected, GONE),
    Words::new("can't initiate conversation", Rejected, CHAT),
    Words::new("can't send messages to bots", Rejected, CHAT),
    Words::new("group chat was deleted", Rejected, GONE),
    Words::new("unauthorized", Misconfigured, TOKEN),
    Words::new(
        "conflict",
        Misconfigured,
        "another program uses the bot's token: give each its own bot",
    ),
    Words::new("request entity too large", Rejected, SHORTEN),
];

/// The answer if it says `ok`; what it describes counts before the status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    let answer: Value = match reply.json() {
        Ok(answer) => answer,
        Err(unreadable) if reply.is_success() => return Err(unreadable),
        Err(_) => return Err(status_error(reply, now)),
    };
    match answer["ok"].as_bool() {
        Some(true) if reply.is_success() => Ok(answer),
        Some(false) => Err(refused(&answer, reply, now)),
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

/// Whether the message that was to be answered is not there any more.
pub(super) fn is_gone(error: &SendError) -> bool {
    error.kind == Transient && error.detail.contains("repl")
}

fn refused(answer: &Value, reply: &HttpReply, now: Time) -> SendError {
    let words = answer["description"].as_str().unwrap_or_default();
    let parameters = &answer["parameters"];
    let said = match parameters["migrate_to_chat_id"].as_i64() {
        Some(id) => format!("{words} (migrate_to_chat_id {id})"),
        None => words.to_owned(),
    };
    let mut error = worded(&said, reply, now, WORDS);
    if reply.status == 404 {
        error.fix = TOKEN;
    }
    match parameters["retry_after"].as_u64() {
        Some(seconds) if error.kind == ErrorKind::RateLimited => {
            error.after(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
        }
        _ => error,
    }
}
