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
    let Some(range) = header.trim().strip_prefix("bytes=") else {
        return Wanted::Whole;
    };
    let Some((first, last)) = range.trim().split_once('-') else {
        return Wanted::Whole;
    };
    let range = match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                return Wanted::Whole;
            }
            first..=last.min(size.saturating_sub(1))
        }
        // So many bytes from the end.
        (Some(None), Some(Some(length))) => {
            size.saturating_sub(length)..=size.saturating_sub(length.min(1))
        }
        _ => return Wanted::Whole,
    };
    if range.is_empty() || *range.start() >= size {
        Wanted::Beyond
    } else {
        Wanted::Part(*range.start()..=(*range.end()).min(size - 1))
    }
}

/// Digits, or nothing at all; `None` for anything else.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    // More than a number of 64 bits holds is more than any file has.
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
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
