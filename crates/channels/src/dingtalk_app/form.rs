//! A message in the forms that an application's ways take.

use balefire_core::message::{Block, Link, Message};
use serde_json::{Value, json};

use crate::chat::{fit, headline, page, without_main_link};
use crate::cut::cut;
use crate::markup::{Dialect, one_line, safe_url, text_of, title_of};
use crate::spec::Length;

/// Largest JSON of a work notice's message, in bytes.
pub(super) const NOTICE: usize = 2_048;
/// Largest JSON of a robot message's parameters, in bytes.
const PARAMETERS: usize = 15_000;
/// Longest title that a card takes.
pub(super) const TITLE: Length = Length::Chars(64);
/// Longest words on a card's button, and longest address behind it.
const BUTTON: Length = Length::Chars(20);
const BUTTON_URL: usize = 500;
/// The vendor names no limit of a DING; nobody listens to more, and an SMS of it is eight parts.
const DING: Length = Length::Chars(500);
/// How much of a notification's id ends a work notice.
const ID: usize = 11;

/// The form of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Markdown,
    Card,
}

/// The `msg` of a work notice, which ends in the notification's id.
pub(super) fn notice(message: &Message, form: Form, id: &str) -> Value {
    let id: String = id.chars().take(ID).collect();
    let title = title(message);
    fit(NOTICE, NOTICE, |room| match (form, button(message)) {
        (Form::Text, _) => {
            let text = text(message, Length::Bytes(room), &id);
            json!({"msgtype": "text", "text": {"content": text}})
        }
        (Form::Card, Some(link)) => json!({"msgtype": "action_card", "action_card": {
            "title": title,
            "markdown": markdown(&without_main_link(message), room, &id),
            "single_title": link.text,
            "single_url": link.url,
        }}),
        _ => json!({"msgtype": "markdown", "markdown": {
            "title": title,
            "text": markdown(message, room, &id),
        }}),
    })
}

/// The `msgKey` of a robot's message, and its `msgParam`: JSON in a text.
pub(super) fn template(message: &Message, form: Form) -> (&'static str, String) {
    let title = title(message);
    let (key, link) = match (form, button(message)) {
        (Form::Text, _) => ("sampleText", None),
        (Form::Card, Some(link)) => ("sampleActionCard", Some(link)),
        _ => ("sampleMarkdown", None),
    };
    let parameters = fit(PARAMETERS, PARAMETERS, |room| match (key, &link) {
        ("sampleText", _) => json!({"content": text(message, Length::Bytes(room), "")}),
        (_, Some(link)) => json!({
            "title": title,
            "text": markdown(&without_main_link(message), room, ""),
            "singleTitle": link.text,
            "singleURL": link.url,
        }),
        _ => json!({"title": title, "text": markdown(message, room, "")}),
    });
    (key, parameters.to_string())
}

/// The text of a card, without its title, in DingTalk's markup.
pub(super) fn words(message: &Message, room: Length) -> String {
    let message = without_main_link(message);
    text_of(&message, Dialect::DingTalkMarkdown, room).text
}

/// The content of a DING that is read.
pub(super) fn ding(message: &Message) -> String {
    text(message, DING, "")
}

/// The content of a DING that is heard: without a sign, and without addresses, which nobody can write down.
pub(super) fn spoken(message: &Message) -> String {
    let heard = |block: &&Block| !matches!(block, Block::Link(_) | Block::Image(_) | Block::Rule);
    let mut message = without_main_link(message);
    message.body = message.body.iter().filter(heard).cloned().collect();
    let title = title_of(&message, Dialect::Plain, TITLE);
    page(&message, Dialect::Plain, DING, &title, "")
}

fn title(message: &Message) -> String {
    let title = title_of(message, Dialect::Plain, TITLE);
    if title.is_empty() {
        "Balefire".to_owned()
    } else {
        title
    }
}

fn text(message: &Message, room: Length, tail: &str) -> String {
    let title = headline(message, Dialect::Plain, TITLE);
    page(message, Dialect::Plain, room, &title, tail)
}

fn markdown(message: &Message, room: usize, tail: &str) -> String {
    let dialect = Dialect::DingTalkMarkdown;
    let title = format!("### {}", headline(message, dialect, TITLE));
    page(message, dialect, Length::Bytes(room), &title, tail)
}

/// The message's link as far as a card takes it.
pub(super) fn button(message: &Message) -> Option<Link> {
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url).filter(|url| url.len() <= BUTTON_URL)?;
    let text = one_line(&link.text);
    let text = if text.is_empty() { &url } else { &text };
    Some(Link {
        text: cut(text, BUTTON).into_owned(),
        url,
    })
}
