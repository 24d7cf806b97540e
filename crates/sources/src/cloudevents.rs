//! CloudEvents 1.0 over HTTP: structured, batch and binary mode.
//!
//! Source: cloudevents/spec, HTTP protocol binding. `id` names the delivery, not the alert; the
//! alert is known by `source` and `subject`. Whether it is on or over comes from the last part of
//! `type` (`….firing`, `….resolved`) or from the data; an event that says neither is told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::content::says_json;
use crate::form::media_type;
use crate::generic::{self, Mapping, State};
use crate::json;
use crate::json::fields::{first, kind, text};
use crate::manners::{Answer, Head, Manners, Outcome, Voice};
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::signature;
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "cloudevents",
    title: ("CloudEvents", "CloudEvents"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[Field::optional(
        "secret",
        Kind::Secret,
        "Standard Webhooks secret (whsec_… or plain text); when set, unsigned requests are refused.",
    )],
    setup: include_str!("../setup/cloudevents.md"),
    manners: Manners {
        answer,
        ..Manners::USUAL
    },
    parse,
};

/// The HTTP protocol binding's word for "taken, no answer follows"; what was wrong is worth an answer.
fn answer(_: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    match outcome {
        Outcome::Taken(taken) if taken.complaints.is_empty() => Voice::Own(Answer::empty(202)),
        _ => Voice::Common,
    }
}

pub(crate) fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    signature::standard(inbound)?;
    if inbound.header("ce-specversion").is_some() {
        let event = binary(inbound)?;
        return from_value(inbound, &event);
    }
    let content_type = inbound.header("content-type").unwrap_or("");
    let plain = matches!(
        media_type(content_type),
        "" | "text/plain" | "application/x-www-form-urlencoded"
    );
    if !plain && !says_json(content_type) {
        return Err(Refusal::UnsupportedMedia(content_type.to_owned()));
    }
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a request, or a body, says that it is one.
pub(crate) fn is(inbound: &Inbound<'_>, body: &Value) -> bool {
    let one = body
        .as_array()
        .and_then(|items| items.first())
        .unwrap_or(body);
    inbound.header("ce-specversion").is_some()
        || (one.get("specversion").is_some()
            && one.get("type").is_some()
            && one.get("source").is_some())
}

/// Reads one event, or a batch of them.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let mut parsed = Parsed::default();
    match body {
        Value::Object(_) => one(inbound, body, String::new(), &mut parsed),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                one(inbound, item, format!("[{index}]"), &mut parsed);
            }
        }
        other => {
            let problem = format!(
                "expected an event or an array of events, found {}",
                kind(other)
            );
            return Err(Refusal::malformed("body", problem));
        }
    }
    Ok(parsed)
}

fn one(inbound: &Inbound<'_>, event: &Value, path: String, parsed: &mut Parsed) {
    if let Err(complaint) = read(inbound, event, path, parsed) {
        parsed.complain(complaint);
    }
}

fn read(
    inbound: &Inbound<'_>,
    event: &Value,
    path: String,
    parsed: &mut Parsed,
) -> Result<(), Complaint> {
    let dot = if path.is_empty() { "" } else { "." };
    let required = |name: &str| {
        text(event, name).ok_or_else(|| {
            let at = format!("{path}{dot}{name}");
            Complaint::of(
                ComplaintKind::Required,
                at,
                "a CloudEvent needs this attribute",
            )
        })
    };
    let version = required("specversion")?;
    if !version.starts_with("1.") {
        let at = format!("{path}{dot}specversion");
        return Err(Complaint::new(
            at,
            format!("version {version:?} is not 1.0"),
        ));
    }
    let (kind, source) = (required("type")?, required("source")?);
    let subject = text(event, "subject");
    let (stem, state) = split_type(&kind);
    let data = data_of(event, &kind, state, parsed);
    let mapping = Mapping::default();
    let Some(mut draft) = generic::draft(&data, path, &mapping, inbound.timezone)? else {
        parsed.note("an acknowledgement was received; it changes nothing here");
        return Ok(());
    };
    if draft.signal != Signal::Event {
        let own = first(&data, &["alert_uid", "fingerprint", "dedup_key"]);
        let place = own.or_else(|| subject.clone()).unwrap_or_default();
        draft.key(format!("{source}|{stem}|{place}"));
    }
    draft.label("source", source);
    draft.label_if("subject", subject);
    draft.finish(parsed);
    Ok(())
}

