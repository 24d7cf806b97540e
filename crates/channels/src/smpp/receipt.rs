//! `deliver_sm`: what the SMSC says became of a text. Messages of people are not for us.

use super::pdu::Read;
use crate::callback::{Report, Said, cut};

const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
const MESSAGE_STATE: u16 = 0x0427;
const MESSAGE_PAYLOAD: u16 = 0x0424;

/// What a receipt says that says something final; the parameters count before the text, whose form is free.
pub(super) fn read(body: &[u8]) -> Option<Report> {
    let mut read = Read(body);
    let _service = read.text()?;
    read.bytes(2)?;
    let _from = read.text()?;
    read.bytes(2)?;
    let _to = read.text()?;
    let class = read.byte()?;
    // protocol_id, priority_flag
    read.bytes(2)?;
    let _schedule = read.text()?;
    let _validity = read.text()?;
    // registered_delivery, replace_if_present, data_coding, sm_default_msg_id
    read.bytes(4)?;
    let length = usize::from(read.byte()?);
    let mut text = String::from_utf8_lossy(read.bytes(length)?).into_owned();
    let (mut id, mut state) = (None, None);
    while let Some((tag, value)) = read.tlv() {
        match tag {
            RECEIPTED_MESSAGE_ID => {
                let value = value.split(|byte| *byte == 0).next().unwrap_or_default();
                id = Some(String::from_utf8_lossy(value).into_owned());
            }
            MESSAGE_STATE => state = value.first().copied(),
            MESSAGE_PAYLOAD if text.is_empty() => {
                text = String::from_utf8_lossy(value).into_owned();
            }
            _ => {}
        }
    }
    if class & 0x3c != 0x04 {
        return None;
    }
    let said = match state {
        Some(state) => by_number(state),
        None => by_word(&value(&text, "stat:")?),
    };
    let id = id
        .filter(|id| !id.is_empty())
        .or_else(|| value(&text, "id:"))?;
    Some(Report {
        provider_id: cut(&id),
        phone: String::new(),
        said: said?,
        detail: cut(text.trim()),
    })
}

fn by_number(state: u8) -> Option<Said> {
    match state {
        2 => Some(Said::Delivered),
        3..=5 | 8 => Some(Said::Failed),
        // On its way, taken, unknown.
        _ => None,
    }
}

fn by_word(word: &str) -> Option<Said> {
    match word.to_ascii_uppercase().as_str() {
        "DELIVRD" => Some(Said::Delivered),
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" => Some(Said::Failed),
        _ => None,
    }
}

/// The word after a key, which stands at the start or after a blank.
fn value(text: &str, key: &str) -> Option<String> {
    let small = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = small[from..].find(key) {
        let at = from + at;
        if at == 0 || small.as_bytes()[at - 1] == b' ' {
            let word = text[at + key.len()..].split_ascii_whitespace().next()?;
            return Some(word.to_owned());
        }
        from = at + key.len();
    }
    None
}
