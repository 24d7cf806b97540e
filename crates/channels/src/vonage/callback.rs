//! Vonage's delivery receipts: a form or a JSON object a post, or a query where the account's HTTP method is GET, signed where the
//! account has a signature secret.
//!
//! Vendor pages: <https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts>,
//! <https://developer.vonage.com/en/concepts/guides/signing-messages>. The signature is the HMAC-SHA256 (`SHA-256 HASH` of
//! the account's settings) of all parameters by name. A receipt that is said again changes nothing, so that it may be old.

use std::collections::BTreeMap;

use serde_json::Value;
use url::form_urlencoded;

use crate::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Heard, Report, Said, cut, words,
};
use crate::sign::{hmac_sha256_hex, is_same};

/// Text messages.
pub(crate) static SMS: Callback = Callback {
    read: |request| read(request).map(Heard::of_reports),
    answer: |_, _| CallbackAnswer::default(),
    hears_texts: false,
    reads_queries: true,
};

fn read(request: &CallbackRequest<'_>) -> Result<Vec<Report>, CallbackError> {
    let said = if request.body.is_empty() {
        let query = request.url.split_once('?').map_or("", |(_, query)| query);
        parameters(query.as_bytes())?
    } else {
        parameters(request.body)?
    };
    verify(request, &said)?;
    let of = |name: &str| said.get(name).map(|text| cut(text)).unwrap_or_default();
    if of("messageId").is_empty() {
        return Err(CallbackError::Unreadable("no messageId".to_owned()));
    }
    let state = match of("status").as_str() {
        "delivered" => Said::Delivered,
        "expired" | "failed" | "rejected" => Said::Failed,
        // On its way.
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Report {
        provider_id: of("messageId"),
        phone: of("msisdn"),
        said: state,
        detail: words([of("status"), of("err-code")]),
    }])
}

/// The parameters by name, in whatever form they came.
fn parameters(body: &[u8]) -> Result<BTreeMap<String, String>, CallbackError> {
    if body.first() != Some(&b'{') {
        return Ok(form_urlencoded::parse(body).into_owned().collect());
    }
    let read: serde_json::Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| CallbackError::Unreadable(format!("no JSON object: {error}")))?;
    let plain = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(read
        .into_iter()
        .map(|(name, value)| (name, plain(value)))
        .collect())
}

fn verify(
    request: &CallbackRequest<'_>,
    said: &BTreeMap<String, String>,
) -> Result<(), CallbackError> {
    let secret = request.account["signature_secret"].as_str();
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return Ok(());
    };
    let shown = said
        .get("sig")
        .ok_or(CallbackError::Forged("sig is missing"))?;
    if is_same(&signature(said, secret), &shown.to_ascii_lowercase()) {
        Ok(())
    } else {
        Err(CallbackError::Forged("sig is wrong"))
    }
}

/// What signs the parameters: every name and value in order, without the signs that part them.
pub(crate) fn signature(said: &BTreeMap<String, String>, secret: &str) -> String {
    let signed = said.iter().filter(|(name, _)| *name != "sig");
    let text = signed.fold(String::new(), |text, (name, value)| {
        text + "&" + name + "=" + &value.replace(['&', '='], "_")
    });
    hmac_sha256_hex(secret.as_bytes(), text.as_bytes())
}
