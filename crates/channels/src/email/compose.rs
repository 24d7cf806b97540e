//! A message as a mail (RFC 5322, MIME).
//!
//! Everything is encoded down to ASCII, so that no server needs 8BITMIME or SMTPUTF8. The
//! Message-ID follows from the notification, so that receivers can drop a repeated try; all mails of one
//! group refer to the same root, so that readers show them as one thread.

use std::time::{Duration, SystemTime};

use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};

use super::enclosed::{Sorted, sort};
use super::letterhead::Letterhead;
use super::page;
use crate::channel::Delivery;
use crate::cut::cut;
use crate::error::{ErrorKind, SendError};
use crate::markup::{Dialect, one_line};
use crate::sign::sha256_hex;
use crate::spec::Length;

/// Bytes in an encoded word: 60 characters of base64 and 12 around them.
const WORD_BYTES: usize = 45;
/// Longest subject; readers show far less.
pub(super) const MOST_TITLE: Length = Length::Chars(200);

/// The subject: one line without hidden characters.
pub(super) fn title(message: &Message) -> String {
    let own = message
        .custom
        .as_ref()
        .and_then(|custom| custom.title.as_deref());
    cut(&one_line(own.unwrap_or(&message.title)), MOST_TITLE).into_owned()
}

/// The mail's bytes, ASCII throughout.
pub(super) fn mail(
    head: &Letterhead,
    delivery: &Delivery<'_>,
    attach: bool,
) -> Result<Vec<u8>, SendError> {
    let message = delivery.message;
    let subject = head.subject.clone().unwrap_or_else(|| title(message));
    let mut builder = lettre::Message::builder()
        .from(head.from.clone())
        .subject(subject);
    for to in &head.to {
        builder = builder.to(to.clone());
    }
    let seconds = u64::try_from(delivery.now.secs()).unwrap_or(0);
    builder = builder.date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    let domain = head.from.email.domain();
    builder = builder.message_id(Some(format!("<{}@{domain}>", delivery.id)));
    if !message.thread.is_empty() {
        let root = format!(
            "<ag.{}@{domain}>",
            &sha256_hex(message.thread.as_bytes())[..24]
        );
        builder = builder.in_reply_to(root.clone()).references(root);
    }
    let own = |(name, _): &(HeaderName, String)| name.to_string().eq_ignore_ascii_case("reply-to");
    let answers = &message.answering.mail;
    if !answers.is_empty() && !head.headers.iter().any(own) {
        let name = HeaderName::new_from_ascii_str("Reply-To");
        builder = builder.raw_header(HeaderValue::new(name, answers.clone()));
    }
    for (name, value) in own_headers(message) {
        builder = builder.raw_header(HeaderValue::new(name, value.to_owned()));
    }
    for (name, value) in &head.headers {
        builder = builder.raw_header(HeaderValue::new(name.clone(), value.clone()));
    }
    // The envelope is driven by hand; the builder wants one anyway.
    let unused = Envelope::new(None, vec![head.from.email.clone()]);
    let refused = |e: lettre::error::Error| {
        SendError::new(
            ErrorKind::Rejected,
            format!("the mail cannot be written: {e}"),
        )
    };
    builder = builder.envelope(unused.map_err(refused)?);
    let sorted = sort(message, attach);
    let text = texts(head, &sorted, delivery.id);
    let whole = if sorted.enclosed.is_empty() {
        text
    } else {
        with_attachments(text, &sorted, delivery.id)
    };
    Ok(builder.multipart(whole).map_err(refused)?.formatted())
}

/// Headers that keep other robots quiet and let filters see what this is.
fn own_headers(message: &Message) -> Vec<(HeaderName, &'static str)> {
    let status = match message.occasion {
        Occasion::Firing | Occasion::Digest => "firing",
        Occasion::Resolved => "resolved",
        Occasion::Direct => "direct",
        Occasion::Test => "test",
        Occasion::Meta => "meta",
    };
    let mut headers = vec![
        (
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated",
        ),
        (
            HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
            "All",
        ),
        (HeaderName::new_from_ascii_str("X-Alert-Status"), status),
        (
            HeaderName::new_from_ascii_str("X-Alert-Severity"),
            message.severity.as_str(),
        ),
    ];
    if message.severity == Severity::Critical && message.occasion == Occasion::Firing {
        headers.push((HeaderName::new_from_ascii_str("X-Priority"), "1"));
        headers.push((HeaderName::new_from_ascii_str("Importance"), "high"));
    }
    headers
}

