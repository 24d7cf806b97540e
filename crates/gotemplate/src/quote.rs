//! Go's string and character constants, and texts quoted as Go quotes them.

/// A text in double quotes, as `%q` prints it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        push_escaped(&mut out, c, '"');
    }
    out.push('"');
    out
}

/// A character in single quotes, as `%q` prints it.
pub(crate) fn quoted_char(c: char) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, c, '\'');
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    use std::fmt::Write;
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if is_printable(c) => out.push(c),
        // Writing to a String cannot fail.
        c if (c as u32) < 0x80 => drop(write!(out, "\\x{:02x}", c as u32)),
        c if (c as u32) < 0x1_0000 => drop(write!(out, "\\u{:04x}", c as u32)),
        c => drop(write!(out, "\\U{:08x}", c as u32)),
    }
}

/// Whether Go prints a character as it is; close to `unicode.IsPrint`.
fn is_printable(c: char) -> bool {
    c == ' ' || !(c.is_control() || c.is_whitespace() || is_unassigned(c))
}

const fn is_unassigned(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}')
}

/// A character as `%#U` prints it.
pub(crate) fn quoted_rune(c: char) -> String {
    let code = format!("U+{:04X}", c as u32);
    if is_printable(c) {
        format!("{code} '{c}'")
    } else {
        code
    }
}

/// The text of a constant in double quotes or backticks; `None` when it is no right one.
pub(crate) fn unquoted(constant: &str) -> Option<String> {
    if let Some(raw) = constant.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let inner = constant.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match escape(&mut chars, '"')? {
            Escaped::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Escaped::Byte(byte) => bytes.push(byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The character of a constant in single quotes.
pub(crate) fn unquoted_char(constant: &str) -> Option<char> {
    let inner = constant.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut chars = inner.chars();
    let c = match chars.next()? {
        '\\' => match escape(&mut chars, '\'')? {
            Escaped::Char(c) => c,
            Escaped::Byte(byte) => char::from(byte),
        },
        c => c,
    };
    chars.next().is_none().then_some(c)
}

enum Escaped {
    Char(char),
    Byte(u8),
}

fn escape(chars: &mut std::str::Chars<'_>, quote: char) -> Option<Escaped> {
    let c = chars.next()?;
    let mut code = |digits: usize, radix: u32, first: Option<char>| {
        let mut value = first.map_or(Some(0), |c| c.to_digit(radix))?;
        for _ in 0..digits {
            value = value.checked_mul(radix)? + chars.next()?.to_digit(radix)?;
        }
        Some(value)
    };
    let plain = match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        'x' => return Some(Escaped::Byte(u8::try_from(code(2, 16, None)?).ok()?)),
        'u' => char::from_u32(code(4, 16, None)?)?,
        'U' => char::from_u32(code(8, 16, None)?)?,
        '0'..='7' => return Some(Escaped::Byte(u8::try_from(code(2, 8, Some(c))?).ok()?)),
        c if c == quote => c,
        _ => return None,
    };
    Some(Escaped::Char(plain))
}
