//! Messages that are not a group's: several at once, direct ones, tests, and Balefire's own alarms.

use balefire_core::message::{Answering, Block, Mention, Mentions, Message, Occasion};
use balefire_core::severity::Severity;

use super::Reader;
use crate::clean::{one_line, running_text};
use crate::i18n;

/// Longest title and text of a direct message, in characters; channels cut further.
pub(super) const TITLE: usize = 200;
const TEXT: usize = 20_000;
/// How many messages a digest tells; the others are counted.
const DIGESTED: usize = 20;
/// Longest excerpt of each.
const EXCERPT: usize = 300;

/// A message without group and mentions.
pub(super) fn notice(
    occasion: Occasion,
    severity: Severity,
    title: String,
    body: Vec<Block>,
    reader: &Reader,
) -> Message {
    Message {
        occasion,
        severity,
        title,
        body,
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: reader.locale,
        zone: reader.zone.clone(),
        link: None,
        thread: String::new(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

/// Several waiting messages as one, worst first: the provider's quota was short, or quiet hours are over.
///
/// Everyone whom one of them calls by name is called. A single message is told as it is.
pub fn compose_digest(messages: &[Message], reader: &Reader) -> Message {
    if let [only] = messages {
        return only.clone();
    }
    let severity = messages
        .iter()
        .map(|message| message.severity)
        .max()
        .unwrap_or(Severity::Info);
    let mut worst_first: Vec<&Message> = messages.iter().collect();
    worst_first.sort_by_key(|message| {
        (
            message.occasion == Occasion::Resolved,
            std::cmp::Reverse(message.severity),
        )
    });
    let mut body = vec![Block::Text(reader.word("digest-why"))];
    for message in worst_first.iter().take(DIGESTED) {
        body.push(Block::Heading(message.title.clone()));
        body.extend(excerpt(message).map(Block::Text));
        body.extend(message.link.clone().map(Block::Link));
    }
    if let Some(more) = messages
        .len()
        .checked_sub(DIGESTED)
        .filter(|more| *more > 0)
    {
        body.push(Block::Text(
            reader.text("digest-more", &[("count", more.into())]),
        ));
    }
    let title = reader.text("digest-title", &[("count", messages.len().into())]);
    let mut digest = notice(Occasion::Digest, severity, title, body, reader);
    digest.mentions = together(messages);
    digest
}

/// The first running text of a message.
fn excerpt(message: &Message) -> Option<String> {
    message.body.iter().find_map(|block| match block {
        Block::Text(text) => Some(running_text(text, EXCERPT)),
        Block::List(points) => points.first().map(|point| running_text(point, EXCERPT)),
        _ => None,
    })
}

fn together(messages: &[Message]) -> Mentions {
    let mut people: Vec<Mention> = Vec::new();
    for person in messages.iter().flat_map(|message| &message.mentions.people) {
        if !people.contains(person) {
            people.push(person.clone());
        }
    }
    Mentions {
        everyone: messages.iter().any(|message| message.mentions.everyone),
        people,
    }
}

/// A message sent by hand or by API. Without a title the text's first line stands for it.
pub fn compose_direct(title: &str, text: &str, severity: Severity, reader: &Reader) -> Message {
    let text = running_text(text, TEXT);
    let line = [title, text.lines().next().unwrap_or_default()]
        .into_iter()
        .map(|words| one_line(words, TITLE))
        .find(|words| !words.is_empty())
        .unwrap_or_else(|| reader.word("direct-title"));
    let body = if text.is_empty() {
        Vec::new()
    } else {
        vec![Block::Text(text)]
    };
    notice(Occasion::Direct, severity, line, body, reader)
}

/// The code that shows that somebody is reached: as it is said, and as templates have it.
pub fn compose_code(said: &str, code: &str, reader: &Reader) -> Message {
    let title = reader.text("code-title", &[("code", said.into())]);
    let body = vec![Block::Text(reader.word("code-text"))];
    let mut message = notice(Occasion::Direct, Severity::Info, title, body, reader);
    code.clone_into(&mut message.answering.code);
    message
}

/// The call whose answer shows that calls reach somebody.
pub fn compose_verifying_call(reader: &Reader) -> Message {
    let title = reader.word("verifying-call-title");
    let body = vec![Block::Text(reader.word("verifying-call-text"))];
    notice(Occasion::Direct, Severity::Info, title, body, reader)
}

/// The message that shows that an account works.
pub fn compose_test(account: &str, reader: &Reader) -> Message {
    let account = one_line(account, 100);
    let body = vec![Block::Text(
        reader.text("test-text", &[("account", account.into())]),
    )];
    notice(
        Occasion::Test,
        Severity::Info,
        reader.word("test-title"),
        body,
        reader,
    )
}

/// Balefire speaks of itself. `trouble` is the kind (`dead_letter`, `template`, `clock`, `disk_full`,
/// `store`, `configuration`, `reminder`, `certificate`; anything else reads as a general alarm), `subject` what it
/// is about, `text` what happened and what to do.
pub fn compose_meta(
    trouble: &str,
    subject: &str,
    text: &str,
    severity: Severity,
    reader: &Reader,
) -> Message {
    let what = i18n::lookup(reader.locale, &format!("meta-{trouble}"), &[])
        .filter(|_| !matches!(trouble, "tag" | "subject"))
        .unwrap_or_else(|| reader.word("meta-other"));
    let subject = one_line(subject, TITLE);
    let tag = reader.text("title-tag", &[("words", reader.word("meta-tag").into())]);
    let mut title = format!("{tag} {what}");
    let mut body = Vec::new();
    let text = running_text(text, TEXT);
    if !text.is_empty() {
        body.push(Block::Text(text));
    }
    let facts = vec![(reader.word("fact-severity"), reader.severity(severity))];
    let about = (!subject.is_empty()).then(|| (reader.word("meta-subject"), subject.clone()));
    body.push(Block::Facts(about.into_iter().chain(facts).collect()));
    if !subject.is_empty() {
        title.push_str(" · ");
        title.push_str(&subject);
    }
    notice(
        Occasion::Meta,
        severity,
        one_line(&title, TITLE),
        body,
        reader,
    )
}
