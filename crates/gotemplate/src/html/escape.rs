//! Escaping for one kind of place each.

use std::fmt::Write as _;

use super::attribute::Attribute;
use super::context::{Context, Place};

/// For text and quoted attributes; what was declared to be HTML keeps its entities.
pub(super) fn html(text: &str, keeps_entities: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '&' if !keeps_entities => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            '+' => out.push_str("&#43;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

/// For an attribute's value without quotes.
pub(super) fn unquoted(text: &str, is_html: bool) -> String {
    let stripped = if is_html {
        without_tags(text)
    } else {
        text.to_owned()
    };
    let mut out = String::with_capacity(stripped.len());
    for c in stripped.chars() {
        match c {
            '\0' => out.push_str("&#xfffd;"),
            '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '"' | '\'' | '+' | '=' | '`' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", c as u32);
            }
            '&' if !is_html => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{ffff}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#x{:x};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// For an attribute's name: a harmless one, else Go's word for one that is not.
pub(super) fn name(text: &str) -> String {
    let name = text.to_lowercase();
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if plain && Attribute::is_harmless(&name) {
        name
    } else {
        "ZgotmplZ".to_owned()
    }
}

/// An address that leads nowhere unexpected, else Go's word for one that does.
pub(super) fn safe_url(text: String) -> String {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_safe = scheme.is_none_or(|scheme| {
        let known = ["http", "https", "mailto"];
        scheme.contains('/') || known.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    });
    if is_safe {
        text
    } else {
        "#ZgotmplZ".to_owned()
    }
}

/// An address, or one value in it.
pub(super) fn url(text: &str, is_whole: bool) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut out = String::with_capacity(text.len());
    for (at, byte) in bytes.iter().enumerate() {
        let kept = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => true,
            b'%' => is_whole && hex(at + 1) && hex(at + 2),
            byte => is_whole && b"!#$&*+,/:;=?@[]".contains(byte),
        };
        if kept {
            out.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// The text of a piece of HTML.
pub(super) fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let (mut context, mut rest, mut all_text) = (Context::default(), html, true);
    while !rest.is_empty() {
        let Ok((after, length)) = context.after(rest) else {
            break;
        };
        if length == 0 && after == context {
            break;
        }
        let (piece, left) = rest.split_at(length);
        if matches!(context.place, Place::Text | Place::Rcdata) {
            let end = if after.place == context.place {
                piece.len()
            } else {
                piece.rfind('<').unwrap_or(piece.len())
            };
            out.push_str(&piece[..end]);
        } else {
            all_text = false;
        }
        (context, rest) = (after, left);
    }
    if all_text && context.place == Place::Text {
        html.to_owned()
    } else {
        out
    }
}
