//! What the chat platforms have in common: the tone of a message, error codes inside a 200, bodies
//! with a size limit, and robots whose address is their secret.

mod address;
mod answer;
mod fit;
mod own;
mod tone;
mod words;

pub(crate) use self::address::{Hook, base, hook, is_template};
pub(crate) use self::answer::{Answer, Meaning, hide, refusal};
pub(crate) use self::fit::fit;
pub(crate) use self::own::{Own, fixed};
pub(crate) use self::tone::Tone;
pub(crate) use self::words::{Words, worded};

use std::time::Duration;

use balefire_core::message::{Answering, Block, Mention, Message};
use balefire_core::secret::Secret;
use futures_util::future::BoxFuture;

use crate::channel::{Delivery, Outcome, Target};
use crate::cut::cut;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, redact, transport_error};
use crate::markup::{Dialect, one_line, text_of, title_of};
use crate::options::Options;
use crate::sign::sha256_hex;
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

/// The answer to a check of what can only be tried by sending.
pub(crate) fn unasked(why: &str) -> Outcome {
    Err(SendError::new(ErrorKind::Unsupported, why).fix("send a test message"))
}

/// The outcome of showing what came of a press, where the answer to it has shown everything.
pub(crate) fn shown() -> BoxFuture<'static, Outcome> {
    Box::pin(std::future::ready(Ok(Receipt::default())))
}

/// The only target of a robot whose address is its secret.
pub(crate) fn only_chat(url: &Secret) -> Target {
    Target {
        address: sha256_hex(url.reveal().as_bytes())[..16].into(),
        label: redact::shown_url(url.reveal()).into(),
    }
}

/// The first of these secrets that is given, which must be there; `place` says where a person finds it.
pub(crate) fn secret(
    options: &mut Options<'_>,
    names: &[&'static str],
    place: &str,
) -> Option<Secret> {
    let given = names
        .iter()
        .find_map(|&name| Some((name, options.secret(name)?)));
    let Some((name, secret)) = given else {
        let name = names.first().copied().unwrap_or_default();
        options.problem(name, "is missing", format!("copy it from {place}"));
        return None;
    };
    if is_template(secret.reveal()) {
        let fix = "write the value itself, or route to receivers of their own";
        options.problem(name, "is a Go template, which is not run here", fix);
        return None;
    }
    Some(secret)
}

/// The texts of a list of places to write to, each once, none of them a Go template.
pub(crate) fn places(options: &mut Options<'_>, key: &'static str, fix: &str) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for name in options.texts(key) {
        if is_template(name) {
            let fix = "write the value itself, or route to receivers of their own";
            options.problem(key, "is a Go template, which is not run here", fix);
            return Vec::new();
        }
        if !targets.iter().any(|known| &*known.address == name) {
            targets.push(Target {
                address: name.into(),
                label: name.into(),
            });
        }
    }
    if targets.is_empty() {
        options.problem(key, "is missing", fix);
    }
    targets
}

/// People that one message calls; names of more would leave no room for what it tells.
const MOST_CALLED: usize = 40;
/// Longest name of somebody who is called.
const NAME: Length = Length::Chars(24);

/// Who is called on a platform: names, which are the ids where there is none, and ids as far as they look like one.
pub(crate) fn called(
    message: &Message,
    id: fn(&Mention) -> &str,
    valid: fn(char) -> bool,
) -> impl Iterator<Item = (String, &str)> {
    let people = message.mentions.people.iter();
    let known = people
        .map(move |person| (person, id(person)))
        .filter(move |(_, id)| !id.is_empty() && id.len() <= 255 && id.chars().all(valid));
    let named = known.map(|(person, id)| {
        let name = one_line(&person.name);
        let name = if name.is_empty() { id } else { &name };
        (cut(name, NAME).into_owned(), id)
    });
    named.take(MOST_CALLED)
}

/// What a provider knows an incident by: the hash of the group's key, and of the delivery's id where the message is of
/// no group.
pub(crate) fn incident(delivery: &Delivery<'_>) -> String {
    let thread = delivery.message.thread.as_str();
    let key = if thread.is_empty() {
        delivery.id
    } else {
        thread
    };
    sha256_hex(key.as_bytes())
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
        answering: Answering {
            deeds: message.answering.deeds.clone(),
            ..Answering::default()
        },
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
