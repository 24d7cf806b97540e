//! The bodies of calls.

use balefire_core::message::Message;
use serde_json::{Map, Value, json};

use crate::chat::{Own, Tone, fixed, is_template};
use crate::cut::cut;
use crate::markup::{Dialect, clean, one_line, text_of, title_of};
use crate::options::Options;
use crate::spec::Length;

/// Longest message.
pub(super) const TITLE: Length = Length::Chars(130);
/// Longest description.
pub(super) const TEXT: Length = Length::Chars(15_000);
/// Longest note, entity, source, and value of the details.
const NOTE: Length = Length::Chars(1_000);
const ENTITY: Length = Length::Chars(512);
const SOURCE: Length = Length::Chars(100);
const VALUE: Length = Length::Chars(300);
/// Most tags, actions and details, and the longest of the first two.
const TAGS: usize = 20;
const ACTIONS: usize = 10;
const DETAILS: usize = 25;
const WORD: Length = Length::Chars(50);

const PRIORITIES: [&str; 5] = ["P1", "P2", "P3", "P4", "P5"];
const TYPES: [&str; 5] = ["team", "teams", "user", "escalation", "schedule"];

/// What an entry says about its alerts, without its Go templates.
#[derive(Debug)]
pub(super) struct Alert {
    own: Own,
    priority: Option<String>,
    responders: Vec<Value>,
    tags: Vec<String>,
    actions: Vec<String>,
    details: Map<String, Value>,
    source: Option<String>,
    entity: Option<String>,
    note: Option<String>,
}

impl Alert {
    pub(super) fn of(options: &mut Options<'_>) -> Self {
        let priority = fixed(options, "priority").map(str::to_uppercase);
        if let Some(word) = &priority
            && !PRIORITIES.contains(&word.as_str())
        {
            let problem = format!("{word:?} is no priority");
            options.problem("priority", problem, "write P1 to P5");
        }
        let responders = responders(options);
        let words = |key: &str, most: usize| -> Vec<String> {
            let text = fixed(options, key).unwrap_or_default().split(',');
            let words = text.map(one_line).filter(|word| !word.is_empty());
            words
                .map(|word| cut(&word, WORD).into_owned())
                .take(most)
                .collect()
        };
        let text = |key: &str, limit| {
            fixed(options, key).map(|text| cut(&clean(text), limit).into_owned())
        };
        let details = options.value("details").and_then(Value::as_object);
        let details = details.into_iter().flatten().filter_map(|(key, value)| {
            let value = value.as_str().filter(|text| !is_template(text))?;
            Some((key.clone(), cut(value, VALUE).into_owned().into()))
        });
        Self {
            own: Own::of(options, "message", "description"),
            priority,
            responders,
            tags: words("tags", TAGS),
            actions: words("actions", ACTIONS),
            details: details.take(DETAILS).collect(),
            source: text("source", SOURCE),
            entity: text("entity", ENTITY),
            note: text("note", NOTE),
        }
    }

    /// What creates an alert, or adds to one that is open.
    pub(super) fn create(&self, message: &Message, alias: &str) -> Value {
        let message = &self.own.on(message);
        let title = title_of(message, Dialect::Plain, TITLE);
        let mut body = json!({
            "message": if title.is_empty() { "Balefire" } else { &title },
            "alias": alias,
            "description": text_of(message, Dialect::Plain, TEXT).text,
            "priority": self.priority(message),
            "source": self.source(message),
            "details": self.details(message),
        });
        for (key, values) in [("tags", &self.tags), ("actions", &self.actions)] {
            if !values.is_empty() {
                body[key] = values.clone().into();
            }
        }
        if !self.responders.is_empty() {
            body["responders"] = self.responders.clone().into();
        }
        for (key, value) in [("entity", &self.entity), ("note", &self.note)] {
            if let Some(value) = value {
                body[key] = value.as_str().into();
            }
        }
        body
    }

    /// What closes one.
    pub(super) fn end(&self, message: &Message) -> Value {
        let note = title_of(message, Dialect::Plain, NOTE);
        json!({"source": self.source(message), "note": note})
    }

    fn source(&self, message: &Message) -> String {
        let link = message.link.as_ref().map(|link| link.url.as_str());
        let source = self.source.as_deref().or(link).unwrap_or("Balefire");
        cut(source, SOURCE).into_owned()
    }

    fn priority<'a>(&'a self, message: &Message) -> &'a str {
        let by_severity = match Tone::of(message) {
            Tone::Critical => "P1",
            Tone::Error => "P2",
            Tone::Warning => "P3",
            Tone::Info | Tone::Good => "P5",
        };
        self.priority.as_deref().unwrap_or(by_severity)
    }

    /// The common labels, as Alertmanager sends them, and the operator's own.
    fn details(&self, message: &Message) -> Value {
        let mut details = self.details.clone();
        let group = message.group.as_ref();
        let labels = group
            .into_iter()
            .flat_map(|group| group.common_labels.iter());
        for (name, value) in labels {
            if details.len() == DETAILS {
                break;
            }
            let value = cut(&Dialect::Plain.escape(value), VALUE).into_owned();
            details
                .entry(name.to_owned())
                .or_insert_with(|| value.into());
        }
        Value::Object(details)
    }
}

/// Who is told; `teams` is several teams by name.
fn responders(options: &mut Options<'_>) -> Vec<Value> {
    let list = options.value("responders").and_then(Value::as_array);
    let list: Vec<&Value> = list.into_iter().flatten().collect();
    let mut responders = Vec::new();
    for item in list {
        if is_template(&item.to_string()) {
            continue;
        }
        let word = |key: &str| {
            item[key]
                .as_str()
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let kind = word("type").unwrap_or_default().to_lowercase();
        if !TYPES.contains(&kind.as_str()) {
            let problem = format!("{kind:?} is no type of responder");
            let fix = format!("write one of {}", TYPES.join(", "));
            options.problem("responders", problem, fix);
            continue;
        }
        if kind == "teams" {
            let names = word("name").unwrap_or_default().split(',').map(str::trim);
            let names = names.filter(|name| !name.is_empty());
            responders.extend(names.map(|name| json!({"name": name, "type": "team"})));
            continue;
        }
        let key = ["id", "name", "username"]
            .into_iter()
            .find(|key| word(key).is_some());
        let Some(key) = key else {
            let fix = "give its id, name or username";
            options.problem("responders", "a responder has no name", fix);
            continue;
        };
        responders.push(json!({key: word(key), "type": kind}));
    }
    responders
}
