//! Who writes to whom, and the operator's own headers.

use lettre::Address;
use lettre::message::Mailbox;
use lettre::message::header::HeaderName;
use serde_json::Value;

use super::address;
use crate::markup::one_line;
use crate::options::Options;

/// Who writes to whom, from the configuration.
#[derive(Clone, Debug)]
pub(super) struct Letterhead {
    /// The sender.
    pub(super) from: Mailbox,
    /// Who stands in To.
    pub(super) to: Vec<Mailbox>,
    /// The operator's own headers, checked.
    pub(super) headers: Vec<(HeaderName, String)>,
    /// A fixed subject instead of the message's title.
    pub(super) subject: Option<String>,
    /// Whether an HTML part goes with the plain one.
    pub(super) html: bool,
    /// The entry's own HTML and plain part, rendered for this message.
    pub(super) own: (Option<String>, Option<String>),
}

/// The recipients, and what the mail says of sender and recipients.
pub(super) fn letterhead(options: &mut Options<'_>) -> Option<(Vec<Address>, Letterhead)> {
    let mut to = Vec::new();
    for text in options.texts("to") {
        match address::mailboxes(text) {
            Ok(list) => to.extend(list),
            Err(e) => options.problem(
                "to",
                e.to_string(),
                "write addresses such as ops@example.com",
            ),
        }
    }
    if options.texts("to").is_empty() {
        options.problem(
            "to",
            "names nobody",
            "write addresses such as ops@example.com",
        );
    }
    let from = ["from", "user", "auth_username"]
        .iter()
        .find_map(|key| options.text(key));
    let from = match from {
        None => {
            options.problem(
                "from",
                "is missing",
                "name the sender, as a rule the address that logs in",
            );
            None
        }
        Some(text) => match address::mailbox(text) {
            Ok(from) => Some(from),
            Err(e) => {
                options.problem("from", e.to_string(), "write an address, or Name <address>");
                None
            }
        },
    };
    let recipients = to.iter().map(|mailbox| mailbox.email.clone()).collect();
    let mut head = Letterhead {
        from: from?,
        to,
        headers: Vec::new(),
        subject: None,
        html: options.value("html").and_then(Value::as_str) != Some(""),
        own: (None, None),
    };
    if options.is_rendered() {
        let own = |key: &str| options.text(key).map(ToOwned::to_owned);
        head.own = (own("html"), own("text"));
    }
    if let Some(Value::Object(headers)) = options.value("headers") {
        for (name, value) in headers {
            own_header(options, &mut head, name, value.as_str().unwrap_or_default());
        }
    }
    Some((recipients, head))
}

/// One of the operator's headers. From, To and Subject replace ours, as in Alertmanager; the envelope
/// stays. A Go template is rendered before it gets here; one that could not be is left out.
fn own_header(options: &mut Options<'_>, head: &mut Letterhead, name: &str, value: &str) {
    if value.contains("{{") {
        return;
    }
    let key = format!("headers.{name}");
    let mut mailboxes = || match address::mailboxes(value) {
        Ok(list) => list,
        Err(e) => {
            options.problem(&key, e.to_string(), "");
            Vec::new()
        }
    };
    match name.to_ascii_lowercase().as_str() {
        "subject" => head.subject = Some(one_line(value)),
        "to" => head.to = mailboxes(),
        "from" => {
            if let Some(from) = mailboxes().into_iter().next() {
                head.from = from;
            }
        }
        _ => match header_name(name) {
            Ok(header) => head.headers.push((header, one_line(value))),
            Err(problem) => options.problem(&key, problem, "remove it"),
        },
    }
}

/// Header names that are ours to write.
const OURS: [&str; 12] = [
    "from",
    "to",
    "bcc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "return-path",
];

/// An operator's header: its name if it may be set, else why not.
fn header_name(name: &str) -> Result<HeaderName, &'static str> {
    if OURS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err("is written by Balefire itself");
    }
    let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 76 || !name.chars().all(token) {
        return Err("is not the name of a header");
    }
    HeaderName::new_from_ascii(name.to_owned()).map_err(|_| "is not the name of a header")
}
