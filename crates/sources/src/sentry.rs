//! Sentry: integration webhooks (issue alerts, metric alerts, issues, errors), and the older plugin.
//!
//! Source: Sentry's "Webhooks" of the integration platform. Requests are signed with the integration's client
//! secret. Metric alerts and issues end when Sentry says so; an issue alert is about one event and never ends, so
//! it is told once. Comments, assignments and installations are noted only.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use balefire_core::severity::Severity;
use serde_json::{Map, Value};

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, has, items, scalar, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::signature;
use crate::spec::{Inbound, SourceSpec};
use crate::text as words;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "sentry",
    title: ("Sentry", "Sentry"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[Field::optional(
        "secret",
        Kind::Secret,
        "The integration's client secret; when set, unsigned requests are refused.",
    )],
    setup: include_str!("../setup/sentry.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many tags of one event are kept.
const MAX_TAGS: usize = 100;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    signature::of_body(inbound, "sentry-hook-signature", "")?;
    from_value(inbound, &json::read(inbound.body)?)
}

/// Reads the body's tree: by what its data holds, since the plugin sends no header.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let data = |key: &str| body.get("data").and_then(|data| data.get(key));
    let mut parsed = Parsed::default();
    let action = text(body, "action").unwrap_or_default();
    let draft = if let Some(alert) = data("metric_alert") {
        metric(body, alert, &action)
    } else if let Some(event) = data("event").or_else(|| data("error")) {
        event_alert(body, event)
    } else if let Some(issue) = data("issue").filter(|_| data("comment").is_none()) {
        self::issue(issue, &action, &mut parsed)
    } else if has(body, "project_slug") {
        plugin(body)
    } else if body.get("installation").is_some() {
        let resource = inbound.header("sentry-hook-resource").unwrap_or("event");
        parsed.note(format!("Sentry says {resource} {action}; noted only"));
        return Ok(parsed);
    } else {
        return generic::from_value(inbound, body);
    };
    match draft {
        Ok(Some(draft)) => draft.finish(&mut parsed),
        Ok(None) => {}
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

type Read<'a> = Result<Option<Draft<'a>>, Complaint>;

/// An alert rule on a number: critical, warning, resolved.
fn metric<'a>(body: &'a Value, alert: &'a Value, action: &str) -> Read<'a> {
    let (signal, severity) = match action {
        "critical" => (Signal::Firing, Some(Severity::Critical)),
        "warning" => (Signal::Firing, Some(Severity::Warning)),
        "resolved" => (Signal::Resolved, None),
        other => {
            let problem = format!("{other:?} is none of critical, warning, resolved");
            return Err(Complaint::new("action", problem));
        }
    };
    let rule = alert.get("alert_rule").unwrap_or(&Value::Null);
    let data = body.get("data").unwrap_or(&Value::Null);
    let name = text(rule, "name").or_else(|| text(alert, "title"));
    let mut draft = named(
        signal,
        name.or_else(|| text(data, "description_title")),
        "data.metric_alert.alert_rule.name",
    )?;
    if let Some(severity) = severity {
        draft.severity(severity);
    }
    let id = text(rule, "id").or_else(|| text(alert, "id"));
    let org = text(alert, "organization_id").unwrap_or_default();
    draft.dedup(format!("metric/{org}/{}", id.unwrap_or_default()));
    let projects = items(alert, "projects").iter().take(MAX_TAGS);
    let projects: Vec<Cow<'_, str>> = projects.filter_map(scalar).collect();
    if !projects.is_empty() {
        draft.label("project", projects.join(","));
    }
    draft.annotation_if("summary", text(data, "description_title"));
    draft.annotation_if("description", text(data, "description_text"));
    draft.url(text(data, "web_url"));
    let time = if signal == Signal::Resolved {
        "date_closed"
    } else {
        "date_started"
    };
    draft.at(text(alert, time).as_deref(), "UTC");
    Ok(Some(draft))
}

/// An alert rule that one event has met.
fn event_alert<'a>(body: &'a Value, event: &'a Value) -> Read<'a> {
    let data = body.get("data").unwrap_or(&Value::Null);
    let mut draft = of_event(event)?;
    draft.label_if("rule", text(data, "triggered_rule"));
    draft.label_if("issue_id", text(event, "issue_id"));
    draft.url(first(event, &["web_url", "issue_url"]));
    Ok(Some(draft))
}

/// What an event says of itself.
fn of_event(event: &Value) -> Result<Draft<'_>, Complaint> {
    let mut draft = named(
        Signal::Event,
        first(event, &["title", "message"]),
        "data.event.title",
    )?;
    level(&mut draft, text(event, "level"));
    draft.annotation_if("culprit", text(event, "culprit"));
    draft.annotation_if("message", text(event, "message"));
    draft.label_if("environment", text(event, "environment"));
    draft.annotation_if("release", text(event, "release"));
    draft.starts(first(event, &["datetime", "timestamp"]).as_deref(), "UTC");
    for pair in items(event, "tags").iter().take(MAX_TAGS) {
        let part = |index: usize| pair.get(index).and_then(scalar);
        if let (Some(name), Some(value)) = (part(0), part(1)) {
            let tag = Map::from_iter([(name.into_owned(), Value::String(value.into_owned()))]);
            tags(&mut draft, &tag);
        }
    }
    Ok(draft)
}

/// Tags say where it happened as labels, and the rest as words.
fn tags(draft: &mut Draft<'_>, tag: &Map<String, Value>) {
    for (name, value) in tag {
        let value = value.as_str().unwrap_or_default().to_owned();
        if name.is_empty() || value.is_empty() {
            continue;
        }
        if generic::is_place(name) {
            draft.label(name.clone(), value);
        } else {
            draft.annotation(name.clone(), value);
        }
    }
}

/// An issue's own life.
fn issue<'a>(issue: &'a Value, action: &str, parsed: &mut Parsed) -> Read<'a> {
    let signal = match action {
        "created" | "unresolved" => Signal::Firing,
        "resolved" | "archived" | "ignored" => Signal::Resolved,
        other => {
            parsed.note(format!("the issue was {other}; noted only"));
            return Ok(None);
        }
    };
    let mut draft = named(signal, text(issue, "title"), "data.issue.title")?;
    level(&mut draft, text(issue, "level"));
    let id = text(issue, "id").ok_or_else(|| {
        let problem = "an issue needs an id";
        Complaint::of(ComplaintKind::Required, "data.issue.id", problem)
    })?;
    draft.dedup(format!("issue/{id}"));
    let project = issue.get("project").unwrap_or(&Value::Null);
    draft.label_if("project", first(project, &["slug", "name"]));
    draft.label_if("issue", text(issue, "shortId"));
    draft.annotation_if("culprit", text(issue, "culprit"));
    draft.annotation_if("status", text(issue, "status"));
    draft.url(first(issue, &["web_url", "permalink"]));
    if signal == Signal::Firing {
        draft.starts(text(issue, "firstSeen").as_deref(), "UTC");
    }
    Ok(Some(draft))
}

