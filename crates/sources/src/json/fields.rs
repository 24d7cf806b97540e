//! Lenient reading of a tree's values: senders disagree on whether 4 is `4`, `"4"` or `4.0`.

use std::borrow::Cow;

use serde_json::Value;

/// A text, number or truth value as text; nothing for null, objects and arrays.
pub fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The member `key` as text, trimmed; nothing when it is absent, null, empty or not a scalar.
pub fn text<'a>(value: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    let text = scalar(value.get(key)?)?;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        None
    } else if trimmed.len() == text.len() {
        Some(text)
    } else {
        Some(Cow::Owned(trimmed.to_owned()))
    }
}

/// Whether there is a member `key` that says something: null says no more than its absence.
pub fn has(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(|member| !member.is_null())
}

/// The first of several members that is there, as [`text`] reads it.
pub fn first<'a>(value: &'a Value, keys: &[&str]) -> Option<Cow<'a, str>> {
    keys.iter().find_map(|key| text(value, key))
}

/// The member `key` as a whole number, which may be written as a text.
pub fn whole(value: &Value, key: &str) -> Option<i64> {
    match value.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The member `key` when it is an object with members.
pub fn object<'a>(value: &'a Value, key: &str) -> Option<&'a serde_json::Map<String, Value>> {
    value.get(key)?.as_object().filter(|map| !map.is_empty())
}

/// The items of the member `key`; none when it is absent or not an array.
pub fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// What kind of value this is, in a word for complaints.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
