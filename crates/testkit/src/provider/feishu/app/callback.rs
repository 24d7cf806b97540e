//! What Feishu posts to an application's request address: sealed where there is an Encrypt Key, and signed.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::provider::sealed::{hash, seal};

/// The body `{"encrypt": …}` of a plain one.
pub fn sealed(encrypt_key: &str, plain: &Value) -> String {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, encrypt_key.as_bytes()).as_ref());
    let vector = *b"fedcba9876543210";
    let mut bytes = vector.to_vec();
    bytes.extend(seal(&key, vector, plain.to_string().as_bytes(), 16));
    json!({"encrypt": STANDARD.encode(bytes)}).to_string()
}

/// The three headers of a body: events, and cards of the newer kind.
pub fn headers(encrypt_key: &str, stamp: &str, body: &str) -> [(&'static str, String); 3] {
    let head = format!("{stamp}nonce-1{encrypt_key}");
    let signature = hash(&SHA256, &[head.as_bytes(), body.as_bytes()]);
    named(stamp, signature)
}

/// The three headers of a body: cards of the older kind.
pub fn older_headers(token: &str, stamp: &str, body: &str) -> [(&'static str, String); 3] {
    let head = format!("{stamp}nonce-1{token}");
    let parts = [head.as_bytes(), body.as_bytes()];
    named(stamp, hash(&SHA1_FOR_LEGACY_USE_ONLY, &parts))
}

fn named(stamp: &str, signature: String) -> [(&'static str, String); 3] {
    [
        ("x-lark-request-timestamp", stamp.to_owned()),
        ("x-lark-request-nonce", "nonce-1".to_owned()),
        ("x-lark-signature", signature),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// wire/vectors.json, `feishu_callback`, made with the vendor's own library.
    #[test]
    fn bodies_are_signed_as_elsewhere() {
        let body = r#"{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}"#;
        let [.., (_, newer)] = headers("test key", "1795249800", body);
        assert_eq!(
            newer,
            "4f3c46e5befd1debac72934ff082f27541ad10ffaa6cafe48e79e8f40b7314ce"
        );
        let [.., (_, older)] = older_headers("vtoken", "1795249800", body);
        assert_eq!(older, "f3f9505444d6660e2ab2d4ed803aedc0e8704fb7");
    }
}
