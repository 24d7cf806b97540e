//! The header `Range`: one range of bytes, or the whole (RFC 9110, section 14).

use std::ops::RangeInclusive;

/// What is asked for of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, both ends included.
    Part(RangeInclusive<u64>),
    /// Bytes that it does not have.
    Beyond,
}

/// Reads the header for a file of so many bytes. What is not one well-formed range of bytes asks for the
/// whole, as the RFC allows; so many ranges cost no more than none.
pub(super) fn wanted(header: &str, size: u64) -> Wanted {
    one_range(header, size).unwrap_or(Wanted::Whole)
}

fn one_range(header: &str, size: u64) -> Option<Wanted> {
    let range = header.trim().strip_prefix("bytes=")?;
    let (first, last) = match range.trim().split_once('-')? {
        // So many bytes from the end.
        ("", length) => match number(length)? {
            0 => return Some(Wanted::Beyond),
            length => (size.saturating_sub(length), u64::MAX),
        },
        (first, "") => (number(first)?, u64::MAX),
        (first, last) => (number(first)?, number(last)?),
    };
    if last < first {
        return None;
    }
    if first >= size {
        return Some(Wanted::Beyond);
    }
    Some(Wanted::Part(first..=last.min(size - 1)))
}

/// A number in digits alone. More than 64 bits hold is more than any file has.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_all_else_is_the_whole() {
        use Wanted::{Beyond, Part, Whole};
        for (header, expected) in [
            ("bytes=0-0", Part(0..=0)),
            ("bytes=0-", Part(0..=9)),
            ("bytes=3-5", Part(3..=5)),
            ("bytes=9-99999999999999999999999", Part(9..=9)),
            ("bytes=-3", Part(7..=9)),
            ("bytes=-99", Part(0..=9)),
            ("bytes=-0", Beyond),
            ("bytes=10-", Beyond),
            ("bytes=99999999999999999999999-", Beyond),
            ("bytes=5-3", Whole),
            ("bytes=-", Whole),
            ("bytes=0-,0-", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=1-2-3", Whole),
            ("lines=0-1", Whole),
            ("", Whole),
        ] {
            assert_eq!(wanted(header, 10), expected, "{header}");
        }
        assert_eq!(wanted("bytes=0-", 0), Beyond);
        assert_eq!(wanted("bytes=-5", 0), Beyond);
        let many = format!("bytes={}", "0-,".repeat(1000));
        assert_eq!(wanted(&many, 10), Whole);
    }
}
