//! The Go templates of one entry, and the channel built of what they print for a group.

use std::sync::Arc;

use balefire_channels::channel::Channel;
use balefire_channels::options::RENDERED;
use balefire_core::field::{Field, Kind};
use balefire_core::message::GroupView;
use balefire_core::time::Time;
use balefire_template::go::{Error, GoTemplates, Mode, is_template};
use serde_json::Value;

/// Builds a channel through an account with the given receiver options.
pub type Open = Arc<
    dyn Fn(&Value) -> Result<Arc<dyn Channel>, Vec<balefire_channels::spec::BuildError>>
        + Send
        + Sync,
>;

/// An entry whose texts are rendered anew for each message.
#[derive(Clone)]
pub struct Words {
    /// Its options as they stand in the document; they hold secrets.
    options: Value,
    slots: Vec<Slot>,
    open: Open,
}

/// A text of the entry that is a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Where it stands in the options, as a JSON pointer.
    pub pointer: String,
    /// How its values are escaped.
    pub mode: Mode,
}

/// Why an entry's own words were not sent.
#[derive(Debug, thiserror::Error)]
pub enum Unworded {
    /// A template failed.
    #[error("{key}: {error}")]
    Template {
        /// The key in the entry.
        key: String,
        /// What is wrong.
        error: Error,
    },
    /// The channel does not take what they print.
    #[error("{0}")]
    Refused(String),
}

impl Words {
    /// The templates among an entry's options; `None` when there are none.
    pub(crate) fn of(key: &str, fields: &[Field], options: &Value, open: Open) -> Option<Self> {
        let slots = slots(key, fields, options);
        let options = options.clone();
        (!slots.is_empty()).then_some(Self {
            options,
            slots,
            open,
        })
    }

    /// What each template prints for a group.
    pub fn rendered(
        &self,
        templates: &GoTemplates,
        group: &GroupView,
        now: Time,
    ) -> Result<Vec<(String, String)>, Unworded> {
        let print = |slot: &Slot| {
            let source = self.options.pointer(&slot.pointer).and_then(Value::as_str);
            let printed = templates.render(source.unwrap_or_default(), slot.mode, group, now);
            let key = shown(&slot.pointer);
            match printed {
                Ok(printed) => Ok((key, printed)),
                Err(error) => Err(Unworded::Template { key, error }),
            }
        };
        self.slots.iter().map(print).collect()
    }

    /// The entry's channel with the words for a group.
    pub fn channel(
        &self,
        templates: &GoTemplates,
        group: &GroupView,
        now: Time,
    ) -> Result<Arc<dyn Channel>, Unworded> {
        let printed = self.rendered(templates, group, now)?;
        let mut options = self.options.clone();
        for (slot, (_, text)) in self.slots.iter().zip(printed) {
            if let Some(place) = options.pointer_mut(&slot.pointer) {
                *place = Value::from(no_template(&text));
            }
        }
        if let Some(options) = options.as_object_mut() {
            options.insert(RENDERED.to_owned(), Value::Bool(true));
        }
        (self.open)(&options).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Unworded::Refused(problems.join("; "))
        })
    }
}

/// Channels leave out what looks like a template; what was printed is none, even where an alert holds braces. An
/// invisible joiner between them changes nothing for readers.
fn no_template(text: &str) -> String {
    text.replace("{{", "{\u{2060}{")
}

/// A pointer as a document's path: `fields[0].title`.
fn shown(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.chars().all(|c| c.is_ascii_digit()) && !path.is_empty() {
            path.push('[');
            path.push_str(&part);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path += &part;
        }
    }
    path
}

/// The templates of an entry.
fn slots(key: &str, fields: &[Field], options: &Value) -> Vec<Slot> {
    let mut pointers = Vec::new();
    for field in fields {
        if let Some(value) = options.get(field.name) {
            find(
                &field.kind,
                value,
                &format!("/{}", field.name),
                &mut pointers,
            );
        }
    }
    let slot = |pointer: String| Slot {
        mode: mode(key, &pointer, options),
        pointer,
    };
    pointers.into_iter().map(slot).collect()
}

fn find(kind: &Kind, value: &Value, pointer: &str, found: &mut Vec<String>) {
    match (kind, value) {
        (Kind::GoTemplate | Kind::Any, Value::String(text)) if is_template(text) => {
            found.push(pointer.to_owned());
        }
        (Kind::Any, Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                find(kind, item, &format!("{pointer}/{at}"), found);
            }
        }
        (Kind::Any, Value::Object(entries)) => {
            for (key, item) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                find(kind, item, &format!("{pointer}/{key}"), found);
            }
        }
        (Kind::List(of), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                find(of, item, &format!("{pointer}/{at}"), found);
            }
        }
        (Kind::Map(of), Value::Object(entries)) => {
            for (key, item) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                find(of, item, &format!("{pointer}/{key}"), found);
            }
        }
        (Kind::Record(fields), Value::Object(entries)) => {
            for field in *fields {
                if let Some(item) = entries.get(field.name) {
                    find(
                        &field.kind,
                        item,
                        &format!("{pointer}/{}", field.name),
                        found,
                    );
                }
            }
        }
        _ => {}
    }
}

/// Which of Alertmanager's two ways a text is rendered.
pub(crate) fn mode(key: &str, pointer: &str, options: &Value) -> Mode {
    let is_html = match (key, pointer) {
        ("email_configs", "/html") => true,
        ("telegram_configs", "/message") => options
            .get("parse_mode")
            .and_then(Value::as_str)
            .is_none_or(|mode| mode == "HTML"),
        ("pushover_configs", "/message") => {
            options.get("html").and_then(Value::as_bool) == Some(true)
        }
        _ => false,
    };
    if is_html { Mode::Html } else { Mode::Text }
}

#[cfg(test)]
mod tests {
    use balefire_channels::registry;
    use serde_json::json;

    use super::*;

    fn of(key: &str, options: &Value) -> Vec<(String, Mode)> {
        let spec = registry::for_receiver_key(key).next().expect("a channel");
        let slots = slots(key, spec.receiver_fields, options);
        slots
            .into_iter()
            .map(|slot| (shown(&slot.pointer), slot.mode))
            .collect()
    }

    #[test]
    fn templates_are_found_wherever_an_entry_may_have_them() {
        let options = json!({
            "title": "{{ .Status }}", "text": "fixed", "channel": "#a",
            "fields": [{"title": "a", "value": "b"}, {"title": "{{ .Status }}", "value": "c"}],
        });
        let found = of("slack_configs", &options);
        let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["title", "fields[1].title"]);
    }

    #[test]
    fn pages_are_rendered_as_pages() {
        let options = json!({"to": "a@b.c", "html": "{{ 1 }}", "headers": {"Subject": "{{ 1 }}"}});
        let found = of("email_configs", &options);
        let expected = [("headers.Subject", Mode::Text), ("html", Mode::Html)];
        assert_eq!(found, expected.map(|(key, mode)| (key.to_owned(), mode)));
    }
}
