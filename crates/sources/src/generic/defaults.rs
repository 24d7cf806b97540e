//! What is understood without a mapping: the names that most tools use for the parts of an alert.

use std::borrow::Cow;

use balefire_core::severity::Severity;
use serde_json::{Map, Value};

use super::mapping::Mapping;
use crate::draft::Draft;
use crate::json::fields::{first, object, scalar};
use crate::parsed::{Complaint, ComplaintKind, Signal};
use crate::text;

const TITLE: &[&str] = &["title", "alertname", "name", "subject", "summary"];
const TEXT: &[&str] = &["message", "text", "body", "description", "content", "msg"];
const STATUS: &[&str] = &["status", "state"];
const SEVERITY: &[&str] = &["severity", "level", "priority"];
const KEY: &[&str] = &[
    "alert_uid",
    "fingerprint",
    "dedup_key",
    "incident_key",
    "id",
];
const STARTS: &[&str] = &["starts_at", "startsAt", "timestamp", "@timestamp", "time"];
const ENDS: &[&str] = &["ends_at", "endsAt"];
const URL: &[&str] = &["url", "link", "link_to_upstream_details", "generatorURL"];
const IMAGE: &[&str] = &["image_url", "imageUrl"];

/// Members that say *where* it happens: they are labels, so that routes can use them. Other
/// members (values, counters) would make every report another alert; they become annotations.
const PLACES: &[&str] = &[
    "host",
    "hostname",
    "instance",
    "node",
    "service",
    "job",
    "env",
    "environment",
    "cluster",
    "region",
    "zone",
    "namespace",
    "team",
    "app",
    "application",
    "component",
    "check",
    "project",
];

/// Members that are parts of the request, not of the alert.
const NOT_WORDS: &[&str] = &[
    "token",
    "access_token",
    "secret",
    "password",
    "labels",
    "annotations",
    "tags",
];

/// Whether an item says that it is on or over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is the case.
    Firing,
    /// It is over.
    Resolved,
    /// Somebody has seen it.
    Acknowledged,
}

/// What a word of a sender's status means; `None` for a word nobody uses for this.
pub(crate) fn state_of(word: &str) -> Option<State> {
    let word = word.trim().to_lowercase();
    Some(match word.as_str() {
        "alerting" | "firing" | "problem" | "down" | "critical" | "error" | "open" | "opened"
        | "triggered" | "trigger" | "1" | "true" | "alarm" | "alert" | "active" | "fail"
        | "failed" | "failure" | "warning" | "warn" | "fired" | "activated" | "no_data"
        | "unhealthy" | "occurred" | "persistent" | "告警" | "故障" => State::Firing,
        "ok" | "resolved" | "resolve" | "recovered" | "recovery" | "up" | "closed" | "close"
        | "normal" | "0" | "false" | "success" | "inactive" | "cleared" | "deactivated"
        | "healthy" | "恢复" | "已恢复" => State::Resolved,
        word if word.starts_with("ack") => State::Acknowledged,
        _ => return None,
    })
}

/// Reads one item. `Ok(None)` is an acknowledgement: nothing to store.
pub(crate) fn draft<'a>(
    item: &'a Value,
    path: String,
    mapping: &Mapping,
    zone: &str,
) -> Result<Option<Draft<'a>>, Complaint> {
    let part = |name: &str, usual: &[&str]| mapping.part(name, item, || first(item, usual));
    let status = part("status", STATUS);
    let state = status.as_deref().map(|word| signal_of(word, mapping));
    let signal = match state {
        None => Signal::Event,
        Some(Some(State::Resolved)) => Signal::Resolved,
        Some(Some(State::Acknowledged)) => return Ok(None),
        Some(Some(State::Firing) | None) => Signal::Firing,
    };
    let mut draft = Draft::new(path.clone(), signal);
    if let (Some(None), Some(word)) = (state, &status) {
        draft.note(&format!(
            "the status {word:?} is not known; taken as firing"
        ));
    }
    for (name, value) in mapping.labels(item) {
        draft.label(name, value);
    }
    for (name, value) in mapping.annotations(item) {
        draft.annotation(name, value);
    }
    let words = part("text", TEXT);
    let title = part("title", TITLE);
    labels_of(&mut draft, item);
    name(&mut draft, title, words, path)?;
    if let Some(word) = part("severity", SEVERITY) {
        severity(&mut draft, word);
    }
    if let Some(key) = part("key", KEY).filter(|_| signal != Signal::Event) {
        draft.key(key);
    }
    draft.starts(part("starts_at", STARTS).as_deref(), zone);
    if signal == Signal::Resolved {
        draft.ends(part("ends_at", ENDS).as_deref(), zone);
    }
    draft.url(part("url", URL));
    draft.link_annotation("image_url", part("image_url", IMAGE));
    others(&mut draft, item);
    Ok(Some(draft))
}

