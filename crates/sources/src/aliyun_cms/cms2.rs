//! CMS 2.0's webhook: like a CloudEvent, but not one.

use balefire_core::severity::Severity;
use serde_json::Value;

use super::text_of;
use super::threshold::ZONE;
use crate::draft::Draft;
use crate::json::fields::{object, scalar};
use crate::parsed::{Complaint, Signal};

pub(super) fn is(body: &Value) -> bool {
    body.get("alertEntityId").is_some()
        || (body.get("specversion").is_some()
            && body.get("source").and_then(Value::as_str) == Some("acs:cms"))
}

pub(super) fn read(body: &Value) -> Result<Draft<'_>, Complaint> {
    let word = text_of(body, "status")
        .or_else(|| text_of(body, "subtype"))
        .unwrap_or_default();
    let signal = match &*word {
        "OCCURRED" | "PERSISTENT" | "NORMAL_TRIGGER" => Signal::Firing,
        "RESOLVED" | "RECOVERED" | "NORMAL_RESOLVE" => Signal::Resolved,
        other => {
            let problem = format!("{other:?} is none of OCCURRED, PERSISTENT, RESOLVED, RECOVERED");
            return Err(Complaint::new("status", problem));
        }
    };
    let mut draft = Draft::new("", signal);
    for (name, value) in object(body, "labels").into_iter().flatten() {
        if let Some(value) = scalar(value) {
            draft.label(name, value);
        }
    }
    for (name, value) in object(body, "annotations").into_iter().flatten() {
        if let Some(value) = scalar(value) {
            draft.annotation(name, value);
        }
    }
    let rule_id = text_of(body, "ruleId").unwrap_or_default();
    let named = ["ruleName", "alertName", "title"]
        .iter()
        .find_map(|key| text_of(body, key));
    draft.label(
        "alertname",
        named.clone().unwrap_or_else(|| rule_id.clone()),
    );
    let severity = text_of(body, "severity").and_then(|word| Severity::from_word(&word));
    draft.severity(severity.unwrap_or(Severity::Warning));
    let entity = text_of(body, "alertEntityId").unwrap_or_default();
    draft.key(format!("{rule_id}/{entity}"));
    if let Some(entity) = body.pointer("/resource/entity").and_then(Value::as_object) {
        for (name, value) in entity {
            if let Some(value) = scalar(value) {
                draft.label(name, value);
            }
        }
    }
    draft.label_if("rule_id", text_of(body, "ruleId"));
    draft.annotation_if("summary", named);
    if let Some(data) = body.get("data") {
        draft.annotation_if("value", text_of(data, "value"));
        draft.annotation_if("threshold", text_of(data, "threshold"));
    }
    let time = text_of(body, "timestamp").or_else(|| text_of(body, "time"));
    if signal == Signal::Resolved {
        draft.ends(time.as_deref(), ZONE);
    } else {
        draft.starts(time.as_deref(), ZONE);
    }
    Ok(draft)
}
