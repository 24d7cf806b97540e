use proptest::prelude::*;

use super::*;

/// The same, said differently: lines are what stands between CR LFs.
fn model(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut plain = Vec::new();
    let mut rest = text;
    let mut used = 0;
    loop {
        let at = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = &rest[..at];
        used += at + 2;
        rest = &rest[at + 2..];
        if line == b"." {
            return Some((plain, used));
        }
        plain.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        plain.extend_from_slice(b"\r\n");
    }
}

/// In pieces of the given lengths: the content, and what was left over.
fn read(text: &[u8], pieces: &[usize]) -> Option<(Vec<u8>, usize)> {
    let mut content = Content::new(1 << 20);
    let mut buffer = BytesMut::new();
    let mut rest = text;
    let mut lengths = pieces.iter().cycle();
    while !rest.is_empty() {
        let length = (*lengths.next()?).clamp(1, rest.len());
        let (piece, left) = rest.split_at(length);
        rest = left;
        buffer.extend_from_slice(piece);
        if content.take(&mut buffer) == Ended::Whole {
            let used = text.len() - rest.len() - buffer.len();
            return Some((content.unstuffed(), used));
        }
        assert!(buffer.is_empty());
    }
    None
}

#[test]
fn nothing_but_a_dot_between_two_line_ends_is_the_end() {
    for smuggled in [
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\r\n\0.\r\n",
        "\n.\r",
    ] {
        let text = format!("a{smuggled}MAIL FROM:<x@y>\r\n.\r\nQUIT\r\n");
        let (content, used) = read(text.as_bytes(), &[7]).expect("an end");
        assert_eq!(used, text.len() - "QUIT\r\n".len(), "{smuggled:?}");
        let content = String::from_utf8(content).expect("text");
        assert!(content.ends_with("MAIL FROM:<x@y>\r\n"), "{smuggled:?}");
    }
}

#[test]
fn an_empty_content_and_doubled_dots() {
    assert_eq!(read(b".\r\n", &[1]), Some((Vec::new(), 3)));
    assert_eq!(
        read(b"..\r\n..a\r\n.\r\n", &[2]),
        Some((b".\r\n.a\r\n".to_vec(), 12))
    );
}

#[test]
fn what_is_too_large_is_read_to_its_end_and_not_kept() {
    let mut content = Content::new(1_000);
    let mut buffer = BytesMut::from(&[b'x'; 5_000][..]);
    assert_eq!(content.take(&mut buffer), Ended::NotYet);
    assert!(content.held() < 10, "{}", content.held());
    buffer.extend_from_slice(b"\r\n.");
    assert_eq!(content.take(&mut buffer), Ended::NotYet);
    buffer.extend_from_slice(b"\r\nQUIT\r\n");
    assert_eq!(content.take(&mut buffer), Ended::TooLarge);
    assert_eq!(&buffer[..], b"QUIT\r\n");
    assert_eq!(content.came(), 5_005);
}

proptest! {
    #[test]
    fn any_content_in_any_pieces_reads_as_the_model_says(
        text in prop::collection::vec(prop::sample::select(b"\r\n.ax".to_vec()), 0..60),
        pieces in prop::collection::vec(1_usize..9, 1..6),
    ) {
        prop_assert_eq!(read(&text, &pieces), model(&text));
    }
}
