//! What the vendors' own libraries signed and sealed of random requests: `vectors.json`, made by `make.py` beside it. The
//! tests that hold ours to it stand beside what they hold; here are those of callbacks. `BALEFIRE_SDK_VECTORS` names another
//! file that `make.py` has made, of other and more requests.

use balefire_core::time::Time;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::callback::{CallbackError, CallbackRequest};
use crate::{slack, twilio, vonage};

/// The cases of one library.
pub(crate) fn cases(name: &str) -> Vec<Value> {
    let more = std::env::var_os("BALEFIRE_SDK_VECTORS");
    let more = more.map(|path| std::fs::read_to_string(path).expect("readable"));
    let text = more.as_deref().unwrap_or(include_str!("vectors.json"));
    let all: Value = serde_json::from_str(text).expect("JSON");
    let cases = all[name].as_array().cloned().unwrap_or_default();
    assert!(cases.len() >= 25, "{name}: {}", cases.len());
    cases
}

/// A text of a case.
pub(crate) fn text<'c>(case: &'c Value, key: &str) -> &'c str {
    case[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key}: {case}"))
}

#[test]
fn what_slacks_verifier_signs_is_signed_for_us_and_nothing_else() {
    for case in cases("slack") {
        let at = case["at"].as_i64().expect("a time");
        let stamp = at.to_string();
        let hear = |signature: &str, body: &str| {
            (slack::click::CLICKS.read)(&CallbackRequest {
                url: "",
                headers: &[
                    ("x-slack-request-timestamp", stamp.as_str()),
                    ("x-slack-signature", signature),
                ],
                body: body.as_bytes(),
                account: &json!({"signing_secret": case["secret"]}),
                now: Time::from_secs(at),
            })
        };
        let (signature, body) = (text(&case, "signature"), text(&case, "body"));
        let is_forged = |heard| matches!(heard, Err(CallbackError::Forged(_)));
        assert!(!is_forged(hear(signature, body)), "{case}");
        assert!(is_forged(hear(signature, &format!("{body}x"))), "{case}");
    }
}

#[test]
fn what_twilios_validator_signs_is_signed_for_us_and_nothing_else() {
    for case in cases("twilio") {
        let hear = |url: &str| {
            let pairs = case["form"].as_object().into_iter().flatten();
            let pairs = pairs.map(|(name, value)| (name, value.as_str().unwrap_or_default()));
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish();
            (twilio::callback::VOICE.read)(&CallbackRequest {
                url,
                headers: &[("x-twilio-signature", text(&case, "signature"))],
                body: body.as_bytes(),
                account: &json!({"auth_token": case["token"]}),
                now: Time::EPOCH,
            })
        };
        let url = text(&case, "url");
        assert!(hear(url).is_ok(), "{case}");
        assert!(
            matches!(hear(&format!("{url}x")), Err(CallbackError::Forged(_))),
            "{case}"
        );
    }
}

#[test]
fn what_vonages_client_signs_is_signed_for_us_and_nothing_else() {
    for case in cases("vonage") {
        let hear = |said: &Value| {
            (vonage::callback::SMS.read)(&CallbackRequest {
                url: "",
                headers: &[],
                body: said.to_string().as_bytes(),
                account: &json!({"signature_secret": case["secret"]}),
                now: Time::EPOCH,
            })
        };
        assert!(hear(&case["said"]).is_ok(), "{case}");
        let mut said = case["said"].clone();
        said["messageId"] = "another".into();
        assert!(
            matches!(hear(&said), Err(CallbackError::Forged(_))),
            "{case}"
        );
    }
}
