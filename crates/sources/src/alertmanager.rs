//! Alertmanager's webhook, version 4: what another Alertmanager sends when Balefire is one of its
//! receivers. Labels are taken exactly as they are.
//!
//! Source: prometheus/alertmanager `template/template.go`, `notify/webhook`. Since 0.32 the body
//! may be the operator's own template; without `alerts` it is read as a generic one.

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{kind, scalar, text, whole};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "alertmanager",
    title: ("Alertmanager webhook", "Alertmanager Webhook"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../setup/alertmanager.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let Some(alerts) = body.get("alerts") else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    each(body, alerts, &mut parsed, |item, draft| {
        // Alertmanager's fingerprint is that of the labels; one that is not is somebody's own key.
        if let Some(given) = text(item, "fingerprint")
            && labels_fingerprint(item).as_deref() != Some(&*given)
        {
            draft.key(given);
        }
    })?;
    Ok(parsed)
}

/// Reads the alerts that this webhook and Grafana's share the shape of; `more` adds what the
/// sender has besides.
pub(crate) fn each<'a>(
    body: &'a Value,
    alerts: &'a Value,
    parsed: &mut Parsed,
    mut more: impl FnMut(&'a Value, &mut Draft<'a>),
) -> Result<(), Refusal> {
    let items = match alerts {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        other => {
            let problem = format!("expected an array of alerts, found {}", kind(other));
            return Err(Refusal::malformed("alerts", problem));
        }
    };
    for (index, item) in items.iter().enumerate() {
        match draft(body, item, format!("alerts[{index}]")) {
            Ok(mut draft) => {
                more(item, &mut draft);
                draft.finish(parsed);
            }
            Err(complaint) => parsed.complain(complaint),
        }
    }
    if let Some(cut @ 1..) = whole(body, "truncatedAlerts") {
        parsed.note(format!(
            "the sender left out {cut} alerts of this group (its max_alerts)"
        ));
    }
    Ok(())
}

fn draft<'a>(body: &'a Value, item: &'a Value, path: String) -> Result<Draft<'a>, Complaint> {
    if !item.is_object() {
        let problem = format!("an alert is an object, not {}", kind(item));
        return Err(Complaint::of(ComplaintKind::Type, path, problem));
    }
    let signal = match text(item, "status")
        .or_else(|| text(body, "status"))
        .as_deref()
    {
        Some("resolved") => Signal::Resolved,
        Some("firing") | None => Signal::Firing,
        Some(other) => {
            let problem = format!("the status {other:?} is neither firing nor resolved");
            return Err(Complaint::new(format!("{path}.status"), problem));
        }
    };
    let mut draft = Draft::new(path.clone(), signal);
    for (name, value) in pairs(item, "labels", &path)? {
        draft.label(name, value);
    }
    for (name, value) in pairs(item, "annotations", &path)? {
        draft.annotation(name, value);
    }
    draft.starts(text(item, "startsAt").as_deref(), "UTC");
    if signal == Signal::Resolved {
        draft.ends(text(item, "endsAt").as_deref(), "UTC");
    }
    draft.url(text(item, "generatorURL"));
    Ok(draft)
}

/// The members of an object of texts; numbers and truth values are read as texts.
fn pairs<'a>(
    item: &'a Value,
    field: &str,
    path: &str,
) -> Result<Vec<(&'a str, std::borrow::Cow<'a, str>)>, Complaint> {
    let type_error = |at: &str, value: &Value| {
        let problem = format!("expected a text, found {}", kind(value));
        Complaint::of(ComplaintKind::Type, format!("{path}.{field}{at}"), problem)
    };
    match item.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| match scalar(value) {
                Some(text) => Ok((name.as_str(), text)),
                None => Err(type_error(&format!(".{name}"), value)),
            })
            .collect(),
        Some(other) => Err(type_error("", other)),
    }
}

/// The fingerprint of an item's labels, when they are labels.
fn labels_fingerprint(item: &Value) -> Option<String> {
    let pairs = pairs(item, "labels", "").ok()?;
    let labels = Labels::from_pairs(pairs.iter().map(|(name, value)| (*name, &**value))).ok()?;
    Some(Fingerprint::of(&labels).to_string())
}
