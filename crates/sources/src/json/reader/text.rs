//! Strings, borrowed where they hold no escapes.

use std::borrow::Cow;

use super::{JsonError, Reader};

impl<'a> Reader<'a> {
    /// Reads a string.
    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        self.run();
        if self.byte() == Some(b'"') {
            let text = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut owned = self.text[start..self.at].to_owned();
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(owned));
                }
                Some(b'\\') => owned.push(self.escape()?),
                Some(_) => return Err(self.error("a raw control character in a string")),
                None => return Err(self.unexpected("the end of a string")),
            }
            let start = self.at;
            self.run();
            owned.push_str(&self.text[start..self.at]);
        }
    }

    /// Moves over the plain characters of a string.
    fn run(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest
            .iter()
            .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let escape = self.text.as_bytes().get(self.at + 1);
        let plain = match escape {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.error("an escape JSON does not have")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let high = self.hex4(self.at)?;
        let (code, length) = match high {
            0xD800..=0xDBFF => match self.hex4(self.at + 6) {
                Ok(low @ 0xDC00..=0xDFFF) => {
                    (0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12)
                }
                _ => return self.no_text("half of a surrogate pair"),
            },
            0xDC00..=0xDFFF => return self.no_text("half of a surrogate pair"),
            0 => return self.no_text("a NUL character"),
            code => (code, 6),
        };
        self.at += length;
        char::from_u32(code).ok_or_else(|| self.error("an escape that is no character"))
    }

    /// An escape that JSON has and that stands for nothing we keep.
    fn no_text(&mut self, problem: &str) -> Result<char, JsonError> {
        if !self.lax {
            return Err(self.refusal(problem));
        }
        self.at += 6;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// The four digits of a `\uXXXX` that starts at `at`.
    fn hex4(&self, at: usize) -> Result<u32, JsonError> {
        self.text
            .get(at..at + 6)
            .and_then(|escape| escape.strip_prefix("\\u"))
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.error("an escape needs four hexadecimal digits"))
    }
}
