//! One renderer for all channels: a message's blocks in each provider's own markup.
//!
//! Everything in a block is foreign text and is escaped here, once; channels never escape. Links lead to http,
//! https and mailto only. Mentions are the channels' own business: they come from routing, never from a block.

mod blocks;
mod escape;

use balefire_core::message::{Block, Link, Locale, Message};

pub use self::escape::{clean, is_hidden, one_line, safe_url, without_mentions};
use crate::cut::{Length, cut};

/// A provider's markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// None: SMS, voice, text messages, the plain part of a mail.
    Plain,
    /// DingTalk's subset of Markdown (headings, bold, links, images, lists; lines end in two blanks).
    DingTalkMarkdown,
    /// WeCom's `markdown` (headings, bold, links, quotes, font colours; no lists, no images).
    WecomMarkdown,
    /// Feishu's and Lark's card element `markdown`.
    FeishuLark,
    /// Slack's `mrkdwn`.
    SlackMrkdwn,
    /// HTML with inline styles, for mail.
    Html,
    /// Markdown in which a line ends where it ends (bold, links, lists): Discord, Mattermost.
    ChatMarkdown,
    /// Markdown of Teams' cards (bold, links, lists), each line a paragraph.
    TeamsMarkdown,
    /// HTML of `b` and `a` alone, with plain line ends: Telegram, Matrix, Google Chat's cards.
    LightHtml,
}

/// A text that fits, and what it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text in the dialect's markup.
    pub text: String,
    /// How many lines, items and blocks were left out or shortened; the text says so where there was room.
    pub left_out: usize,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::DingTalkMarkdown,
        Self::WecomMarkdown,
        Self::FeishuLark,
        Self::SlackMrkdwn,
        Self::Html,
        Self::ChatMarkdown,
        Self::TeamsMarkdown,
        Self::LightHtml,
    ];

    /// Foreign text as text: cleaned of hidden characters and escaped. Line ends stay `\n`.
    pub fn escape(self, text: &str) -> String {
        escape::escape(text, self)
    }

    /// A link, or only its text when the address is none that may be followed.
    pub fn link(self, link: &Link) -> String {
        let text = if link.text.trim().is_empty() {
            &link.url
        } else {
            &link.text
        };
        let text = self.escape(&one_line(text));
        let Some(url) = safe_url(&link.url) else {
            return text;
        };
        let url = escape::escape_url(&url, self);
        match self {
            Self::Plain if text == url => url,
            Self::Plain => format!("{text}: {url}"),
            Self::SlackMrkdwn => format!("<{url}|{}>", text.replace('|', "¦")),
            Self::Html => {
                format!("<a href=\"{url}\" rel=\"noopener\" style=\"color:#0b5fce\">{text}</a>")
            }
            Self::LightHtml => format!("<a href=\"{url}\">{text}</a>"),
            // A bracket in the text would end it early.
            _ => format!("[{}]({url})", text.replace('[', "［").replace(']', "］")),
        }
    }

    /// An address as it stands inside the dialect's markup; empty for one that may not be followed.
    pub(crate) fn address(self, url: &str) -> String {
        safe_url(url).map_or_else(String::new, |url| escape::escape_url(&url, self))
    }

    /// Escaped text in bold, where the dialect has it.
    pub fn bold(self, escaped: &str) -> String {
        match self {
            Self::Plain => escaped.to_owned(),
            Self::SlackMrkdwn => format!("*{escaped}*"),
            Self::Html | Self::LightHtml => format!("<b>{escaped}</b>"),
            _ => format!("**{escaped}**"),
        }
    }
}

/// All blocks in this dialect, separated by blank lines.
pub fn render(blocks: &[Block], dialect: Dialect) -> String {
    render_within(blocks, dialect, Length::Unlimited, Locale::En).text
}

/// The blocks in this dialect, within a limit: facts and items are left out whole, running text is shortened
/// before it is escaped, so markup never breaks; `… and N more` (in the reader's language) tells it. Links at
/// the end stay as long as they take no more than half the room.
pub fn render_within(
    blocks: &[Block],
    dialect: Dialect,
    limit: Length,
    locale: Locale,
) -> Rendered {
    blocks::render(blocks, dialect, limit, locale)
}

/// The message's title on one line: the operator's own where a template gave one (in the channel's markup,
/// mentions taken out), else escaped; cut to the limit.
pub fn title_of(message: &Message, dialect: Dialect, limit: Length) -> String {
    let own = message
        .custom
        .as_ref()
        .and_then(|custom| custom.title.as_deref());
    if let Some(title) = own {
        return cut(&without_mentions(&one_line(title)), limit).into_owned();
    }
    blocks::escape_within(&one_line(&message.title), dialect, limit).0
}

/// Everything below the title within a limit: the operator's own text where a template gave one (as it is, with
/// mentions taken out), else the blocks.
pub fn text_of(message: &Message, dialect: Dialect, limit: Length) -> Rendered {
    let own = message
        .custom
        .as_ref()
        .and_then(|custom| custom.text.as_deref());
    let Some(text) = own else {
        return render_within(&message.body, dialect, limit, message.locale);
    };
    let text = with_deeds(message, dialect, &without_mentions(&clean(text)));
    let short = cut(&text, limit);
    Rendered {
        left_out: usize::from(short.len() != text.len()),
        text: short.into_owned(),
    }
}

/// An operator's own words, below what people have done since; our own look has that in its body.
pub(crate) fn with_deeds(message: &Message, dialect: Dialect, text: &str) -> String {
    let deeds = message.answering.deeds.iter();
    let lines = deeds.map(|deed| dialect.escape(&one_line(deed)));
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    format!("{}\n\n{text}", lines.join("\n"))
}

#[cfg(test)]
mod tests;
