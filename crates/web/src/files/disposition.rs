//! The header `Content-Disposition`, both ways: the name a client gives, and the name we give (RFC 6266, 7578).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but what RFC 5987 lets stand.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// What a browser is told to do with a file of this name: save it, never show it.
pub(super) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let escaped = utf8_percent_encode(name, ESCAPED);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

/// The name in a part's header, `filename*` before `filename`; `None` where there is none or it is empty.
///
/// Clients write what they like: bytes that are not UTF-8 become replacement characters, quotes may be missing.
pub(super) fn file_name(header: &[u8]) -> Option<String> {
    let header = String::from_utf8_lossy(header);
    let mut plain = None;
    for (key, value) in parameters(&header) {
        if key.eq_ignore_ascii_case("filename*") {
            let escaped = value.splitn(3, '\'').nth(2).unwrap_or(&value);
            let name = percent_decode_str(escaped).decode_utf8_lossy().into_owned();
            return Some(name).filter(|name| !name.is_empty());
        }
        if plain.is_none() && key.eq_ignore_ascii_case("filename") {
            plain = Some(value);
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// The parameters after the first word, quotes taken off.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((key, after)) = rest.split_once('=') {
        let (value, left) = if let Some(quoted) = after.trim_start().strip_prefix('"') {
            quoted_value(quoted)
        } else {
            let (value, left) = after.split_once(';').unwrap_or((after, ""));
            (value.trim().to_owned(), left)
        };
        let key = key.trim_matches([' ', '\t', ';']);
        found.push((key.to_owned(), value));
        rest = left;
    }
    found
}

/// Up to the closing quote. Only a quote is escaped: Windows paths have backslashes of their own.
fn quoted_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return (value, &text[place + 1..]),
            '\\' if matches!(chars.peek(), Some((_, '"'))) => {
                chars.next();
                value.push('"');
            }
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_name_is_read_in_every_spelling() {
        let name = |header: &[u8]| file_name(header);
        let some = |text: &str| Some(text.to_owned());
        for (header, expected) in [
            (
                "form-data; name=\"file\"; filename=\"a b.txt\"",
                some("a b.txt"),
            ),
            ("form-data; name=file; filename=a.txt", some("a.txt")),
            (
                "form-data; filename=\"磁盘.txt\"; name=\"file\"",
                some("磁盘.txt"),
            ),
            (
                "form-data; name=\"file\"; filename*=utf-8''%E7%A3%81%E7%9B%98.txt",
                some("磁盘.txt"),
            ),
            (
                "form-data; filename=\"x\"; filename*=UTF-8'zh'..%2F..%2Fy",
                some("../../y"),
            ),
            (
                "form-data; filename=\"C:\\dir\\x.txt\"",
                some("C:\\dir\\x.txt"),
            ),
            (
                "form-data; filename=\"a\\\"b;c\"; name=\"file\"",
                some("a\"b;c"),
            ),
            ("form-data; name=\"filename=x\"", None),
            ("form-data; name=\"file\"; filename=\"\"", None),
            ("form-data; name=\"file\"", None),
            ("form-data; filename=\"open", some("open")),
            ("", None),
        ] {
            assert_eq!(name(header.as_bytes()), expected, "{header}");
        }
        let gbk = b"form-data; name=\"file\"; filename=\"\xb4\xc5.txt\"";
        assert_eq!(name(gbk), some("\u{fffd}\u{fffd}.txt"));
    }

    #[test]
    fn our_own_name_is_ascii_and_ends_no_header() {
        let header = attachment("磁盘 \"x\"%41\\.txt");
        assert_eq!(
            header,
            "attachment; filename=\"__ _x__41_.txt\"; filename*=UTF-8''%E7%A3%81%E7%9B%98%20%22x%22%2541%5C.txt"
        );
        assert!(http::HeaderValue::from_str(&attachment("a\r\nb\0")).is_ok());
    }
}
