//! Mails: what appliances, cron jobs and older monitoring send (RFC 5322), over SMTP or posted as they are.
//!
//! The subject says whether something is on or over, see `subject`; a mail whose subject says neither is told
//! once. What is left of the subject without those words, together with the sender's address, is the alert's key,
//! so that a `RESOLVED` ends what its `PROBLEM` began. The text part is the description; of HTML the text is kept.
//! Balefire's own notifications are not taken, or one that is mailed to itself would go round for ever. SPF, DKIM
//! and DMARC are not looked at: who may send is decided by networks and the source's token.

mod answer;
mod patterns;
mod subject;

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use balefire_core::severity::Severity;
use mail_parser::{Message, MessageParser, MimeHeaders};

use self::patterns::Patterns;
use self::subject::Subject;
use crate::draft::Draft;
use crate::generic::State;
use crate::manners::Manners;
use crate::parsed::{Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};
use crate::text;

pub use self::answer::{Answer, answer};
pub use self::patterns::check;

/// Names of attachments that are kept.
const ATTACHMENTS: usize = 20;

/// How far a mail's own time may be ahead of ours before ours is taken, in seconds.
const AHEAD_SECS: i64 = 300;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "mail",
    title: ("E-mail", "电子邮件"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 16 << 20,
    fields: &[
        Field::optional(
            "firing",
            Kind::List(&Kind::Text),
            "Regular expressions (case does not count) of subjects that say something is on, besides the usual words.",
        ),
        Field::optional(
            "resolved",
            Kind::List(&Kind::Text),
            "Regular expressions of subjects that say it is over; they are looked for first.",
        ),
    ],
    setup: include_str!("../../setup/mail.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let patterns =
        Patterns::of(inbound.options).map_err(|problem| Refusal::malformed("options", problem))?;
    let message = MessageParser::default()
        .parse(inbound.body)
        .filter(|message| !message.headers().is_empty())
        .ok_or_else(|| Refusal::malformed("body", "this is no mail: it begins with no header"))?;
    let mut parsed = Parsed::default();
    if is_ours(&message) {
        parsed.note("a notification of Balefire's own was not taken: it would go round for ever");
        return Ok(parsed);
    }
    draft(inbound, &message, &patterns)?.finish(&mut parsed);
    Ok(parsed)
}

/// Whether Balefire sent it: its Message-IDs are `n_`, 16 hexadecimal digits and a domain.
fn is_ours(message: &Message<'_>) -> bool {
    let id = message.message_id().unwrap_or_default();
    let name = id.split_once('@').map(|(name, _)| name);
    let digits = name.and_then(|name| name.strip_prefix("n_"));
    digits.is_some_and(|it| it.len() == 16 && it.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn draft(
    inbound: &Inbound<'_>,
    message: &Message<'_>,
    patterns: &Patterns,
) -> Result<Draft<'static>, Refusal> {
    let words = words(message);
    let subject = message.subject().map(str::trim).unwrap_or_default();
    let subject = if subject.is_empty() {
        let mut lines = words.lines().map(str::trim);
        let line = lines.find(|line| !line.is_empty());
        line.ok_or_else(|| Refusal::malformed("body", "the mail has neither a subject nor a text"))?
    } else {
        subject
    };
    let read = subject::read(subject, patterns);
    let sender = sender(message);
    let mut draft = begin(&read, &sender);
    if let Some(severity) = read.severity.or_else(|| importance(message)) {
        draft.severity(severity);
    }
    draft.label("alertname", text::title(&read.title).into_owned());
    if !sender.is_empty() {
        draft.label("sender", sender);
    }
    draft.annotation("summary", read.title);
    if !words.trim().is_empty() {
        draft.annotation("description", words.trim().to_owned());
    }
    enclosed(message, &mut draft);
    at(inbound, message, &mut draft);
    Ok(draft)
}

/// The draft with what its subject says of its state.
fn begin(read: &Subject, sender: &str) -> Draft<'static> {
    let signal = match read.state {
        Some(State::Firing) => Signal::Firing,
        Some(State::Resolved) => Signal::Resolved,
        Some(State::Acknowledged) | None => Signal::Event,
    };
    let mut draft = Draft::new("", signal);
    if signal != Signal::Event {
        let key = format!("{sender}/{}", read.key);
        draft.dedup(crate::digest::long(&key));
    }
    draft
}

/// The text of a mail; of HTML its text.
fn words(message: &Message<'_>) -> String {
    let parts = (0..message.text_body_count()).filter_map(|part| message.body_text(part));
    let mut parts = parts.filter(|part| !part.trim().is_empty());
    parts
        .next()
        .map(|part| part.replace("\r\n", "\n").replace('\0', ""))
        .unwrap_or_default()
}

/// The address of the sender, in lower case; empty when there is none.
fn sender(message: &Message<'_>) -> String {
    let from = message.from().and_then(|from| from.first());
    let from = from.and_then(|from| from.address());
    from.unwrap_or_default().trim().to_lowercase()
}

/// `Importance: high` and `X-Priority: 1`, as mail programs and appliances set them.
fn importance(message: &Message<'_>) -> Option<Severity> {
    let header = |name: &'static str| message.header_raw(name).map(str::trim);
    let high = header("Importance").is_some_and(|it| it.eq_ignore_ascii_case("high"))
        || header("X-Priority").is_some_and(|it| it.starts_with('1'));
    high.then_some(Severity::Error)
}

/// The names of the files that came with it; the files themselves are not kept.
fn enclosed(message: &Message<'_>, draft: &mut Draft<'static>) {
    let names = message.attachments().map(|part| {
        let name = part.attachment_name().unwrap_or("without a name");
        Cow::Owned(name.to_owned())
    });
    let names: Vec<Cow<'static, str>> = names.take(ATTACHMENTS).collect();
    if !names.is_empty() {
        draft.note("the files that came with the mail were not kept, only their names");
        draft.annotation("attachments", names.join(", "));
    }
}

/// The mail's own time for its beginning or end; one that is ahead of ours is not believed.
fn at(inbound: &Inbound<'_>, message: &Message<'_>, draft: &mut Draft<'static>) {
    let Some(date) = message.date().filter(|date| date.is_valid()) else {
        return;
    };
    if date.to_timestamp() > inbound.now.secs() + AHEAD_SECS {
        draft.note("the mail's Date is ahead of our clock; the time of receipt is used");
        return;
    }
    draft.at(Some(&date.to_rfc3339()), "UTC");
}
