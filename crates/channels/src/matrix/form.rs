//! An event: plain text, the same in HTML, who is called, and what it answers.

use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;
use serde_json::{Value, json};

use crate::chat::{called, fit, headline, page};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::Length;
use crate::threads::Posted;

pub(super) const DIALECT: Dialect = Dialect::LightHtml;
pub(super) const TITLE: Length = Length::Chars(250);
/// Longest text, which stands in the event twice.
pub(super) const TEXT: Length = Length::Bytes(14_000);
/// Largest body, with room below 65 536 bytes for what the server adds.
const MOST: usize = 40_000;
/// Largest content of a change, which stands in the event twice.
const MOST_OF_CHANGE: usize = 30_000;

/// The words of `msgtype`.
pub(super) const MSGTYPES: &[&str] = &["auto", "text", "notice"];

/// How the messages of an entry are written.
#[derive(Debug)]
pub(super) struct Form {
    msgtype: String,
}

impl Form {
    pub(super) fn of(options: &Options<'_>) -> Self {
        Self {
            msgtype: options.text("msgtype").unwrap_or("auto").to_owned(),
        }
    }

    /// The event's content; an answer in a thread when there is one.
    pub(super) fn body(&self, message: &Message, root: Option<&Posted>) -> Value {
        self.within(MOST, message, root)
    }

    fn within(&self, most: usize, message: &Message, root: Option<&Posted>) -> Value {
        let (plain_names, names, mentions) = names(message);
        fit(TEXT.most(), most, |room| {
            let limit = Length::Bytes(room);
            let title = headline(message, Dialect::Plain, TITLE);
            let plain = page(message, Dialect::Plain, limit, &title, &plain_names);
            let title = headline(message, DIALECT, TITLE);
            let title = match &message.custom {
                Some(custom) if custom.title.is_some() => title,
                _ => DIALECT.bold(&title),
            };
            let html = page(message, DIALECT, limit, &title, &names);
            let mut body = json!({
                "msgtype": self.msgtype(message),
                "body": plain,
                "format": "org.matrix.custom.html",
                "formatted_body": html.replace('\n', "<br>"),
                "m.mentions": mentions,
            });
            if let Some(root) = root {
                body["m.relates_to"] = json!({
                    "rel_type": "m.thread",
                    "event_id": root.id,
                    "is_falling_back": true,
                    "m.in_reply_to": {"event_id": root.id},
                });
            }
            body
        })
    }

    /// The content that takes the place of an earlier event's; who was called stays called and nobody else is.
    pub(super) fn change(&self, message: &Message, first: &Posted) -> Value {
        let mut new = self.within(MOST_OF_CHANGE, message, None);
        new["m.mentions"] = json!({});
        let mut body = new.clone();
        // What a client without changes shows.
        for key in ["body", "formatted_body"] {
            let text = new[key].as_str().unwrap_or_default();
            body[key] = format!("* {text}").into();
        }
        body["m.new_content"] = new;
        body["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": first.id});
        body
    }

    fn msgtype(&self, message: &Message) -> &'static str {
        let quiet = message.occasion == Occasion::Resolved || message.severity == Severity::Info;
        match self.msgtype.as_str() {
            "notice" => "m.notice",
            "auto" if quiet => "m.notice",
            _ => "m.text",
        }
    }
}

/// Who is called, as plain text and as links, and the list by which clients notify.
fn names(message: &Message) -> (String, String, Value) {
    let valid = |c: char| c.is_ascii_alphanumeric() || "@:._=-/+".contains(c);
    let people: Vec<(String, &str)> = called(message, |person| &person.matrix, valid)
        .filter(|(_, id)| id.starts_with('@') && id.contains(':'))
        .collect();
    let everyone = message.mentions.everyone;
    let all = everyone.then(|| "@room".to_owned());
    let plain = people.iter().map(|(name, _)| Dialect::Plain.escape(name));
    let plain: Vec<String> = all.clone().into_iter().chain(plain).collect();
    let link = |(name, id): &(String, &str)| {
        let name = DIALECT.escape(name);
        format!("<a href=\"https://matrix.to/#/{id}\">{name}</a>")
    };
    let links: Vec<String> = all.into_iter().chain(people.iter().map(link)).collect();
    let mut mentions = json!({});
    if everyone {
        mentions["room"] = true.into();
    }
    if !people.is_empty() {
        let ids: Vec<&str> = people.iter().map(|(_, id)| *id).collect();
        mentions["user_ids"] = ids.into();
    }
    (plain.join(" "), links.join(" "), mentions)
}