fn texts(head: &Letterhead, sorted: &Sorted<'_>, id: &str) -> MultiPart {
    let message = &*sorted.words;
    let (own_page, own_text) = match &message.custom {
        None => (head.own.0.clone(), head.own.1.clone()),
        Some(_) => (None, None),
    };
    let plain = own_text.unwrap_or_else(|| page::plain(message));
    let alternative = MultiPart::alternative()
        .boundary(boundary("alt", id))
        .singlepart(SinglePart::plain(plain));
    if head.html {
        let page = own_page.unwrap_or_else(|| page::html(message));
        if sorted.pictures.is_empty() {
            return alternative.singlepart(SinglePart::html(page));
        }
        alternative.multipart(with_pictures(page, sorted, id))
    } else {
        alternative
    }
}

/// The page with its pictures beside it: each stands where its address stood.
fn with_pictures(mut page: String, sorted: &Sorted<'_>, id: &str) -> MultiPart {
    let names = (1..).map(|number| format!("p{number}.{id}@balefire"));
    let pictures: Vec<_> = names.zip(&sorted.pictures).collect();
    for (name, (url, ..)) in &pictures {
        let address = Dialect::Html.address(url);
        page = page.replace(
            &format!("<img src=\"{address}\""),
            &format!("<img src=\"cid:{name}\""),
        );
    }
    let mut related = MultiPart::related()
        .boundary(boundary("rel", id))
        .singlepart(SinglePart::html(page));
    for (name, (_, attachment, bytes)) in pictures {
        let body = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64);
        let body = body.unwrap_or_else(Body::new);
        let media_type = named_type(&attachment.media_type, &attachment.name);
        related = related
            .singlepart(lettre::message::Attachment::new_inline(name).body(body, media_type));
    }
    related
}

/// A boundary that no part can hold: quoted-printable and base64 never write `=_`.
fn boundary(part: &str, id: &str) -> String {
    format!("=_{part}_{}", &sha256_hex(id.as_bytes())[..24])
}

fn with_attachments(text: MultiPart, sorted: &Sorted<'_>, id: &str) -> MultiPart {
    let mut mixed = MultiPart::mixed()
        .boundary(boundary("mix", id))
        .multipart(text);
    for (attachment, bytes) in &sorted.enclosed {
        let name = file_name(&attachment.name);
        let media_type = named_type(&attachment.media_type, &name);
        // As base64 even where they are text: its line ends are the file's, and a bare one breaks a mail.
        let body = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64);
        let body = body.unwrap_or_else(Body::new);
        mixed = mixed.singlepart(lettre::message::Attachment::new(name).body(body, media_type));
    }
    mixed
}

/// The media type with the file's name. `filename` carries it in full (RFC 2231); QQ's and Foxmail's readers
/// look for `name` in encoded words instead.
fn named_type(media_type: &str, name: &str) -> ContentType {
    let plain = ContentType::parse(media_type)
        .or_else(|_| ContentType::parse("application/octet-stream"))
        .unwrap_or(ContentType::TEXT_PLAIN);
    let named = format!("{media_type}; name=\"{}\"", encoded_words(name));
    ContentType::parse(&named).unwrap_or(plain)
}

/// RFC 2047: ASCII as it is, else words of at most 75 characters, none of which splits a character.
fn encoded_words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(WORD_BYTES));
        words.push(format!("=?utf-8?b?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words.join(" ")
}

/// The name without path, quotes and hidden characters.
fn file_name(name: &str) -> String {
    let name = one_line(name);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !matches!(c, '"' | ';' | ':'))
        .collect();
    let plain = cut(plain.trim_matches('.'), Length::Chars(100)).into_owned();
    if plain.is_empty() {
        "attachment".to_owned()
    } else {
        plain
    }
}
