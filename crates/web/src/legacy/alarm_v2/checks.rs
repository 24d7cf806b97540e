//! The checks of a request, in the order that callers know.

use balefire_config::legacy::{AlarmV2, Department};
use balefire_core::time::Time;
use serde_json::{Map, Value};

use super::code::Code;
use super::department::Known;
use super::webhook::Signed;
use super::{ENVIRONMENTS, signature};
use crate::legacy::request::{is_empty, text};

/// What must be there, in the order in which it is asked for; `sign` not in a request with signed headers.
const REQUIRED: [&str; 5] = ["id", "level", "dep", "env", "sign"];

/// How a request was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    /// MD5 of values and salt: it says nothing of names, borders and time.
    Md5,
    /// HMAC-SHA-256 of the values.
    Hmac,
    /// Standard Webhooks.
    Webhook,
}

/// A request that has passed.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    /// Its fields as they were sent.
    pub(super) sent: Map<String, Value>,
    /// How it was signed.
    pub(super) signing: Signing,
    /// What stands for its signed id.
    pub(super) webhook: Option<String>,
    /// Its department; `/alarm` has none.
    pub(super) department: Option<Department>,
}

impl Alarm {
    /// Whether it came to `/alarm`, whose text is `data`.
    pub(super) fn is_old(&self) -> bool {
        self.department.is_none()
    }
}

/// The fields of a body; of a key that comes twice the last value counts. NUL is refused: neither databases nor
/// providers take it.
pub(super) fn fields(body: &[u8]) -> Result<Map<String, Value>, Code> {
    match serde_json::from_slice(body) {
        Ok(value) if holds_nul(&value) => Err(Code::NotJson),
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Code::NotAnObject),
        Err(_) => Err(Code::NotJson),
    }
}

/// The reader bounds the depth.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn word<'f>(fields: &'f Map<String, Value>, name: &str) -> &'f str {
    let value = fields.get(name).and_then(Value::as_str);
    value.unwrap_or_default()
}

fn check_environment(fields: &Map<String, Value>) -> Result<(), Code> {
    let env = word(fields, "env");
    let known = ENVIRONMENTS.iter().any(|(name, _)| *name == env);
    known.then_some(()).ok_or(Code::UnknownEnvironment)
}

/// A request whose values are signed in `sign`.
pub(super) fn by_values(known: &Known<'_>, fields: Map<String, Value>) -> Result<Alarm, Code> {
    if REQUIRED.iter().any(|name| is_empty(fields.get(*name))) {
        return Err(Code::Missing);
    }
    if !fields.values().all(Value::is_string) {
        return Err(Code::NotAText);
    }
    let department = known.department()?;
    let salt = department.salt.as_ref().or(known.service.salt.as_ref());
    if !salt.is_some_and(|salt| signature::is_signed(&fields, salt)) {
        return Err(Code::WrongSignature);
    }
    check_environment(&fields)?;
    Ok(Alarm {
        signing: signing(word(&fields, "sign")),
        sent: fields,
        webhook: None,
        department: Some(department.clone()),
    })
}

fn signing(sign: &str) -> Signing {
    if sign.len() == signature::HMAC_DIGITS {
        Signing::Hmac
    } else {
        Signing::Md5
    }
}

/// A request whose body is signed in its headers; its other values may be of any kind.
pub(super) fn webhook(
    known: &Known<'_>,
    fields: Map<String, Value>,
    signed: &Signed,
    (body, now): (&[u8], Time),
) -> Result<Alarm, Code> {
    let required = &REQUIRED[..4];
    if required.iter().any(|name| is_empty(fields.get(*name))) {
        return Err(Code::Missing);
    }
    let is_text = |name: &str| fields.get(name).is_some_and(Value::is_string);
    if !["id", "dep", "env"].into_iter().all(is_text) || text(fields.get("level")).is_none() {
        return Err(Code::NotAText);
    }
    let department = known.department()?;
    let own = department.signing_key.as_ref();
    let key = own.or(known.service.signing_key.as_ref());
    if !key.is_some_and(|key| signed.is_good(key, body, now)) {
        return Err(Code::WrongSignature);
    }
    check_environment(&fields)?;
    Ok(Alarm {
        webhook: Some(signed.mark(word(&fields, "dep"))),
        sent: fields,
        signing: Signing::Webhook,
        department: Some(department.clone()),
    })
}

/// A request of the forerunner; `level` may be a number.
pub(super) fn old(service: &AlarmV2, fields: &Map<String, Value>) -> Result<Alarm, Code> {
    let values = ["id", "level", "data", "sign"]
        .map(|name| text(fields.get(name)).filter(|text| !text.is_empty()));
    let [Some(id), Some(level), Some(data), Some(sign)] = values else {
        return Err(Code::Missing);
    };
    let salt = service.salt.as_ref().ok_or(Code::WrongSignature)?;
    if !signature::is_sign_of(&format!("{id}{level}{data}"), salt, &sign) {
        return Err(Code::WrongSignature);
    }
    let signing = signing(&sign);
    let pairs = [("id", id), ("level", level), ("data", data), ("sign", sign)];
    let sent = pairs.map(|(name, value)| (name.to_owned(), Value::String(value)));
    Ok(Alarm {
        sent: sent.into_iter().collect(),
        signing,
        webhook: None,
        department: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_are_none_are_told_from_those_that_are_no_object() {
        let code = |body: &[u8]| fields(body).expect_err("refused").number();
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "{",
            r#"{"a": 1e999}"#,
            r#"{"a": NaN}"#,
            r#"{"a": "\ud800"}"#,
            "\u{feff}{}",
            "{}}",
            r#"{"a": "\u0000"}"#,
            r#"{"a\u0000": "x"}"#,
            "{\"a\": [\"\\u0000\"]}",
            &deep,
        ] {
            assert_eq!(code(body.as_bytes()), 1002, "{body:.20}");
        }
        assert_eq!(code(b"\xff\xfe{\0}\0"), 1002);
        for body in ["[]", "null", "3", r#""x""#] {
            assert_eq!(code(body.as_bytes()), 1000, "{body}");
        }
        let twice = fields(br#"{"id": "a", "id": "b"}"#).expect("an object");
        assert_eq!(word(&twice, "id"), "b", "the last counts");
    }
}
