//! Google Cloud Monitoring's webhook and Pub/Sub channels.
//!
//! Source: Google Cloud's "Create and manage notification channels", schema 1.2. An incident is known by its id and
//! ends when it is closed. The token may come in `auth_token`, or as a basic password. A test message is told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, object, scalar, text};
use crate::link;
use crate::manners::{Head, Manners};
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "gcp_monitoring",
    title: ("Google Cloud Monitoring", "Google Cloud Monitoring"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/gcp_monitoring.md"),
    manners: Manners {
        token,
        ..Manners::USUAL
    },
    parse,
};

/// How many links of one incident are kept.
const MAX_LINKS: usize = 20;

fn token(head: &Head<'_>) -> Option<String> {
    head.parameter("auth_token")
}

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let body = json::read(inbound.body)?;
    let Some(data) = body.pointer("/message/data").and_then(Value::as_str) else {
        return from_value(inbound, &body);
    };
    let bytes = STANDARD
        .decode(data)
        .map_err(|_| Refusal::malformed("message.data", "a Pub/Sub message holds base64 here"))?;
    from_value(inbound, &json::read(&bytes)?)
}

/// Whether a body is an incident.
pub(crate) fn is(body: &Value) -> bool {
    body.get("incident").is_some_and(Value::is_object) && body.get("version").is_some()
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let Some(incident) = body.get("incident") else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    let is_test = text(body, "version").as_deref() == Some("test");
    match draft(incident, is_test) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

fn draft(incident: &Value, is_test: bool) -> Result<Draft<'_>, Complaint> {
    let state = text(incident, "state").unwrap_or_default().to_lowercase();
    let signal = match state.as_str() {
        _ if is_test => Signal::Event,
        "open" => Signal::Firing,
        "closed" => Signal::Resolved,
        other => {
            let problem = format!("{other:?} is neither open nor closed");
            return Err(Complaint::new("incident.state", problem));
        }
    };
    let mut draft = Draft::new("", signal);
    let name = first(incident, &["policy_name", "condition_name", "summary"]).ok_or_else(|| {
        let problem = "nothing names the incident";
        Complaint::of(ComplaintKind::Required, "incident.policy_name", problem)
    })?;
    draft.label("alertname", name.clone());
    let known = text(incident, "severity").and_then(|word| Severity::from_word(&word));
    if is_test {
        draft.severity(Severity::Info);
    } else if let Some(severity) = known {
        draft.severity(severity);
    }
    if signal != Signal::Event {
        let id = text(incident, "incident_id").ok_or_else(|| {
            let problem = "an incident needs its id";
            Complaint::of(ComplaintKind::Required, "incident.incident_id", problem)
        })?;
        draft.dedup(id);
    }
    labels(&mut draft, incident);
    draft.annotation("summary", text(incident, "summary").unwrap_or(name));
    draft.annotation_if("value", text(incident, "observed_value"));
    draft.annotation_if("threshold", text(incident, "threshold_value"));
    documentation(
        &mut draft,
        incident.get("documentation").unwrap_or(&Value::Null),
    );
    draft.url(text(incident, "url"));
    draft.starts(text(incident, "started_at").as_deref(), "UTC");
    if signal == Signal::Resolved {
        draft.ends(text(incident, "ended_at").as_deref(), "UTC");
    }
    Ok(draft)
}

/// Where it is, by the names of the policy, the resource and the metric.
fn labels<'a>(draft: &mut Draft<'a>, incident: &'a Value) {
    draft.label_if("condition", text(incident, "condition_name"));
    let project = text(incident, "scoping_project_id");
    draft.label_if("project", project);
    draft.label_if(
        "resource",
        first(incident, &["resource_display_name", "resource_name"]),
    );
    let held = |pointer: &str| incident.pointer(pointer).and_then(Value::as_object);
    let sets = [
        object(incident, "policy_user_labels"),
        held("/metadata/user_labels"),
        held("/resource/labels"),
        held("/metric/labels"),
    ];
    for (name, value) in sets.into_iter().flatten().flatten() {
        if let Some(value) = scalar(value).filter(|_| !name.is_empty()) {
            draft.label(name, value);
        }
    }
    let resource = incident.get("resource").unwrap_or(&Value::Null);
    draft.label_if("resource_type", text(resource, "type"));
    let metric = incident.get("metric").unwrap_or(&Value::Null);
    draft.annotation_if("metric", text(metric, "type"));
}

/// What the policy's author wrote: an object, in tests a text.
fn documentation<'a>(draft: &mut Draft<'a>, written: &'a Value) {
    if let Value::String(words) = written {
        draft.annotation("description", words);
        return;
    }
    draft.annotation_if("subject", text(written, "subject"));
    draft.annotation_if("description", text(written, "content"));
    let mut lines = Vec::new();
    for item in items(written, "links").iter().take(MAX_LINKS) {
        let address = text(item, "url").unwrap_or_default();
        if let Some(address) = link::web(&address) {
            let words = text(item, "displayName").unwrap_or(Cow::Borrowed("link"));
            lines.push(format!("{words}: {address}"));
        }
    }
    if !lines.is_empty() {
        draft.annotation("links", lines.join("\n"));
    }
}
