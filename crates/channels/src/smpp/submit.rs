//! `submit_sm`: one text to one number, in as many units as it needs.

use super::alphabet::{Alphabet, letters, parts};
use super::pdu::Body;
use crate::sign::sha256_hex;

/// Most parts of one text; the limit of characters keeps it lower.
const MOST_PARTS: usize = 255;
/// Optional parameters.
const MESSAGE_PAYLOAD: u16 = 0x0424;
const SAR_NUMBER: u16 = 0x020c;
const SAR_TOTAL: u16 = 0x020e;
const SAR_PART: u16 = 0x020f;
/// `esm_class`: the text begins with a head.
const HAS_HEAD: u8 = 0x40;

/// How a text that is too long for one unit goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Long {
    /// In parts with a head of their own, which every phone puts together.
    Udh,
    /// In parts that the SMSC gives their heads.
    Sar,
    /// Whole; the SMSC cuts it.
    Payload,
}

/// An address: what kind of number it is, and the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) ton: u8,
    pub(super) npi: u8,
    pub(super) number: String,
}

impl Address {
    /// A phone's number with its country, its digits alone.
    pub(super) fn international(digits: &str) -> Self {
        Self {
            ton: 1,
            npi: 1,
            number: digits.to_owned(),
        }
    }

    /// A sender: a number with its country after `+`, a short code of digits alone, or a name.
    pub(super) fn sender(text: &str) -> Self {
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.strip_prefix('+') {
            Some(number) if digits(number) => Self::international(number),
            _ => Self {
                ton: if digits(text) { 3 } else { 5 },
                npi: 0,
                number: text.to_owned(),
            },
        }
    }
}

/// What all units of a text share.
#[derive(Debug)]
pub(super) struct Sms<'a> {
    pub(super) from: &'a Address,
    pub(super) to: &'a Address,
    pub(super) text: &'a str,
    pub(super) wished: Alphabet,
    pub(super) long: Long,
    pub(super) service_type: &'a str,
    /// The same on every try; the parts are put together by a part of its hash.
    pub(super) id: &'a str,
}

impl Sms<'_> {
    /// The bodies of its units. A receipt is asked for the last one alone: a text is there when its last part is.
    pub(super) fn bodies(&self) -> Vec<Vec<u8>> {
        let (alphabet, letters) = letters(self.text, self.wished);
        let whole = letters.concat();
        let mut parts = parts(alphabet, &letters);
        parts.truncate(MOST_PARTS);
        let [part] = parts.as_slice() else {
            return match self.long {
                Long::Payload => {
                    let body = self.body(0, alphabet, true, &[]);
                    vec![body.tlv(MESSAGE_PAYLOAD, &whole).0]
                }
                long => self.pieces(alphabet, &parts, long),
            };
        };
        vec![self.body(0, alphabet, true, part).0]
    }

    fn pieces(&self, alphabet: Alphabet, parts: &[Vec<u8>], long: Long) -> Vec<Vec<u8>> {
        let hash = sha256_hex(format!("{} {}", self.id, self.to.number).as_bytes());
        let reference = u8::from_str_radix(&hash[..2], 16).unwrap_or(0);
        let total = u8::try_from(parts.len()).unwrap_or(u8::MAX);
        let piece = |(at, part): (u8, &Vec<u8>)| {
            let is_last = at == total;
            if long == Long::Sar {
                let body = self.body(0, alphabet, is_last, part);
                let body = body.tlv(SAR_NUMBER, &u16::from(reference).to_be_bytes());
                return body.tlv(SAR_TOTAL, &[total]).tlv(SAR_PART, &[at]).0;
            }
            let head = [5, 0, 3, reference, total, at];
            self.body(HAS_HEAD, alphabet, is_last, &[&head[..], part].concat())
                .0
        };
        (1..=total).zip(parts).map(piece).collect()
    }

    fn body(&self, class: u8, alphabet: Alphabet, receipt: bool, text: &[u8]) -> Body {
        let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
        let mut body = Body::default()
            .text(self.service_type, 5)
            .byte(self.from.ton)
            .byte(self.from.npi)
            .text(&self.from.number, 20)
            .byte(self.to.ton)
            .byte(self.to.npi)
            .text(&self.to.number, 20)
            .byte(class)
            // protocol_id, priority_flag
            .byte(0)
            .byte(0)
            // schedule_delivery_time, validity_period: the SMSC's own
            .text("", 0)
            .text("", 0)
            .byte(u8::from(receipt))
            // replace_if_present
            .byte(0)
            .byte(alphabet.coding())
            // sm_default_msg_id
            .byte(0)
            .byte(length);
        body.0.extend(text);
        body
    }
}
