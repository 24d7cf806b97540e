//! Whether a call is signed as the vendor asks: V3 in `Authorization`, V1 in the parameters.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_lc_rs::{digest, hmac};
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Refusal, TOLERANCE};
use crate::provider::Call;

/// What a good signature covers.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) action: String,
    pub(super) nonce: String,
}

type Keys = BTreeMap<String, String>;

/// Checks whichever of the two signatures there is.
pub(super) fn check(
    call: &Call,
    parameters: &BTreeMap<String, String>,
    keys: &Keys,
    now: Time,
) -> Result<Signed, Refusal> {
    if call.header("authorization").is_some() {
        v3(call, keys, now)
    } else {
        v1(call, parameters, keys, now)
    }
}

fn bad<T>(code: &'static str, words: impl Into<String>) -> Result<T, Refusal> {
    Err((400, code, words.into()))
}

fn mismatch<T>() -> Result<T, Refusal> {
    bad(
        "SignatureDoesNotMatch",
        "Specified signature is not matched with our calculation.",
    )
}

fn secret<'k>(keys: &'k Keys, id: &str) -> Result<&'k str, Refusal> {
    match keys.get(id) {
        Some(secret) => Ok(secret),
        None => Err((
            404,
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.".into(),
        )),
    }
}

/// `2026-11-21T08:30:00Z`, and not another way to write it.
fn check_time(text: &str, now: Time) -> Result<(), Refusal> {
    let plain = text.len() == 20 && text.ends_with('Z');
    let Some(sent) = serde_json::from_value::<Time>(text.into())
        .ok()
        .filter(|_| plain)
    else {
        return bad("InvalidTimeStamp.Format", format!("{text:?} is no time"));
    };
    if now.since(sent).max(sent.since(now)) > TOLERANCE {
        return bad(
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        );
    }
    Ok(())
}

/// `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`, with commas and no blanks between.
fn v3(call: &Call, keys: &Keys, now: Time) -> Result<Signed, Refusal> {
    let text = call.header("authorization").unwrap_or_default();
    let parts = text
        .strip_prefix("ACS3-HMAC-SHA256 Credential=")
        .and_then(|rest| rest.split_once(",SignedHeaders="))
        .and_then(|(id, rest)| Some((id, rest.split_once(",Signature=")?)));
    let Some((id, (names, signature))) = parts else {
        return bad(
            "IncompleteSignature",
            "the Authorization header is malformed",
        );
    };
    let secret = secret(keys, id)?;
    let value = |name: &'static str| match call.header(name) {
        Some(value) => Ok(value.to_owned()),
        None => bad("MissingParameter", format!("{name} is missing")),
    };
    if value("x-acs-version")? != "2017-05-25" {
        return bad(
            "InvalidVersion",
            "Specified parameter Version is not valid.",
        );
    }
    check_time(&value("x-acs-date")?, now)?;
    let body_hash = hex::encode(digest::digest(&digest::SHA256, &call.body));
    if value("x-acs-content-sha256")? != body_hash {
        return mismatch();
    }
    let listed: Vec<&str> = names.split(';').collect();
    if !listed.is_sorted() || !all_are_signed(call, &listed) {
        return bad("IncompleteSignature", "a header that must be signed is not");
    }
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        call.method,
        call.uri.path(),
        canonical_query(call.uri.query().unwrap_or(""))
    );
    for name in &listed {
        let Some(value) = call.header(name) else {
            return mismatch();
        };
        // Writing to a String cannot fail.
        let _ = writeln!(canonical, "{name}:{}", value.trim());
    }
    let _ = write!(canonical, "\n{names}\n{body_hash}");
    let hash = hex::encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let text = format!("ACS3-HMAC-SHA256\n{hash}");
    let good =
        hex::decode(signature).is_ok_and(|tag| hmac::verify(&key, text.as_bytes(), &tag).is_ok());
    if !good {
        return mismatch();
    }
    Ok(Signed {
        action: value("x-acs-action")?,
        nonce: value("x-acs-signature-nonce")?,
    })
}

/// `host`, every `x-acs-…`, and `content-type` where there is a body.
fn all_are_signed(call: &Call, listed: &[&str]) -> bool {
    let must = |name: &str| {
        name == "host"
            || name.starts_with("x-acs-")
            || (name == "content-type" && !call.body.is_empty())
    };
    call.headers
        .keys()
        .map(http::HeaderName::as_str)
        .all(|name| !must(name) || listed.contains(&name))
}

/// The query as it came, in the order of its names.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

fn v1(
    call: &Call,
    parameters: &BTreeMap<String, String>,
    keys: &Keys,
    now: Time,
) -> Result<Signed, Refusal> {
    let value = |name: &str| match parameters.get(name) {
        Some(value) => Ok(value.as_str()),
        None => bad("MissingParameter", format!("{name} is missing")),
    };
    let secret = secret(keys, value("AccessKeyId")?)?;
    for (name, expected) in [
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("Version", "2017-05-25"),
    ] {
        if value(name)? != expected {
            return bad("InvalidParameter", format!("{name} is not {expected}"));
        }
    }
    check_time(value("Timestamp")?, now)?;
    // The map is sorted by name already.
    let all: Vec<String> = parameters
        .iter()
        .filter(|(name, _)| *name != "Signature")
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    let text = format!("{}&%2F&{}", call.method, percent(&all.join("&")));
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        format!("{secret}&").as_bytes(),
    );
    let good = STANDARD
        .decode(value("Signature")?)
        .is_ok_and(|tag| hmac::verify(&key, text.as_bytes(), &tag).is_ok());
    if !good {
        return mismatch();
    }
    Ok(Signed {
        action: value("Action")?.to_owned(),
        nonce: value("SignatureNonce")?.to_owned(),
    })
}

/// The form's own encoding, with the three differences that the vendor's page names: blanks, `*` and `~`.
fn percent(text: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~")
}
