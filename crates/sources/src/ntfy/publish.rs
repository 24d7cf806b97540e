//! A message as its publisher wrote it: in headers, query parameters, or one JSON object.

use serde_json::Value;

use crate::form;
use crate::header_words;
use crate::json::fields::{items, scalar, text};
use crate::parsed::Refusal;
use crate::spec::Inbound;

/// How many tags of one message are kept.
const MAX_TAGS: usize = 64;

/// What ntfy does with a message without words.
const NO_WORDS: &str = "triggered";

/// A message to a topic.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Publication {
    pub(super) topic: String,
    pub(super) title: Option<String>,
    pub(super) message: String,
    priority: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) click: Option<String>,
    pub(super) attach: Option<String>,
    /// What is asked for and not done here, by name.
    pub(super) left_out: Vec<&'static str>,
}

/// Things ntfy does on the way, by the names its publishers give them.
const OTHER: &[(&str, &[&str])] = &[
    ("delay", &["x-delay", "delay", "x-at", "at", "x-in", "in"]),
    (
        "email",
        &["x-email", "x-e-mail", "email", "e-mail", "mail", "e"],
    ),
    ("call", &["x-call", "call"]),
    ("actions", &["x-actions", "x-action", "actions", "action"]),
    ("filename", &["x-filename", "filename", "file", "f"]),
    ("template", &["x-template", "template", "tpl"]),
];

impl Publication {
    /// Reads a request to a topic.
    pub(super) fn of_request(inbound: &Inbound<'_>, topic: &str) -> Self {
        let parameter = |names: &[&str]| find(inbound, names);
        let body = String::from_utf8_lossy(inbound.body);
        let message = match parameter(&["x-message", "message", "m"]) {
            Some(message) if body.trim().is_empty() => message.replace("\\n", "\n"),
            _ => body.into_owned(),
        };
        let left_out = OTHER.iter().filter(|(_, names)| parameter(names).is_some());
        Self {
            topic: topic.to_owned(),
            title: parameter(&["x-title", "title", "t"]),
            message,
            priority: parameter(&["x-priority", "priority", "prio", "p"]),
            tags: parameter(&["x-tags", "x-tag", "tags", "tag", "ta"])
                .map(|tags| split(&tags))
                .unwrap_or_default(),
            click: parameter(&["x-click", "click"]),
            attach: parameter(&["x-attach", "attach", "a"]),
            left_out: left_out.map(|(name, _)| *name).collect(),
        }
        .with_words()
    }

    /// Reads one JSON object.
    pub(super) fn of_json(body: &Value) -> Result<Self, Refusal> {
        let part = |key: &str| text(body, key).map(std::borrow::Cow::into_owned);
        let topic = part("topic")
            .ok_or_else(|| Refusal::malformed("topic", "missing: say which topic it is for"))?;
        let tags = items(body, "tags").iter().take(MAX_TAGS);
        let is_there = |key: &&(&'static str, &[&str])| {
            body.get(key.0)
                .is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new()))
        };
        let tags = tags.filter_map(scalar).map(|tag| tag.trim().to_owned());
        Ok(Self {
            topic,
            title: part("title"),
            message: part("message").unwrap_or_default(),
            priority: part("priority"),
            tags: tags.filter(|tag| !tag.is_empty()).collect(),
            click: part("click"),
            attach: part("attach"),
            left_out: OTHER
                .iter()
                .filter(is_there)
                .map(|(name, _)| *name)
                .collect(),
        }
        .with_words())
    }

    fn with_words(mut self) -> Self {
        if self.message.trim().is_empty() {
            NO_WORDS.clone_into(&mut self.message);
        }
        self
    }

    /// From 1 to 5, by number or name; `None` when it says none that is known.
    pub(super) fn priority(&self) -> Option<u8> {
        match self.priority.as_deref()?.trim().to_lowercase().as_str() {
            "1" | "min" => Some(1),
            "2" | "low" => Some(2),
            "3" | "default" => Some(3),
            "4" | "high" => Some(4),
            "5" | "max" | "urgent" => Some(5),
            _ => None,
        }
    }
}

/// The first of several names that a header or a parameter has.
fn find(inbound: &Inbound<'_>, names: &[&str]) -> Option<String> {
    let header = |name: &&str| inbound.header(name).map(header_words::decoded);
    let headers = names.iter().filter_map(header);
    let parameters = names
        .iter()
        .filter_map(|name| form::parameter_of(inbound.query, name));
    let values = headers
        .chain(parameters)
        .map(|value| value.trim().to_owned());
    values.into_iter().find(|value| !value.is_empty())
}

fn split(tags: &str) -> Vec<String> {
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    tags.take(MAX_TAGS).map(str::to_owned).collect()
}
