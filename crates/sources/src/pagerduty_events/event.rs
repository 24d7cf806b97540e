//! From an event to what it says of an alert.

use std::borrow::Cow;

use balefire_core::severity::Severity;
use serde_json::{Value, json};

use super::Service;
use super::shown;
use crate::ask::{Ask, Deed, Name};
use crate::digest;
use crate::draft::Draft;
use crate::generic;
use crate::json::fields::{has, items, kind, text};
use crate::link;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::Inbound;
use crate::text as words;

/// How many links, and pictures, of one event are kept.
const MAX_LINKS: usize = 20;
/// How many details of one event that hold others are written out.
const MAX_DEEP: usize = 64;

/// What an event says.
enum Said<'a> {
    /// Something of an alert.
    Alert(Box<Draft<'a>>),
    /// Somebody has it.
    Acknowledged,
}

/// What an event wants done.
enum Action {
    Trigger,
    Acknowledge,
    Resolve,
}

/// Reads an event of version 2.
pub(super) fn v2(inbound: &Inbound<'_>, body: &Value, service: &Service<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let read = action(body, "event_action").and_then(|action| {
        let key = key(inbound, body, "dedup_key", &action, &mut parsed)?;
        match action {
            Action::Trigger => Ok((alert(triggered(body, inbound.timezone)?), key)),
            Action::Resolve => Ok((alert(Draft::new("", Signal::Resolved)), key)),
            Action::Acknowledge => Ok((Said::Acknowledged, key)),
        }
    });
    conclude(read, body, "dedup_key", service, &mut parsed);
    parsed
}

/// Reads an event of version 1: one text, and details.
pub(super) fn v1(inbound: &Inbound<'_>, body: &Value, service: &Service<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let read = action(body, "event_type").and_then(|action| {
        let key = key(inbound, body, "incident_key", &action, &mut parsed)?;
        match action {
            Action::Trigger => {
                let description = required(body, "description", "description")?;
                let mut draft = Draft::new("", Signal::Firing);
                name(&mut draft, None, description);
                details(&mut draft, body.get("details"));
                draft.annotation_if("client", text(body, "client"));
                draft.url(text(body, "client_url"));
                links(&mut draft, body, "contexts");
                images(&mut draft, body, "contexts");
                Ok((alert(draft), key))
            }
            Action::Resolve => Ok((alert(Draft::new("", Signal::Resolved)), key)),
            Action::Acknowledge => Ok((Said::Acknowledged, key)),
        }
    });
    conclude(read, body, "incident_key", service, &mut parsed);
    parsed
}

/// A change (a deployment, a merge) is no alert: it is written down.
pub(super) fn change(body: &Value) -> Result<Parsed, Refusal> {
    let payload = body.get("payload").unwrap_or(&Value::Null);
    let Some(summary) = text(payload, "summary") else {
        let problem = "'payload.summary' is missing or blank";
        return Err(Refusal::malformed("payload.summary", problem));
    };
    let mut parsed = Parsed::default();
    let mut said = vec![format!("a change was noted: {}", words::title(&summary))];
    for (name, member) in [("from", "source"), ("at", "timestamp")] {
        let word = text(payload, member);
        said.extend(word.map(|word| format!("{name} {}", words::title(&word))));
    }
    let link = items(body, "links")
        .iter()
        .find_map(|link| text(link, "href"));
    said.extend(link.as_deref().and_then(link::web).map(ToOwned::to_owned));
    parsed.note(said.join(", "));
    Ok(parsed)
}

fn alert(draft: Draft<'_>) -> Said<'_> {
    Said::Alert(Box::new(draft))
}

/// Makes the alert of what was read, or says why there is none.
fn conclude(
    read: Result<(Said<'_>, String), Complaint>,
    body: &Value,
    key_member: &str,
    service: &Service<'_>,
    parsed: &mut Parsed,
) {
    match read {
        Ok((Said::Alert(mut draft), key)) => {
            draft.label_if(
                "service",
                service.name.map(|name| Cow::Owned(name.to_owned())),
            );
            // A key that the sender made is part of what it says; one that we made is not.
            draft.label_if(
                "dedup_key",
                text(body, key_member).map(|key| Cow::Owned(key.into_owned())),
            );
            draft.dedup(format!("{}/{key}", service.digest));
            draft.finish(parsed);
        }
        // One of an unknown key is taken and changes nothing, as over there.
        Ok((Said::Acknowledged, key)) => {
            parsed.ask = Some(Ask::Do {
                name: Name::Key(format!("{}/{key}", service.digest)),
                deed: Deed::Acknowledge,
                who: text(body, "client").unwrap_or_default().into_owned(),
                text: String::new(),
            });
        }
        Err(complaint) => parsed.complain(complaint),
    }
}

fn action(body: &Value, member: &str) -> Result<Action, Complaint> {
    match &*required(body, member, member)? {
        "trigger" => Ok(Action::Trigger),
        "acknowledge" => Ok(Action::Acknowledge),
        "resolve" => Ok(Action::Resolve),
        other => {
            let problem = format!("{other:?} is none of trigger, acknowledge, resolve");
            Err(Complaint::new(member, problem))
        }
    }
}

/// The sender's key, or the one that a trigger without is given; the answer tells it.
fn key(
    inbound: &Inbound<'_>,
    body: &Value,
    member: &str,
    action: &Action,
    parsed: &mut Parsed,
) -> Result<String, Complaint> {
    let key = match (text(body, member), action) {
        (Some(key), _) => key.into_owned(),
        (None, Action::Trigger) => digest::of_request(inbound),
        (None, _) => return Err(missing(member)),
    };
    parsed.reply = json!({"dedup_key": key});
    Ok(key)
}

/// An alert from an event's payload.
fn triggered<'a>(body: &'a Value, zone: &str) -> Result<Draft<'a>, Complaint> {
    let payload = body.get("payload").ok_or_else(|| missing("payload"))?;
    if !payload.is_object() {
        let problem = format!("expected an object, found {}", kind(payload));
        return Err(Complaint::of(ComplaintKind::Type, "payload", problem));
    }
    let summary = required(payload, "summary", "payload.summary")?;
    let mut draft = Draft::new("", Signal::Firing);
    name(&mut draft, text(payload, "class"), summary);
    severity(&mut draft, text(payload, "severity"));
    for label in ["source", "component", "group", "class"] {
        draft.label_if(label, text(payload, label));
    }
    draft.starts(text(payload, "timestamp").as_deref(), zone);
    details(&mut draft, payload.get("custom_details"));
    draft.annotation_if("client", text(body, "client"));
    draft.url(text(body, "client_url"));
    links(&mut draft, body, "links");
    images(&mut draft, body, "images");
    Ok(draft)
}

