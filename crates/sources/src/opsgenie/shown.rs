//! An alert of ours in Opsgenie's shape.

use balefire_core::severity::Severity;
use serde_json::{Map, Value, json};

use crate::ask::{Note, Standing};

/// Annotations that have a member of their own.
const OWN: &[&str] = &[
    "summary",
    "description",
    "note",
    "actions",
    "tags",
    "responders",
];
/// Labels that have one.
const OWN_LABELS: &[&str] = &[
    "alertname",
    "severity",
    "alias",
    "entity",
    "source",
    "tags",
    "responders",
];

/// An alert in a list.
pub(super) fn brief(alert: &Standing) -> Value {
    let label = |name| alert.labels.value(name);
    let alias = match label("alias") {
        "" => alert.key.as_str(),
        alias => alias,
    };
    let message = match alert.annotations.value("summary") {
        "" => label("alertname"),
        summary => summary,
    };
    let responders = alert.listed("responders").into_iter();
    let responders: Vec<Value> = responders.map(responder).collect();
    let holder = alert.acknowledged.as_ref().map(|(who, _)| who.as_str());
    let mut shown = json!({
        "id": alert.key,
        "tinyId": alert.number.to_string(),
        "alias": alias,
        "message": message,
        "status": if alert.ended_at.is_some() { "closed" } else { "open" },
        "acknowledged": alert.acknowledged.is_some(),
        "isSeen": alert.acknowledged.is_some(),
        "tags": alert.listed("tags"),
        "snoozed": alert.snoozed_until.is_some(),
        "count": 1,
        "createdAt": alert.started_at.rfc3339_millis(),
        "updatedAt": alert.updated_at.rfc3339_millis(),
        "lastOccurredAt": alert.updated_at.rfc3339_millis(),
        "source": label("source"),
        "owner": holder.or(alert.worker.as_deref()).unwrap_or_default(),
        "priority": priority(label("severity")),
        "responders": responders,
        "integration": {"id": alert.source, "name": alert.source, "type": "API"},
        "report": report(alert),
    });
    if let Some(until) = alert.snoozed_until {
        shown["snoozedUntil"] = until.rfc3339_millis().into();
    }
    shown
}

/// Somebody in the list of responders; clients of the vendor's read none without an id.
fn responder(name: &str) -> Value {
    if name.contains('@') {
        json!({"type": "user", "id": name, "username": name})
    } else {
        json!({"type": "team", "id": name, "name": name})
    }
}

/// An alert by itself.
pub(super) fn whole(alert: &Standing) -> Value {
    let mut shown = brief(alert);
    let labels = alert
        .labels
        .iter()
        .filter(|(name, _)| !OWN_LABELS.contains(name));
    let annotations = alert
        .annotations
        .iter()
        .filter(|(name, _)| !OWN.contains(name));
    let details: Map<String, Value> = labels
        .chain(annotations)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let actions = alert.annotations.value("actions").split(',');
    let actions: Vec<&str> = actions.filter(|action| !action.is_empty()).collect();
    shown["entity"] = alert.labels.value("entity").into();
    shown["description"] = alert.annotations.value("description").into();
    shown["actions"] = actions.into();
    shown["details"] = details.into();
    shown
}

/// What somebody wrote.
pub(super) fn note(note: &Note) -> Value {
    json!({
        "note": note.text,
        "owner": note.who,
        "createdAt": note.at.rfc3339_millis(),
        "offset": note.number.to_string(),
    })
}

/// Milliseconds from the beginning to what people did.
fn report(alert: &Standing) -> Value {
    let since = |at: balefire_core::time::Time| at.since(alert.started_at).as_millis() as u64;
    let mut report = Map::new();
    if let Some((who, at)) = &alert.acknowledged {
        report.insert("ackTime".to_owned(), since(*at).into());
        report.insert("acknowledgedBy".to_owned(), who.as_str().into());
    }
    if let Some(at) = alert.ended_at {
        report.insert("closeTime".to_owned(), since(at).into());
    }
    report.into()
}

fn priority(severity: &str) -> &'static str {
    match Severity::from_word(severity) {
        Some(Severity::Critical) => "P1",
        Some(Severity::Error) => "P2",
        Some(Severity::Warning) | None => "P3",
        Some(Severity::Info) => "P5",
    }
}
