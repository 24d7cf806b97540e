//! The Apprise API, as Apprise's own client (`apprise://`) and its other callers use it.
//!
//! Source: caronc/apprise-api, caronc/apprise `plugins/apprise_api.py`. `POST /notify/{key}`, or `POST /notify` with
//! the key in `X-Apprise-Config-ID`: the key is the source's token, or anything where the token comes otherwise. The urls of a stateless notification name services to send to; here the routes decide that.
//! A message knows nothing of alerts: `[FIRING]`, `[RESOLVED]` and the like before its title say whether it is on
//! or over; its type says how bad it is and, where `types` is set, that too. All others are told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use balefire_core::severity::Severity;
use serde_json::{Map, Value, json};

use crate::content::says_json;
use crate::form;
use crate::generic::State;
use crate::json;
use crate::json::fields::{has, items, kind, scalar, text};
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::message::Message;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "apprise_api",
    title: ("Apprise API clients", "Apprise API 客户端"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[Field::optional(
        "types",
        Kind::Bool,
        "Whether a type also says that it is on or over: failure and warning begin an alert, success ends it.",
    )
    .or("false")],
    setup: include_str!("../setup/apprise_api.md"),
    manners: Manners {
        token,
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// How many tags of one message are kept.
const MAX_TAGS: usize = 64;

/// Fields of a payload that are read.
const FIELDS: &[&str] = &["title", "body", "type", "format", "tag", "tags", "urls"];

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let path = inbound.path.trim_end_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    if path == "status" && inbound.method == "GET" {
        return Ok(Parsed {
            reply: json!({"status": "OK"}),
            ..Parsed::default()
        });
    }
    if !matches!(first, "" | "notify") || inbound.method == "GET" {
        return Err(Refusal::no_such_path(&format!(
            "{} /{path}",
            inbound.method
        )));
    }
    let body = renamed(inbound, body(inbound)?);
    from_value(inbound, &Value::Object(body))
}

/// Whether a body is such a message.
pub(crate) fn is(body: &Value) -> bool {
    let kind = body.get("type").and_then(Value::as_str);
    body.get("body").is_some_and(Value::is_string)
        && kind.is_some_and(|kind| kind_of(kind).is_some())
}

/// Reads a message's fields.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let words = text(body, "body");
    let Some(mut message) = Message::of(text(body, "title"), words) else {
        return Err(Refusal::malformed(
            "body",
            "Payload lacks minimum requirements: a body",
        ));
    };
    let word = text(body, "type");
    let kind = word.as_deref().and_then(kind_of);
    message.severity = kind.map(|(severity, _)| severity);
    if inbound.options.get("types").and_then(Value::as_bool) == Some(true) {
        message.state = kind.and_then(|(_, state)| state);
    }
    let mut draft = message.draft("");
    draft.label_if("tags", tags(body));
    if let (None, Some(word)) = (kind, word) {
        draft.note(&format!(
            "the type {word:?} is none of info, success, warning, failure"
        ));
    }
    let mut parsed = Parsed::default();
    if has(body, "urls") {
        draft.note("the urls of the notification are not called: routes decide who is told");
    }
    draft.finish(&mut parsed);
    Ok(parsed)
}

/// How bad a type is, and whether it says on or over.
fn kind_of(word: &str) -> Option<(Severity, Option<State>)> {
    Some(match word.trim().to_lowercase().as_str() {
        "info" => (Severity::Info, None),
        "success" => (Severity::Info, Some(State::Resolved)),
        "warning" => (Severity::Warning, Some(State::Firing)),
        "failure" => (Severity::Error, Some(State::Firing)),
        _ => return None,
    })
}

/// `tag` or `tags`: a text with commas or spaces, or a list.
fn tags(body: &Value) -> Option<Cow<'_, str>> {
    ["tag", "tags"].iter().find_map(|key| {
        if let Some(written) = text(body, key) {
            return Some(written);
        }
        let listed = items(body, key).iter().take(MAX_TAGS);
        let tags: Vec<Cow<'_, str>> = listed.filter_map(scalar).collect();
        (!tags.is_empty()).then(|| Cow::Owned(tags.join(",")))
    })
}

fn body(inbound: &Inbound<'_>) -> Result<Map<String, Value>, Refusal> {
    let content_type = inbound.header("content-type").unwrap_or("");
    let body = if form::is_form(content_type) {
        form::fields(inbound.body)?
    } else if content_type.starts_with("multipart/") {
        let field = |name: &&str| {
            let bytes = form::multipart_field(content_type, inbound.body, name)?;
            let words = String::from_utf8_lossy(bytes).into_owned();
            Some(((*name).to_owned(), Value::String(words)))
        };
        Value::Object(FIELDS.iter().filter_map(field).collect())
    } else {
        json::read(inbound.body)?
    };
    match body {
        Value::Object(map) => Ok(map),
        other => {
            let problem = format!("expected an object, found {}", kind(&other));
            Err(Refusal::malformed("body", problem))
        }
    }
}

/// `?:subject=title` says that the payload's `subject` is the title.
fn renamed(inbound: &Inbound<'_>, mut body: Map<String, Value>) -> Map<String, Value> {
    for (name, target) in url::form_urlencoded::parse(inbound.query.as_bytes()).take(FIELDS.len()) {
        if let Some(name) = name.strip_prefix(':')
            && FIELDS.contains(&&*target)
            && let Some(value) = body.remove(name)
        {
            body.insert(target.into_owned(), value);
        }
    }
    body
}

/// The key of `notify/{key}`; newer clients put it into a header.
fn token(head: &Head<'_>) -> Option<String> {
    let header = head.header("x-apprise-config-id");
    let path = head.path.trim_end_matches('/');
    let key = header.or_else(|| path.strip_prefix("notify/"))?;
    Some(key.to_owned())
}

/// The Apprise API's own answers: a log of what was done for those who speak JSON, words for all others.
fn answer(head: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    let speaks_json = ["accept", "content-type"]
        .iter()
        .filter_map(|name| head.header(name))
        .any(says_json);
    if outcome.reply().get("status").is_some() {
        return Voice::Own(well(speaks_json));
    }
    let (status, error) = match outcome.failure() {
        None => (200, Value::Null),
        Some((status, problems)) => (status, Value::String(problems.join("; "))),
    };
    if speaks_json {
        return Voice::Own(Answer::json(
            status,
            &json!({"error": error, "details": []}),
        ));
    }
    let words = error.as_str().unwrap_or("The alert is on disk.");
    Voice::Own(Answer::text(status, words))
}

/// That the service is well: monitors ask before they send.
fn well(speaks_json: bool) -> Answer {
    if !speaks_json {
        return Answer::text(200, "OK");
    }
    // Nothing is configured or attached over this interface here.
    let body = json!({"config_lock": true, "attach_lock": true,
        "status": {"persistent_storage": true, "can_write_config": false, "can_write_attach": false, "details": ["OK"]}});
    Answer::json(200, &body)
}
