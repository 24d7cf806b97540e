//! A mail as the server took it, with enough of MIME to read it.

use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// Deepest nesting of parts that is looked into.
const MAX_DEPTH: usize = 8;
/// Octets of a header line that RFC 5322 2.1.1 asks to stay under.
const SOFT_LINE: usize = 78;

/// What a connection came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionLog {
    /// The commands in order; of AUTH only the mechanism.
    pub commands: Vec<String>,
    /// Whether TLS was on at the end.
    pub secured: bool,
    /// The error that ended it, if one did.
    pub trouble: Option<String>,
}

/// One message that the server took.
#[derive(Clone, Debug)]
pub struct Mail {
    /// When the final dot had been read, on the server's clock.
    pub at: Time,
    /// Whether it came over TLS.
    pub secured: bool,
    /// The name after EHLO or HELO.
    pub hello: String,
    /// The authenticated user.
    pub user: Option<String>,
    /// The envelope's sender; empty for `<>`.
    pub from: String,
    /// Parameters of MAIL FROM, keywords in upper case.
    pub parameters: Vec<(String, String)>,
    /// The recipients that were accepted, in order.
    pub to: Vec<String>,
    /// The recipients that were refused, with the code.
    pub refused: Vec<(String, u16)>,
    /// Header and body with CRLF, dots unstuffed.
    pub raw: Bytes,
    /// What a server lets pass and a mail should not have: missing or doubled headers, raw 8-bit
    /// text in a header.
    pub notes: Vec<String>,
}

impl Mail {
    /// The first header of this name, unfolded, as it was sent.
    pub fn header(&self, name: &str) -> Option<String> {
        find(split(&self.raw).0, name)
    }

    /// The subject with its encoded words read (RFC 2047).
    pub fn subject(&self) -> String {
        decoded_words(&self.header("subject").unwrap_or_default())
    }

    /// The text of the first part of this type (`text/plain`, `text/html` …), decoded.
    pub fn text(&self, media_type: &str) -> Option<String> {
        let bytes = self.bytes(media_type)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The bytes of the first part of this type, decoded.
    pub fn bytes(&self, media_type: &str) -> Option<Vec<u8>> {
        let mut found = None;
        walk(&self.raw, 0, &mut |kind, bytes| {
            if found.is_none() && kind.eq_ignore_ascii_case(media_type) {
                found = Some(bytes);
            }
        });
        found
    }

    /// The types of all parts that are not multipart, in order.
    pub fn parts(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        walk(&self.raw, 0, &mut |kind, _| {
            kinds.push(kind.to_ascii_lowercase());
        });
        kinds
    }
}

/// What is missing or odd about a message's header.
pub(super) fn notes(raw: &[u8]) -> Vec<String> {
    let (head, _) = split(raw);
    let mut notes = Vec::new();
    let count = |wanted: &str| {
        lines(head)
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .count()
    };
    for name in [
        "Date",
        "From",
        "To",
        "Message-ID",
        "Subject",
        "MIME-Version",
        "Content-Type",
    ] {
        match count(name) {
            0 => notes.push(format!("{name} is missing")),
            1 => {}
            _ => notes.push(format!("{name} is there more than once")),
        }
    }
    if !head.is_ascii() {
        notes.push("the header has raw 8-bit text".into());
    }
    let long = head
        .split(|&byte| byte == b'\n')
        .map(|line| line.trim_ascii_end().len());
    if let Some(longest) = long.max().filter(|&longest| longest > SOFT_LINE) {
        notes.push(format!(
            "a header line has {longest} octets; {SOFT_LINE} are asked for"
        ));
    }
    notes
}

/// Header and body; the empty line belongs to neither.
fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    match raw.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&raw[..at + 2], &raw[at + 4..]),
        None => (raw, &[]),
    }
}

/// The headers as name and unfolded value.
fn lines(head: &[u8]) -> impl Iterator<Item = (String, String)> {
    let text = String::from_utf8_lossy(head)
        .replace("\r\n ", " ")
        .replace("\r\n\t", "\t");
    let lines: Vec<(String, String)> = text
        .split("\r\n")
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        })
        .collect();
    lines.into_iter()
}

fn find(head: &[u8], wanted: &str) -> Option<String> {
    lines(head)
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value)
}

/// Calls `seen` with type and decoded bytes of every part that is not multipart.
fn walk(entity: &[u8], depth: usize, seen: &mut dyn FnMut(&str, Vec<u8>)) {
    let (head, body) = split(entity);
    let content_type = find(head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    let kind = content_type.split(';').next().unwrap_or("").trim();
    if !kind.to_ascii_lowercase().starts_with("multipart/") {
        let encoding = find(head, "content-transfer-encoding").unwrap_or_default();
        seen(kind, decoded(body, &encoding.to_ascii_lowercase()));
        return;
    }
    let boundary = content_type
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))
        .map(|value| value.trim_matches('"').to_owned());
    let Some(boundary) = boundary.filter(|_| depth < MAX_DEPTH) else {
        return;
    };
    let fence = format!("\r\n--{boundary}");
    // The first boundary may stand at the very start of the body.
    let whole = [b"\r\n", body].concat();
    for part in pieces(&whole, fence.as_bytes()).skip(1) {
        if part.starts_with(b"--") {
            return;
        }
        walk(part.strip_prefix(b"\r\n").unwrap_or(part), depth + 1, seen);
    }
}

fn pieces<'a>(bytes: &'a [u8], fence: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        match bytes
            .windows(fence.len())
            .position(|window| window == fence)
        {
            Some(at) => {
                rest = Some(&bytes[at + fence.len()..]);
                Some(&bytes[..at])
            }
            None => rest.take(),
        }
    })
}

fn decoded(body: &[u8], encoding: &str) -> Vec<u8> {
    match encoding {
        "base64" => {
            let packed: Vec<u8> = body
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            STANDARD.decode(packed).unwrap_or_default()
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    }
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'=' {
            bytes.push(first);
            rest = tail;
        } else if let Some(next) = tail.strip_prefix(b"\r\n") {
            rest = next;
        } else {
            let pair = tail
                .get(..2)
                .and_then(|pair| std::str::from_utf8(pair).ok());
            let Some(byte) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) else {
                return bytes;
            };
            bytes.push(byte);
            rest = &tail[2..];
        }
    }
    bytes
}

/// Reads `=?utf-8?b?…?=` and `=?utf-8?q?…?=`; white space between two of them goes.
fn decoded_words(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let gap = &rest[..start];
        let Some((bytes, tail)) = encoded_word(&rest[start..]) else {
            break;
        };
        if !(after_word && gap.trim().is_empty()) {
            result.push_str(gap);
        }
        result.push_str(&String::from_utf8_lossy(&bytes));
        rest = tail;
        after_word = true;
    }
    result.push_str(rest);
    result
}

fn encoded_word(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (word, tail) = rest.split_once("?=")?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let bytes = match encoding {
        "b" | "B" => STANDARD.decode(word).ok()?,
        "q" | "Q" => quoted_printable(word.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((bytes, tail))
}
