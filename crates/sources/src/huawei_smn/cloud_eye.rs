//! Cloud Eye's alarms: the present shape (`version: v1`) and the older one.

use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json::fields::{first, object, text};
use crate::parsed::{Complaint, Signal};

pub(super) fn is(message: &Value) -> bool {
    message.pointer("/data/AlarmRuleName").is_some() || message.get("alarm_status").is_some()
}

pub(super) fn draft<'a>(message: &'a Value, zone: &str) -> Result<Draft<'a>, Complaint> {
    match message
        .get("data")
        .filter(|data| data.get("AlarmRuleName").is_some())
    {
        Some(data) => present(data, zone),
        None => older(message, zone),
    }
}

fn present<'a>(data: &'a Value, zone: &str) -> Result<Draft<'a>, Complaint> {
    let signal = match text(data, "IsAlarm").as_deref() {
        Some("true") => Signal::Firing,
        Some("false") => Signal::Resolved,
        other => {
            let problem = format!("{:?} is neither true nor false", other.unwrap_or_default());
            return Err(Complaint::new("message.data.IsAlarm", problem));
        }
    };
    let part = |key: &str| text(data, key).unwrap_or_default();
    let mut draft = Draft::new("", signal);
    let name = first(data, &["MetricName", "AlarmRuleName"]);
    draft.label("alertname", name.clone().unwrap_or_default());
    let level = text(data, "AlarmLevel").and_then(|word| Severity::from_word(&word));
    if let Some(level) = level {
        draft.severity(level);
    }
    draft.key(format!(
        "{}/{}/{}",
        part("AlarmRuleName"),
        part("ResourceId"),
        part("MetricName")
    ));
    for (label, key) in [
        ("instance", "ResourceName"),
        ("resource_id", "ResourceId"),
        ("rule", "AlarmRuleName"),
        ("namespace", "Namespace"),
        ("region", "RegionId"),
    ] {
        draft.label_if(label, text(data, key));
    }
    let place = first(data, &["DimensionName", "Namespace"]);
    let summary = [place, text(data, "ResourceName"), name];
    let summary: Vec<&str> = summary.iter().flatten().map(|part| &**part).collect();
    draft.annotation("summary", summary.join(" "));
    draft.annotation_if("value", text(data, "CurrentData"));
    if let (Some(operator), Some(limit)) = (text(data, "ComparisonOperator"), text(data, "Value")) {
        draft.annotation("condition", format!("{operator} {limit}"));
    }
    draft.annotation_if("ip", text(data, "PrivateIp"));
    draft.annotation_if("record_id", text(data, "AlarmRecordID"));
    draft.at(text(data, "AlarmTime").as_deref(), zone);
    Ok(draft)
}

fn older<'a>(message: &'a Value, zone: &str) -> Result<Draft<'a>, Complaint> {
    let signal = match text(message, "alarm_status").as_deref() {
        Some("alarm") => Signal::Firing,
        Some("ok") => Signal::Resolved,
        Some("insufficient_data") => Signal::Event,
        other => {
            let other = other.unwrap_or_default();
            let problem = format!("{other:?} is none of alarm, ok, insufficient_data");
            return Err(Complaint::new("message.alarm_status", problem));
        }
    };
    let mut draft = Draft::new("", signal);
    let name = first(message, &["alarm_name", "alarm_id"]).unwrap_or_default();
    draft.label("alertname", name.clone());
    if signal == Signal::Event {
        draft.label("reason", "insufficient_data");
    } else {
        draft.key(text(message, "alarm_id").unwrap_or_else(|| name.clone()));
    }
    draft.label_if("alarm_id", text(message, "alarm_id"));
    draft.annotation("summary", name);
    draft.annotation_if("description", text(message, "alarm_desc"));
    generic::details(&mut draft, object(message, "template_variable"));
    draft.at(text(message, "time").as_deref(), zone);
    Ok(draft)
}
