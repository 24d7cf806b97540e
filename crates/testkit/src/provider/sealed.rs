//! AES-256-CBC as Feishu's and WeCom's servers seal what they post, and hashes that sign it.

use std::fmt::Write as _;

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::digest::{self, Algorithm};
use aws_lc_rs::iv::FixedLength;

/// Pads to whole blocks of `block` bytes after PKCS #7, and seals.
///
/// # Panics
///
/// When the library refuses a key of 32 bytes, which it does not.
pub(crate) fn seal(key: &[u8; 32], vector: [u8; 16], plain: &[u8], block: u8) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    let pad = block - u8::try_from(bytes.len() % usize::from(block)).unwrap_or(0);
    bytes.extend(std::iter::repeat_n(pad, usize::from(pad)));
    let sealed = UnboundCipherKey::new(&AES_256, key)
        .and_then(EncryptingKey::cbc)
        .and_then(|key| {
            let context = EncryptionContext::Iv128(FixedLength::from(vector));
            key.less_safe_encrypt(&mut bytes, context)
        });
    assert!(sealed.is_ok(), "AES-256-CBC takes every key of 32 bytes");
    bytes
}

/// A hash in lower-case hex.
pub(crate) fn hash(algorithm: &'static Algorithm, parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(algorithm);
    for part in parts {
        context.update(part);
    }
    let digest = context.finish();
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
