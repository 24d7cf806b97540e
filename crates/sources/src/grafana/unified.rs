//! Unified alerting: Alertmanager's shape with Grafana's additions.
//!
//! Source: grafana/alerting `receivers/webhook` (field names). The fingerprint is computed with
//! hidden labels included, so it cannot be recomputed here: it is the sender's own key.

use std::fmt::Write;

use serde_json::Value;

use crate::alertmanager;
use crate::draft::Draft;
use crate::json::fields::{scalar, text};
use crate::parsed::{Parsed, Refusal};

/// Reads the whole body.
pub(super) fn read(body: &Value, alerts: &Value) -> Result<Parsed, Refusal> {
    let mut parsed = Parsed::default();
    alertmanager::each(body, alerts, &mut parsed, |item, draft| {
        add(body, item, draft);
    })?;
    if is_test(body) {
        parsed.note("this is a test notification of the contact point");
    }
    Ok(parsed)
}

/// What Grafana says besides labels and annotations.
fn add<'a>(body: &'a Value, item: &'a Value, draft: &mut Draft<'a>) {
    if let Some(fingerprint) = text(item, "fingerprint") {
        let org = text(item, "orgId").or_else(|| text(body, "orgId"));
        draft.key(format!("{}/{fingerprint}", org.as_deref().unwrap_or("")));
    }
    if let Some(values) = values(item) {
        draft.annotation("value", values);
    } else {
        draft.annotation_if("value", text(item, "valueString"));
    }
    for (name, field) in [
        ("dashboard_url", "dashboardURL"),
        ("panel_url", "panelURL"),
        ("silence_url", "silenceURL"),
        ("image_url", "imageURL"),
    ] {
        draft.link_annotation(name, text(item, field));
    }
}

/// `B=92.4, C=1`
fn values(item: &Value) -> Option<String> {
    let values = item.get("values")?.as_object()?;
    let mut shown = String::new();
    for (name, value) in values.iter().filter_map(|(n, v)| Some((n, scalar(v)?))) {
        let comma = if shown.is_empty() { "" } else { ", " };
        write!(shown, "{comma}{name}={value}").ok()?;
    }
    (!shown.is_empty()).then_some(shown)
}

/// The test button of a contact point sends one alert called TestAlert.
fn is_test(body: &Value) -> bool {
    body.pointer("/alerts/0/labels/alertname")
        .and_then(Value::as_str)
        == Some("TestAlert")
}
