//! `html`, `js`, `urlquery`.

use std::fmt::Write as _;

use std::borrow::Cow;

use super::Given;
use crate::value::Value;
use crate::value::format;
use crate::value::function::Call;

/// The values as one text, escaped.
pub(super) fn escaped(call: &Call<'_>, values: &[Value], by: fn(&str) -> String) -> Given<'static> {
    let text: Cow<'_, str> = match values {
        [Value::Text(text) | Value::Safe(_, text)] => Cow::Borrowed(text),
        [Value::Nil] => Cow::Borrowed("<no value>"),
        values => Cow::Owned(format::sprint(values, call.budget)?),
    };
    // Escapes are at most six times as long.
    call.budget.make(text.len() * 2)?;
    call.text(by(&text))
}

pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

pub(super) fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if c.is_control() || (c.is_whitespace() && c != ' ') => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// As Go's `url.QueryEscape`.
pub(crate) fn urlquery(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
