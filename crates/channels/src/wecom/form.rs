//! A message in the forms that WeCom shows.

use balefire_core::message::{Block, Link, Message};
use serde_json::{Value, json};

use crate::chat::{Tone, headline, page};
use crate::cut::cut;
use crate::markup::{Dialect, one_line, safe_url, text_of, title_of};
use crate::spec::Length;

/// Longest content of a text.
pub(super) const TEXT: usize = 2_048;
/// Longest title, and the part of a text that one may take.
pub(super) const TITLE: Length = Length::Bytes(128);
const DESCRIPTION: Length = Length::Bytes(512);

/// The fonts that WeCom's markdown has.
fn font(message: &Message) -> &'static str {
    match Tone::of(message) {
        Tone::Critical | Tone::Error | Tone::Warning => "warning",
        Tone::Info => "comment",
        Tone::Good => "info",
    }
}

/// The form of an application's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Markdown,
    /// One article; a text where the message leads nowhere.
    News,
    /// A template card: with buttons where there is something to answer, else a notice that leads to our page.
    Card,
}

impl Form {
    /// Its words in `message_type`.
    pub(super) const WORDS: &'static [&'static str] = &["text", "markdown", "news", "card"];

    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "markdown" => Some(Self::Markdown),
            "news" => Some(Self::News),
            "card" => Some(Self::Card),
            _ => None,
        }
    }

    /// The message's part of the request.
    pub(super) fn content(self, message: &Message) -> Value {
        match self {
            Self::News => {
                if let Some(mut news) = news(message, picture(message).as_deref()) {
                    news["articles"][0]["btntxt"] = "更多".into();
                    return json!({"msgtype": "news", "news": news});
                }
            }
            Self::Card => {
                if let Some(card) = card(message) {
                    return json!({"msgtype": "template_card", "template_card": card});
                }
            }
            Self::Markdown => {
                let content = markdown(message, TEXT, "");
                return json!({"msgtype": "markdown", "markdown": {"content": content}});
            }
            Self::Text => {}
        }
        json!({"msgtype": "text", "text": {"content": text(message)}})
    }
}

/// The message's first picture.
pub(super) fn picture(message: &Message) -> Option<String> {
    message.body.iter().find_map(|block| match block {
        Block::Image(url) => safe_url(url),
        _ => None,
    })
}

/// `markdown`: the title in the tone's colour, `tail` at the end.
pub(super) fn markdown(message: &Message, most: usize, tail: &str) -> String {
    let dialect = Dialect::WecomMarkdown;
    let title = headline(message, dialect, TITLE);
    let title = match &message.custom {
        Some(custom) if custom.title.is_some() => title,
        _ => format!("### <font color=\"{}\">{title}</font>", font(message)),
    };
    page(message, dialect, Length::Bytes(most), &title, tail)
}

/// `markdown_v2`, which has no colours and reads headings, lists and links like CommonMark.
pub(super) fn markdown_v2(message: &Message, most: usize) -> String {
    let dialect = Dialect::DingTalkMarkdown;
    let title = format!("### {}", headline(message, dialect, TITLE));
    page(message, dialect, Length::Bytes(most), &title, "")
}

/// `text`.
pub(super) fn text(message: &Message) -> String {
    let title = headline(message, Dialect::Plain, TITLE);
    page(message, Dialect::Plain, Length::Bytes(TEXT), &title, "")
}

/// One article of `news`, which needs a link.
pub(super) fn news(message: &Message, picture: Option<&str>) -> Option<Value> {
    let link = web(message)?;
    let mut article = json!({
        "title": headline(message, Dialect::Plain, TITLE),
        "description": text_of(message, Dialect::Plain, DESCRIPTION).text,
        "url": link.url,
    });
    if let Some(picture) = picture {
        article["picurl"] = picture.into();
    }
    Some(json!({"articles": [article]}))
}

/// The card `text_notice`, which needs a link.
pub(super) fn card(message: &Message) -> Option<Value> {
    let link = web(message)?;
    Some(json!({
        "card_type": "text_notice",
        "source": {"desc": "Balefire", "desc_color": 0},
        "main_title": {"title": headline(message, Dialect::Plain, TITLE)},
        "sub_title_text": text_of(message, Dialect::Plain, DESCRIPTION).text,
        "jump_list": [{"type": 1, "title": cut(&one_line(&link.text), Length::Chars(26)), "url": link.url}],
        "card_action": {"type": 1, "url": link.url},
    }))
}

/// The card `button_interaction` without its buttons, which leads to our page where there is one.
pub(super) fn asking(message: &Message) -> Value {
    let mut card = json!({
        "card_type": "button_interaction",
        "source": {"desc": "Balefire", "desc_color": 0},
        "main_title": {"title": headline(message, Dialect::Plain, TITLE)},
        "sub_title_text": text_of(message, Dialect::Plain, DESCRIPTION).text,
        "card_action": {"type": 0},
    });
    if let Some(link) = web(message) {
        card["card_action"] = json!({"type": 1, "url": link.url});
    }
    card
}

/// The message's link as far as WeCom takes it.
fn web(message: &Message) -> Option<Link> {
    const MOST: usize = 2_048;
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url).filter(|url| url.len() <= MOST && url.starts_with("http"))?;
    let text = if link.text.trim().is_empty() {
        title_of(message, Dialect::Plain, TITLE)
    } else {
        link.text.clone()
    };
    Some(Link { text, url })
}
