//! From a new alert's body to the alert.

use std::borrow::Cow;

use balefire_core::severity::Severity;
use serde_json::Value;

use crate::digest;
use crate::draft::Draft;
use crate::generic;
use crate::json::fields::{items, kind, object, scalar, text};
use crate::parsed::{Complaint, ComplaintKind, Signal};
use crate::spec::Inbound;
use crate::text as words;

/// How many tags, responders and actions of one alert are read.
pub(super) const MAX_NAMES: usize = 100;

/// The id of the alert that a body begins: that of its alias, or one of its own.
pub(super) fn id(inbound: &Inbound<'_>, body: &Value) -> String {
    match text(body, "alias") {
        Some(alias) => id_of_alias(&alias),
        None => digest::uuid(&digest::of_request(inbound)),
    }
}

/// Ids are made of aliases, so that both name the same alert.
pub(super) fn id_of_alias(alias: &str) -> String {
    digest::uuid(&digest::long(alias))
}

pub(super) fn draft<'a>(body: &'a Value, id: &str) -> Result<Draft<'a>, Complaint> {
    if !body.is_object() {
        let problem = format!("expected an object, found {}", kind(body));
        return Err(Complaint::of(ComplaintKind::Type, "body", problem));
    }
    let message = text(body, "message").ok_or_else(|| {
        let problem = "the message must not be empty";
        Complaint::of(ComplaintKind::Required, "message", problem)
    })?;
    let mut draft = Draft::new("", Signal::Firing);
    draft.label("alertname", words::title(&message).into_owned());
    draft.annotation("summary", message);
    if let Some(priority) = text(body, "priority") {
        let known = Severity::from_word(&priority);
        if known.is_none() {
            draft.note(&format!(
                "the priority {priority:?} is not known; taken as P3"
            ));
        }
        draft.severity(known.unwrap_or(Severity::Warning));
    }
    for label in ["alias", "entity", "source"] {
        draft.label_if(label, text(body, label));
    }
    draft.label_if(
        "tags",
        joined(items(body, "tags").iter().filter_map(scalar)),
    );
    let responders = items(body, "responders").iter().chain(items(body, "teams"));
    draft.label_if("responders", joined(responders.filter_map(named)));
    draft.annotation_if("description", text(body, "description"));
    draft.annotation_if("note", text(body, "note"));
    draft.annotation_if(
        "actions",
        joined(items(body, "actions").iter().filter_map(scalar)),
    );
    generic::details(&mut draft, object(body, "details"));
    draft.dedup(id);
    Ok(draft)
}

/// How a responder is called.
fn named(responder: &Value) -> Option<Cow<'_, str>> {
    ["name", "username", "id"]
        .iter()
        .find_map(|key| text(responder, key))
}

fn joined<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let names: Vec<Cow<'a, str>> = names.take(MAX_NAMES).collect();
    (!names.is_empty()).then(|| Cow::Owned(names.join(",")))
}
