//! The classic syntax of matchers, which came first and forgives much.
//!
//! A name is a Prometheus label name; a value may or may not be quoted, knows only the escapes
//! `\"`, `\n` and `\\`, and takes any other backslash as itself. Source: Alertmanager's `pkg/labels`.

use super::parse::{self, MatcherError, shown};
use super::{MatchOp, Matcher};

/// White space as Go's `\s` has it.
const SPACE: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

/// Reads a list with commas between; braces are optional and need not pair.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    let mut parts = split(text);
    // What is left after the last comma may be nothing.
    let last = parts.pop().unwrap_or_default().trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts.into_iter().map(matcher).collect()
}

/// The parts between the commas that are not inside quotes.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            ',' if !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            // A comma leaves a backslash before it in force, as in Alertmanager.
            ',' => {}
            '"' if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Reads one matcher; everything after the operator is its value.
pub(super) fn matcher(text: &str) -> Result<Matcher, MatcherError> {
    let refused = || MatcherError::Format(shown(text));
    let trimmed = text.trim_matches(SPACE);
    let name_start = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':');
    if !trimmed.starts_with(name_start) {
        return Err(refused());
    }
    let in_name = |c: char| name_start(c) || c.is_ascii_digit();
    let end = trimmed.find(|c| !in_name(c)).unwrap_or(trimmed.len());
    let (name, rest) = trimmed.split_at(end);
    let rest = rest.trim_start_matches(SPACE);
    let operators = [
        MatchOp::Regex,
        MatchOp::Equal,
        MatchOp::NotEqual,
        MatchOp::NotRegex,
    ];
    let (op, value) = operators
        .into_iter()
        .find_map(|op| rest.strip_prefix(op.as_str()).map(|value| (op, value)))
        .ok_or_else(refused)?;
    let value = value.trim_start_matches(SPACE);
    let value = unescape(value).ok_or_else(|| MatcherError::StrayQuote(shown(value)))?;
    parse::make(name, op, &value)
}

/// The value without its quotes and escapes; `None` when a quote is out of place.
fn unescape(raw: &str) -> Option<String> {
    let (quoted, inside) = match raw.strip_prefix('"') {
        Some(inside) => (true, inside.strip_suffix('"')?),
        None => (false, raw),
    };
    let mut value = String::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => return None,
            '\\' => match rest.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                // A backslash before the closing quote has escaped it.
                None if quoted => return None,
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    Some(value)
}
