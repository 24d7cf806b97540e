//! Short names for things that are too long, too secret, or have none.

use aws_lc_rs::digest::{Context, SHA256};

use crate::spec::Inbound;

/// The first 64 bits of a text's SHA-256, for keys that must not hold the text itself.
pub(crate) fn short(text: &str) -> String {
    hex::encode(&of(&[text.as_bytes()])[..8])
}

/// The first 128 bits of a text's SHA-256.
pub(crate) fn long(text: &str) -> String {
    hex::encode(&of(&[text.as_bytes()])[..16])
}

/// 32 hexadecimal digits as a UUID is written.
pub(crate) fn uuid(digits: &str) -> String {
    let group = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32),
    ]
    .join("-")
}

/// Whether a text is written as a UUID is.
pub(crate) fn is_uuid(text: &str) -> bool {
    let digits: String = text.split('-').collect();
    digits.len() == 32
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
        && uuid(&digits).eq_ignore_ascii_case(text)
}

/// A name of 128 bits for one request, as services give that name what has none: it differs between
/// requests at different times.
pub(crate) fn of_request(inbound: &Inbound<'_>) -> String {
    let at = inbound.now.micros().to_be_bytes();
    hex::encode(&of(&[&at, inbound.path.as_bytes(), inbound.body])[..16])
}

/// Whether two secrets are the same, in a time that does not depend on where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (of(&[a.as_bytes()]), of(&[b.as_bytes()]));
    aws_lc_rs::constant_time::verify_slices_are_equal(&a, &b).is_ok()
}

fn of(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
