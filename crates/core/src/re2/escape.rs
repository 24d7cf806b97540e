//! Characters: Go's escapes in, Rust's literals out.

use super::{Re2Error, wrong};

/// A code point that may be half of a surrogate pair, which Go's patterns may name.
pub(super) type Rune = u32;

/// Takes one escape such as `\n`, `\x{41}` or `\.` off the front of `text`, which starts with a
/// backslash.
pub(super) fn take<'a>(text: &'a str) -> Result<(Rune, &'a str), Re2Error> {
    let mut rest = text.get(1..).unwrap_or_default().chars();
    let Some(first) = rest.next() else {
        return Err(wrong("trailing backslash at end of expression", ""));
    };
    let after: &'a str = rest.as_str();
    let refused = |rest: &str| {
        let used = text.len() - rest.len();
        Err(wrong(
            "invalid escape sequence",
            text.get(..used).unwrap_or(text),
        ))
    };
    let control = match first {
        'a' => 0x07,
        'f' => 0x0c,
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        'v' => 0x0b,
        'x' => return hexadecimal(after).or_else(refused),
        '0' => return Ok(octal(0, after)),
        // A single digit would refer back to a group, which RE2 cannot.
        '1'..='7' if after.starts_with(|c| matches!(c, '0'..='7')) => {
            return Ok(octal(first as Rune - '0' as Rune, after));
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c as Rune,
        _ => return refused(after),
    };
    Ok((control, after))
}

/// Up to two more octal digits.
fn octal(mut rune: Rune, mut rest: &str) -> (Rune, &str) {
    for _ in 0..2 {
        let Some(digit) = rest.chars().next().and_then(|c| c.to_digit(8)) else {
            break;
        };
        rune = rune * 8 + digit;
        rest = rest.get(1..).unwrap_or_default();
    }
    (rune, rest)
}

/// Two hexadecimal digits, or any number of them in braces; the error is what is left over.
fn hexadecimal(text: &str) -> Result<(Rune, &str), &str> {
    let mut rest = text.chars();
    if let Some(inside) = text.strip_prefix('{') {
        rest = inside.chars();
        let mut rune = None;
        loop {
            match rest.next() {
                Some('}') => return rune.map(|rune| (rune, rest.as_str())).ok_or(rest.as_str()),
                Some(c) => {
                    let digit = c.to_digit(16).ok_or(rest.as_str())?;
                    let value = rune.unwrap_or(0) * 16 + digit;
                    if value > char::MAX as Rune {
                        return Err(rest.as_str());
                    }
                    rune = Some(value);
                }
                None => return Err(""),
            }
        }
    }
    let mut digit = || rest.next().and_then(|c| c.to_digit(16));
    match (digit(), digit()) {
        (Some(high), Some(low)) => Ok((high * 16 + low, rest.as_str())),
        _ => Err(rest.as_str()),
    }
}

/// Writes a character so that Rust reads it as itself, inside brackets or outside.
pub(super) fn write_literal(out: &mut String, c: char) {
    if regex_syntax::is_meta_character(c) {
        out.push('\\');
    }
    out.push(c);
}
