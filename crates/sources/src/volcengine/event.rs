//! Something that happened in the cloud: a disk that failed, a machine that moved.

use balefire_core::severity::Severity;
use serde_json::Value;

use super::{ZONE, common, finish};
use crate::draft::Draft;
use crate::json::fields::{first, items, object, scalar, text};
use crate::parsed::{Complaint, ComplaintKind, Parsed, Signal};

pub(super) fn is(body: &Value) -> bool {
    let has = |key| body.get(key).is_some();
    text(body, "Type").is_some_and(|kind| kind.eq_ignore_ascii_case("event"))
        && has("EventType")
        && (has("Rules") || has("AccountId"))
}

pub(super) fn read(body: &Value) -> Parsed {
    let mut parsed = Parsed::default();
    finish(draft(body), &mut parsed);
    parsed
}

fn draft(body: &Value) -> Result<Draft<'_>, Complaint> {
    let name = text(body, "EventType").ok_or_else(|| {
        let problem = "an event needs its type";
        Complaint::of(ComplaintKind::Required, "EventType", problem)
    })?;
    let mut draft = Draft::new("", Signal::Event);
    draft.label("alertname", name.clone());
    let worst = items(body, "Rules")
        .iter()
        .filter_map(|rule| Severity::from_word(&text(rule, "Level")?))
        .max();
    let level = worst.map(Severity::as_str);
    common(&mut draft, body, level);
    draft.label_if("region", text(body, "Region"));
    draft.label_if("source", text(body, "Source"));
    let words = first(body, &["DescriptionCN", "Description"]);
    draft.annotation("summary", words.unwrap_or(name));
    draft.annotation_if("event_id", text(body, "Id"));
    let rules = items(body, "Rules").iter();
    let rules: Vec<_> = rules
        .filter_map(|rule| first(rule, &["RuleName", "RuleId"]))
        .collect();
    if !rules.is_empty() {
        draft.annotation("rules", rules.join(", "));
    }
    let details = body.get("Details").unwrap_or(&Value::Null);
    // Two machines may have the same event at the same time.
    let about = ["InstanceId", "ResourceId", "ResourceID", "InstanceID"];
    draft.label_if("instance", first(details, &about));
    for (key, value) in object(body, "Details").into_iter().flatten() {
        if let Some(value) = scalar(value).filter(|_| !key.is_empty()) {
            draft.annotation(key, value);
        }
    }
    draft.annotation_if("details", text(body, "Details"));
    draft.starts(text(body, "HappenedAt").as_deref(), ZONE);
    Ok(draft)
}
