//! Dates, times and spans as MySQL takes them and Python writes them.

use std::time::Duration;

use balefire_core::time::Time;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The first year MySQL's DATETIME is for.
const FIRST_YEAR: i16 = 1000;

/// Reads a date, with or without a time, as MySQL's DATETIME does: `2018-11-22`, `2018/11/22 9:05`,
/// `2018-11-22T11:30:05.5`, `20181122`, `20181122113005`. Fractions are rounded to seconds. It is meant in `zone`, in a
/// gap of which it moves on by the gap; a `Z` at its end, which browsers write, means UTC.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Time> {
    let text = text.trim();
    let (text, zone) = match text.strip_suffix('Z') {
        Some(text) => (text, &TimeZone::UTC),
        None => (text, zone),
    };
    let civil = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        compact(text)?
    } else {
        spelled(text)?
    };
    let known = civil.year() >= FIRST_YEAR;
    let instant = zone.to_timestamp(civil).ok().filter(|_| known)?;
    Some(Time::from_secs(instant.as_second()))
}

/// `YYYYMMDD` or `YYYYMMDDhhmmss`.
fn compact(digits: &str) -> Option<DateTime> {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("0");
    if digits.len() != 8 && digits.len() != 14 {
        return None;
    }
    let time = [part(8, 10), part(10, 12), part(12, 14)];
    made([part(0, 4), part(4, 6), part(6, 8)], time)
}

/// A year, a month and a day with signs between, perhaps followed by a time.
fn spelled(text: &str) -> Option<DateTime> {
    let end = text
        .find(|c: char| c == 'T' || c == 't' || c.is_ascii_whitespace())
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let mut parts = date.split(['-', '/', '.']);
    let date = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() || date[0].len() != 4 {
        return None;
    }
    let time = rest.trim_start_matches(['T', 't']).trim();
    if time.is_empty() {
        // A `T` announces a time.
        return if rest.is_empty() {
            made(date, ["0"; 3])
        } else {
            None
        };
    }
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = time.split(':');
    let time = [
        parts.next()?,
        parts.next().unwrap_or("0"),
        parts.next().unwrap_or("0"),
    ];
    if parts.next().is_some() {
        return None;
    }
    let rounded = i64::from(
        fraction
            .as_bytes()
            .first()
            .is_some_and(|first| *first >= b'5'),
    );
    made(date, time)?
        .checked_add(jiff::SignedDuration::from_secs(rounded))
        .ok()
}

/// Numbers of at most four digits for a year, two for the rest.
fn made(date: [&str; 3], time: [&str; 3]) -> Option<DateTime> {
    let year: i16 = number(date[0], 4)?;
    let two = |text: &str| i8::try_from(number(text, 2)?).ok();
    DateTime::new(
        year,
        two(date[1])?,
        two(date[2])?,
        two(time[0])?,
        two(time[1])?,
        two(time[2])?,
        0,
    )
    .ok()
}

fn number(text: &str, most: usize) -> Option<i16> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// `2018-11-22 10:00:00` in a zone.
pub(super) fn written(time: Time, zone: &TimeZone) -> String {
    let zoned = time.timestamp().to_zoned(zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A span as Python's `timedelta` writes it: `1:30:05`, `1 day, 0:00:00`, `2 days, 3:04:05`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    match days {
        0 => clock,
        1 => format!("1 day, {clock}"),
        _ => format!("{days} days, {clock}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").expect("a zone")
    }

    #[test]
    fn every_spelling_that_mysql_takes_is_the_same_time() {
        let zone = shanghai();
        for (text, meant) in [
            ("2018-11-22", "2018-11-22 00:00:00"),
            ("2018/11/22", "2018-11-22 00:00:00"),
            ("2018.11.2", "2018-11-02 00:00:00"),
            ("20181122", "2018-11-22 00:00:00"),
            ("20181122113005", "2018-11-22 11:30:05"),
            ("2018-11-22 10:00:00", "2018-11-22 10:00:00"),
            (" 2018-11-22  9:05 ", "2018-11-22 09:05:00"),
            ("2018-11-22 9", "2018-11-22 09:00:00"),
            ("2018-11-22T11:30:05", "2018-11-22 11:30:05"),
            ("2018-11-22 11:30:05.4999999", "2018-11-22 11:30:05"),
            ("2018-11-22 23:59:59.5", "2018-11-23 00:00:00"),
            ("2018-11-22 11:30:05.", "2018-11-22 11:30:05"),
            ("2018-11-22T03:30:05.000Z", "2018-11-22 11:30:05"),
        ] {
            let time = read(text, &zone).unwrap_or_else(|| panic!("{text} is refused"));
            assert_eq!(written(time, &zone), meant, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2018-02-30",
            "2018-13-01",
            "0000-00-00",
            "0999-01-01",
            "18-11-22",
            "2018-11",
            "2018-11-22-1",
            "2018-11-22T",
            "2018-11-22 24:00:00",
            "2018-11-22 10:61",
            "2018-11-22 10:00:00:00",
            "2018-11-22 10:00:00.x",
            "2018-11-22 +1:00",
            "201811221",
            "２０１８-11-22",
            "99999-01-01",
            "2018-11-22' OR 1=1--",
        ] {
            assert_eq!(read(text, &shanghai()), None, "{text:?}");
        }
    }

    #[test]
    fn a_time_that_the_clocks_left_out_moves_on_by_the_gap() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let gap = read("2026-03-08 02:30:00", &zone).expect("a time");
        assert_eq!(written(gap, &zone), "2026-03-08 03:30:00");
        // Of a time that came twice, the first is meant.
        let twice = read("2026-11-01 01:30:00", &zone).expect("a time");
        assert_eq!(twice.to_string(), "2026-11-01T05:30:00.000Z");
    }

    #[test]
    fn spans_are_written_as_python_does() {
        for (seconds, text) in [
            (0, "0:00:00"),
            (5405, "1:30:05"),
            (86_399, "23:59:59"),
            (86_400, "1 day, 0:00:00"),
            (172_800, "2 days, 0:00:00"),
            (10_000_000, "115 days, 17:46:40"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -30_000_000_000_i64..250_000_000_000) {
            // Without a fold, a written time means one instant.
            let time = Time::from_secs(seconds);
            prop_assert_eq!(read(&written(time, &TimeZone::UTC), &TimeZone::UTC), Some(time));
        }

        #[test]
        fn no_text_panics(text in any::<String>(), spelled in "[0-9T :./-]{0,24}") {
            let zone = shanghai();
            let _ = (read(&text, &zone), read(&spelled, &zone));
        }
    }
}
