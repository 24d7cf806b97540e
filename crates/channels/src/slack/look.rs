//! What a message looks like: a bold title that leads to us, and below it an attachment whose bar has
//! the colour of the severity, since nothing else in Slack has colours.

use balefire_core::message::{Link, Message};
use serde_json::{Value, json};

use crate::chat::{Tone, headline, is_template};
use crate::cut::cut;
use crate::markup::{
    Dialect, Rendered, clean, one_line, safe_url, text_of, with_deeds, without_mentions,
};
use crate::options::Options;
use crate::spec::Length;

/// Longest title.
pub(super) const TITLE: Length = Length::Chars(250);
/// Longest text: a section has 3000, counted in a unit that Slack does not name.
pub(super) const TEXT: Length = Length::Chars(2_900);
/// Most fields of a section, and the longest.
const FIELDS: usize = 10;
const FIELD: Length = Length::Chars(1_900);
const SMALL: Length = Length::Chars(500);

const DIALECT: Dialect = Dialect::SlackMrkdwn;

/// What an entry says about the look, without its Go templates.
#[derive(Debug)]
pub(super) struct Look {
    sender: Vec<(&'static str, String)>,
    color: Option<String>,
    title: Option<String>,
    title_link: Option<String>,
    pretext: Option<String>,
    text: Option<String>,
    fields: Vec<String>,
    footer: Option<String>,
    image: Option<String>,
    thumb: Option<String>,
}

impl Look {
    pub(super) fn of(options: &Options<'_>) -> Self {
        let plain = |key: &str| {
            options
                .text(key)
                .filter(|text| !is_template(text))
                .map(ToOwned::to_owned)
        };
        let words = |key: &str| plain(key).map(|text| without_mentions(&clean(&text)));
        let sender = ["username", "icon_emoji", "icon_url"];
        Self {
            sender: sender
                .into_iter()
                .filter_map(|key| Some((key, plain(key)?)))
                .collect(),
            color: plain("color"),
            title: words("title"),
            title_link: plain("title_link"),
            pretext: words("pretext"),
            text: words("text"),
            fields: fields(options),
            footer: words("footer"),
            image: plain("image_url").and_then(|url| safe_url(&url)),
            thumb: plain("thumb_url").and_then(|url| safe_url(&url)),
        }
    }

    /// The payload, without the channel.
    pub(super) fn body(&self, message: &Message) -> Value {
        if let Some(text) = untitled(message) {
            return json!({
                "text": text,
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
                "unfurl_links": false,
                "unfurl_media": false,
            });
        }
        let mut lines = Vec::new();
        lines.extend(
            self.pretext
                .as_deref()
                .map(|text| cut(text, TEXT).into_owned()),
        );
        lines.push(self.title(message));
        lines.extend(mentions(message));
        let blocks = self.blocks(message);
        let attachments = if blocks.is_empty() {
            Vec::new()
        } else {
            let color = self.color.as_deref().unwrap_or_else(|| color(message));
            vec![json!({
                "color": color,
                "fallback": headline(message, Dialect::Plain, TITLE),
                "blocks": blocks,
            })]
        };
        let mut body = json!({
            "text": lines.join("\n"),
            "attachments": attachments,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        for (key, value) in &self.sender {
            body[*key] = value.as_str().into();
        }
        body
    }

    fn title(&self, message: &Message) -> String {
        let custom = message
            .custom
            .as_ref()
            .is_some_and(|custom| custom.title.is_some());
        match &self.title {
            Some(title) if !custom => return cut(&one_line(title), TITLE).into_owned(),
            _ => {}
        }
        let title = headline(message, DIALECT, TITLE);
        let link = self
            .title_link
            .as_deref()
            .or(message.link.as_ref().map(|link| link.url.as_str()))
            .filter(|url| safe_url(url).is_some() && url.len() <= 2_000);
        match link {
            Some(url) if !custom => {
                let text = headline(message, Dialect::Plain, TITLE);
                let url = url.to_owned();
                DIALECT.bold(&DIALECT.link(&Link { text, url }))
            }
            _ if custom => title,
            _ => DIALECT.bold(&title),
        }
    }

    fn blocks(&self, message: &Message) -> Vec<Value> {
        let custom = message
            .custom
            .as_ref()
            .is_some_and(|custom| custom.text.is_some());
        let text = match &self.text {
            Some(text) if !custom => Rendered {
                text: cut(&with_deeds(message, DIALECT, text), TEXT).into_owned(),
                left_out: 0,
            },
            _ => text_of(message, DIALECT, TEXT),
        };
        let mut blocks = Vec::new();
        if !text.text.trim().is_empty() {
            let mut section = json!({"type": "section", "text": mrkdwn(&text.text)});
            if let Some(url) = &self.thumb {
                section["accessory"] = json!({"type": "image", "image_url": url, "alt_text": "-"});
            }
            blocks.push(section);
        }
        if !self.fields.is_empty() {
            let fields: Vec<Value> = self.fields.iter().map(|field| mrkdwn(field)).collect();
            blocks.push(json!({"type": "section", "fields": fields}));
        }
        if let Some(url) = &self.image {
            blocks.push(json!({"type": "image", "image_url": url, "alt_text": "-"}));
        }
        if let Some(footer) = &self.footer {
            blocks.push(json!({"type": "context", "elements": [mrkdwn(&cut(footer, SMALL))]}));
        }
        blocks
    }
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text})
}

/// The configured pairs as fields of a section.
fn fields(options: &Options<'_>) -> Vec<String> {
    let pairs = options.value("fields").and_then(Value::as_array);
    pairs
        .into_iter()
        .flatten()
        .filter_map(|pair| {
            let word = |key: &str| {
                let text = pair[key].as_str()?.trim();
                (!text.is_empty() && !is_template(text)).then_some(text)
            };
            let text = format!("*{}*\n{}", word("title")?, word("value")?);
            Some(cut(&without_mentions(&clean(&text)), FIELD).into_owned())
        })
        .take(FIELDS)
        .collect()
}

/// The text of a message in own words that has no title; it needs no bar beside it.
fn untitled(message: &Message) -> Option<String> {
    let custom = message.custom.as_ref()?;
    let bare = custom.title.as_deref() == Some("") && custom.text.is_some();
    bare.then(|| text_of(message, DIALECT, TEXT).text)
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

/// Who is called, on a line of its own; only there do ids have their meaning.
fn mentions(message: &Message) -> Option<String> {
    let everyone = message.mentions.everyone.then(|| "<!channel>".to_owned());
    let people = message
        .mentions
        .people
        .iter()
        .map(|person| person.slack.as_str())
        .filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()))
        .map(|id| format!("<@{id}>"));
    let names: Vec<String> = everyone.into_iter().chain(people).collect();
    (!names.is_empty()).then(|| names.join(" "))
}
