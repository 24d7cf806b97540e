//! Words in a header: plain, or encoded as mail does it (RFC 2047): `=?UTF-8?B?56OB55uY?=`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A header's value with its encoded words decoded. What cannot be decoded stays as it is.
pub(crate) fn decoded(value: &str) -> String {
    let mut words = String::with_capacity(value.len());
    let mut rest = value;
    // Space between two encoded words belongs to neither.
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let before = &rest[..start];
        if let Some((text, length)) = word(&rest[start..]) {
            if !(after_word && before.trim().is_empty()) {
                words.push_str(before);
            }
            words.push_str(&text);
            rest = &rest[start + length..];
            after_word = true;
        } else {
            words.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            after_word = false;
        }
    }
    words.push_str(rest);
    words
}

/// The encoded word that a text begins with, and its length.
fn word(text: &str) -> Option<(String, usize)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let (encoded, _) = tail.split_once("?=")?;
    let charset = charset.split('*').next()?.to_ascii_lowercase();
    if !matches!(charset.as_str(), "utf-8" | "us-ascii") || encoded.contains(' ') {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(encoded).ok()?,
        "Q" | "q" => quoted(encoded)?,
        _ => return None,
    };
    let length = text.len() - tail.len() + encoded.len() + 2;
    Some((String::from_utf8(bytes).ok()?, length))
}

fn quoted(encoded: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'=', [high, low, tail @ ..]) => {
                bytes.extend(hex::decode([*high, *low]).ok()?);
                tail
            }
            (b'=', _) => return None,
            (b'_', tail) => {
                bytes.push(b' ');
                tail
            }
            (byte, tail) => {
                bytes.push(*byte);
                tail
            }
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_decoded_and_everything_else_stays() {
        for (value, expected) in [
            ("Disk full", "Disk full"),
            ("=?UTF-8?B?56OB55uY5bey5ruh?=", "磁盘已满"),
            ("=?utf-8?q?=E7=A3=81_full?= now", "磁 full now"),
            ("=?UTF-8?B?56OB?= =?UTF-8?B?55uY?=", "磁盘"),
            ("a =?x", "a =?x"),
            ("=?UTF-8?B?***?=", "=?UTF-8?B?***?="),
            ("=?latin1?Q?=E9?=", "=?latin1?Q?=E9?="),
            ("=?utf-8?Q?=F?=", "=?utf-8?Q?=F?="),
            ("=??=?=", "=??=?="),
            ("磁盘", "磁盘"),
        ] {
            assert_eq!(decoded(value), expected, "{value}");
        }
    }
}
