//! CloudWatch's alarms, as SNS carries them.

use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::json::fields::{items, text};
use crate::parsed::{Complaint, Signal};

/// How many dimensions of one alarm are kept.
const MAX_DIMENSIONS: usize = 30;

pub(super) fn is(message: &Value) -> bool {
    message.get("AlarmName").is_some() && message.get("NewStateValue").is_some()
}

pub(super) fn draft(alarm: &Value) -> Result<Draft<'_>, Complaint> {
    let signal = match text(alarm, "NewStateValue").as_deref() {
        Some("ALARM") => Signal::Firing,
        Some("OK") => Signal::Resolved,
        // No data is neither: told once, under labels of its own so that an open alarm stays open.
        Some("INSUFFICIENT_DATA") => Signal::Event,
        other => {
            let other = other.unwrap_or_default();
            let problem = format!("{other:?} is none of ALARM, OK, INSUFFICIENT_DATA");
            return Err(Complaint::new("Message.NewStateValue", problem));
        }
    };
    let part = |key: &str| text(alarm, key).unwrap_or_default();
    let name = part("AlarmName");
    let mut draft = Draft::new("", signal);
    draft.label("alertname", name.clone());
    if signal == Signal::Event {
        draft.severity(Severity::Warning);
        draft.label("reason", "insufficient_data");
    } else {
        let own = format!("{}/{}/{name}", part("AWSAccountId"), part("Region"));
        let arn = text(alarm, "AlarmArn").map_or(own, std::borrow::Cow::into_owned);
        draft.dedup(arn);
    }
    draft.label_if("account", text(alarm, "AWSAccountId"));
    let arn = part("AlarmArn");
    // arn:aws:cloudwatch:eu-west-1:…: the message itself has the region's display name only.
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
    draft.label_if("region", region.map(|region| region.to_owned().into()));
    let trigger = alarm.get("Trigger").unwrap_or(&Value::Null);
    draft.label_if("namespace", text(trigger, "Namespace"));
    draft.label_if("metric", text(trigger, "MetricName"));
    for dimension in items(trigger, "Dimensions").iter().take(MAX_DIMENSIONS) {
        if let (Some(name), Some(value)) = (text(dimension, "name"), text(dimension, "value")) {
            draft.label(name, value);
        }
    }
    draft.annotation("summary", name);
    draft.annotation_if("description", text(alarm, "AlarmDescription"));
    draft.annotation_if("reason", text(alarm, "NewStateReason"));
    draft.annotation_if("rule", text(alarm, "AlarmRule"));
    if let (Some(comparison), Some(limit)) = (
        text(trigger, "ComparisonOperator"),
        text(trigger, "Threshold"),
    ) {
        draft.annotation("condition", format!("{comparison} {limit}"));
    }
    draft.at(text(alarm, "StateChangeTime").as_deref(), "UTC");
    Ok(draft)
}
