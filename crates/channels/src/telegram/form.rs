//! The text of a message, and its markup.

use balefire_core::message::Message;
use serde_json::{Value, json};

use crate::chat::{Own, called, headline, page};
use crate::markup::{Dialect, text_of};
use crate::options::Options;
use crate::spec::Length;

pub(super) const DIALECT: Dialect = Dialect::LightHtml;
/// Longest title.
pub(super) const TITLE: Length = Length::Utf16(256);
/// Longest text: 4096 after the markup is read, in a unit that the vendor does not name; the smaller one.
pub(super) const TEXT: Length = Length::Utf16(4_000);

/// The words of `parse_mode`.
pub(super) const PARSE_MODES: &[&str] = &["HTML", "MarkdownV2", "Markdown", ""];

/// How the messages of an entry are written.
#[derive(Debug)]
pub(super) struct Form {
    /// The markup of words of the operator's own.
    parse_mode: &'static str,
    own: Own,
    silent: bool,
    topic: Option<i64>,
}

impl Form {
    pub(super) fn of(options: &Options<'_>) -> Self {
        let mode = options.value("parse_mode").and_then(Value::as_str);
        let known = PARSE_MODES.iter().find(|word| mode == Some(**word));
        Self {
            parse_mode: known.copied().unwrap_or("HTML"),
            own: Own::of(options, "", "message"),
            silent: options.boolean("disable_notifications").unwrap_or(false),
            topic: options.integer("message_thread_id").filter(|id| *id != 0),
        }
    }

    /// The topic that is written to, as a form has it.
    pub(super) fn topic(&self) -> Option<String> {
        self.topic.as_ref().map(ToString::to_string)
    }

    /// The body, without the chat.
    pub(super) fn body(&self, message: &Message) -> Value {
        let message = self.own.on(message);
        let (text, mode) = self.text(&message);
        let mut body = json!({
            "text": text,
            "link_preview_options": {"is_disabled": true},
        });
        if !mode.is_empty() {
            body["parse_mode"] = mode.into();
        }
        if self.silent {
            body["disable_notification"] = true.into();
        }
        if let Some(topic) = self.topic {
            body["message_thread_id"] = topic.into();
        }
        body
    }

    /// The text and its markup. Own words that are too long go out as plain text, since a cut may leave a tag open,
    /// for which Telegram refuses the message.
    fn text(&self, message: &Message) -> (String, &'static str) {
        let custom = message.custom.as_ref();
        let own_text = custom.is_some_and(|custom| custom.text.is_some());
        let mode = match self.parse_mode {
            mode if own_text => mode,
            "" => "",
            _ => "HTML",
        };
        let dialect = if mode.is_empty() {
            Dialect::Plain
        } else {
            DIALECT
        };
        let tail = names(message, mode);
        let own_title = custom.is_some_and(|custom| custom.title.is_some());
        let title = headline(message, dialect, TITLE);
        let title = match mode {
            "HTML" if !own_title => DIALECT.bold(&title),
            "MarkdownV2" | "Markdown" if !own_title => {
                escape_v2(&headline(message, Dialect::Plain, TITLE))
            }
            _ => title,
        };
        let text = page(message, dialect, TEXT, &title, &tail);
        let room = TEXT.beside(&title).beside(&tail).beside("\n\n\n\n");
        if own_text && text_of(message, dialect, room).left_out > 0 {
            return (page(message, Dialect::Plain, TEXT, &title, ""), "");
        }
        if text.is_empty() {
            return ("-".to_owned(), "");
        }
        (text, mode)
    }
}

/// Who is called, by their numbers; there is no call for everybody.
fn names(message: &Message, mode: &str) -> String {
    let people = called(message, |person| &person.telegram, |c| c.is_ascii_digit());
    let names = people.filter_map(|(name, id)| match mode {
        "HTML" => {
            let name = DIALECT.escape(&name);
            Some(format!("<a href=\"tg://user?id={id}\">{name}</a>"))
        }
        "MarkdownV2" | "Markdown" => Some(format!("[{}](tg://user?id={id})", escape_v2(&name))),
        _ => None,
    });
    names.collect::<Vec<_>>().join(" ")
}

/// Text as `MarkdownV2` shows it: a backslash before whatever may mean something.
pub(super) fn escape_v2(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "_*[]()~`>#+-=|{}.!\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A chat as the API takes it: a number, or `@name`.
pub(super) fn chat_id(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    let name = text.strip_prefix('@')?;
    let wordy = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(wordy)).then(|| text.into())
}
