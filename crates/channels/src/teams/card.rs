//! The card: a title with the severity's colour, the text, a button.

use balefire_core::message::Message;
use serde_json::{Value, json};

use crate::chat::{Tone, called, fit, headline, without_main_link};
use crate::markup::{Dialect, one_line, safe_url, text_of};
use crate::spec::Length;

pub(super) const DIALECT: Dialect = Dialect::TeamsMarkdown;
pub(super) const TITLE: Length = Length::Chars(250);
/// Longest text; the whole message may have 28 KB.
pub(super) const TEXT: Length = Length::Bytes(20_000);
/// Largest body, well below the 28 KB that Teams takes.
const MOST: usize = 24_000;
/// Longest address of a button.
const MOST_URL: usize = 2_000;

/// The body of a call.
pub(super) fn card(message: &Message) -> Value {
    let bare = without_main_link(message);
    fit(TEXT.most(), MOST, |room| {
        let (names, entities) = names(message);
        let mut body = Vec::new();
        let title = headline(message, DIALECT, TITLE);
        if !title.is_empty() {
            body.push(json!({
                "type": "TextBlock",
                "text": title,
                "weight": "Bolder",
                "size": "Large",
                "color": color(message),
                "wrap": true,
                "style": "heading",
            }));
        }
        let text = text_of(&bare, DIALECT, Length::Bytes(room)).text;
        for text in [text, names] {
            if !text.trim().is_empty() {
                body.push(json!({"type": "TextBlock", "text": text, "wrap": true}));
            }
        }
        let mut teams = json!({"width": "Full"});
        if !entities.is_empty() {
            teams["entities"] = entities.into();
        }
        let mut content = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": body,
            "msteams": teams,
        });
        if let Some(action) = action(message) {
            content["actions"] = json!([action]);
        }
        json!({"type": "message", "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": content,
        }]})
    })
}

fn action(message: &Message) -> Option<Value> {
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url)?;
    if !url.starts_with("http") || url.len() > MOST_URL {
        return None;
    }
    let text = one_line(&link.text);
    let title = if text.is_empty() { &url } else { &text };
    Some(json!({"type": "Action.OpenUrl", "title": title, "url": url}))
}

fn color(message: &Message) -> &'static str {
    match Tone::of(message) {
        Tone::Critical | Tone::Error => "Attention",
        Tone::Warning => "Warning",
        Tone::Info => "Accent",
        Tone::Good => "Good",
    }
}

/// Who is called by their address (UPN), and the entity that each name stands for; there is no call for everybody.
fn names(message: &Message) -> (String, Vec<Value>) {
    let address = |c: char| c.is_alphanumeric() || "@.-_+'".contains(c);
    let people = called(message, |person| &person.email, address);
    let mut texts = Vec::new();
    let mut entities = Vec::new();
    for (name, id) in people {
        let plain = |c: char| c.is_alphanumeric() || " .-".contains(c);
        let name: String = name.chars().filter(|c| plain(*c)).collect();
        let name = if name.trim().is_empty() {
            id
        } else {
            name.trim()
        };
        let text = format!("<at>{name}</at>");
        entities.push(json!({
            "type": "mention",
            "text": text,
            "mentioned": {"id": id, "name": name},
        }));
        texts.push(text);
    }
    (texts.join(" "), entities)
}
