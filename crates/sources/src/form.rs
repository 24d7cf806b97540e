//! Form fields: URL-encoded bodies, query strings, and one field of a multipart body.

use memchr::memmem;
use serde_json::{Map, Value};

use crate::json::MAX_MEMBERS;
use crate::parsed::Refusal;

/// URL-encoded fields as an object of texts. A field given twice is refused: two readers would
/// pick different ones.
pub(crate) fn fields(encoded: &[u8]) -> Result<Value, Refusal> {
    let mut map = Map::new();
    for (name, value) in url::form_urlencoded::parse(encoded) {
        if map.len() >= MAX_MEMBERS {
            return Err(Refusal::malformed(
                "body",
                format!("more than {MAX_MEMBERS} form fields"),
            ));
        }
        if map
            .insert(name.clone().into_owned(), Value::String(value.into_owned()))
            .is_some()
        {
            return Err(Refusal::malformed(name, "this form field is given twice"));
        }
    }
    Ok(Value::Object(map))
}

/// The first value of a parameter of a query string.
pub(crate) fn parameter_of(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether a content type says that the body is a URL-encoded form.
pub(crate) fn is_form(content_type: &str) -> bool {
    media_type(content_type).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A content type without its parameters.
pub(crate) fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or("").trim()
}

/// The content of the field `name` of a `multipart/form-data` body (RFC 7578); `None` when the
/// body is not multipart or has no such field.
pub(crate) fn multipart_field<'a>(
    content_type: &str,
    body: &'a [u8],
    name: &str,
) -> Option<&'a [u8]> {
    if !media_type(content_type).eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary =
        parameter(content_type, "boundary").filter(|b| !b.is_empty() && b.len() <= 70)?;
    let delimiter = format!("--{boundary}");
    let mut rest = &body[memmem::find(body, delimiter.as_bytes())? + delimiter.len()..];
    let closing = format!("\r\n{delimiter}");
    let finder = memmem::Finder::new(closing.as_bytes());
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = finder.find(part)?;
        let head_end = memmem::find(&part[..end], b"\r\n\r\n")?;
        let head = str::from_utf8(&part[..head_end]).ok()?;
        if disposition_name(head) == Some(name) {
            return part.get(head_end + 4..end);
        }
        rest = &part[end + closing.len()..];
    }
    None
}

/// The `name` of a part, from its `Content-Disposition` header.
fn disposition_name(head: &str) -> Option<&str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(header, _)| header.eq_ignore_ascii_case("content-disposition"))
        .and_then(|(_, value)| parameter(value, "name"))
}

/// A parameter of a header value, without its quotes.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_found_among_the_parts() {
        let body = b"--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz\r\n\
            content-disposition: form-data; name=\"data\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\n\
            {\"a\":\r\n1}\r\n--xyz--\r\n";
        let find = |name| multipart_field("multipart/form-data; boundary=\"xyz\"", body, name);
        assert_eq!(find("data"), Some(&b"{\"a\":\r\n1}"[..]));
        assert_eq!((find("other"), find("gone")), (Some(&b"1"[..]), None));
        assert_eq!(multipart_field("text/plain", body, "data"), None);
        assert_eq!(
            multipart_field("multipart/form-data; boundary=xyz", b"--xyz\r\n", "data"),
            None
        );
    }

    #[test]
    fn a_repeated_form_field_is_refused() {
        assert_eq!(
            fields(b"a=1&b=%E4%B8%AD+x"),
            Ok(serde_json::json!({"a": "1", "b": "中 x"}))
        );
        assert!(fields(b"a=1&a=2").is_err());
    }
}
