//! A mail that somebody writes back to one of Balefire's: from whom, in which words, and whether a person wrote it.
//!
//! A robot must never acknowledge, since nobody is called after that. Whatever says of itself, by any of the usual
//! signs, that it is automatic counts as such (RFC 3834; RFC 3464 for bounces; what Exchange and others send besides).

use mail_parser::{Address, Message, MessageParser, MimeHeaders};

/// Longest words that are kept, in characters.
const WORDS: usize = 200;
/// Headers that only robots write.
const ROBOTS: [&str; 8] = [
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Response-Suppress",
    "X-Failed-Recipients",
    "List-Id",
    "List-Unsubscribe",
    "Feedback-ID",
];
/// What `Precedence` says of what no person wrote to one.
const PRECEDENCES: [&str; 4] = ["bulk", "junk", "list", "auto_reply"];
/// Names of mailboxes that nobody reads.
const MAILBOXES: [&str; 5] = [
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "bounce",
];
/// What subjects of automatic answers begin with, where they say it nowhere else.
const SUBJECTS: [&str; 12] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto:",
    "out of office",
    "undeliverable",
    "undelivered mail",
    "delivery status notification",
    "自动回复",
    "自动答复",
    "外出",
];

/// A mail that was written back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address it says it comes from; empty when it names none, or several.
    pub from: String,
    /// The first line that is not quoted.
    pub words: String,
    /// What shows that no person wrote it.
    pub automatic: Option<&'static str>,
}

/// Reads a mail that was written back; `None` when it is no mail.
pub fn answer(mail: &[u8]) -> Option<Answer> {
    let message = MessageParser::default()
        .parse(mail)
        .filter(|message| !message.headers().is_empty())?;
    let from = only(message.from());
    let automatic = automatic(&message, &from);
    let words = message.body_text(0).map(|text| first_line(&text));
    Some(Answer {
        from,
        words: words.unwrap_or_default(),
        automatic,
    })
}

/// The only address.
fn only(from: Option<&Address<'_>>) -> String {
    let mut all = from.into_iter().flat_map(Address::iter);
    let first = all.next().and_then(|one| one.address());
    let first = first.filter(|_| all.next().is_none());
    first.unwrap_or_default().trim().to_ascii_lowercase()
}

fn automatic(message: &Message<'_>, from: &str) -> Option<&'static str> {
    let text = |name: &str| {
        let raw = message.header_raw(name)?;
        Some(raw.trim().to_ascii_lowercase())
    };
    if text("Auto-Submitted").is_some_and(|said| !said.starts_with("no")) {
        return Some("it says that it was sent automatically (Auto-Submitted)");
    }
    if ROBOTS
        .iter()
        .any(|name| message.header_raw(*name).is_some())
    {
        return Some("it has a header that only robots and lists write");
    }
    if text("Precedence").is_some_and(|said| PRECEDENCES.contains(&said.as_str())) {
        return Some("its Precedence is not a person's");
    }
    let is_report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind
                .subtype()
                .is_some_and(|sub| sub.eq_ignore_ascii_case("report"))
    });
    if is_report {
        return Some("it is a report of a mail server");
    }
    let mailbox = from.split('@').next().unwrap_or_default();
    if MAILBOXES.iter().any(|name| mailbox.starts_with(name)) {
        return Some("nobody reads the mailbox it comes from");
    }
    let subject = message.subject().unwrap_or_default().trim().to_lowercase();
    let says = SUBJECTS.iter().any(|start| subject.starts_with(start));
    says.then_some("its subject is an automatic answer's")
}

/// The first line of one's own.
fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let own = lines.find(|line| !line.is_empty() && !line.starts_with('>'));
    let visible = own.unwrap_or_default().chars().filter(|c| !c.is_control());
    visible.take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &str, text: &str) -> Answer {
        let mail = format!("From: Ada <Ada@Example.com>\r\n{headers}\r\n\r\n{text}\r\n");
        answer(mail.as_bytes()).expect("a mail")
    }

    #[test]
    fn a_person_answers_in_their_own_words() {
        let said = read(
            "Subject: Re: [Page] db",
            "\r\n> quoted\r\nOn my way\r\nmore",
        );
        let expected = Answer {
            from: "ada@example.com".to_owned(),
            words: "On my way".to_owned(),
            automatic: None,
        };
        assert_eq!(said, expected);
        assert_eq!(read("Auto-Submitted: no", "x").automatic, None);
        assert_eq!(read("Precedence: normal", "").words, "");
        let two = b"From: a@b.c, d@e.f\r\n\r\nx";
        assert_eq!(answer(two).expect("a mail").from, "");
        assert_eq!(answer(b""), None);
    }

    #[test]
    fn whatever_says_that_it_is_automatic_is_so() {
        for headers in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated (vacation)",
            "auto-submitted: AUTO-NOTIFIED",
            "X-Autoreply: yes",
            "X-Auto-Response-Suppress: All",
            "X-Failed-Recipients: x@y.z",
            "List-Id: <ops.example.com>",
            "Precedence: Bulk",
            "Precedence: auto_reply",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
            "Subject: Automatic reply: db is down",
            "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77yaZGI=?=",
            "Subject: Out of Office Re: db",
        ] {
            let said = read(headers, "I am away");
            assert!(said.automatic.is_some(), "{headers}");
        }
        for from in [
            "MAILER-DAEMON@example.com",
            "Postmaster@x.y",
            "no-reply@x.y",
        ] {
            let mail = format!("From: {from}\r\nSubject: x\r\n\r\ny");
            assert!(
                answer(mail.as_bytes()).expect("a mail").automatic.is_some(),
                "{from}"
            );
        }
    }
}
