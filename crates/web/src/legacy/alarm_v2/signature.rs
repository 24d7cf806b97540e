//! Signatures: the values in the order of their keys, then the salt; MD5 as always, or HMAC-SHA-256.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use balefire_core::secret::Secret;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// Hexadecimal digits of an HMAC-SHA-256.
pub(super) const HMAC_DIGITS: usize = 64;

/// Whether `sign` is the signature of all other fields. Keys are sorted by code point.
pub(super) fn is_signed(fields: &Map<String, Value>, salt: &Secret) -> bool {
    let sign = fields
        .get("sign")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut others: Vec<(&String, &Value)> =
        fields.iter().filter(|(name, _)| *name != "sign").collect();
    others.sort_unstable_by_key(|(name, _)| *name);
    let values: String = others
        .into_iter()
        .filter_map(|(_, value)| value.as_str())
        .collect();
    is_sign_of(&values, salt, sign)
}

/// Whether `sign` is the MD5 of text and salt, or the HMAC-SHA-256 of the text with the salt as its key; both in
/// lower-case hexadecimal digits.
pub(super) fn is_sign_of(text: &str, salt: &Secret, sign: &str) -> bool {
    let made = if sign.len() == HMAC_DIGITS {
        let key = hmac::Key::new(hmac::HMAC_SHA256, salt.reveal().as_bytes());
        hex::encode(hmac::sign(&key, text.as_bytes()))
    } else {
        let mut digest = Md5::new();
        digest.update(text.as_bytes());
        digest.update(salt.reveal().as_bytes());
        hex::encode(digest.finalize())
    };
    verify_slices_are_equal(made.as_bytes(), sign.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signed(mut fields: Value, sign: &str) -> bool {
        fields["sign"] = sign.into();
        let salt = Secret::new("balefire-test-salt");
        is_signed(fields.as_object().expect("an object"), &salt)
    }

    #[test]
    fn the_values_in_the_order_of_their_keys_and_the_salt_are_signed() {
        let first = json!({
            "id": "chenmin", "level": "3", "dep": "du-op", "env": "prod", "alert_level": "高",
            "alert_host": "du-da-test-1", "alert_ip": "192.168.1.2", "alert_time": "2018-06-28 10:09:09",
            "alert_business": "陈敏测试alert_business", "alert_function": "陈敏测试alert_function",
            "exception_spec": "陈敏测试之异常说明",
        });
        let second = json!({
            "alert_business": "db", "alert_level": "高", "alert_time": "2018-09-11 19:24:45", "dep": "du-op",
            "env": "prod", "id": "chenmin", "level": "3",
        });
        for (fields, sign) in [
            (&first, "b9b78a47c690cabda48a10f2eaa4e40b"),
            (&second, "5ff4737de1943ad23f34fa17c51b685a"),
        ] {
            assert!(signed(fields.clone(), sign));
            assert!(
                !signed(fields.clone(), &sign.to_uppercase()),
                "lower case counts"
            );
        }
        assert!(!signed(second, "b9b78a47c690cabda48a10f2eaa4e40b"));
    }

    #[test]
    fn the_forerunner_signs_id_level_and_data() {
        let salt = Secret::new("balefire-test-salt");
        assert!(is_sign_of(
            "houkp1test",
            &salt,
            "640e25ac190ce3749df1a715835b3332"
        ));
    }

    #[test]
    fn only_the_whole_signature_in_lower_case_counts() {
        let salt = Secret::new("balefire-test-salt");
        let good = "640e25ac190ce3749df1a715835b3332";
        for wrong in [
            &good[..31],
            &format!("{good}0"),
            &good.to_uppercase(),
            "",
            "6",
            &good[..30],
        ] {
            assert!(!is_sign_of("houkp1test", &salt, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_hmac_is_taken_too() {
        let salt = Secret::new("key");
        let sign = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        assert!(is_sign_of(
            "The quick brown fox jumps over the lazy dog",
            &salt,
            sign
        ));
    }
}