/// Free details, whatever they are: an object's members each by itself, what lies deeper in lines that people read; all else is
/// one text.
fn details<'a>(draft: &mut Draft<'a>, found: Option<&'a Value>) {
    let Some(found) = found.filter(|found| !found.is_null()) else {
        return;
    };
    let Some(members) = found.as_object() else {
        let words = shown::lines(found);
        if !words.trim().is_empty() {
            draft.annotation("description", words);
        }
        return;
    };
    let is_deep = |value: &Value| value.is_object() || value.is_array();
    for (name, value) in members
        .iter()
        .take(MAX_DEEP)
        .filter(|(_, value)| is_deep(value))
    {
        let words = shown::lines(value);
        if !name.is_empty() && !words.trim().is_empty() {
            draft.annotation(name, words);
        }
    }
    // Those that were shown in lines are there already, so that this changes nothing of them.
    generic::details(draft, Some(members));
}

/// The pictures of an event: the address of the first, and all with their words, one a line.
fn images(draft: &mut Draft<'_>, body: &Value, member: &str) {
    let all = items(body, member).iter().take(MAX_LINKS);
    let mut pictures = all.filter_map(|image| Some((image, text(image, "src")?)));
    let Some((first, source)) = pictures.next() else {
        return;
    };
    let line = |(image, source): (&Value, Cow<'_, str>)| {
        let source = link::web(&source)?;
        let words = text(image, "alt").map_or_else(String::new, |words| format!("{words}: "));
        let leads = text(image, "href").and_then(|href| link::web(&href).map(ToOwned::to_owned));
        let leads = leads.map_or_else(String::new, |href| format!(" ({href})"));
        Some(format!("{words}{source}{leads}"))
    };
    let more: Vec<String> = pictures.filter_map(line).collect();
    let has_words = has(first, "alt") || has(first, "href");
    if has_words || !more.is_empty() {
        let all: Vec<String> = line((first, source.clone()))
            .into_iter()
            .chain(more)
            .collect();
        if !all.is_empty() {
            draft.annotation("images", all.join("\n"));
        }
    }
    // What is dropped for its address is noted here.
    draft.link_annotation("image_url", Some(Cow::Owned(source.into_owned())));
}

/// The class of an event names its alert where there is one: the summary often holds values.
fn name<'a>(draft: &mut Draft<'a>, class: Option<Cow<'a, str>>, summary: Cow<'a, str>) {
    let named = class.unwrap_or_else(|| Cow::Owned(words::title(&summary).into_owned()));
    draft.label("alertname", named);
    draft.annotation("summary", summary);
}

fn severity(draft: &mut Draft<'_>, given: Option<Cow<'_, str>>) {
    let Some(given) = given else { return };
    let known = Severity::from_word(&given);
    if known.is_none() {
        draft.note(&format!(
            "the severity {given:?} is not known; taken as warning"
        ));
    }
    draft.severity(known.unwrap_or(Severity::Warning));
}

/// The links of an event, one a line, each with its words.
fn links(draft: &mut Draft<'_>, body: &Value, member: &str) {
    let mut lines = Vec::new();
    for item in items(body, member).iter().take(MAX_LINKS) {
        // Among the contexts of version 1 are pictures.
        let Some(href) = text(item, "href") else {
            continue;
        };
        let Some(href) = link::web(&href) else {
            draft.note("a link was dropped: only http and https links are kept");
            continue;
        };
        lines.push(match text(item, "text") {
            Some(words) => format!("{words}: {href}"),
            None => href.to_owned(),
        });
    }
    if !lines.is_empty() {
        draft.annotation("links", lines.join("\n"));
    }
}

fn required<'a>(value: &'a Value, member: &str, path: &str) -> Result<Cow<'a, str>, Complaint> {
    text(value, member).ok_or_else(|| missing(path))
}

fn missing(path: &str) -> Complaint {
    let problem = format!("'{path}' is missing or blank");
    Complaint::of(ComplaintKind::Required, path, problem)
}
