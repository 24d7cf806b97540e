//! Security alerts: Dependabot, code scanning, secret scanning.

use balefire_core::severity::Severity;
use serde_json::Value;

use super::{Read, Said, repository};
use crate::draft::Draft;
use crate::json::fields::{first, text};
use crate::parsed::{Complaint, ComplaintKind, Signal};
use crate::text as words;

pub(super) fn read(body: &Value) -> Read<'_> {
    let alert = body.get("alert").unwrap_or(&Value::Null);
    let action = text(body, "action").unwrap_or_default();
    let signal = match &*action {
        "created" | "reopened" | "reopened_by_user" | "reintroduced" | "auto_reopened"
        | "publicly_leaked" => Signal::Firing,
        "fixed" | "dismissed" | "auto_dismissed" | "resolved" | "closed_by_user" => {
            Signal::Resolved
        }
        other => return Ok(Said::Nothing(format!("alert {other}"))),
    };
    let advisory = alert.get("security_advisory").unwrap_or(&Value::Null);
    let rule = alert.get("rule").unwrap_or(&Value::Null);
    let kind = if advisory.is_object() {
        "dependabot"
    } else if rule.is_object() {
        "code_scanning"
    } else {
        "secret_scanning"
    };
    let title = text(advisory, "summary")
        .or_else(|| first(rule, &["description", "name", "id"]))
        .or_else(|| first(alert, &["secret_type_display_name", "secret_type"]));
    let title = title.ok_or_else(|| {
        let problem = "nothing says what the alert is about";
        Complaint::of(ComplaintKind::Required, "alert", problem)
    })?;
    let number = text(alert, "number").ok_or_else(|| {
        let problem = "an alert needs its number";
        Complaint::of(ComplaintKind::Required, "alert.number", problem)
    })?;
    let repository = repository(body);
    let mut draft = Draft::new("", signal);
    draft.label("alertname", words::title(&title).into_owned());
    let word = text(advisory, "severity")
        .or_else(|| first(rule, &["security_severity_level", "severity"]));
    let severity = word.and_then(|word| Severity::from_word(&word));
    // A secret that lies open is open to everybody.
    let is_secret = kind == "secret_scanning";
    if let Some(severity) = severity.or(is_secret.then_some(Severity::Critical)) {
        draft.severity(severity);
    }
    draft.key(format!("{kind}/{repository}/{number}"));
    draft.label("repository", repository);
    draft.annotation("kind", kind);
    let package = alert.pointer("/dependency/package").unwrap_or(&Value::Null);
    draft.label_if("package", text(package, "name"));
    draft.label("number", number);
    draft.annotation("summary", title);
    draft.annotation_if("description", first(advisory, &["description"]));
    draft.annotation_if("advisory", first(advisory, &["cve_id", "ghsa_id"]));
    draft.url(text(alert, "html_url"));
    if signal == Signal::Firing {
        draft.starts(text(alert, "created_at").as_deref(), "UTC");
    } else {
        let end = [
            "fixed_at",
            "dismissed_at",
            "auto_dismissed_at",
            "resolved_at",
            "updated_at",
        ];
        draft.ends(first(alert, &end).as_deref(), "UTC");
    }
    Ok(Said::Alert(draft))
}
