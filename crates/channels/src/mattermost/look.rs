//! What a message looks like: an attachment whose bar has the colour of the severity, and above it who is called.

use balefire_core::message::Message;
use serde_json::{Map, Value, json};

use crate::chat::{Own, Tone, called, fit, fixed, headline, is_template, without_main_link};
use crate::cut::cut;
use crate::markup::{Dialect, clean, safe_url, text_of, without_mentions};
use crate::options::Options;
use crate::spec::Length;

pub(super) const DIALECT: Dialect = Dialect::ChatMarkdown;
pub(super) const TITLE: Length = Length::Chars(250);
/// Longest text; a server takes 16 383 characters, with everything else of a message.
pub(super) const TEXT: Length = Length::Chars(6_500);
/// Largest body: in bytes what the server's characters are at the least.
const MOST: usize = 48_000;
const SMALL: Length = Length::Chars(500);
const FIELD: Length = Length::Chars(200);
/// Longest address of a part.
const MOST_URL: usize = 300;
/// Most fields below the text.
const FIELDS: usize = 10;

/// Parts of an attachment that are texts, and those that are addresses.
const TEXTS: [&str; 4] = ["pretext", "author_name", "footer", "color"];
const URLS: [&str; 6] = [
    "author_link",
    "author_icon",
    "title_link",
    "thumb_url",
    "footer_icon",
    "image_url",
];

/// What an entry says about the look, without its Go templates.
#[derive(Debug)]
pub(super) struct Look {
    own: Own,
    /// Parts of the attachment.
    parts: Map<String, Value>,
    fields: Vec<Value>,
    /// `username`, `icon_url`, `icon_emoji`.
    pub(super) sender: Map<String, Value>,
    /// `priority` as the API has it.
    pub(super) priority: Option<Value>,
}

impl Look {
    pub(super) fn of(options: &Options<'_>) -> Self {
        let mut parts = Map::new();
        for key in TEXTS {
            if let Some(text) = fixed(options, key) {
                let text = without_mentions(&clean(text));
                parts.insert(key.to_owned(), cut(&text, SMALL).into_owned().into());
            }
        }
        for key in URLS {
            let url = fixed(options, key).and_then(safe_url);
            if let Some(url) = url.filter(|url| url.len() <= MOST_URL) {
                parts.insert(key.to_owned(), url.into());
            }
        }
        let senders = ["username", "icon_url", "icon_emoji"];
        let sender = senders
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), fixed(options, key)?.into())));
        Self {
            own: Own::of(options, "title", "text"),
            parts,
            fields: fields(options),
            sender: sender.collect(),
            priority: priority(options),
        }
    }

    /// The line above the attachment, and the attachment.
    pub(super) fn parts(&self, message: &Message) -> (String, Value) {
        let message = &self.own.on(message);
        let bare = without_main_link(message);
        let attachment = fit(TEXT.most(), MOST, |room| {
            let mut body = json!({
                "fallback": headline(message, Dialect::Plain, TITLE),
                "color": color(message),
            });
            let title = headline(message, DIALECT, TITLE);
            if !title.is_empty() {
                body["title"] = title.into();
            }
            let link = message.link.as_ref().and_then(|link| safe_url(&link.url));
            if let Some(url) = link.filter(|url| url.starts_with("http") && url.len() <= 1_000) {
                body["title_link"] = url.into();
            }
            let text = text_of(&bare, DIALECT, Length::Chars(room)).text;
            body["text"] = text.into();
            if !self.fields.is_empty() {
                body["fields"] = self.fields.clone().into();
            }
            for (key, value) in &self.parts {
                body[key] = value.clone();
            }
            body
        });
        (names(message), attachment)
    }
}

/// Who is called; `@channel` reaches those who are away, too.
fn names(message: &Message) -> String {
    let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let people = called(message, |person| &person.mattermost, wordy);
    let everyone = message.mentions.everyone.then(|| "@channel".to_owned());
    let names = everyone
        .into_iter()
        .chain(people.map(|(_, id)| format!("@{id}")));
    names.collect::<Vec<_>>().join(" ")
}

fn color(message: &Message) -> &'static str {
    match Tone::of(message) {
        Tone::Critical => "#c9252d",
        Tone::Error => "#e8710a",
        Tone::Warning => "#f2b705",
        Tone::Info => "#2f7ed8",
        Tone::Good => "#2eb67d",
    }
}

/// The configured pairs.
fn fields(options: &Options<'_>) -> Vec<Value> {
    let pairs = options.value("fields").and_then(Value::as_array);
    let pair = |pair: &Value| {
        let word = |key: &str| {
            let text = pair[key].as_str()?.trim();
            let text = (!text.is_empty() && !is_template(text)).then_some(text)?;
            Some(cut(&without_mentions(&clean(text)), FIELD).into_owned())
        };
        let short = pair["short"].as_bool().unwrap_or(false);
        Some(json!({"title": word("title")?, "value": word("value")?, "short": short}))
    };
    pairs
        .into_iter()
        .flatten()
        .filter_map(pair)
        .take(FIELDS)
        .collect()
}

fn priority(options: &Options<'_>) -> Option<Value> {
    let given = options.value("priority")?;
    let word = given["priority"].as_str().filter(|word| !is_template(word));
    let mut priority = json!({});
    if let Some(word) = word {
        priority["priority"] = word.into();
    }
    for key in ["requested_ack", "persistent_notifications"] {
        if given[key] == true {
            priority[key] = true.into();
        }
    }
    (priority != json!({})).then_some(priority)
}
