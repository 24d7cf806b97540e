//! Uptime Kuma's webhook: JSON, the `data` field of a multipart form, or a query string.
//!
//! Source: louislam/uptime-kuma `webhook.js`, `heartbeat.js`, `monitor.js`. Times are UTC without
//! saying so. Pending and maintenance are noted only; a message without a heartbeat (a test, a
//! certificate that will expire) is told once.

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::{Map, Value};

use crate::content::{self, Content};
use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{items, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};
use crate::text;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "uptime_kuma",
    title: ("Uptime Kuma", "Uptime Kuma"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/uptime_kuma.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    match content::of(inbound, true)? {
        Content::Json(value) => from_value(inbound, &value),
        Content::Text(words) => text::from_text(&words),
        Content::Empty => match content::of_query(inbound)? {
            Some(query) => from_value(inbound, &unpacked(&query)?),
            None => Err(Refusal::malformed(
                "body",
                "empty, and there is no query string either",
            )),
        },
    }
}

/// Whether a body is Kuma's own.
pub(crate) fn is(body: &Value) -> bool {
    body.get("heartbeat").is_some() && body.get("monitor").is_some()
}

/// The members of a query string hold JSON as texts.
fn unpacked(query: &Value) -> Result<Value, Refusal> {
    let mut body = Map::new();
    for (name, value) in query.as_object().into_iter().flatten() {
        let value = match (name.as_str(), value.as_str()) {
            ("heartbeat" | "monitor", Some(written)) => json::read(written.as_bytes())?,
            _ => value.clone(),
        };
        body.insert(name.clone(), value);
    }
    Ok(Value::Object(body))
}

/// Reads the body's tree; an operator's own template is read as a generic one.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let Some(heartbeat) = body.get("heartbeat") else {
        return generic::from_value(inbound, body);
    };
    let monitor = body.get("monitor").unwrap_or(&Value::Null);
    let mut parsed = Parsed::default();
    let words = text(body, "msg");
    if heartbeat.is_null() {
        let words = words
            .ok_or_else(|| Refusal::malformed("msg", "there is no heartbeat and no message"))?;
        let mut draft = text::draft(&words, String::new())?;
        draft.severity(Severity::Info);
        monitor_of(&mut draft, monitor);
        draft.finish(&mut parsed);
        return Ok(parsed);
    }
    let signal = match text(heartbeat, "status").as_deref() {
        Some("0") => Signal::Firing,
        Some("1") => Signal::Resolved,
        Some(state @ ("2" | "3")) => {
            let word = if state == "2" {
                "pending"
            } else {
                "under maintenance"
            };
            parsed.note(format!("the monitor is {word}; noted only"));
            return Ok(parsed);
        }
        other => {
            let problem = format!(
                "{:?} is none of 0 (down), 1 (up), 2 (pending), 3 (maintenance)",
                other.unwrap_or("")
            );
            parsed.complain(Complaint::new("heartbeat.status", problem));
            return Ok(parsed);
        }
    };
    let mut draft = Draft::new("", signal);
    let id = text(monitor, "id").or_else(|| text(heartbeat, "monitorID"));
    let name = text(monitor, "name").or_else(|| id.clone());
    draft.label("alertname", name.unwrap_or_default());
    monitor_of(&mut draft, monitor);
    draft.severity(Severity::Error);
    if let Some(id) = id {
        draft.key(id.clone());
        draft.label("monitor_id", id);
    }
    draft.annotation_if("description", text(heartbeat, "msg"));
    draft.annotation_if("summary", words);
    draft.annotation_if("ping_ms", text(heartbeat, "ping"));
    let time = text(heartbeat, "time");
    if signal == Signal::Resolved {
        draft.ends(time.as_deref(), "UTC");
    } else {
        draft.starts(time.as_deref(), "UTC");
    }
    draft.finish(&mut parsed);
    Ok(parsed)
}

/// What the monitor says of itself: its tags, type and address.
fn monitor_of<'a>(draft: &mut Draft<'a>, monitor: &'a Value) {
    for tag in items(monitor, "tags") {
        if let (Some(name), Some(value)) = (text(tag, "name"), text(tag, "value")) {
            draft.label(name, value);
        }
    }
    draft.label_if("type", text(monitor, "type"));
    draft.label_if("host", text(monitor, "hostname"));
    // Monitors without a URL hold a bare "https://".
    let url = text(monitor, "url").filter(|url| !url.ends_with("://"));
    if url.is_some() {
        draft.url(url);
    }
}
