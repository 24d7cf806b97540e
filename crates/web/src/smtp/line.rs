//! One command out of what has come so far.

use bytes::BytesMut;

/// Longest command, in bytes: RFC 5321 has 512, its extensions a little more.
pub(super) const LONGEST: usize = 2_048;

/// Why what came is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    #[error("a command has at most {LONGEST} bytes")]
    TooLong,
    /// A relay that ends lines differently than we do can be made to see other mails than we see.
    #[error("lines end with CR LF, not with one of them")]
    BareNewline,
}

/// Takes the next command off the buffer, with its CR LF; `None` when it is not all there yet.
pub(super) fn take(buffer: &mut BytesMut) -> Result<Option<BytesMut>, BadLine> {
    let Some(end) = buffer.iter().take(LONGEST).position(|byte| *byte == b'\n') else {
        return match buffer.len() {
            0..LONGEST => Ok(None),
            _ => Err(BadLine::TooLong),
        };
    };
    let text = buffer.get(..end).unwrap_or_default();
    let bare = text
        .strip_suffix(b"\r")
        .is_none_or(|it| it.contains(&b'\r'));
    if bare {
        return Err(BadLine::BareNewline);
    }
    Ok(Some(buffer.split_to(end + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_with_both_and_only_so() {
        let mut buffer = BytesMut::from("NOOP\r\nQUIT\r\nRS");
        assert_eq!(
            take(&mut buffer).expect("good").as_deref(),
            Some(&b"NOOP\r\n"[..])
        );
        assert_eq!(
            take(&mut buffer).expect("good").as_deref(),
            Some(&b"QUIT\r\n"[..])
        );
        assert_eq!(take(&mut buffer), Ok(None));
        for bad in ["NOOP\n", "NO\rOP\r\n", "\n"] {
            assert_eq!(
                take(&mut BytesMut::from(bad)),
                Err(BadLine::BareNewline),
                "{bad:?}"
            );
        }
        let long = "x".repeat(LONGEST);
        assert_eq!(take(&mut BytesMut::from(&*long)), Err(BadLine::TooLong));
        assert_eq!(
            take(&mut BytesMut::from(&*format!("{long}\r\n"))),
            Err(BadLine::TooLong)
        );
    }
}
