//! Where a message's words stand: text, attachments, blocks.

use std::borrow::Cow;

use balefire_core::severity::Severity;
use serde_json::{Map, Value};

use super::colour::{self, Colour};
use super::mrkdwn;
use crate::json::fields::{items, text};
use crate::text as lines;

/// How many attachments of a message are read: as many as Slack takes.
const MAX_ATTACHMENTS: usize = 100;
/// How many blocks of a message, or attachment, are read: as many as Slack takes.
const MAX_BLOCKS: usize = 50;
/// How many pieces of text one block may have; more is left out.
const MAX_PIECES: usize = 500;

/// All that a message says.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) title: Option<Cow<'static, str>>,
    paragraphs: Vec<String>,
    pub(super) fields: Map<String, Value>,
    pub(super) colour: Option<Colour>,
    pub(super) link: Option<String>,
    pub(super) image: Option<String>,
}

impl Words {
    pub(super) fn of(body: &Value) -> Self {
        let mut words = Self::default();
        for attachment in items(body, "attachments").iter().take(MAX_ATTACHMENTS) {
            words.attachment(attachment);
        }
        words.blocks(body);
        let text = text(body, "text");
        // With blocks, the text is what a notification shows: the same in short.
        let is_short = !items(body, "blocks").is_empty() && !words.paragraphs.is_empty();
        if let Some(text) = text.filter(|_| !is_short || words.title.is_none()) {
            let plain = words.plain(&text);
            if is_short {
                words.name(&plain);
            } else if !words.paragraphs.contains(&plain) {
                words.paragraphs.insert(0, plain);
            }
        }
        if words.title.is_none() {
            let first = words.paragraphs.iter().flat_map(|words| words.lines());
            let first = first.map(mrkdwn::title).find(|line| !line.is_empty());
            words.title = first.map(|line| Cow::Owned(lines::title(&line).into_owned()));
        }
        words
    }

    /// Everything but the title.
    pub(super) fn description(&self) -> Option<Cow<'static, str>> {
        let words = self.paragraphs.join("\n\n");
        (!words.trim().is_empty()).then_some(Cow::Owned(words))
    }

    /// How bad it is, where a field says so.
    pub(super) fn severity(&self) -> Option<Severity> {
        ["severity", "level", "priority"]
            .iter()
            .find_map(|name| Severity::from_word(self.fields.get(*name)?.as_str()?))
    }

    /// A text without markup; its link is kept when it is the first.
    fn plain(&mut self, text: &str) -> String {
        let plain = mrkdwn::plain(text);
        if self.link.is_none() {
            self.link = plain.link;
        }
        plain.words
    }

    fn name(&mut self, words: &str) {
        if self.title.is_none() {
            let line = words.lines().map(mrkdwn::title);
            let line = line.into_iter().find(|line| !line.is_empty());
            self.title = line.map(Cow::Owned);
        }
    }

    fn paragraph(&mut self, text: &str) {
        let plain = self.plain(text);
        if !plain.trim().is_empty() && !self.paragraphs.contains(&plain) {
            self.paragraphs.push(plain);
        }
    }

    fn attachment(&mut self, attachment: &Value) {
        if self.colour.is_none() {
            self.colour = text(attachment, "color").and_then(|word| colour::of(&word));
        }
        if self.link.is_none() {
            self.link = text(attachment, "title_link").map(Cow::into_owned);
        }
        if let Some(title) = text(attachment, "title") {
            let title = self.plain(&title);
            if self.title.is_some() {
                self.paragraphs.push(title);
            } else {
                self.name(&title);
            }
        }
        let shown = ["pretext", "text"].map(|key| text(attachment, key));
        let nothing = shown.iter().all(Option::is_none) && self.title.is_none();
        for words in shown.into_iter().flatten() {
            self.paragraph(&words);
        }
        // The fallback stands for what is shown: it counts where nothing is.
        if let Some(words) = text(attachment, "fallback").filter(|_| nothing) {
            self.paragraph(&words);
        }
        for field in items(attachment, "fields").iter().take(MAX_BLOCKS) {
            if let (Some(name), Some(value)) = (text(field, "title"), text(field, "value")) {
                let value = self.plain(&value);
                let name = mrkdwn::title(&name).to_lowercase();
                self.fields.entry(name).or_insert(Value::String(value));
            }
        }
        if self.image.is_none() {
            self.image = text(attachment, "image_url").map(Cow::into_owned);
        }
        self.blocks(attachment);
    }

    fn blocks(&mut self, holder: &Value) {
        for block in items(holder, "blocks").iter().take(MAX_BLOCKS) {
            match text(block, "type").as_deref() {
                Some("header") => {
                    let words = block.get("text").and_then(|held| text(held, "text"));
                    let words = self.plain(&words.unwrap_or_default());
                    if self.title.is_some() {
                        self.paragraph(&words);
                    } else {
                        self.name(&words);
                    }
                }
                Some("image") => {
                    if self.image.is_none() {
                        self.image = text(block, "image_url").map(Cow::into_owned);
                    }
                    if let Some(words) = text(block, "alt_text") {
                        self.paragraph(&words);
                    }
                }
                Some("actions") => self.buttons(block),
                _ => {
                    let mut pieces = Vec::new();
                    collect(block, &mut pieces);
                    let separator = match text(block, "type").as_deref() {
                        Some("rich_text") => "",
                        _ => "\n",
                    };
                    self.paragraph(&pieces.join(separator));
                }
            }
        }
    }

    /// The first button that opens something is where the message leads.
    fn buttons(&mut self, block: &Value) {
        let mut links = items(block, "elements").iter().take(MAX_PIECES);
        if self.link.is_none() {
            self.link = links.find_map(|button| text(button, "url").map(Cow::into_owned));
        }
    }
}

/// The texts of a block, however deep; a link without words is its address.
fn collect<'a>(value: &'a Value, pieces: &mut Vec<&'a str>) {
    if pieces.len() >= MAX_PIECES {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, pieces)),
        Value::Object(map) => {
            let own = map.get("text").or_else(|| map.get("url"));
            match own {
                Some(Value::String(words)) => pieces.push(words),
                Some(held) => collect(held, pieces),
                None => {}
            }
            for key in ["fields", "elements"] {
                if let Some(held) = map.get(key) {
                    collect(held, pieces);
                }
            }
        }
        _ => {}
    }
}
