//! `multipart/form-data` (RFC 7578), for the providers that take a file only so.

use crate::sign::sha256_hex;

/// A file of a form.
pub(crate) struct File<'f> {
    /// The field's name.
    pub(crate) field: &'f str,
    /// The file's name: letters, digits, `-` and `.`.
    pub(crate) name: &'f str,
    /// Its media type.
    pub(crate) media_type: &'f str,
    /// Its bytes.
    pub(crate) bytes: &'f [u8],
}

/// The content type and the body of a form of texts and files. Names are ours: no quotes, no line ends; nor has a value
/// a line end.
pub(crate) fn form(texts: &[(&str, String)], files: &[File<'_>]) -> (String, Vec<u8>) {
    // Nothing that a file holds has its own hash in it.
    let hashes: Vec<String> = files.iter().map(|file| sha256_hex(file.bytes)).collect();
    let boundary = format!("balefire-{}", &sha256_hex(hashes.concat().as_bytes())[..32]);
    let bytes = files
        .iter()
        .map(|file| file.bytes.len() + 256)
        .sum::<usize>();
    let mut body = Vec::with_capacity(bytes + 4_096);
    for (name, value) in texts {
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    for file in files {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            file.field, file.name, file.media_type
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_as_it_is_sent() {
        let file = |field, name| File {
            field,
            name,
            media_type: "image/png",
            bytes: b"--\r\n",
        };
        let files = [
            file("photo", "picture-1.png"),
            file("other", "picture-2.png"),
        ];
        let (kind, body) = form(&[("chat_id", "-100".to_owned())], &files);
        let boundary = kind.rsplit('=').next().expect("a boundary").to_owned();
        let body = String::from_utf8(body)
            .expect("ASCII")
            .replace(&boundary, "B");
        assert_eq!(
            body,
            "--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-100\r\n\
             --B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"picture-1.png\"\r\n\
             Content-Type: image/png\r\n\r\n--\r\n\r\n\
             --B\r\nContent-Disposition: form-data; name=\"other\"; filename=\"picture-2.png\"\r\n\
             Content-Type: image/png\r\n\r\n--\r\n\r\n--B--\r\n"
        );
    }
}