/// The body of the older plugin "WebHooks".
fn plugin(body: &Value) -> Read<'_> {
    let event = body.get("event").unwrap_or(&Value::Null);
    let mut draft = if first(event, &["title", "message"]).is_some() {
        of_event(event)?
    } else {
        named(
            Signal::Event,
            first(body, &["message", "culprit"]),
            "message",
        )?
    };
    level(&mut draft, text(body, "level"));
    draft.label_if("project", text(body, "project_slug"));
    draft.label_if("issue_id", text(body, "id"));
    let rules = items(body, "triggering_rules").iter().take(MAX_TAGS);
    let rules: Vec<Cow<'_, str>> = rules.filter_map(scalar).collect();
    if !rules.is_empty() {
        draft.label("rule", rules.join(","));
    }
    draft.annotation_if("culprit", text(body, "culprit"));
    draft.url(text(body, "url"));
    Ok(Some(draft))
}

fn named<'a>(
    signal: Signal,
    title: Option<Cow<'a, str>>,
    path: &str,
) -> Result<Draft<'a>, Complaint> {
    let title = title
        .ok_or_else(|| Complaint::of(ComplaintKind::Required, path, "nothing names the alert"))?;
    let mut draft = Draft::new("", signal);
    draft.label("alertname", words::title(&title).into_owned());
    draft.annotation("summary", title);
    Ok(draft)
}

fn level(draft: &mut Draft<'_>, word: Option<Cow<'_, str>>) {
    if let Some(severity) = word.and_then(|word| Severity::from_word(&word)) {
        draft.severity(severity);
    }
}
