//! The envelope that Feishu, WeCom and DingTalk put around what they call us with: AES-256-CBC, whose key only the two
//! sides have.

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

/// Bytes of a block of AES, and of the vector that the first block is mixed with.
pub(crate) const BLOCK: usize = 16;

/// Opens what was sealed; the padding of PKCS #7 fills blocks of `padded` bytes (at most 255). `None` where key, length
/// or padding does not fit: whoever calls has checked a signature, so that nobody can ask at will.
pub(crate) fn open(
    key: &[u8; 32],
    vector: [u8; BLOCK],
    sealed: &[u8],
    padded: usize,
) -> Option<Vec<u8>> {
    if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
        return None;
    }
    let key = UnboundCipherKey::new(&AES_256, key).ok()?;
    let key = DecryptingKey::cbc(key).ok()?;
    let mut bytes = sealed.to_vec();
    let context = DecryptionContext::Iv128(FixedLength::from(vector));
    key.decrypt(&mut bytes, context).ok()?;
    let pad = *bytes.last()?;
    let length = usize::from(pad);
    if length == 0 || length > padded || length > bytes.len() {
        return None;
    }
    let end = bytes.len() - length;
    if bytes.drain(end..).any(|byte| byte != pad) {
        return None;
    }
    Some(bytes)
}
