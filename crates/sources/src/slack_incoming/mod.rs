//! Slack's incoming webhook, and Mattermost's, which has the same shape.
//!
//! Source: Slack's "Sending messages using incoming webhooks", "Secondary attachments", "Blocks"; Mattermost's
//! "Incoming webhooks". A message knows nothing of alerts. `[FIRING]`, `[RESOLVED]` and the like before its title
//! say whether it is on or over; a colour says how bad it is and, where `colours` is set, that too. All other
//! messages are told once. The alert is known by channel and title.

mod colour;
mod mrkdwn;
mod words;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use balefire_core::severity::Severity;
use serde_json::Value;

use self::colour::Colour;
use self::words::Words;
use crate::content::{self, Content};
use crate::generic::{self, State};
use crate::json;
use crate::json::fields::{kind, text};
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::message::Message;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "slack_incoming",
    title: (
        "Slack and Mattermost incoming webhook",
        "Slack / Mattermost 传入 Webhook",
    ),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[Field::optional(
        "colours",
        Kind::Bool,
        "Whether a colour also says that it is on or over: red and yellow begin an alert, green ends it.",
    )
    .or("false")],
    setup: include_str!("../../setup/slack_incoming.md"),
    manners: Manners {
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// What Slack calls a message without anything to show.
const NO_TEXT: &str = "no_text";

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    match content::of(inbound, true)? {
        Content::Json(body) => match body.get("payload").and_then(Value::as_str) {
            // A form may hold more than the payload.
            Some(payload) => from_value(inbound, &json::read(payload.as_bytes())?),
            None => from_value(inbound, &body),
        },
        Content::Text(_) | Content::Empty => Err(Refusal::malformed(
            "body",
            "expected JSON, or a form with the field payload",
        )),
    }
}

/// Whether a body is such a message.
pub(crate) fn is(body: &Value) -> bool {
    let list = |key| body.get(key).is_some_and(Value::is_array);
    list("attachments") || list("blocks")
}

/// Reads a message's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    if !body.is_object() {
        let problem = format!("expected an object, found {}", kind(body));
        return Err(Refusal::malformed("body", problem));
    }
    let words = Words::of(body);
    let message = Message::of(words.title.clone(), words.description());
    let mut message = message.ok_or_else(|| {
        Refusal::malformed("text", format!("{NO_TEXT}: there is nothing to show"))
    })?;
    let colour = words.colour;
    message.severity = words.severity().or(colour.map(|colour| match colour {
        Colour::Red => Severity::Error,
        Colour::Yellow => Severity::Warning,
        Colour::Green => Severity::Info,
    }));
    let believed = inbound.options.get("colours").and_then(Value::as_bool);
    if believed == Some(true) {
        message.state = colour.map(|colour| match colour {
            Colour::Red | Colour::Yellow => State::Firing,
            Colour::Green => State::Resolved,
        });
    }
    let channel = text(body, "channel");
    let mut draft = message.draft(channel.as_deref().unwrap_or(""));
    draft.label_if("channel", channel.clone());
    generic::details(&mut draft, Some(&words.fields));
    draft.annotation_if("username", text(body, "username"));
    draft.url(words.link.clone().map(Into::into));
    draft.link_annotation("image_url", words.image.clone().map(Into::into));
    let mut parsed = Parsed::default();
    draft.finish(&mut parsed);
    Ok(parsed)
}

/// Slack's own answers: a word each.
fn answer(_: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let Some((status, problems)) = outcome.failure() else {
        return Voice::Own(Answer::text(200, "ok"));
    };
    let nothing = problems.iter().any(|problem| problem.contains(NO_TEXT));
    Voice::Own(match status {
        400 if nothing => Answer::text(status, NO_TEXT),
        400 | 415 => Answer::text(400, "invalid_payload"),
        401 => Answer::text(status, "invalid_token"),
        404 | 405 => Answer::text(status, "no_service"),
        413 => Answer::text(status, "request_too_large"),
        _ => Answer::text(status, "internal_error"),
    })
}
