//! Reads `multipart/form-data` (RFC 7578) strictly, for the uploads that providers take.

use crate::received::Received;

impl Received {
    /// The bytes of the part of a form (`multipart/form-data`) that has this name.
    pub fn part(&self, name: &str) -> Option<&[u8]> {
        let parts = parts(self.header("content-type")?, &self.body)?;
        let part = parts.into_iter().find(|part| part.name == name)?;
        Some(part.bytes)
    }
}

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) bytes: &'a [u8],
}

/// The parts of a form, in order; `None` if it is not well-formed to the byte.
pub(crate) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    if boundary.is_empty() || boundary.len() > 70 {
        return None;
    }
    let line = format!("--{boundary}");
    let fence = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(line.as_bytes())?;
    let mut found = Vec::new();
    loop {
        if let Some(end) = rest.strip_prefix(b"--") {
            return matches!(end, b"" | b"\r\n").then_some(found);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, fence.as_bytes())?;
        found.push(part(&rest[..end])?);
        rest = &rest[end + fence.len()..];
    }
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let gap = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..gap]).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition")
            .then_some(value.trim())
    })?;
    let mut items = disposition.split(';').map(str::trim);
    if items.next() != Some("form-data") {
        return None;
    }
    let (mut name, mut filename) = (None, None);
    for item in items {
        let (key, value) = item.split_once('=')?;
        let value = value.trim_matches('"').to_owned();
        match key {
            "name" => name = Some(value),
            "filename" => filename = Some(value),
            _ => {}
        }
    }
    Some(Part {
        name: name?,
        filename,
        bytes: &bytes[gap + 4..],
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nline\r\nline\r\n--b\r\n\
        content-disposition: form-data; name=\"n\"\r\n\r\n\r\n--b--\r\n";

    #[test]
    fn a_form_is_read_to_the_byte() {
        let found = parts("multipart/form-data; boundary=b", FORM.as_bytes()).expect("a form");
        let media = Part {
            name: "media".into(),
            filename: Some("a.txt".into()),
            bytes: b"line\r\nline",
        };
        assert_eq!(
            found,
            [
                media,
                Part {
                    name: "n".into(),
                    filename: None,
                    bytes: b""
                }
            ]
        );
    }

    #[test]
    fn a_form_that_is_cut_or_mislabelled_is_refused() {
        for cut in 0..FORM.len() - 2 {
            assert_eq!(
                parts("multipart/form-data; boundary=b", &FORM.as_bytes()[..cut]),
                None
            );
        }
        assert_eq!(
            parts("multipart/form-data; boundary=c", FORM.as_bytes()),
            None
        );
        assert_eq!(parts("application/json", FORM.as_bytes()), None);
        assert_eq!(
            parts("multipart/form-data; boundary=", FORM.as_bytes()),
            None
        );
    }
}
