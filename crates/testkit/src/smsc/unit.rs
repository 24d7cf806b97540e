//! One unit of SMPP 3.4 as an SMSC reads it: strict about every length and ending.

/// A `submit_sm` that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// Kind and plan of the sender's number, and the number.
    pub from: (u8, u8, String),
    /// Of the receiver's.
    pub to: (u8, u8, String),
    /// `esm_class`.
    pub class: u8,
    /// `registered_delivery`.
    pub receipt: u8,
    /// `data_coding`.
    pub coding: u8,
    /// The text's bytes, with its head, or those of `message_payload`.
    pub text: Vec<u8>,
    /// Optional parameters: tag and value.
    pub parameters: Vec<(u16, Vec<u8>)>,
}

/// A status that refuses.
pub(super) type Status = u32;

/// A reader that refuses what ends too early.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl Reader<'_> {
    /// A text of at most `most` bytes with its zero byte; `status` refuses a longer one.
    pub(super) fn text(&mut self, most: usize, status: Status) -> Result<String, Status> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(0x02_u32)?;
        if end > most {
            return Err(status);
        }
        let text = self.0[..end].to_vec();
        self.0 = &self.0[end + 1..];
        String::from_utf8(text).map_err(|_| status)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Status> {
        let (first, rest) = self.0.split_first().ok_or(0x02_u32)?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Status> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(0x02_u32)?;
        self.0 = rest;
        Ok(taken.to_vec())
    }

    fn short(&mut self) -> Result<u16, Status> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }
}

impl Submit {
    /// Reads one, or says with which status it is refused.
    pub(super) fn read(body: &[u8]) -> Result<Self, Status> {
        let mut read = Reader(body);
        read.text(5, 0x15)?;
        let from = (read.byte()?, read.byte()?, read.text(20, 0x0a)?);
        let to = (read.byte()?, read.byte()?, read.text(20, 0x0b)?);
        let (class, _protocol, _priority) = (read.byte()?, read.byte()?, read.byte()?);
        for status in [0x61, 0x62] {
            if !matches!(read.text(16, status)?.len(), 0 | 16) {
                return Err(status);
            }
        }
        let (receipt, _replace, coding) = (read.byte()?, read.byte()?, read.byte()?);
        let (_message, length) = (read.byte()?, usize::from(read.byte()?));
        if length > 254 {
            return Err(0x01);
        }
        let mut text = read.bytes(length)?;
        let mut parameters = Vec::new();
        while !read.0.is_empty() {
            let (tag, length) = (read.short()?, read.short()?);
            parameters.push((tag, read.bytes(usize::from(length))?));
        }
        let payload = parameters.iter().find(|(tag, _)| *tag == 0x0424);
        match payload {
            Some(_) if length > 0 => return Err(0x01),
            Some((_, payload)) => text.clone_from(payload),
            None => {}
        }
        let submit = Self {
            from,
            to,
            class,
            receipt,
            coding,
            text,
            parameters,
        };
        submit.check(payload_free(length))?;
        Ok(submit)
    }

    fn check(&self, is_short: bool) -> Result<(), Status> {
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self.from {
            (1, 1, ref number) if digits(number) => {}
            (3, 0, ref number) if digits(number) && number.len() <= 8 => {}
            (5, 0, ref name) if !name.is_empty() && name.len() <= 11 => {}
            _ => return Err(0x0a),
        }
        if !(self.to.0 == 1 && self.to.1 == 1 && digits(&self.to.2)) {
            return Err(0x0b);
        }
        let most = match self.coding {
            0 => 160,
            3 | 8 => 140,
            _ => return Err(0x01),
        };
        if is_short && self.text.len() > most {
            return Err(0x01);
        }
        if self.class & 0x40 != 0 && !(self.text.len() > 6 && self.text.starts_with(&[5, 0, 3])) {
            return Err(0x43);
        }
        if self.coding == 8 && !self.words().len().is_multiple_of(2) {
            return Err(0x01);
        }
        Ok(())
    }

    /// The text's bytes without the head.
    pub fn words(&self) -> &[u8] {
        if self.class & 0x40 == 0 {
            &self.text
        } else {
            self.text.get(6..).unwrap_or_default()
        }
    }

    /// What people read of it; GSM's letters as far as they are ASCII.
    pub fn shown(&self) -> String {
        if self.coding == 8 {
            let units = self.words().chunks_exact(2);
            let units: Vec<u16> = units
                .map(|two| u16::from_be_bytes([two[0], two[1]]))
                .collect();
            return String::from_utf16_lossy(&units);
        }
        self.words().iter().map(|byte| char::from(*byte)).collect()
    }
}

fn payload_free(length: usize) -> bool {
    length > 0
}
