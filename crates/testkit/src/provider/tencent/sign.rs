//! Whether a call is signed with `TC3-HMAC-SHA256` as the vendor asks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_lc_rs::{digest, hmac};
use balefire_core::time::Time;

use super::{Refusal, TOLERANCE, refuse};
use crate::provider::Call;

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// `TC3-HMAC-SHA256 Credential=id/date/service/tc3_request, SignedHeaders=a;b, Signature=…`.
pub(super) fn check(
    call: &Call,
    service: &str,
    keys: &BTreeMap<String, String>,
    now: Time,
) -> Result<(), Refusal> {
    let failure = || {
        let words = "The provided credentials could not be validated.";
        refuse("AuthFailure.SignatureFailure", words)
    };
    let seconds = call
        .header("x-tc-timestamp")
        .and_then(|text| text.parse::<i64>().ok());
    let Some(seconds) = seconds else {
        return refuse("MissingParameter", "X-TC-Timestamp");
    };
    let sent = Time::from_secs(seconds);
    if now.since(sent).max(sent.since(now)) > TOLERANCE {
        return refuse("AuthFailure.SignatureExpire", "The signature has expired.");
    }
    let parts = call
        .header("authorization")
        .and_then(|text| text.strip_prefix("TC3-HMAC-SHA256 Credential="))
        .and_then(|rest| rest.split_once(", SignedHeaders="))
        .and_then(|(scope, rest)| Some((scope, rest.split_once(", Signature=")?)));
    let Some((credential, (names, signature))) = parts else {
        return refuse("AuthFailure.InvalidAuthorization", "malformed");
    };
    let Some((id, scope)) = credential.split_once('/') else {
        return refuse("AuthFailure.InvalidAuthorization", "malformed");
    };
    let Some(key) = keys.get(id) else {
        return refuse("AuthFailure.SecretIdNotFound", "The SecretId is not found.");
    };
    // The instant as text begins with its date in UTC.
    let date = sent.to_string().chars().take(10).collect::<String>();
    if scope != format!("{date}/{service}/tc3_request") {
        return failure();
    }
    let listed: Vec<&str> = names.split(';').collect();
    let needed = ["content-type", "host"];
    if !listed.is_sorted() || !needed.iter().all(|name| listed.contains(name)) {
        return failure();
    }
    let query = call.uri.query().unwrap_or("");
    let mut canonical = format!("{}\n{}\n{query}\n", call.method, call.uri.path());
    for name in &listed {
        let value = call.header(name).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(canonical, "{name}:{}", value.trim().to_lowercase());
    }
    let _ = write!(canonical, "\n{names}\n{}", sha256(&call.body));
    let text = format!(
        "TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let key = mac(format!("TC3{key}").as_bytes(), &date);
    let key = mac(mac(key.as_ref(), service).as_ref(), "tc3_request");
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_ref());
    let tag = hex::decode(signature).unwrap_or_default();
    if hmac::verify(&key, text.as_bytes(), &tag).is_err() {
        return failure();
    }
    Ok(())
}
