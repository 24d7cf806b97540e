//! What registries say, and where in it the date is.

use super::super::{Seen, shown};
use super::date;

/// The words before a date of expiry, the surest first: where a registrar's date stands beside the registry's, the registry's
/// counts. In lower case, without the signs around them.
const EXPIRES: [&str; 24] = [
    // Most registries (ICANN's form).
    "registry expiry date",
    // .cn
    "expiration time",
    // .ru, .su, .рф
    "paid-till",
    // .jp
    "expires on",
    // .uk, .hk, .fr, .io
    "expiry date",
    // .kr, .sg, .mx, .cl, .id
    "expiration date",
    // .tw
    "record expires on",
    // .it
    "expire date",
    // .ir
    "expire-date",
    // .se, .nu, .fi, .br, .dk, .ua
    "expires",
    // .cz, .ee
    "expire",
    // .pl
    "renewal date",
    // .sk
    "valid until",
    // .il
    "validity",
    // .th
    "exp date",
    // .lt, .md
    "expires at",
    // .edu
    "domain expires",
    "domain expiration date",
    "expired",
    "expiration",
    // .hu, .kz
    "paid till",
    // .jp without /e
    "有効期限",
    "到期时间",
    "registrar registration expiration date",
];
/// The words before a registrar's name.
const REGISTRAR: [&str; 5] = [
    "registrar",
    "sponsoring registrar",
    "registrar name",
    "authorized agency",
    "registration service provider",
];
/// What is said of names that nobody has, in lower case.
const NOBODY: [&str; 13] = [
    "no match",
    "not found",
    "no entries found",
    "no data found",
    "no object found",
    "nothing found",
    "not registered",
    "no matching record",
    "does not exist",
    "no such domain",
    "is free",
    "is available",
    "status: available",
];

/// The server that IANA names for a top-level domain.
pub(super) fn referral(said: &str) -> Option<String> {
    let mut lines = said.lines().filter_map(pair);
    let (_, server) = lines.find(|(key, _)| key == "whois")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let is_host = server.contains('.') && server.len() <= 253 && server.bytes().all(plain);
    is_host.then(|| server.to_ascii_lowercase())
}

/// When the domain expires and with whom it is registered; or why that cannot be told.
pub(super) fn read(said: &str, domain: &str, top: &str) -> Result<Seen, String> {
    let pairs: Vec<(String, &str)> = said.lines().filter_map(pair).collect();
    let found = EXPIRES.iter().find_map(|word| {
        let mut own = pairs.iter().filter(|(key, _)| key == word);
        own.find_map(|(_, value)| date::read(value, top))
    });
    let found = found.or_else(|| connected(&pairs, top));
    let Some(expires_at) = found else {
        return Err(nothing(said, domain, &pairs));
    };
    Ok(Seen {
        detail: shown(&registrar(said, &pairs).unwrap_or_default()),
        ..Seen::at(expires_at)
    })
}

/// The words before a value, in lower case and without signs, and the value; `None` for a line of another form.
fn pair(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    let (key, value) = if let Some(rest) = line.strip_prefix('[') {
        // .jp: `[Expires on]                    2027/03/31`, and `a. [Domain Name]` before it.
        rest.split_once(']')?
    } else if let Some(value) = line.strip_prefix("Record expires on ") {
        ("record expires on", value)
    } else {
        line.split_once(':')?
    };
    let signs = |c: char| c.is_whitespace() || matches!(c, '.' | '*' | '%' | '-' | '[' | ']');
    let key = key.trim_matches(signs).to_lowercase();
    let value = value.trim_start_matches([':', ' ', '\t']).trim();
    (!key.is_empty()).then_some((key, value))
}

/// `.jp`'s names of organisations say it with their state: `[State]  Connected (2027/03/31)`.
fn connected(pairs: &[(String, &str)], top: &str) -> Option<balefire_core::time::Time> {
    let is_state = |key: &str| matches!(key, "state" | "status" | "状態");
    let mut states = pairs.iter().filter(|(key, _)| top == "jp" && is_state(key));
    states.find_map(|(_, value)| {
        let (_, rest) = value.split_once('(')?;
        date::read(rest.split_once(')')?.0, top)
    })
}

/// The registrar's name, in the same line or the next one (.uk).
fn registrar(said: &str, pairs: &[(String, &str)]) -> Option<String> {
    let named = REGISTRAR.iter().find_map(|word| {
        let mut own = pairs.iter().filter(|(key, _)| key == word);
        own.find(|(_, value)| !value.is_empty())
    });
    if let Some((_, value)) = named {
        return Some((*value).to_owned());
    }
    let mut lines = said.lines().map(str::trim);
    lines.find(|line| line.eq_ignore_ascii_case("registrar:"))?;
    let name = lines.find(|line| !line.is_empty())?;
    Some(name.to_owned())
}

/// Why there is no date: nobody has the name, it is there without one, or the server says something else.
fn nothing(said: &str, domain: &str, pairs: &[(String, &str)]) -> String {
    let text: String = said.chars().take(4_000).collect();
    let low = text.to_lowercase();
    if NOBODY.iter().any(|word| low.contains(word)) {
        return format!("nobody has registered {domain}");
    }
    let unread = pairs
        .iter()
        .find(|(key, value)| EXPIRES.contains(&key.as_str()) && !value.is_empty());
    if let Some((key, value)) = unread {
        return format!("its date cannot be read: {key}: {:?}", shown(value));
    }
    let is_note = |line: &&str| !line.is_empty() && !line.starts_with(['%', '#', '>']);
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(is_note).or_else(|| {
        let mut lines = text.lines().map(str::trim);
        lines.find(|line| !line.is_empty())
    });
    match first {
        None => "it said nothing".to_owned(),
        Some(line) => format!(
            "it says no date on which {domain} expires, but {:?}; write its date (kind: date)",
            shown(line)
        ),
    }
}
