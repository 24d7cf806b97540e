//! Standard Webhooks' signatures: `webhook-id`, `webhook-timestamp` and `webhook-signature`, an HMAC-SHA-256 over
//! id, time and body (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use balefire_config::legacy::SigningKey;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

/// How far the time of a request may be from ours, as the specification's libraries have it.
const TOLERANCE: Duration = Duration::from_mins(5);
/// Most signatures that are looked at: the secrets of a change-over are two or three.
const MOST_SIGNATURES: usize = 16;
/// Longest id that is taken.
const LONGEST_ID: usize = 256;

/// The three headers; a missing one is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    id: String,
    timestamp: String,
    signatures: String,
}

impl Signed {
    /// The headers of a request that is signed this way.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        headers.contains_key("webhook-signature").then(|| Self {
            id: text("webhook-id"),
            timestamp: text("webhook-timestamp"),
            signatures: text("webhook-signature"),
        })
    }

    /// Whether one of the signatures is the body's, made with this key at about this time.
    pub(super) fn is_good(&self, key: &SigningKey, body: &[u8], now: Time) -> bool {
        if self.id.is_empty() || self.id.len() > LONGEST_ID {
            return false;
        }
        let Ok(seconds) = self.timestamp.parse::<i64>() else {
            return false;
        };
        if now.secs().abs_diff(seconds) > TOLERANCE.as_secs() {
            return false;
        }
        let mut signed = format!("{}.{}.", self.id, self.timestamp).into_bytes();
        signed.extend_from_slice(body);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.0);
        let signatures = self.signatures.split(' ').take(MOST_SIGNATURES);
        let shared = signatures.filter_map(|signature| signature.strip_prefix("v1,"));
        shared
            .filter_map(|encoded| STANDARD.decode(encoded).ok())
            // Over the full length, in constant time.
            .any(|signature| hmac::verify(&key, &signed, &signature).is_ok())
    }

    /// What stands for the id of a department's request.
    pub(super) fn mark(&self, department: &str) -> String {
        let words = format!("{department}\n{}", self.id);
        hex::encode(digest::digest(&digest::SHA256, words.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector of the specification's own library.
    const BODY: &str = r#"{"type":"alert.firing","timestamp":"2026-01-01T00:00:00Z","data":{"group":"g-42","severity":"critical"}}"#;
    const SIGNATURE: &str = "v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmkQ=";
    const AT: i64 = 1_767_225_600;

    fn key() -> SigningKey {
        SigningKey((0..32).collect())
    }

    fn signed(signatures: &str) -> Signed {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", "msg_2b7e151628aed2a6abf71588"),
            ("webhook-timestamp", &AT.to_string()),
            ("webhook-signature", signatures),
        ] {
            headers.insert(name, value.parse().expect("a value"));
        }
        Signed::of(&headers).expect("signed")
    }

    fn is_good(signatures: &str, after: i64) -> bool {
        signed(signatures).is_good(&key(), BODY.as_bytes(), Time::from_secs(AT + after))
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        assert!(is_good(SIGNATURE, 0));
        assert!(is_good(&format!("v1,AAAA v2,x {SIGNATURE}"), 0));
        let many = format!("{}{SIGNATURE}", "v1,AAAA ".repeat(MOST_SIGNATURES));
        assert!(!is_good(&many, 0));
    }

    #[test]
    fn what_is_cut_or_of_another_version_is_none() {
        let bare = SIGNATURE.trim_start_matches("v1,");
        for wrong in [
            "v1,",
            "",
            "v1",
            bare,
            &format!("v1a,{bare}"),
            &SIGNATURE[..20],
        ] {
            assert!(!is_good(wrong, 0), "{wrong}");
        }
        let other = Signed {
            id: "msg_other".to_owned(),
            ..signed(SIGNATURE)
        };
        assert!(!other.is_good(&key(), BODY.as_bytes(), Time::from_secs(AT)));
        let short = SigningKey((0..31).collect());
        assert!(!signed(SIGNATURE).is_good(&short, BODY.as_bytes(), Time::from_secs(AT)));
        assert!(!signed(SIGNATURE).is_good(&key(), b"{}", Time::from_secs(AT)));
    }

    #[test]
    fn five_minutes_either_way_are_taken() {
        for (after, good) in [(300, true), (301, false), (-300, true), (-301, false)] {
            assert_eq!(is_good(SIGNATURE, after), good, "{after}");
        }
        let words = Signed {
            timestamp: "soon".to_owned(),
            ..signed(SIGNATURE)
        };
        assert!(!words.is_good(&key(), BODY.as_bytes(), Time::from_secs(AT)));
    }
}