/// The sender's key of an item.
pub(super) fn key(item: &Value, mapping: &Mapping) -> Option<String> {
    let key = mapping.part("key", item, || first(item, KEY));
    key.map(Cow::into_owned)
}

/// Whether a member of this name says where something happens.
pub(crate) fn is_place(name: &str) -> bool {
    PLACES.contains(&name)
}

/// How many free details of an alert are kept; the rest is left out with a note.
const MAX_DETAILS: usize = 128;

/// Free details that an alert brings besides its parts: those that say where it happens are labels, all others
/// words for people.
pub(crate) fn details<'a>(draft: &mut Draft<'a>, found: Option<&'a Map<String, Value>>) {
    let Some(found) = found else { return };
    for (name, value) in found.iter().take(MAX_DETAILS) {
        let text = match value {
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => Cow::Owned(value.to_string()),
            value => scalar(value).unwrap_or_default(),
        };
        if name.is_empty() || text.trim().is_empty() {
            continue;
        }
        if is_place(name) {
            draft.label(name, text);
        } else {
            draft.annotation(name, text);
        }
    }
    if let Some(more @ 1..) = found.len().checked_sub(MAX_DETAILS) {
        draft.note(&format!(
            "{more} details more than {MAX_DETAILS} were left out"
        ));
    }
}

fn signal_of(word: &str, mapping: &Mapping) -> Option<State> {
    match mapping.says(word) {
        Some(true) => Some(State::Firing),
        Some(false) => Some(State::Resolved),
        None => state_of(word),
    }
}

/// The sender's own label and annotation objects, and the members that say where.
fn labels_of<'a>(draft: &mut Draft<'a>, item: &'a Value) {
    for key in ["labels", "tags"] {
        for (name, value) in object(item, key).into_iter().flatten() {
            match scalar(value) {
                Some(value) => draft.label(name, value),
                None if value.is_null() => {}
                None => draft.note(&format!("{key}.{name} is no text and was left out")),
            }
        }
    }
    for (name, value) in object(item, "annotations").into_iter().flatten() {
        let value = scalar(value).unwrap_or_else(|| Cow::Owned(value.to_string()));
        draft.annotation(name, value);
    }
    for name in PLACES {
        draft.label_if(name, first(item, &[name]));
    }
}

/// The name of the alert: its title, else the first line of its text.
fn name<'a>(
    draft: &mut Draft<'a>,
    title: Option<Cow<'a, str>>,
    words: Option<Cow<'a, str>>,
    path: String,
) -> Result<(), Complaint> {
    let named = title.or_else(|| first_line(words.as_deref()?));
    match &named {
        Some(title) => {
            draft.annotation("summary", title.clone());
            draft.label("alertname", text::title(title).into_owned());
        }
        None if draft.has_label("alertname") => {}
        None => {
            let problem = "nothing here names the alert: a title, name, subject or message, or a \
                           mapping that says where it stands, is needed";
            return Err(Complaint::of(ComplaintKind::Required, path, problem));
        }
    }
    draft.annotation_if(
        "description",
        words.filter(|words| named.as_ref() != Some(words)),
    );
    Ok(())
}

fn first_line<'a>(words: &str) -> Option<Cow<'a, str>> {
    let line = words.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(Cow::Owned(text::title(line).into_owned()))
}

/// A severity in one of our four words where we know what the sender's means, else as it came.
fn severity<'a>(draft: &mut Draft<'a>, word: Cow<'a, str>) {
    match Severity::from_word(&word) {
        Some(severity) => draft.severity(severity),
        None => draft.label("severity", word),
    }
}

/// What is left: scalars nobody asked for are words for people.
fn others<'a>(draft: &mut Draft<'a>, item: &'a Value) {
    let known = [
        TITLE, TEXT, STATUS, SEVERITY, KEY, STARTS, ENDS, URL, IMAGE, PLACES, NOT_WORDS,
    ];
    for (name, value) in item.as_object().into_iter().flatten() {
        if known.iter().any(|names| names.contains(&name.as_str())) {
            continue;
        }
        if let Some(value) = scalar(value).filter(|text| !text.is_empty()) {
            draft.annotation(name, value);
        }
    }
}
