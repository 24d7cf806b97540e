//! What a file is, by its first bytes: a short list of what readers open without running it; all else is bytes.

/// Bytes at the beginning that are looked at.
pub const SNIFFED: usize = 1024;

/// What is not known.
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// Beginnings that tell a type.
const MAGIC: [(&[u8], &str); 8] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
];

/// The media type of a file that begins so. Pages, scripts and drawings are text: nothing we say makes a
/// browser run them.
pub fn media_type(head: &[u8]) -> &'static str {
    let head = &head[..head.len().min(SNIFFED)];
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return found;
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return "image/webp";
    }
    if is_text(head) { TEXT } else { BYTES }
}

/// UTF-8 without control characters, as far as it was read; the last character may be cut off.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c');
    !text.is_empty() && text.chars().all(printable)
}
