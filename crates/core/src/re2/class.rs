//! Sets of characters: brackets, `\d` and its kin, `\pL`.

use super::escape::{self, Rune};
use super::{Re2Error, wrong};

/// A set that matches nothing.
pub(super) const NOTHING: &str = "[a&&b]";

const BAD_RANGE: &str = "invalid character class range";

/// Takes `\d`, `\D`, `\s`, `\S`, `\w` or `\W` off the front; the sets are ASCII.
pub(super) fn take_perl(text: &str) -> Option<(&'static str, &str)> {
    let set = match text.as_bytes().get(..2)? {
        br"\d" => "[0-9]",
        br"\D" => "[^0-9]",
        br"\s" => r"[\t\n\f\r ]",
        br"\S" => r"[^\t\n\f\r ]",
        br"\w" => "[0-9A-Za-z_]",
        br"\W" => "[^0-9A-Za-z_]",
        _ => return None,
    };
    Some((set, text.get(2..)?))
}

/// Takes `\pL`, `\p{Greek}`, `\P{…}` or `\p{^…}` off the front.
pub(super) fn take_unicode(text: &str) -> Result<Option<(String, &str)>, Re2Error> {
    let (outside, named) = match text.as_bytes().get(..2) {
        Some(br"\p") => (false, &text[2..]),
        Some(br"\P") => (true, &text[2..]),
        _ => return Ok(None),
    };
    let (name, rest) = if let Some(inside) = named.strip_prefix('{') {
        inside
            .split_once('}')
            .ok_or_else(|| wrong(BAD_RANGE, text))?
    } else {
        let one = named.chars().next().ok_or_else(|| wrong(BAD_RANGE, text))?;
        named.split_at(one.len_utf8())
    };
    let spelled = || wrong(BAD_RANGE, &text[..text.len() - rest.len()]);
    let (outside, name) = match name.strip_prefix('^') {
        Some(name) => (!outside, name),
        None => (outside, name),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(word) {
        return Err(spelled());
    }
    let set = match (name, outside) {
        ("Any", false) | ("Cs", true) => r"[\s\S]".to_owned(),
        // Text holds no lone surrogates.
        ("Any", true) | ("Cs", false) => NOTHING.to_owned(),
        (name, outside) => {
            let letter = if outside { 'P' } else { 'p' };
            ["gc", "sc"]
                .map(|property| format!(r"\{letter}{{{property}={name}}}"))
                .into_iter()
                .find(|set| regex_syntax::parse(set).is_ok())
                .ok_or_else(spelled)?
        }
    };
    Ok(Some((set, rest)))
}

/// Takes a set in brackets off the front of `text`, which starts with one.
pub(super) fn take_brackets(text: &str) -> Result<(String, &str), Re2Error> {
    let inside = &text[1..];
    let (negated, mut rest) = match inside.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let mut members = String::new();
    let mut first = true;
    // A bracket that comes first is a member.
    while first || !rest.starts_with(']') {
        first = false;
        rest = take_member(rest, text, &mut members)?;
    }
    let set = match (members.is_empty(), negated) {
        // Only lone surrogates were named.
        (true, false) => NOTHING.to_owned(),
        (true, true) => r"[\s\S]".to_owned(),
        (false, false) => format!("[{members}]"),
        (false, true) => format!("[^{members}]"),
    };
    Ok((set, &rest[1..]))
}

/// Takes one member, a range or a named set, off the front, and writes it.
fn take_member<'a>(text: &'a str, whole: &str, members: &mut String) -> Result<&'a str, Re2Error> {
    if let Some((set, rest)) = take_posix(text)? {
        members.push_str(set);
        return Ok(rest);
    }
    if let Some((set, rest)) = take_unicode(text)? {
        members.push_str(&set);
        return Ok(rest);
    }
    if let Some((set, rest)) = take_perl(text) {
        members.push_str(set);
        return Ok(rest);
    }
    let (low, rest) = take_rune(text, whole)?;
    let range = rest
        .strip_prefix('-')
        .filter(|rest| !rest.is_empty() && !rest.starts_with(']'));
    let (high, rest) = match range {
        Some(rest) => take_rune(rest, whole)?,
        None => (low, rest),
    };
    if high < low {
        return Err(wrong(BAD_RANGE, &text[..text.len() - rest.len()]));
    }
    write_range(members, low, high);
    Ok(rest)
}

/// Takes a name such as `[:alpha:]` off the front.
fn take_posix(text: &str) -> Result<Option<(&str, &str)>, Re2Error> {
    let Some(end) = text.strip_prefix("[:").and_then(|inside| inside.find(":]")) else {
        return Ok(None);
    };
    let (set, rest) = text.split_at(end + 4);
    let name = set
        .trim_start_matches("[:")
        .trim_start_matches('^')
        .trim_end_matches(":]");
    let known = matches!(
        name,
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    ) && set.len() <= name.len() + 5;
    if known {
        Ok(Some((set, rest)))
    } else {
        Err(wrong(BAD_RANGE, set))
    }
}

fn take_rune<'a>(text: &'a str, whole: &str) -> Result<(Rune, &'a str), Re2Error> {
    let mut rest = text.chars();
    match rest.next() {
        None => Err(wrong("missing closing ]", whole)),
        Some('\\') => escape::take(text),
        Some(c) => Ok((c as Rune, rest.as_str())),
    }
}

/// Writes a range without the surrogates at its ends; nothing when it has only those.
fn write_range(members: &mut String, low: Rune, high: Rune) {
    let low = char::from_u32(low).unwrap_or('\u{e000}');
    let high = char::from_u32(high).unwrap_or('\u{d7ff}');
    if low > high {
        return;
    }
    escape::write_literal(members, low);
    if low < high {
        members.push('-');
        escape::write_literal(members, high);
    }
}
