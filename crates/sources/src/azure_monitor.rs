//! Azure Monitor's action groups: the common alert schema, and the three older shapes.
//!
//! Source: Microsoft's "Common alert schema" and "Non-common alert schema definitions". An alert is known by its
//! id, the same when it fires and is resolved. Alerts on the activity log are never resolved: they are told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, object, scalar, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "azure_monitor",
    title: ("Azure Monitor", "Azure Monitor"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/azure_monitor.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many dimensions of one alert are kept.
const MAX_DIMENSIONS: usize = 30;
/// How many targets of one alert are kept.
const MAX_TARGETS: usize = 20;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is of one of the schemas that name themselves.
pub(crate) fn is(body: &Value) -> bool {
    let azure = [
        "azureMonitorCommonAlertSchema",
        "AzureMonitorMetricAlert",
        "Microsoft.Insights/",
    ];
    let schema = body.get("schemaId").and_then(Value::as_str);
    schema.is_some_and(|schema| azure.iter().any(|known| schema.starts_with(known)))
}

/// Reads the body's tree by its shape.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let data = body.get("data").unwrap_or(body);
    let read = if data.get("essentials").is_some() {
        common(data)
    } else if data.get("context").is_some() {
        older(data)
    } else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    match read {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

/// The common alert schema.
fn common(data: &Value) -> Result<Draft<'_>, Complaint> {
    let essentials = data.get("essentials").unwrap_or(&Value::Null);
    let path = "data.essentials";
    let said = required(essentials, "monitorCondition", path)?;
    let kind = text(essentials, "signalType");
    let signal = match &*said {
        // Nothing ever resolves what the activity log says.
        "Fired" if kind.as_deref() == Some("Activity Log") => Signal::Event,
        "Fired" => Signal::Firing,
        "Resolved" => Signal::Resolved,
        other => {
            let problem = format!("{other:?} is neither Fired nor Resolved");
            return Err(Complaint::new(format!("{path}.monitorCondition"), problem));
        }
    };
    let mut draft = Draft::new("", signal);
    let rule = required(essentials, "alertRule", path)?;
    draft.label("alertname", rule.clone());
    if let Some(severity) = text(essentials, "severity").and_then(|word| severity(&word)) {
        draft.severity(severity);
    }
    if signal != Signal::Event {
        draft.dedup(required(essentials, "alertId", path)?);
    }
    draft.label_if("resource", joined(essentials, "configurationItems"));
    draft.label_if("signal_type", kind);
    draft.label_if("monitoring_service", text(essentials, "monitoringService"));
    generic::details(&mut draft, object(data, "customProperties"));
    draft.annotation("summary", rule);
    draft.annotation_if("description", text(essentials, "description"));
    draft.annotation_if("targets", joined(essentials, "alertTargetIDs"));
    if let Some(first) = data.pointer("/alertContext/condition/allOf/0") {
        condition(&mut draft, first);
        draft.url(text(first, "linkToSearchResultsUI"));
    }
    draft.starts(text(essentials, "firedDateTime").as_deref(), "UTC");
    if signal == Signal::Resolved {
        draft.ends(text(essentials, "resolvedDateTime").as_deref(), "UTC");
    }
    Ok(draft)
}

/// Metric alerts, classic ones and the activity log, from before the common schema.
fn older(data: &Value) -> Result<Draft<'_>, Complaint> {
    let context = data.get("context").unwrap_or(&Value::Null);
    let said = required(data, "status", "data")?;
    if let Some(entry) = context.get("activityLog") {
        let mut draft = Draft::new("", Signal::Event);
        draft.label(
            "alertname",
            required(entry, "operationName", "data.context.activityLog")?,
        );
        let level = text(entry, "level").and_then(|word| Severity::from_word(&word));
        draft.severity(level.unwrap_or(Severity::Info));
        draft.label_if("resource", text(entry, "resourceId"));
        draft.annotation_if("status", text(entry, "status"));
        draft.annotation_if("description", text(entry, "description"));
        draft.starts(text(entry, "eventTimestamp").as_deref(), "UTC");
        return Ok(draft);
    }
    let signal = match &*said {
        "Activated" => Signal::Firing,
        "Deactivated" | "Resolved" => Signal::Resolved,
        other => {
            let problem = format!("{other:?} is neither Activated nor Deactivated");
            return Err(Complaint::new("data.status", problem));
        }
    };
    let mut draft = Draft::new("", signal);
    let name = required(context, "name", "data.context")?;
    draft.label("alertname", name.clone());
    if let Some(number) = text(context, "severity") {
        let word = format!("Sev{number}");
        draft.severity(severity(&word).unwrap_or(Severity::Warning));
    }
    let part = |key: &str| text(context, key).unwrap_or_default();
    draft.dedup(format!("{}/{}", part("id"), part("resourceId")));
    draft.label_if("resource", text(context, "resourceName"));
    draft.label_if("region", text(context, "resourceRegion"));
    generic::details(&mut draft, object(data, "properties"));
    draft.annotation("summary", name);
    draft.annotation_if("description", text(context, "description"));
    let whole = context.get("condition").unwrap_or(&Value::Null);
    condition(&mut draft, whole.pointer("/allOf/0").unwrap_or(whole));
    draft.url(text(context, "portalLink"));
    draft.at(text(context, "timestamp").as_deref(), "UTC");
    Ok(draft)
}

/// What was measured, and what was expected. One rule may have an alert for each set of dimensions: they are labels.
fn condition<'a>(draft: &mut Draft<'a>, condition: &'a Value) {
    for dimension in items(condition, "dimensions").iter().take(MAX_DIMENSIONS) {
        if let (Some(name), Some(value)) = (text(dimension, "name"), text(dimension, "value")) {
            draft.label(name, value);
        }
    }
    draft.annotation_if("metric", first(condition, &["metricName", "searchQuery"]));
    draft.annotation_if("value", text(condition, "metricValue"));
    if let (Some(operator), Some(limit)) =
        (text(condition, "operator"), text(condition, "threshold"))
    {
        draft.annotation("condition", format!("{operator} {limit}"));
    }
}

/// `Sev0` is the worst, `Sev4` verbose.
fn severity(word: &str) -> Option<Severity> {
    Some(match word {
        "Sev0" => Severity::Critical,
        "Sev1" => Severity::Error,
        "Sev2" => Severity::Warning,
        "Sev3" | "Sev4" => Severity::Info,
        _ => return None,
    })
}

fn joined<'a>(value: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    let names: Vec<Cow<'a, str>> = items(value, key)
        .iter()
        .take(MAX_TARGETS)
        .filter_map(scalar)
        .collect();
    (!names.is_empty()).then(|| Cow::Owned(names.join(",")))
}

fn required<'a>(value: &'a Value, key: &str, path: &str) -> Result<Cow<'a, str>, Complaint> {
    text(value, key).ok_or_else(|| {
        let problem = format!("an alert needs {key}");
        Complaint::of(ComplaintKind::Required, format!("{path}.{key}"), problem)
    })
}
