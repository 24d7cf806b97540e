//! Nightingale (夜莺): its callback, global webhook and media template.
//!
//! Source: ccfos/nightingale `models/alert_cur_event.go`, `alert/sender`. One event, an array of events, or
//! `{events: […]}`. An alert is known by its hash, and ends when `is_recovered` says so.

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, has, items, kind, object, scalar, text, whole};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "nightingale",
    title: ("Nightingale", "夜莺"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../setup/nightingale.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is an event, or holds some.
pub(crate) fn is(body: &Value) -> bool {
    let one = match body {
        Value::Array(events) => events.first(),
        _ => items(body, "events").first().or(Some(body)),
    };
    one.is_some_and(|event| event.get("rule_id").is_some() && event.get("hash").is_some())
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let (events, base) = match body {
        Value::Array(events) => (events.as_slice(), ""),
        Value::Object(_) if has(body, "events") => (items(body, "events"), "events"),
        Value::Object(map) if map.contains_key("rule_name") || map.contains_key("hash") => {
            let mut parsed = Parsed::default();
            one(body, String::new(), &mut parsed);
            return Ok(parsed);
        }
        _ => return generic::from_value(inbound, body),
    };
    let mut parsed = Parsed::default();
    for (index, event) in events.iter().enumerate() {
        one(event, format!("{base}[{index}]"), &mut parsed);
    }
    Ok(parsed)
}

fn one(event: &Value, path: String, parsed: &mut Parsed) {
    match draft(event, path) {
        Ok(draft) => draft.finish(parsed),
        Err(complaint) => parsed.complain(complaint),
    }
}

fn draft(event: &Value, path: String) -> Result<Draft<'_>, Complaint> {
    if !event.is_object() {
        let problem = format!("an event is an object, not {}", kind(event));
        return Err(Complaint::of(ComplaintKind::Type, path, problem));
    }
    let name = text(event, "rule_name").ok_or_else(|| {
        let dot = if path.is_empty() { "" } else { "." };
        let at = format!("{path}{dot}rule_name");
        Complaint::of(
            ComplaintKind::Required,
            at,
            "an event needs the name of its rule",
        )
    })?;
    let over = text(event, "is_recovered").is_some_and(|said| said == "true" || said == "1");
    let signal = if over {
        Signal::Resolved
    } else {
        Signal::Firing
    };
    let mut draft = Draft::new(path, signal);
    draft.label("alertname", name.clone());
    if let Some(severity) = severity(event) {
        draft.severity(severity);
    }
    tags(&mut draft, event);
    draft.label_if("group", text(event, "group_name"));
    draft.label_if("cluster", text(event, "cluster"));
    draft.label_if("ident", text(event, "target_ident"));
    draft.label_if("rule_id", text(event, "rule_id"));
    if let Some(hash) = text(event, "hash") {
        draft.dedup(hash);
    }
    draft.annotation("summary", name);
    draft.annotation_if("description", first(event, &["rule_note", "target_note"]));
    draft.annotation_if("value", text(event, "trigger_value"));
    draft.annotation_if("expression", text(event, "prom_ql"));
    draft.link_annotation("runbook_url", text(event, "runbook_url"));
    for (label, value) in object(event, "annotations").into_iter().flatten() {
        if let Some(value) = scalar(value).filter(|_| !label.is_empty()) {
            draft.annotation(label, value);
        }
    }
    draft.starts(
        first(event, &["first_trigger_time", "trigger_time"]).as_deref(),
        "UTC",
    );
    if over {
        let end = ["recover_time", "last_eval_time"];
        let end = end
            .iter()
            .find_map(|key| text(event, key).filter(|time| time != "0"));
        draft.ends(end.as_deref(), "UTC");
    }
    Ok(draft)
}

/// `tags_map`, or `tags` as `k=v`. The rule's name is the alert's already.
fn tags<'a>(draft: &mut Draft<'a>, event: &'a Value) {
    let map = object(event, "tags_map");
    for (name, value) in map.into_iter().flatten() {
        if let Some(value) = scalar(value).filter(|_| !matches!(name.as_str(), "" | "rulename")) {
            draft.label(name, value);
        }
    }
    if map.is_some() {
        return;
    }
    for tag in items(event, "tags").iter().filter_map(Value::as_str) {
        if let Some((name, value)) = tag
            .split_once('=')
            .filter(|(name, _)| !matches!(*name, "" | "rulename"))
        {
            draft.label(name, value);
        }
    }
}

/// Nightingale counts from 1 (critical) to 3 (info).
fn severity(event: &Value) -> Option<Severity> {
    Some(match whole(event, "severity")? {
        1 => Severity::Critical,
        2 => Severity::Warning,
        _ => Severity::Info,
    })
}
