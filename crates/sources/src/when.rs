//! The many ways senders write a time.
//!
//! A time without a zone is read in the source's own zone; one that cannot be read, or that lies
//! outside 2000 to 2100, is not believed: the time of receipt is used instead, and a note says so.

use balefire_core::time::Time;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// 2000-01-01 in microseconds since the epoch.
const EARLIEST: Time = Time::from_secs(946_684_800);
/// 2101-01-01.
const LATEST: Time = Time::from_secs(4_133_980_800);

/// A time that is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doubtful;

/// Reads a sender's time; `zone` (an IANA name) holds for texts that name none. `None` for the
/// ways senders say "no time": nothing, `0`, Go's zero time.
pub(crate) fn read(text: &str, zone: &str) -> Result<Option<Time>, Doubtful> {
    let text = text.trim();
    if text.is_empty() || text == "0" || text.starts_with("0001-01-01") || text.starts_with("0000-")
    {
        return Ok(None);
    }
    let time = number(text)
        .or_else(|| rfc3339(text))
        .or_else(|| loose(text, zone))
        .ok_or(Doubtful)?;
    if time < EARLIEST || time >= LATEST {
        Err(Doubtful)
    } else {
        Ok(Some(time))
    }
}

/// A time with its offset, as RFC 3339 or a near relative of it (a space for the T, `+0800`).
pub(crate) fn rfc3339(text: &str) -> Option<Time> {
    text.parse::<Timestamp>().ok().map(Time::from)
}

/// Seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by size.
fn number(text: &str) -> Option<Time> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // Fourteen digits that begin a plausible century are yyyyMMddHHmmss, not an epoch.
    if whole.len() == 14 && whole.starts_with("20") {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    Some(match number {
        ..100_000_000_000 => {
            let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
            Time::from_micros(number * 1_000_000 + micros.parse::<i64>().ok()?)
        }
        100_000_000_000..100_000_000_000_000 => Time::from_millis(number),
        100_000_000_000_000..100_000_000_000_000_000 => Time::from_micros(number),
        _ => Time::from_micros(number / 1_000),
    })
}

/// Dates with dots or slashes, zones as words, or no zone at all.
fn loose(text: &str, zone: &str) -> Option<Time> {
    let text = text.replacen(['.', '/'], "-", 2 * usize::from(dotted(text)));
    let text = worded_zone(&text).unwrap_or(text);
    if let Some(time) = rfc3339(&text).or_else(|| rfc3339(&text.replacen(" +", "+", 1))) {
        return Some(time);
    }
    let local = text.parse::<DateTime>().ok().or_else(|| compact(&text))?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(
        zone.to_ambiguous_zoned(local)
            .compatible()
            .ok()?
            .timestamp()
            .into(),
    )
}

/// `… GMT+08:00`, `…(UTC+08:00)` or `… UTC`, with the zone as RFC 3339 writes it.
fn worded_zone(text: &str) -> Option<String> {
    let text = text.trim_end_matches(')');
    let (local, offset) = ["GMT", "UTC"]
        .iter()
        .find_map(|word| text.rsplit_once(word))?;
    let local = local.trim_end_matches(['(', ' ']);
    Some(format!(
        "{local}{}",
        if offset.is_empty() { "Z" } else { offset }
    ))
}

/// Whether it begins as `yyyy.MM.dd` or `yyyy/MM/dd`.
fn dotted(text: &str) -> bool {
    matches!(text.as_bytes(), [_, _, _, _, b'.' | b'/', ..])
}

/// `yyyyMMddHHmmss`.
fn compact(text: &str) -> Option<DateTime> {
    let digits = text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| format!("{}T{}", &text[..8], &text[8..]).parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai(text: &str) -> Result<Option<String>, Doubtful> {
        read(text, "Asia/Shanghai").map(|time| time.map(Time::rfc3339_millis))
    }

    #[test]
    fn every_sender_s_way_of_writing_a_quarter_past_ten_in_beijing() {
        for text in [
            "2026-03-04T02:15:00Z",
            "2026-03-04T10:15:00+08:00",
            "2026-03-04T02:15:00.000+0000",
            "20260304T101500.000+0800",
            "2026-03-04 10:15:00",
            "2026-03-04 10:15:00.000",
            "2026.03.04 10:15:00",
            "2026/03/04 10:15:00",
            "2026/03/04 10:15:00 GMT+08:00",
            "2026-03-04 10:15:00(UTC+08:00)",
            "2026-03-04 02:15:00 UTC",
            "20260304101500",
            "1772590500",
            "1772590500.0",
            "1772590500000",
            "1772590500000000",
            "1772590500000000000",
        ] {
            assert_eq!(
                shanghai(text),
                Ok(Some("2026-03-04T02:15:00.000Z".to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn no_time_is_not_a_doubtful_time() {
        assert_eq!(
            ["", " ", "0", "0001-01-01T00:00:00Z"].map(shanghai),
            [const { Ok(None) }; 4]
        );
        for text in [
            "soon",
            "1999-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z",
            "12",
            "99999999999999999999",
        ] {
            assert_eq!(shanghai(text), Err(Doubtful), "{text}");
        }
    }

    #[test]
    fn a_local_time_that_a_clock_change_skips_or_repeats_is_still_read() {
        let berlin = |text| read(text, "Europe/Berlin").map(|t| t.map(Time::rfc3339_millis));
        assert_eq!(
            berlin("2026-03-29 02:30:00"),
            Ok(Some("2026-03-29T01:30:00.000Z".to_owned()))
        );
        assert_eq!(
            berlin("2026-10-25 02:30:00"),
            Ok(Some("2026-10-25T00:30:00.000Z".to_owned()))
        );
    }
}
