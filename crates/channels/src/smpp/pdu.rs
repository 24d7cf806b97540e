//! The protocol data units of SMPP 3.4 that a sender needs, as bytes and back.
//!
//! Source: SMPP Protocol Specification v3.4, issue 1.2, sections 3.2, 4 and 5.3. A unit is a head of four numbers, then
//! a body; texts end with a zero byte. What comes in is bounded and never trusted.

/// Bytes of the head: length, command, status, number.
pub(super) const HEAD: usize = 16;
/// Longest unit that is read.
pub(super) const MOST: usize = 64 * 1_024;

/// Commands; an answer has the highest bit set.
pub(super) mod command {
    pub(in super::super) const BIND_RECEIVER: u32 = 0x01;
    pub(in super::super) const BIND_TRANSMITTER: u32 = 0x02;
    pub(in super::super) const SUBMIT: u32 = 0x04;
    pub(in super::super) const DELIVER: u32 = 0x05;
    pub(in super::super) const UNBIND: u32 = 0x06;
    pub(in super::super) const BIND_TRANSCEIVER: u32 = 0x09;
    pub(in super::super) const ENQUIRE_LINK: u32 = 0x15;
    pub(in super::super) const ANSWER: u32 = 0x8000_0000;
    /// `generic_nack`: of a command that is not known.
    pub(in super::super) const NOT_KNOWN: u32 = ANSWER;
}

/// One unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pdu {
    pub(super) command: u32,
    /// 0 in requests, and in answers that are a yes.
    pub(super) status: u32,
    /// Ties an answer to its request.
    pub(super) number: u32,
    pub(super) body: Vec<u8>,
}

impl Pdu {
    /// Its bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(HEAD + self.body.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEAD + self.body.len());
        for part in [length, self.command, self.status, self.number] {
            bytes.extend(part.to_be_bytes());
        }
        bytes.extend(&self.body);
        bytes
    }

    /// The answer to a request.
    pub(super) fn answer(&self, status: u32, body: Vec<u8>) -> Self {
        Self {
            command: self.command | command::ANSWER,
            status,
            number: self.number,
            body,
        }
    }

    /// The answer to a request of a kind that we do not speak (`ESME_RINVCMDID`).
    pub(super) fn not_known(&self) -> Self {
        Self {
            command: command::NOT_KNOWN,
            status: 0x03,
            number: self.number,
            body: Vec::new(),
        }
    }

    /// Takes the first whole unit out of what has been read; `None` while it is not whole.
    pub(super) fn take(buffer: &mut Vec<u8>) -> Result<Option<Self>, &'static str> {
        let Some((head, _)) = buffer.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let part = |at: usize| {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(&head[at..at + 4]);
            u32::from_be_bytes(bytes)
        };
        let (length, command, status, number) = (part(0), part(4), part(8), part(12));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !(HEAD..=MOST).contains(&length) {
            return Err("a unit of an impossible length");
        }
        if buffer.len() < length {
            return Ok(None);
        }
        let body = buffer.drain(..length).skip(HEAD).collect();
        Ok(Some(Self {
            command,
            status,
            number,
            body,
        }))
    }
}

/// Writes a body.
#[derive(Debug, Default)]
pub(super) struct Body(pub(super) Vec<u8>);

impl Body {
    /// A text and its zero byte; at most `most` bytes of it, and nothing from a zero byte on.
    pub(super) fn text(mut self, text: &str, most: usize) -> Self {
        let plain = text.bytes().take_while(|byte| *byte != 0).take(most);
        self.0.extend(plain);
        self.0.push(0);
        self
    }

    pub(super) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// An optional parameter.
    pub(super) fn tlv(mut self, tag: u16, value: &[u8]) -> Self {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.0.extend(tag.to_be_bytes());
        self.0.extend(length.to_be_bytes());
        self.0.extend(value);
        self
    }
}

/// Reads a body; what is not there is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read<'b>(pub(super) &'b [u8]);

impl<'b> Read<'b> {
    pub(super) fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (text, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(String::from_utf8_lossy(text).into_owned())
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next optional parameter.
    pub(super) fn tlv(&mut self) -> Option<(u16, &'b [u8])> {
        let tag = u16::from_be_bytes(self.bytes(2)?.try_into().ok()?);
        let length = u16::from_be_bytes(self.bytes(2)?.try_into().ok()?);
        Some((tag, self.bytes(usize::from(length))?))
    }
}
