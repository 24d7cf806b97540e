//! Durations as Prometheus writes them: `1h30m`, `1d`, `500ms`, `0`.
//!
//! Source: `model.ParseDuration` and `model.Duration.String` of prometheus/common.

use std::fmt::Write;
use std::time::Duration;

/// Units, largest first, with their length in milliseconds. A year has 365 days.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 60 * 60 * 1000),
    ("w", 7 * 24 * 60 * 60 * 1000),
    ("d", 24 * 60 * 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("m", 60 * 1000),
    ("s", 1000),
    ("ms", 1),
];

/// The longest duration, which is Go's: 2^63 − 1 nanoseconds, about 292 years.
const LONGEST_MILLIS: u64 = i64::MAX as u64 / 1_000_000;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// No text at all.
    #[error("empty duration string")]
    Empty,
    /// Something else than whole numbers with units, each unit at most once, largest first.
    #[error("not a valid duration string: {0:?}; write 30s, 5m or 1h30m")]
    Malformed(String),
    /// Longer than about 292 years.
    #[error("duration out of range")]
    OutOfRange,
}

/// The duration a text stands for: whole numbers with the units y, w, d, h, m, s, ms, each at most
/// once and in this order, or `0`.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    match text {
        "" => return Err(DurationError::Empty),
        "0" => return Ok(Duration::ZERO),
        _ => {}
    }
    let malformed = || DurationError::Malformed(text.chars().take(64).collect());
    let mut units = UNITS.iter();
    let mut rest = text;
    let mut total = 0_u64;
    let mut in_range = true;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(malformed());
        }
        // Looking on from the last unit keeps them in order and unique.
        let (_, millis) = units
            .find(|(name, _)| *name == unit)
            .ok_or_else(malformed)?;
        let sum = number.parse().ok().and_then(|number: u64| {
            number
                .checked_mul(*millis)?
                .checked_add(total)
                .filter(|sum| *sum <= LONGEST_MILLIS)
        });
        in_range &= sum.is_some();
        total = sum.unwrap_or(0);
        rest = after;
    }
    if in_range {
        Ok(Duration::from_millis(total))
    } else {
        Err(DurationError::OutOfRange)
    }
}

/// The text of a duration; parts of a millisecond are dropped. Years and weeks are only used when
/// nothing remains, because 90d reads better than 12w6d.
pub fn format(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, millis) in UNITS {
        let number = rest / millis;
        let whole_only = matches!(unit, "y" | "w");
        if number == 0 || (whole_only && rest % millis != 0) {
            continue;
        }
        rest -= number * millis;
        // Writing to a string cannot fail.
        let _ = write!(text, "{number}{unit}");
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_read_and_print_as_in_prometheus() {
        for (text, millis, printed) in [
            ("0", 0, "0s"),
            ("0w", 0, "0s"),
            ("0s", 0, "0s"),
            ("324ms", 324, "324ms"),
            ("3s", 3_000, "3s"),
            ("5m", 300_000, "5m"),
            ("1h", 3_600_000, "1h"),
            ("4d", 345_600_000, "4d"),
            ("4d1h", 349_200_000, "4d1h"),
            ("14d", 1_209_600_000, "2w"),
            ("3w", 1_814_400_000, "3w"),
            ("3w2d1h", 1_990_800_000, "23d1h"),
            ("10y", 315_360_000_000, "10y"),
            ("90m", 5_400_000, "1h30m"),
            ("1y2w3d4h5m6s7ms", 33_019_506_007, "382d4h5m6s7ms"),
            ("0y0w0d0h0m0s1ms", 1, "1ms"),
            ("007s", 7_000, "7s"),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
            assert_eq!(format(Duration::from_millis(millis)), printed, "{text}");
        }
    }

    #[test]
    fn what_prometheus_refuses_is_refused() {
        assert_eq!(parse(""), Err(DurationError::Empty));
        for text in [
            "1", "1y1m1d", "-1w", "1.5d", "d", "294ss", "10 s", " 1s", "1s ", "1s1m", "1m1m", "1S",
            "٣s", "1ms1s", "+1s",
        ] {
            assert_eq!(
                parse(text),
                Err(DurationError::Malformed(text.to_owned())),
                "{text}"
            );
        }
        for text in ["293y", "99999999999999999999s", "292y52w", "9223372036855s"] {
            assert_eq!(parse(text), Err(DurationError::OutOfRange), "{text}");
        }
        assert_eq!(
            parse("9223372036854ms").map(|d| d.as_millis()),
            Ok(9_223_372_036_854)
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(millis in 0..=LONGEST_MILLIS) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "[0-9ywdhmsx ]{0,12}") {
            if let Ok(duration) = parse(&text) {
                prop_assert_eq!(parse(&format(duration)), Ok(duration));
            }
        }
    }
}
