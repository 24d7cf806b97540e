//! What a body is, when the format does not say: JSON, form fields or plain text.

use std::borrow::Cow;

use serde_json::Value;

use crate::form;
use crate::json;
use crate::parsed::Refusal;
use crate::spec::Inbound;

/// A body as far as it can be told without knowing its sender.
#[derive(Debug, PartialEq)]
pub(crate) enum Content<'a> {
    /// An object or array.
    Json(Value),
    /// Words for people.
    Text(Cow<'a, str>),
    /// Nothing at all.
    Empty,
}

/// Reads a body. `forms` says that a form content type is meant: `curl -d 'disk full'` sends it
/// too, so without that it counts for nothing.
pub(crate) fn of<'a>(inbound: &Inbound<'a>, forms: bool) -> Result<Content<'a>, Refusal> {
    let content_type = inbound.header("content-type").unwrap_or("");
    if inbound.body.trim_ascii().is_empty() {
        return Ok(Content::Empty);
    }
    if let Some(field) = ["data", "payload"]
        .iter()
        .find_map(|name| form::multipart_field(content_type, inbound.body, name))
    {
        return Ok(scalar(json::read(field)?));
    }
    if forms && form::is_form(content_type) && !looks_like_json(inbound.body) {
        return Ok(scalar(unwrapped(form::fields(inbound.body)?)?));
    }
    if says_json(content_type) || looks_like_json(inbound.body) {
        return Ok(scalar(json::read(inbound.body)?));
    }
    Ok(Content::Text(String::from_utf8_lossy(inbound.body)))
}

/// The query string as an object of texts; `None` when it is empty.
pub(crate) fn of_query(inbound: &Inbound<'_>) -> Result<Option<Value>, Refusal> {
    if inbound.query.is_empty() {
        return Ok(None);
    }
    form::fields(inbound.query.as_bytes()).map(Some)
}

/// Whether a content type says JSON: `application/json`, `…+json`.
pub(crate) fn says_json(content_type: &str) -> bool {
    let media = form::media_type(content_type).to_ascii_lowercase();
    media == "application/json" || media == "text/json" || media.ends_with("+json")
}

/// Whether a body begins as an object, or as an array of objects or arrays, does. `[db-1] disk
/// full` and `{oops` are words.
fn looks_like_json(body: &[u8]) -> bool {
    let mut visible = body.iter().filter(|b| !b.is_ascii_whitespace());
    matches!(
        (visible.next(), visible.next()),
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b']'))
    ) || body.starts_with(b"\xef\xbb\xbf{")
}

/// A form whose only field holds JSON (`payload={…}`, as Slack and GitHub send it) is that JSON.
fn unwrapped(fields: Value) -> Result<Value, Refusal> {
    let inner = fields
        .as_object()
        .filter(|map| map.len() == 1)
        .and_then(|map| map.get("payload").or_else(|| map.get("data")))
        .and_then(Value::as_str);
    match inner {
        Some(text) if looks_like_json(text.as_bytes()) => Ok(json::read(text.as_bytes())?),
        _ => Ok(fields),
    }
}

/// A JSON text or number on its own is words, `null` is nothing.
fn scalar<'a>(value: Value) -> Content<'a> {
    match value {
        Value::String(text) => Content::Text(Cow::Owned(text)),
        Value::Number(number) => Content::Text(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Content::Text(Cow::Owned(truth.to_string())),
        Value::Null => Content::Empty,
        tree => Content::Json(tree),
    }
}