/// `com.example.alert.firing` is `com.example.alert` and firing.
fn split_type(kind: &str) -> (&str, Option<State>) {
    let Some((stem, last)) = kind.rsplit_once('.') else {
        return (kind, None);
    };
    let state = match last.to_ascii_lowercase().as_str() {
        "firing" | "alerting" | "triggered" | "opened" | "problem" | "fired" => Some(State::Firing),
        "resolved" | "recovered" | "closed" | "ok" | "cleared" => Some(State::Resolved),
        "acknowledged" | "acked" => Some(State::Acknowledged),
        _ => None,
    };
    if state.is_some() {
        (stem, state)
    } else {
        (kind, None)
    }
}

/// The event's data as a flat item, with what the attributes say where it says nothing.
fn data_of(event: &Value, kind: &str, state: Option<State>, parsed: &mut Parsed) -> Value {
    let mut item = match payload(event, parsed) {
        Some(Value::Object(map)) => map,
        Some(Value::String(words)) => {
            Map::from_iter([("message".to_owned(), Value::String(words))])
        }
        Some(other) if !other.is_null() => {
            Map::from_iter([("message".to_owned(), Value::String(other.to_string()))])
        }
        _ => Map::new(),
    };
    let mut set = |name: &str, value: Cow<'_, str>| {
        item.insert(name.to_owned(), Value::String(value.into_owned()));
    };
    match state {
        Some(State::Firing) => set("status", "firing".into()),
        Some(State::Resolved) => set("status", "resolved".into()),
        Some(State::Acknowledged) => set("status", "acknowledged".into()),
        None => {}
    }
    let over = first(&Value::Object(item.clone()), &["status", "state"])
        .is_some_and(|word| generic::state_of(&word) == Some(State::Resolved));
    let mut default = |names: &[&str], value: Option<Cow<'_, str>>| {
        if let Some(value) = value
            && !names
                .iter()
                .any(|name| item.get(*name).is_some_and(|v| !v.is_null()))
        {
            item.insert(names[0].to_owned(), Value::String(value.into_owned()));
        }
    };
    default(
        &[
            "title",
            "alertname",
            "name",
            "subject",
            "summary",
            "message",
            "text",
        ],
        Some(kind.into()),
    );
    let time = text(event, "time");
    if over {
        default(&["ends_at", "endsAt"], time);
    } else {
        default(&["starts_at", "startsAt", "timestamp", "time"], time);
    }
    Value::Object(item)
}

/// `data`, or what `data_base64` holds.
fn payload(event: &Value, parsed: &mut Parsed) -> Option<Value> {
    let Some(encoded) = event.get("data_base64").and_then(Value::as_str) else {
        return event.get("data").cloned();
    };
    let bytes = STANDARD.decode(encoded).ok()?;
    if let Ok(value) = json::read(&bytes) {
        return Some(value);
    }
    let words = String::from_utf8(bytes).ok();
    if words.is_none() {
        parsed.note("data_base64 is neither JSON nor text and was not read");
    }
    words.map(Value::String)
}

/// Binary mode: attributes are headers (percent-encoded), the body is the data.
fn binary(inbound: &Inbound<'_>) -> Result<Value, Refusal> {
    let mut event = Map::new();
    for (name, value) in inbound.headers {
        let Some(attribute) = name.strip_prefix("ce-") else {
            continue;
        };
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        event.insert(attribute.to_owned(), Value::String(value));
    }
    let content_type = inbound.header("content-type").unwrap_or("application/json");
    if says_json(content_type) && !inbound.body.trim_ascii().is_empty() {
        event.insert("data".to_owned(), json::read(inbound.body)?);
    } else if !inbound.body.is_empty() {
        let words = String::from_utf8_lossy(inbound.body).into_owned();
        event.insert("data".to_owned(), Value::String(words));
    }
    Ok(Value::Object(event))
}
