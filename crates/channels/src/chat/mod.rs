//! What the chat platforms have in common: the tone of a message, error codes inside a 200, bodies
//! with a size limit, and robots whose address is their secret.

mod address;
mod answer;
mod fit;
mod tone;

pub(crate) use self::address::{Hook, base, hook, is_template};
pub(crate) use self::answer::{Answer, Meaning, hide, refusal};
pub(crate) use self::fit::fit;
pub(crate) use self::tone::Tone;

use std::time::Duration;

use balefire_core::message::{Block, Message};

use crate::error::SendError;
use crate::http::{Http, HttpReply, HttpRequest, transport_error};
use crate::markup::{Dialect, text_of, title_of};
use crate::spec::Length;

/// Sends one request and reads the answer.
pub(crate) async fn exchange(
    http: &Http,
    request: HttpRequest,
    total: Duration,
) -> Result<HttpReply, SendError> {
    http.send(request, total)
        .await
        .map_err(|error| transport_error(&error))
}

/// The title with the tone's sign before it; an operator's own title stands as it was written.
pub(crate) fn headline(message: &Message, dialect: Dialect, limit: Length) -> String {
    let own = |custom: &balefire_core::message::Custom| custom.title.is_some();
    if message.custom.as_ref().is_some_and(own) {
        return title_of(message, dialect, limit);
    }
    let sign = Tone::of(message).sign();
    let title = title_of(message, dialect, limit.beside(sign).beside(" "));
    format!("{sign} {title}")
}

/// The message without the link it leads to, for forms that have a button for it.
pub(crate) fn without_main_link(message: &Message) -> Message {
    let main = message.link.as_ref().map(|link| link.url.as_str());
    let other =
        |block: &&Block| !matches!(block, Block::Link(link) if Some(link.url.as_str()) == main);
    Message {
        body: message.body.iter().filter(other).cloned().collect(),
        title: message.title.clone(),
        group: None,
        mentions: message.mentions.clone(),
        custom: message.custom.clone(),
        zone: message.zone.clone(),
        link: message.link.clone(),
        thread: message.thread.clone(),
        attachments: Vec::new(),
        ..*message
    }
}

/// A whole message as one text: the title line as given, a blank line, the rest within what is left;
/// `tail` (mentions, a robot's keyword) stays whole at the end.
pub(crate) fn page(
    message: &Message,
    dialect: Dialect,
    limit: Length,
    title: &str,
    tail: &str,
) -> String {
    const GAP: &str = "\n\n";
    let gaps = if tail.is_empty() { GAP } else { "\n\n\n\n" };
    let room = limit.beside(title).beside(tail).beside(gaps);
    let text = text_of(message, dialect, room).text;
    [title, &text, tail]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(GAP)
}

#[cfg(test)]
mod tests;
