//! A rule on metrics: one alert for each resource that it names.

use std::borrow::Cow;

use serde_json::Value;

use super::{ZONE, common, finish};
use crate::draft::Draft;
use crate::json::fields::{first, items, kind, scalar, text};
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};

/// What a body tells: its `Type`, the list that counts, and what that says of the list's resources.
struct Telling {
    kind: &'static str,
    list: &'static str,
    signal: Signal,
    /// Whether it is about the data that is missing.
    missing: bool,
}

const TELLINGS: [Telling; 4] = [
    telling("Metric", "Resources", Signal::Firing, false),
    telling(
        "MetricRecovered",
        "RecoveredResources",
        Signal::Resolved,
        false,
    ),
    telling("MetricsNoData", "NoDataResources", Signal::Firing, true),
    telling(
        "NoDataRecovered",
        "NoDataRecoveredResources",
        Signal::Resolved,
        true,
    ),
];

const fn telling(kind: &'static str, list: &'static str, signal: Signal, missing: bool) -> Telling {
    Telling {
        kind,
        list,
        signal,
        missing,
    }
}

pub(super) fn is(body: &Value) -> bool {
    body.get("RuleId").is_some() && TELLINGS.iter().any(|t| body.get(t.list).is_some())
}

/// Reads the list of the body's `Type`; a type that is not known means every list that has something.
pub(super) fn read(body: &Value) -> Result<Parsed, Refusal> {
    let rule = text(body, "RuleId")
        .ok_or_else(|| Refusal::malformed("RuleId", "an alarm needs the id of its rule"))?;
    let said = text(body, "Type").unwrap_or_default();
    let known = TELLINGS.iter().any(|t| said.eq_ignore_ascii_case(t.kind));
    let mut parsed = Parsed::default();
    for telling in &TELLINGS {
        if known && !said.eq_ignore_ascii_case(telling.kind) {
            continue;
        }
        for (index, resource) in items(body, telling.list).iter().enumerate() {
            let path = format!("{}[{index}]", telling.list);
            finish(draft(body, &rule, telling, resource, path), &mut parsed);
        }
    }
    if parsed.alerts.is_empty() && parsed.complaints.is_empty() {
        parsed.note(format!(
            "a callback of type {said:?} without resources; noted only"
        ));
    }
    Ok(parsed)
}

fn draft<'a>(
    body: &'a Value,
    rule: &str,
    telling: &Telling,
    resource: &'a Value,
    path: String,
) -> Result<Draft<'a>, Complaint> {
    if !resource.is_object() {
        let problem = format!("a resource is an object, not {}", kind(resource));
        return Err(Complaint::of(ComplaintKind::Type, path, problem));
    }
    let id = text(resource, "Id").ok_or_else(|| {
        let problem = "a resource needs its id";
        Complaint::of(ComplaintKind::Required, format!("{path}.Id"), problem)
    })?;
    let group = text(resource, "AlertGroupId").unwrap_or_default();
    let name = first(body, &["RuleName", "RuleId"]).unwrap_or_default();
    let mut draft = Draft::new(path, telling.signal);
    let missing = if telling.missing { "no data/" } else { "" };
    draft.key(format!("{missing}{rule}/{id}/{group}"));
    if telling.missing {
        draft.label("alertname", format!("{name}: no data"));
    } else {
        draft.label("alertname", name.clone());
    }
    common(&mut draft, body, text(body, "Level").as_deref());
    draft.label("resource", id);
    draft.label_if("resource_name", text(resource, "Name"));
    draft.label_if("region", text(resource, "Region"));
    draft.label_if("namespace", text(body, "Namespace"));
    draft.label_if("sub_namespace", text(body, "SubNamespace"));
    draft.label("rule_id", rule.to_owned());
    dimensions(&mut draft, resource);
    words(&mut draft, &name, body, resource);
    let began = text(resource, "FirstAlertTime");
    let now = text(body, "HappenedAt").or_else(|| text(resource, "LastAlertTime"));
    if telling.signal == Signal::Resolved {
        draft.starts(began.as_deref(), ZONE);
        draft.ends(now.as_deref(), ZONE);
    } else {
        draft.starts(began.or(now).as_deref(), ZONE);
    }
    Ok(draft)
}

fn words<'a>(draft: &mut Draft<'a>, name: &str, body: &'a Value, resource: &'a Value) {
    let shown = first(resource, &["Name", "Id"]).unwrap_or_default();
    draft.annotation("summary", format!("{name}: {shown}"));
    draft.annotation_if("condition", text(body, "RuleCondition"));
    let said: Vec<String> = items(resource, "Metrics").iter().map(metric).collect();
    if !said.is_empty() {
        draft.annotation("description", said.join("\n"));
    }
}

/// `CpuTotal 93 % (limit 90)`, with the sender's words for it where it has some.
fn metric(metric: &Value) -> String {
    let part = |key| text(metric, key).unwrap_or_default();
    let name = first(metric, &["DescriptionCN", "Description", "Name"]).unwrap_or_default();
    let (value, unit, limit) = (part("CurrentValue"), part("Unit"), part("Threshold"));
    let said = format!("{name} {value} {unit}");
    let limit = if limit.is_empty() {
        String::new()
    } else {
        format!(" (limit {limit})")
    };
    format!("{}{limit}", said.trim_end())
}

/// `[{Name, Value}]`, or an object.
fn dimensions<'a>(draft: &mut Draft<'a>, resource: &'a Value) {
    let listed = items(resource, "Dimensions").iter().filter_map(|pair| {
        let name = first(pair, &["Name", "Key", "NameCN"])?;
        Some((name, text(pair, "Value")?))
    });
    let object = resource.get("Dimensions").and_then(Value::as_object);
    let object = object.into_iter().flatten();
    let object =
        object.filter_map(|(name, value)| Some((Cow::from(name.as_str()), scalar(value)?)));
    for (name, value) in listed.chain(object).filter(|(name, _)| !name.is_empty()) {
        draft.label(name, value);
    }
}
