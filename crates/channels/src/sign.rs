//! Keyed hashes as providers want them written.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// HMAC-SHA256 of a message.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// HMAC-SHA256 in standard base64 (DingTalk, Feishu, Standard Webhooks).
pub fn hmac_sha256_base64(key: &[u8], message: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(key, message))
}

/// HMAC-SHA256 in lower-case hex (GitHub, Grafana, Slack).
pub fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac_sha256(key, message))
}

/// HMAC-SHA1 in standard base64: Alibaba Cloud's older signature, which nothing newer replaces in place.
pub fn hmac_sha1_base64(key: &[u8], message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    STANDARD.encode(hmac::sign(&key, message))
}

/// Whether two signatures are the same, in a time that does not depend on where they differ.
pub fn is_same(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// SHA-1 in lower-case hex: what Feishu's older cards and WeCom's callbacks are signed with.
pub fn sha1_hex(message: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message))
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(message: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, message))
}

/// MD5 in lower-case hex: for providers that check an upload by it. It proves nothing.
pub(crate) fn md5_hex(message: &[u8]) -> String {
    use md5::{Digest as _, Md5};
    hex::encode(Md5::digest(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Vectors of wire/vectors.json and wire/vectors_intl.json; each was checked there with a second
    // implementation.

    #[test]
    fn dingtalks_robot_signature() {
        for (secret, millis, sign) in [
            (
                "this is secret",
                "1577262236757",
                "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=",
            ),
            (
                "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "1795249800004",
                "LR33pisZOvw+3YJkzud+YC+XlR/wUzES2CjkMpewYZY=",
            ),
        ] {
            let message = format!("{millis}\n{secret}");
            assert_eq!(
                hmac_sha256_base64(secret.as_bytes(), message.as_bytes()),
                sign
            );
        }
    }

    #[test]
    fn feishus_robot_signature_has_an_empty_message() {
        let key = "1599360473\ndemo-feishu-secret";
        assert_eq!(
            hmac_sha256_base64(key.as_bytes(), b""),
            "I14G+BylJBIS1VqI4nUg1mKqMAjMGZlFJGT36IJRUr8="
        );
    }

    #[test]
    fn githubs_signature() {
        assert_eq!(
            hmac_sha256_hex(b"It's a Secret to Everybody", b"Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[test]
    fn the_empty_hash() {
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
