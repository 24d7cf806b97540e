//! What is read of a mail's header before its source reads it: how far it has come, and its name.

/// Most stations a mail may have passed (RFC 5321, section 6.3, asks for at least 100).
const MOST: usize = 100;

/// Whether a mail goes round in circles.
pub(super) fn is_loop(mail: &[u8]) -> bool {
    let lines = header(mail).split(|byte| *byte == b'\n');
    let received = lines.filter(|line| named(line, b"received:").is_some());
    received.take(MOST + 1).count() > MOST
}

/// The mail's own name, and its body.
pub(super) fn name_and_body(mail: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = header(mail);
    let mut lines = header.split(|byte| *byte == b'\n');
    let name = lines.find_map(|line| named(line, b"message-id:"))?;
    Some((name.trim_ascii(), mail.get(header.len()..)?))
}

fn header(mail: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(mail, b"\r\n\r\n").unwrap_or(mail.len());
    mail.get(..end).unwrap_or_default()
}

fn named<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_a_name_and_has_come_only_so_far() {
        let mail = b"Message-Id: <a@b>\r\nSubject: x\r\n\r\nMessage-ID: <c@d>\r\n";
        let (name, body) = name_and_body(mail).expect("a name");
        assert_eq!(
            (name, body),
            (&b"<a@b>"[..], &b"\r\n\r\nMessage-ID: <c@d>\r\n"[..])
        );
        assert!(name_and_body(b"Subject: x\r\n\r\nMessage-ID: <c@d>\r\n").is_none());
        let many = |count: usize| "Received: from x\r\n".repeat(count) + "\r\nReceived: y";
        assert!(!is_loop(many(MOST).as_bytes()) && is_loop(many(MOST + 1).as_bytes()));
    }
}
