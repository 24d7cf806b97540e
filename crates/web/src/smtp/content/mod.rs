//! A mail's content as it arrives: its end, and the dots that its sender doubled (RFC 5321, section 4.5.2).
//!
//! Only CR LF `.` CR LF ends it, and only a dot right after CR LF was doubled: a lone LF or CR is a character of the
//! content like any other.

#[cfg(test)]
mod tests;

use bytes::{Buf, BytesMut};
use memchr::memmem;

const END: &[u8] = b"\r\n.\r\n";

/// The content so far.
pub(super) struct Content {
    bytes: Vec<u8>,
    limit: usize,
    /// How much was looked through for the end.
    seen: usize,
    /// What came in all, kept or not.
    came: usize,
    overflown: bool,
}

/// What a content has come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It goes on.
    NotYet,
    /// It has ended within its limit.
    Whole,
    /// It has ended, and was too large to be kept.
    TooLarge,
}

impl Content {
    /// Nothing yet, and at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        // The command before it ended with CR LF, so a dot may come at once.
        let bytes = b"\r\n".to_vec();
        Self {
            bytes,
            limit,
            seen: 0,
            came: 0,
            overflown: false,
        }
    }

    /// What came in all.
    pub(super) fn came(&self) -> usize {
        self.came
    }

    /// What is held in memory.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Drops what is there and keeps nothing of what follows.
    pub(super) fn overflow(&mut self) {
        self.overflown = true;
    }

    /// Takes what has come; what follows the end stays in the buffer.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Ended {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(buffer);
        let from = self.seen.saturating_sub(END.len() - 1);
        let found = self
            .bytes
            .get(from..)
            .and_then(|rest| memmem::find(rest, END));
        let Some(at) = found.map(|at| from + at) else {
            self.came += buffer.len();
            buffer.clear();
            self.seen = self.bytes.len();
            self.bound();
            return Ended::NotYet;
        };
        let whole = at + END.len();
        let used = whole - before;
        self.came += used;
        buffer.advance(used);
        self.bytes.truncate(at + 2);
        if self.overflown || self.bytes.len() - 2 > self.limit {
            Ended::TooLarge
        } else {
            Ended::Whole
        }
    }

    /// Beyond the limit only what may be the beginning of the end is kept.
    fn bound(&mut self) {
        if self.overflown || self.bytes.len() > self.limit + END.len() + 2 {
            self.overflown = true;
            let tail = self.bytes.len().saturating_sub(END.len() - 1);
            self.bytes.drain(..tail);
            self.bytes.shrink_to(END.len());
            self.seen = 0;
        }
    }

    /// The content as its author wrote it.
    pub(super) fn unstuffed(self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(self.bytes.len());
        let mut rest = self.bytes.as_slice();
        while let Some(at) = memmem::find(rest, b"\r\n.") {
            let (line, left) = rest.split_at(at + 2);
            plain.extend_from_slice(line);
            rest = left.get(1..).unwrap_or_default();
        }
        plain.extend_from_slice(rest);
        plain.drain(..2);
        plain
    }
}
