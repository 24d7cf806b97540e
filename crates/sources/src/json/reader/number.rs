//! Numbers, as they are written.

use super::{JsonError, Reader};

impl<'a> Reader<'a> {
    /// Reads a number and gives it as written; refuses what a double cannot hold.
    pub fn number(&mut self) -> Result<&'a str, JsonError> {
        self.skip_space();
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(self.unexpected("a digit"));
        }
        let whole = self.at - start;
        if self.byte() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        let mut exponent = false;
        if matches!(self.byte(), Some(b'e' | b'E')) {
            exponent = true;
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        let text = &self.text[start..self.at];
        // Fewer than 300 digits before the point always fit a double.
        let may_overflow = exponent || whole > 300;
        if may_overflow && !self.lax && !text.parse::<f64>().is_ok_and(f64::is_finite) {
            self.at = start;
            return Err(self.refusal("a number too large to hold"));
        }
        Ok(text)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }
}
