//! The forms of a bot's message: card, post, text.

use balefire_core::message::{Link, Locale, Message};
use serde_json::{Value, json};

use super::SPEC;
use crate::chat::{Tone, fit, headline, page, without_main_link};
use crate::markup::{Dialect, one_line, safe_url, text_of};
use crate::spec::Length;

/// The words of `msgtype`.
pub(crate) const MSGTYPES: &[&str] = &["interactive", "post", "text"];

/// Largest body: 20 KB, read the strict way.
const MOST: usize = 20_000;

/// What every message of a receiver's entry is made with.
#[derive(Debug)]
pub(crate) struct Form {
    /// One of [`MSGTYPES`].
    pub(crate) msgtype: String,
    /// A word that every message must have; empty for none.
    pub(crate) keyword: String,
}

impl Form {
    /// The body, with time and signature where the bot wants them; at most 20 KB of JSON.
    pub(crate) fn body(&self, message: &Message, signature: Option<&(String, String)>) -> Value {
        // Cards and posts have the link in a place of its own.
        let bare = without_main_link(message);
        fit(SPEC.limits.text.most(), MOST, |room| {
            let mut body = match self.msgtype.as_str() {
                "text" => self.text(message, room),
                "post" => self.post(&bare, room),
                _ => self.card(&bare, room),
            };
            if let Some((seconds, sign)) = signature {
                body["timestamp"] = seconds.as_str().into();
                body["sign"] = sign.as_str().into();
            }
            body
        })
    }

    fn card(&self, message: &Message, room: usize) -> Value {
        let title = title(message);
        let names = ids(message).map(|id| format!("<at id={id}></at>"));
        let names: Vec<String> = names.collect();
        let tail = self.tail(&title, &names.join(" "));
        let text = page(message, Dialect::FeishuLark, Length::Bytes(room), "", &tail);
        let mut elements = Vec::new();
        if !text.trim().is_empty() {
            elements.push(json!({"tag": "markdown", "content": text}));
        }
        if let Some(link) = web(message) {
            elements.push(json!({"tag": "action", "actions": [{
                "tag": "button",
                "text": {"tag": "plain_text", "content": link.text},
                "type": "primary",
                "url": link.url,
            }]}));
        }
        if elements.is_empty() {
            elements.push(json!({"tag": "hr"}));
        }
        json!({"msg_type": "interactive", "card": {
            "config": {"wide_screen_mode": true},
            "header": {"template": color(message), "title": {"tag": "plain_text", "content": title}},
            "elements": elements,
        }})
    }

    fn post(&self, message: &Message, room: usize) -> Value {
        let title = title(message);
        let tail = self.tail(&title, "");
        let limit = Length::Bytes(room).beside(&tail);
        let text = text_of(message, Dialect::Plain, limit).text;
        let mut paragraphs: Vec<Value> = text
            .lines()
            .chain((!tail.is_empty()).then_some(tail.as_str()))
            .map(|line| json!([{"tag": "text", "text": line}]))
            .collect();
        if let Some(link) = web(message) {
            paragraphs.push(json!([{"tag": "a", "text": link.text, "href": link.url}]));
        }
        let names: Vec<Value> = ids(message)
            .map(|id| json!({"tag": "at", "user_id": id}))
            .collect();
        if !names.is_empty() || paragraphs.is_empty() {
            paragraphs.push(names.into());
        }
        let language = match message.locale {
            Locale::ZhCn => "zh_cn",
            Locale::En => "en_us",
        };
        let page = json!({"title": title, "content": paragraphs});
        json!({"msg_type": "post", "content": {"post": {language: page}}})
    }

    fn text(&self, message: &Message, room: usize) -> Value {
        let title = title(message);
        let names: Vec<String> = ids(message)
            .map(|id| format!("<at user_id=\"{id}\"></at>"))
            .collect();
        let tail = self.tail(&title, &names.join(" "));
        let text = page(message, Dialect::Plain, Length::Bytes(room), &title, &tail);
        json!({"msg_type": "text", "content": {"text": text}})
    }

    /// Names, and the keyword unless the title has it; the text may yet be shortened.
    fn tail(&self, title: &str, names: &str) -> String {
        if self.keyword.is_empty() || title.contains(&self.keyword) {
            names.to_owned()
        } else {
            format!("{names} {}", self.keyword).trim().to_owned()
        }
    }
}

fn title(message: &Message) -> String {
    headline(message, Dialect::Plain, SPEC.limits.title)
}

/// Colours of a card's head.
fn color(message: &Message) -> &'static str {
    match Tone::of(message) {
        Tone::Critical => "red",
        Tone::Error => "orange",
        Tone::Warning => "yellow",
        Tone::Info => "blue",
        Tone::Good => "green",
    }
}

/// The ids of who is called; everybody is `all`.
fn ids(message: &Message) -> impl Iterator<Item = &str> {
    let everyone = message.mentions.everyone.then_some("all");
    let plain = |id: &&str| {
        let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !id.is_empty() && id.chars().all(wordy)
    };
    let people = message
        .mentions
        .people
        .iter()
        .map(|person| person.feishu.as_str());
    everyone.into_iter().chain(people.filter(plain))
}

/// The message's link, if a button may lead there.
fn web(message: &Message) -> Option<Link> {
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url).filter(|url| url.starts_with("http") && url.len() <= 4_000)?;
    let text = one_line(&link.text);
    let text = if text.is_empty() { url.clone() } else { text };
    Some(Link { text, url })
}
