//! What Mattermost's refusals mean (wire/mattermost.md): an id of the error, and words beside it.

use balefire_core::time::Time;
use serde_json::Value;

use crate::chat::{Words, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::SendError;
use crate::http::HttpReply;

const HOOK: &str = "copy the webhook's URL again; it may have been removed";
const OFF: &str = "switch incoming webhooks on in the system console (Integrations)";
const CHANNEL: &str =
    "check channel: its id for a bot, its name for a webhook, and add the bot to it";
const LOCK: &str = "the webhook is locked to its own channel: leave channel out";
const TOKEN: &str = "copy the bot's token again, and see that the bot is active";
const FORM: &str =
    "Mattermost could not read the message: check the template and the entry's texts";

/// The more particular words first.
const WORDS: &[Words] = &[
    Words::new("web.incoming_webhook.disabled", Misconfigured, OFF),
    Words::new("incoming webhooks have been disabled", Misconfigured, OFF),
    Words::new("web.incoming_webhook.channel_locked", Misconfigured, LOCK),
    Words::new("not permitted to post to this channel", Misconfigured, LOCK),
    Words::new("web.incoming_webhook.invalid", Misconfigured, HOOK),
    Words::new("invalid webhook", Misconfigured, HOOK),
    Words::new("web.incoming_webhook.channel", Misconfigured, CHANNEL),
    Words::new("couldn't find the channel", Misconfigured, CHANNEL),
    Words::new("web.incoming_webhook.user", Misconfigured, CHANNEL),
    Words::new("couldn't find the user", Misconfigured, CHANNEL),
    Words::new("unable to parse incoming data", Rejected, FORM),
    Words::new("web.incoming_webhook.parse", Rejected, FORM),
    Words::new("web.incoming_webhook.text", Rejected, FORM),
    Words::new("root_id.app_error", Transient, ""),
    Words::new("session_expired", Misconfigured, TOKEN),
    Words::new("invalid or expired session", Misconfigured, TOKEN),
    Words::new("context.permissions", Misconfigured, CHANNEL),
    Words::new("invalid_url_param", Misconfigured, CHANNEL),
    Words::new("channel_id.app_error", Misconfigured, CHANNEL),
];

/// A refusal by its id and words, else by its status.
pub(super) fn refused(reply: &HttpReply, now: Time) -> SendError {
    let body: Value = reply.json().unwrap_or_default();
    let said = match (body["id"].as_str(), body["message"].as_str()) {
        (Some(id), Some(words)) => format!("{id}: {words}"),
        (Some(id), None) => id.to_owned(),
        _ => reply.excerpt(),
    };
    let mut error = worded(&said, reply, now, WORDS);
    if reply.status == 401 {
        error.fix = TOKEN;
    }
    error
}

/// Whether the message that was to be answered is not there any more.
pub(super) fn is_gone(error: &SendError) -> bool {
    error.detail.contains("root_id.app_error")
}
