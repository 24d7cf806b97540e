//! Gotify's `POST /message`, as its clients call it.
//!
//! Source: Gotify's API documentation. The client's server address is `…/in/{name}`, its application token the
//! source's: in `X-Gotify-Key`, `?token=` or as a bearer token. A message knows nothing of alerts: `[FIRING]`,
//! `[RESOLVED]` and the like before its title say whether it is on or over, all others are told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::{Value, json};

use crate::content::says_json;
use crate::digest;
use crate::form;
use crate::json;
use crate::json::fields::{kind, text, whole};
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::message::Message;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "gotify",
    title: ("Gotify clients", "Gotify 客户端"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/gotify.md"),
    manners: Manners {
        token,
        answer,
        ..Manners::USUAL
    },
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let path = inbound.path.trim_end_matches('/');
    if !matches!(path, "" | "message") || inbound.method == "GET" {
        return Err(Refusal::no_such_path(&format!(
            "{} /{path}",
            inbound.method
        )));
    }
    let body = body(inbound)?;
    let words = text(&body, "message")
        .ok_or_else(|| Refusal::malformed("message", "Field 'message' is required"))?;
    let title = text(&body, "title");
    let priority = whole(&body, "priority");
    let mut parsed = Parsed {
        reply: reply(inbound, title.as_deref(), &words, priority),
        ..Parsed::default()
    };
    let Some(mut message) = Message::of(title, Some(words)) else {
        return Err(Refusal::malformed("message", "Field 'message' is required"));
    };
    message.severity = priority.map(severity);
    let mut draft = message.draft("");
    let click = body.pointer("/extras/client::notification/click");
    draft.url(click.and_then(|click| text(click, "url")));
    let extras = body.pointer("/extras/client::notification");
    draft.link_annotation(
        "image_url",
        extras.and_then(|extras| text(extras, "bigImageUrl")),
    );
    draft.finish(&mut parsed);
    Ok(parsed)
}

/// The message's fields: JSON, a form, or the fields of a multipart body; those of the query where it has none.
fn body(inbound: &Inbound<'_>) -> Result<Value, Refusal> {
    let content_type = inbound.header("content-type").unwrap_or("");
    if form::is_form(content_type) {
        return form::fields(inbound.body);
    }
    if says_json(content_type) || !content_type.starts_with("multipart/") {
        let body = json::read(inbound.body)?;
        if body.is_object() {
            return Ok(body);
        }
        let problem = format!("expected an object, found {}", kind(&body));
        return Err(Refusal::malformed("body", problem));
    }
    let field = |name: &str| {
        let bytes = form::multipart_field(content_type, inbound.body, name)?;
        Some(Value::String(String::from_utf8_lossy(bytes).into_owned()))
    };
    let fields = ["title", "message", "priority"].map(|name| (name.to_owned(), field(name)));
    let found = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Ok(Value::Object(found.collect()))
}

/// Gotify counts from 0; its own app rings from 4 and does not stop from 8.
fn severity(priority: i64) -> Severity {
    match priority {
        10.. => Severity::Critical,
        7..10 => Severity::Error,
        4..7 => Severity::Warning,
        _ => Severity::Info,
    }
}

fn reply(inbound: &Inbound<'_>, title: Option<&str>, words: &str, priority: Option<i64>) -> Value {
    let name = digest::of_request(inbound);
    // Its ids are numbers; 32 bits of a name are enough to tell messages apart in a log.
    let id = u32::from_str_radix(&name[..8], 16).unwrap_or_default();
    json!({
        "id": id,
        "appid": 1,
        "message": words,
        "title": title.unwrap_or_default(),
        "priority": priority.unwrap_or_default(),
        "date": inbound.now.rfc3339_millis(),
    })
}

fn token(head: &Head<'_>) -> Option<String> {
    let key = head.header("x-gotify-key").map(str::to_owned);
    key.or_else(|| head.parameter("token"))
}

/// Gotify's own answers.
fn answer(_: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let Some((status, problems)) = outcome.failure() else {
        return Voice::Own(Answer::json(200, outcome.reply()));
    };
    let error: Cow<'_, str> = match status {
        400 => "Bad Request".into(),
        401 => "Unauthorized".into(),
        404 => "Not Found".into(),
        500.. => "Internal Server Error".into(),
        _ => "Error".into(),
    };
    let body =
        json!({"error": error, "errorCode": status, "errorDescription": problems.join("; ")});
    Voice::Own(Answer::json(status, &body))
}
