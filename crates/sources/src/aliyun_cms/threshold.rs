//! The callback of a threshold alarm (CMS 1.0).

use balefire_core::severity::Severity;
use serde_json::Value;

use super::text_of;
use crate::draft::Draft;
use crate::parsed::{Complaint, Signal};

/// Cloud Monitor writes times without a zone in Beijing's.
pub(super) const ZONE: &str = "Asia/Shanghai";

pub(super) fn is(body: &Value) -> bool {
    body.get("alertState").is_some() && body.get("ruleId").is_some()
}

pub(super) fn read(body: &Value) -> Result<Draft<'_>, Complaint> {
    let state = text_of(body, "alertState").unwrap_or_default();
    let signal = match &*state {
        "ALERT" | "ALARM" => Signal::Firing,
        "OK" => Signal::Resolved,
        // No data is neither: told once, under labels of its own so that an open alarm stays open.
        "INSUFFICIENT_DATA" => Signal::Event,
        other => {
            let problem = format!("{other:?} is none of ALERT, OK, INSUFFICIENT_DATA");
            return Err(Complaint::new("alertState", problem));
        }
    };
    let mut draft = Draft::new("", signal);
    let rule_id = text_of(body, "ruleId").unwrap_or_default();
    let alertname = text_of(body, "alertName").or_else(|| text_of(body, "metricName"));
    draft.label(
        "alertname",
        alertname.clone().unwrap_or_else(|| rule_id.clone()),
    );
    draft.severity(severity(body, signal));
    if signal == Signal::Event {
        draft.label("reason", "insufficient_data");
    }
    let mut dimensions = dimensions(&text_of(body, "dimensions").unwrap_or_default());
    dimensions.sort();
    let user = text_of(body, "userId").unwrap_or_default();
    if signal != Signal::Event {
        let place: Vec<String> = dimensions.iter().map(|(k, v)| format!("{k}={v}")).collect();
        draft.key(format!("{user}/{rule_id}/{}", place.join(",")));
    }
    for (name, value) in dimensions.into_iter().filter(|(name, _)| name != "userId") {
        draft.label(name, value);
    }
    for (label, key) in [
        ("instance", "instanceName"),
        ("metric", "metricName"),
        ("namespace", "namespace"),
        ("region", "regionId"),
        ("group", "productGroupName"),
        ("rule_id", "ruleId"),
    ] {
        draft.label_if(label, text_of(body, key));
    }
    let unit = text_of(body, "unit").unwrap_or_default();
    if let Some(value) = text_of(body, "curValue") {
        draft.annotation("value", format!("{value}{unit}"));
    }
    draft.annotation_if("summary", alertname);
    draft.annotation_if("expression", text_of(body, "expression"));
    draft.annotation_if("lasted", text_of(body, "lastTime"));
    draft.annotation_if("region_name", text_of(body, "regionName"));
    let time = text_of(body, "timestamp");
    if signal == Signal::Resolved {
        draft.ends(time.as_deref(), ZONE);
    } else {
        draft.starts(time.as_deref(), ZONE);
    }
    Ok(draft)
}

/// A recovery has the level `OK`; how bad it was is then in `preTriggerLevel`.
fn severity(body: &Value, signal: Signal) -> Severity {
    if signal == Signal::Event {
        return Severity::Warning;
    }
    ["triggerLevel", "preTriggerLevel"]
        .iter()
        .filter_map(|key| text_of(body, key))
        .filter(|word| word != "OK")
        .find_map(|word| Severity::from_word(&word))
        .unwrap_or(Severity::Warning)
}

/// `{userId=1, instanceId=i-x}`: neither JSON nor quoted.
fn dimensions(text: &str) -> Vec<(String, String)> {
    text.trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .filter(|(name, _)| !name.is_empty())
        .take(crate::bounds::MAX_PAIRS)
        .collect()
}
