//! Legacy dashboard alerts: one rule, one state.
//!
//! Source: Grafana's documentation of the legacy webhook notifier; versions 4 and 5 wrote
//! `rule_url` and `image_url`. `no_data` counts as firing with its own reason; `paused` and
//! `pending` are noted only.

use std::fmt::Write;

use serde_json::Value;

use crate::draft::Draft;
use crate::json::fields::{first, items, object, scalar, text};
use crate::parsed::{Complaint, ComplaintKind, Parsed, Signal};

/// Whether this is a legacy alert rather than something else.
pub(super) fn is(body: &Value) -> bool {
    let has = |key| body.get(key).is_some();
    has("evalMatches") || (has("ruleId") && has("state")) || (has("ruleName") && has("state"))
}

/// Reads the one alert.
pub(super) fn read(body: &Value) -> Parsed {
    let mut parsed = Parsed::default();
    let state = text(body, "state").unwrap_or_default();
    let signal = match &*state {
        "alerting" | "no_data" => Signal::Firing,
        "ok" => Signal::Resolved,
        "paused" | "pending" | "unknown" => {
            parsed.note(format!(
                "the state {state:?} of a Grafana rule was noted only"
            ));
            return parsed;
        }
        other => {
            let problem =
                format!("the state {other:?} is none of alerting, no_data, ok, paused, pending");
            parsed.complain(Complaint::new("state", problem));
            return parsed;
        }
    };
    let Some(rule) = first(body, &["ruleName", "title"]) else {
        let problem = "ruleName is missing";
        parsed.complain(Complaint::of(ComplaintKind::Required, "ruleName", problem));
        return parsed;
    };
    let rule_id = text(body, "ruleId");
    // The test button sends rule 0, or (later versions) a random number, under this name.
    let test = rule == "Test notification" || rule_id.as_deref() == Some("0");
    let mut draft = Draft::new("", if test { Signal::Event } else { signal });
    if test {
        draft.note("this is a test notification of the channel");
    }
    draft.label("alertname", rule);
    for (name, value) in object(body, "tags").into_iter().flatten() {
        if let Some(value) = scalar(value) {
            draft.label(name, value);
        }
    }
    let org = text(body, "orgId");
    if let Some(rule_id) = rule_id.as_deref().filter(|_| !test) {
        draft.key(format!("{}/{rule_id}", org.as_deref().unwrap_or("")));
    }
    draft.label_if("org_id", org);
    draft.label_if("rule_id", rule_id);
    draft.annotation_if("summary", text(body, "title"));
    draft.annotation_if("description", text(body, "message"));
    if state == "no_data" {
        draft.annotation("reason", "no_data");
    }
    if let Some(values) = values(body) {
        draft.annotation("value", values);
    }
    draft.url(first(body, &["ruleUrl", "rule_url"]));
    draft.link_annotation("image_url", first(body, &["imageUrl", "image_url"]));
    draft.finish(&mut parsed);
    parsed
}

/// `p95 {service="checkout"}: 1243.7, …`
fn values(body: &Value) -> Option<String> {
    let mut shown = String::new();
    for matched in items(body, "evalMatches") {
        let comma = if shown.is_empty() { "" } else { ", " };
        let metric = text(matched, "metric").unwrap_or_default();
        let value = text(matched, "value").unwrap_or_else(|| "no value".into());
        write!(shown, "{comma}{metric}: {value}").ok()?;
    }
    (!shown.is_empty()).then_some(shown)
}
