//! ntfy's publishing API: `PUT` and `POST` to a topic, JSON to the root, and its `GET` forms.
//!
//! Source: ntfy's "Publishing". The client's server address is `…/in/{name}`; the token comes as ntfy's access
//! token, as a basic password, or in `auth=`. A message knows nothing of alerts: `[FIRING]`, `[RESOLVED]` and the
//! like before its title say whether it is on or over, all others are told once. What ntfy would do with it on
//! the way (delay, mail, call, attachment) is not done here, and noted.

mod publish;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use self::publish::Publication;
use crate::digest;
use crate::json;
use crate::json::fields::kind;
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::message::Message;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "ntfy",
    title: ("ntfy publishers", "ntfy 发布端"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../../setup/ntfy.md"),
    manners: Manners {
        token,
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// How long ntfy says that it keeps a message, in seconds: its default of 12 hours.
const EXPIRES: i64 = 43_200;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let path = inbound.path.trim_end_matches('/');
    let publication = match (inbound.method, path.split_once('/')) {
        ("POST" | "PUT", None) if path.is_empty() => {
            let body = json::read(inbound.body)?;
            if !body.is_object() {
                let problem = format!("expected an object, found {}", kind(&body));
                return Err(Refusal::malformed("body", problem));
            }
            Publication::of_json(&body)?
        }
        ("POST" | "PUT", None) => Publication::of_request(inbound, path),
        ("GET", Some((topic, "publish" | "send" | "trigger"))) => {
            Publication::of_request(inbound, topic)
        }
        _ => {
            return Err(Refusal::no_such_path(&format!(
                "{} /{path}",
                inbound.method
            )));
        }
    };
    if !is_topic(&publication.topic) {
        let problem = "a topic has 1 to 64 letters, digits, '-' and '_'";
        return Err(Refusal::malformed("topic", problem));
    }
    Ok(read(inbound, publication))
}

fn read(inbound: &Inbound<'_>, publication: Publication) -> Parsed {
    let mut parsed = Parsed::default();
    let priority = publication.priority();
    let reply = reply(inbound, &publication, priority.unwrap_or(3));
    let Publication {
        topic,
        title,
        message: words,
        tags,
        click,
        attach,
        left_out,
        ..
    } = publication;
    let message = Message::of(title.map(Into::into), Some(words.into()));
    if let Some(mut message) = message {
        message.severity = priority.map(severity);
        let mut draft = message.draft(&topic);
        draft.label("topic", topic);
        if !tags.is_empty() {
            draft.label("tags", tags.join(","));
        }
        draft.url(click.map(Into::into));
        draft.link_annotation("attachment", attach.map(Into::into));
        for name in left_out {
            draft.note(&format!("{name} was asked of ntfy and is not done here"));
        }
        draft.finish(&mut parsed);
    }
    parsed.reply = reply;
    parsed
}

/// ntfy counts from 1 (nobody need look now) to 5 (wake me).
fn severity(priority: u8) -> Severity {
    match priority {
        5 => Severity::Critical,
        4 => Severity::Error,
        3 => Severity::Warning,
        _ => Severity::Info,
    }
}

fn is_topic(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// The message as ntfy tells it to its publisher.
fn reply(inbound: &Inbound<'_>, publication: &Publication, priority: u8) -> Value {
    let now = inbound.now.secs();
    let mut reply = json!({
        "id": &digest::of_request(inbound)[..12],
        "time": now,
        "expires": now + EXPIRES,
        "event": "message",
        "topic": publication.topic,
        "message": publication.message,
    });
    if let Some(title) = &publication.title {
        reply["title"] = json!(title);
    }
    if priority != 3 {
        reply["priority"] = json!(priority);
    }
    if !publication.tags.is_empty() {
        reply["tags"] = json!(publication.tags);
    }
    if let Some(click) = &publication.click {
        reply["click"] = json!(click);
    }
    reply
}

/// `?auth=`: the value of an `Authorization` header in URL-safe base64.
fn token(head: &Head<'_>) -> Option<String> {
    let encoded = head
        .parameter("auth")
        .or_else(|| head.parameter("authorization"))?;
    let plain = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let text = String::from_utf8(plain).ok()?;
    let (scheme, value) = text.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().to_owned()),
        "basic" => {
            let pair = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
            Some(pair.split_once(':')?.1.to_owned())
        }
        _ => None,
    }
}

/// ntfy's own answers: the message, or a number for what is wrong.
/// Source: ntfy `server/errors.go`.
fn answer(_: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let Some((status, problems)) = outcome.failure() else {
        return Voice::Own(Answer::json(200, outcome.reply()));
    };
    let words = problems.join("; ");
    let (code, error) = match status {
        400 if words.starts_with("topic:") => (40_009, format!("invalid request: {words}")),
        400 => (40_000, format!("invalid request: {words}")),
        401 => (40_101, "unauthorized".to_owned()),
        404 | 405 => (40_401, "page not found".to_owned()),
        413 => (41_303, "payload too large".to_owned()),
        429 => (42_901, "limit reached: too many requests".to_owned()),
        500.. => (50_001, format!("internal server error: {words}")),
        _ => (40_000, words),
    };
    let body = json!({"code": code, "http": status, "error": error});
    Voice::Own(Answer::json(status, &body))
}
