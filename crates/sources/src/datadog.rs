//! Datadog's webhook integration, with the payload of `setup/datadog.md`.
//!
//! Source: Datadog's "Webhooks" integration. The body is the operator's own template; variables that Datadog
//! cannot fill stay as they are (`$SNAPSHOT`) and count as absent. `alert_transition` says what happened, and a
//! monitor is known by its cycle key, which is the same from trigger to recovery. A body without a transition (an
//! event) is told once.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::content::{self, Content};
use crate::draft::Draft;
use crate::generic;
use crate::json::fields;
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};
use crate::text;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "datadog",
    title: ("Datadog", "Datadog"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/datadog.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many tags of one alert, and of its scope, are read.
const MAX_TAGS: usize = 100;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    match content::of(inbound, true)? {
        Content::Json(value) => from_value(inbound, &value),
        Content::Text(words) => text::from_text(&words),
        Content::Empty => Err(Refusal::malformed("body", "empty")),
    }
}

/// Whether a body is our template, filled in.
pub(crate) fn is(body: &Value) -> bool {
    fields::has(body, "alert_transition") && fields::has(body, "alert_cycle_key")
}

/// Reads the body's tree; a template of the operator's own is read as a generic one.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    if !fields::has(body, "alert_transition") {
        return generic::from_value(inbound, body);
    }
    let mut parsed = Parsed::default();
    match draft(body) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

fn draft(body: &Value) -> Result<Draft<'_>, Complaint> {
    let transition = filled(body, "alert_transition");
    let signal = signal(body, transition.as_deref())?;
    let title = filled(body, "title").or_else(|| filled(body, "alert_title"));
    let title = title.ok_or_else(|| {
        let problem = "set title to $EVENT_TITLE";
        Complaint::of(ComplaintKind::Required, "title", problem)
    })?;
    let name = without_marks(&title).to_owned();
    let mut draft = Draft::new("", signal);
    draft.label("alertname", text::title(&name).into_owned());
    if let Some(severity) = severity(body, transition.as_deref()) {
        draft.severity(severity);
    }
    draft.label_if("host", filled(body, "hostname"));
    draft.label_if("monitor_id", filled(body, "alert_id"));
    draft.label_if("metric", filled(body, "alert_metric"));
    // The scope tells the alerts of one monitor apart.
    for list in ["scopes", "tags"] {
        for tag in filled(body, list)
            .unwrap_or_default()
            .split(',')
            .take(MAX_TAGS)
        {
            // A tag without a value (`monitor`) says nothing that a label could hold.
            if let Some((name, value)) = tag.split_once(':').filter(|(n, _)| !n.trim().is_empty()) {
                draft.label(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
    if signal != Signal::Event {
        draft.dedup(key(body));
    }
    draft.annotation("summary", name);
    let words = filled(body, "body").map(|words| words.replace("%%%", "").trim().to_owned());
    draft.annotation_if(
        "description",
        words.filter(|words| !words.is_empty()).map(Cow::Owned),
    );
    draft.annotation_if("query", filled(body, "alert_query"));
    draft.annotation_if("status", filled(body, "alert_status"));
    draft.annotation_if("transition", transition);
    draft.url(filled(body, "url").or_else(|| filled(body, "link")));
    draft.link_annotation("image_url", filled(body, "snapshot"));
    draft.at(filled(body, "date").as_deref(), "UTC");
    Ok(draft)
}

fn signal(body: &Value, transition: Option<&str>) -> Result<Signal, Complaint> {
    match transition {
        Some(
            "Triggered" | "Re-Triggered" | "Warn" | "Re-Warn" | "No Data" | "Re-No Data"
            | "Renotify",
        ) => Ok(Signal::Firing),
        Some("Recovered") => Ok(Signal::Resolved),
        None if filled(body, "alert_type").as_deref() == Some("success") => Ok(Signal::Resolved),
        None => Ok(Signal::Event),
        Some(other) => {
            let problem = format!("{other:?} is no transition of a monitor");
            Err(Complaint::new("alert_transition", problem))
        }
    }
}

/// The monitor's priority; a warning is one whatever that is. Without a priority, the kind of event.
fn severity(body: &Value, transition: Option<&str>) -> Option<Severity> {
    if matches!(transition, Some("Warn" | "Re-Warn")) {
        return Some(Severity::Warning);
    }
    ["severity", "priority", "alert_type"]
        .iter()
        .filter_map(|key| filled(body, key))
        .filter(|word| word != "success")
        .find_map(|word| Severity::from_word(&word))
}

fn key(body: &Value) -> String {
    let part = |name: &str| filled(body, name).unwrap_or_default();
    match filled(body, "alert_cycle_key").or_else(|| filled(body, "aggreg_key")) {
        Some(key) => key.into_owned(),
        None => format!("{}/{}", part("alert_id"), part("scopes")),
    }
}

/// `[P3] [Triggered on {host:web-01}] High CPU` without what stands in brackets before it.
fn without_marks(title: &str) -> &str {
    let mut rest = title.trim();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        rest = after.trim_start();
    }
    if rest.is_empty() { title } else { rest }
}

/// A member as text; a variable that was not filled in is none.
fn filled<'a>(body: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    let is_variable = |text: &Cow<'_, str>| {
        text.strip_prefix('$').is_some_and(|name| {
            let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
            !name.is_empty() && name.bytes().all(plain)
        })
    };
    fields::text(body, key).filter(|text| !is_variable(text) && text != "null")
}
