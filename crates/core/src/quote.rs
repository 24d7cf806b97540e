//! Text in double quotes, as Go's `strconv.Quote` (`%q`) writes it.
//!
//! Route keys, group keys and matchers are compared and stored by their printed form, so the
//! printing must be Go's to the letter and not Rust's, which escapes other characters.

use std::fmt::{self, Write};

/// Displays a text in double quotes with Go's escapes.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\x07' => f.write_str("\\a")?,
                '\x08' => f.write_str("\\b")?,
                '\x0c' => f.write_str("\\f")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\x0b' => f.write_str("\\v")?,
                c if is_print(c) => f.write_char(c)?,
                c if (c as u32) < 0x80 => write!(f, "\\x{:02x}", c as u32)?,
                c if (c as u32) < 0x1_0000 => write!(f, "\\u{:04x}", c as u32)?,
                c => write!(f, "\\U{:08x}", c as u32)?,
            }
        }
        f.write_char('"')
    }
}

/// Whether Go prints the character as it is (`unicode.IsPrint`): letters, marks, numbers,
/// punctuation, symbols, and of the spaces only U+0020.
fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // `escape_debug` escapes exactly the characters that are not printable, plus the grapheme
    // extenders (marks), which Go prints.
    let mut escaped = c.escape_debug();
    (escaped.next() == Some(c) && escaped.next().is_none()) || is_mark(c)
}

/// Whether the character is a mark: `escape_debug` escapes these, Go does not.
fn is_mark(c: char) -> bool {
    use std::sync::LazyLock;
    static MARK: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r"^\p{M}$").ok());
    let mut bytes = [0; 4];
    MARK.as_ref()
        .is_some_and(|mark| mark.is_match(c.encode_utf8(&mut bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_go_quotes_it() {
        for (text, expected) in [
            ("", r#""""#),
            ("abc 警告 é", r#""abc 警告 é""#),
            ("\"\\'", r#""\"\\'""#),
            ("\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#),
            ("\x00\x1f\x7f", r#""\x00\x1f\x7f""#),
            (
                "\u{80}\u{a0}\u{ad}\u{200b}\u{3000}\u{feff}",
                r#""\u0080\u00a0\u00ad\u200b\u3000\ufeff""#,
            ),
            ("\u{e000}\u{10ffff}", r#""\ue000\U0010ffff""#),
            ("e\u{301}🙂\u{fe0f}", "\"e\u{301}🙂\u{fe0f}\""),
        ] {
            assert_eq!(Quoted(text).to_string(), expected);
        }
    }
}
