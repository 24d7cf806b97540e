//! Alibaba Cloud's Simple Log Service (日志服务): an alert's webhook, by its default variables.
//!
//! Source: Alibaba Cloud's documentation of SLS alert templates. The body is a template of the operator's own; one
//! with other names is read as a generic one. An alert is known by its instance id, or its fingerprint.

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, kind, object, scalar, text, whole};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "aliyun_sls",
    title: ("Alibaba Cloud Log Service", "阿里云日志服务"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/aliyun_sls.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body has the default variables.
pub(crate) fn is(body: &Value) -> bool {
    body.get("alert_instance_id").is_some() && body.get("fire_time").is_some()
}

/// Reads one alert, or an array of them.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let mut parsed = Parsed::default();
    match body {
        Value::Array(alerts) => {
            for (index, alert) in alerts.iter().enumerate() {
                one(inbound, alert, format!("[{index}]"), &mut parsed);
            }
        }
        Value::Object(_) if text(body, "alert_name").is_none() => {
            return generic::from_value(inbound, body);
        }
        _ => one(inbound, body, String::new(), &mut parsed),
    }
    Ok(parsed)
}

fn one(inbound: &Inbound<'_>, alert: &Value, path: String, parsed: &mut Parsed) {
    match draft(inbound, alert, path) {
        Ok(draft) => draft.finish(parsed),
        Err(complaint) => parsed.complain(complaint),
    }
}

fn draft<'a>(
    inbound: &Inbound<'_>,
    alert: &'a Value,
    path: String,
) -> Result<Draft<'a>, Complaint> {
    if !alert.is_object() {
        let problem = format!("an alert is an object, not {}", kind(alert));
        return Err(Complaint::of(ComplaintKind::Type, path, problem));
    }
    let at = |field: &str| {
        let dot = if path.is_empty() { "" } else { "." };
        format!("{path}{dot}{field}")
    };
    let name = text(alert, "alert_name").ok_or_else(|| {
        let problem = "nothing names the alert";
        Complaint::of(ComplaintKind::Required, at("alert_name"), problem)
    })?;
    let signal = match text(alert, "status").as_deref() {
        Some("firing") => Signal::Firing,
        Some("resolved") => Signal::Resolved,
        other => {
            let problem = format!("{:?} is neither firing nor resolved", other.unwrap_or(""));
            return Err(Complaint::new(at("status"), problem));
        }
    };
    let mut draft = Draft::new(path.clone(), signal);
    draft.label("alertname", name.clone());
    if let Some(severity) = severity(alert) {
        draft.severity(severity);
    }
    for (label, value) in object(alert, "labels").into_iter().flatten() {
        if let Some(value) = scalar(value).filter(|_| !label.is_empty()) {
            draft.label(label, value);
        }
    }
    draft.label_if("project", text(alert, "project"));
    draft.label_if("region", text(alert, "region"));
    draft.label_if("alert_id", text(alert, "alert_id"));
    if let Some(key) = first(alert, &["alert_instance_id", "fingerprint"]) {
        draft.dedup(key);
    }
    let annotations = alert.get("annotations").unwrap_or(&Value::Null);
    draft.annotation("summary", text(annotations, "title").unwrap_or(name));
    draft.annotation_if("description", text(annotations, "desc"));
    for (label, value) in object(alert, "annotations").into_iter().flatten() {
        if let Some(value) =
            scalar(value).filter(|_| !matches!(label.as_str(), "" | "title" | "desc"))
        {
            draft.annotation(label, value);
        }
    }
    draft.annotation_if("results", text(alert, "fire_results_count"));
    draft.url(first(alert, &["query_url", "alert_url", "signin_url"]));
    draft.starts(
        first(alert, &["fire_time", "alert_time"]).as_deref(),
        inbound.timezone,
    );
    if signal == Signal::Resolved {
        draft.ends(text(alert, "resolve_time").as_deref(), inbound.timezone);
    }
    Ok(draft)
}

/// SLS counts from 2 (report) to 10 (critical).
fn severity(alert: &Value) -> Option<Severity> {
    Some(match whole(alert, "severity") {
        Some(..=4) => Severity::Info,
        Some(5..=6) => Severity::Warning,
        Some(7..=8) => Severity::Error,
        Some(_) => Severity::Critical,
        None => return Severity::from_word(&text(alert, "severity")?),
    })
}
