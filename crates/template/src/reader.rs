//! Who reads: their language and zone, and times and spans as they say them.

use std::sync::LazyLock;
use std::time::Duration;

use balefire_core::message::Locale;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use crate::i18n::{Argument, text};

/// Language and zone of who reads a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// Language.
    pub locale: Locale,
    /// IANA name, e.g. `Asia/Shanghai`; empty or unknown reads as UTC.
    pub zone: String,
}

impl Reader {
    /// A text in the reader's language.
    pub fn text(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        text(self.locale, key, arguments)
    }

    /// A word without places in the reader's language.
    pub fn word(&self, key: &str) -> String {
        text(self.locale, key, &[])
    }

    /// The rules of the reader's zone.
    pub fn clock(&self) -> TimeZone {
        zone(&self.zone)
    }

    /// Date, time of day and offset in the reader's zone: `2026-11-22 10:04:05 UTC+8`.
    ///
    /// The offset stands there rather than the zone's abbreviation, because `CST` is China's
    /// standard time and Chicago's.
    pub fn time(&self, time: Time) -> String {
        let zoned = time.timestamp().to_zoned(zone(&self.zone));
        format!(
            "{} {}",
            zoned.strftime("%Y-%m-%d %H:%M:%S"),
            offset_words(zoned.offset())
        )
    }

    /// A span in its two largest units: `2d 3h`, `3 分 20 秒`.
    pub fn duration(&self, span: Duration) -> String {
        let secs = span.as_secs();
        let units = [
            ("duration-days", secs / 86_400),
            ("duration-hours", secs / 3_600 % 24),
            ("duration-minutes", secs / 60 % 60),
            ("duration-seconds", secs % 60),
        ];
        let Some(first) = units.iter().position(|(_, n)| *n > 0) else {
            return self.word("duration-none");
        };
        let parts: Vec<String> = units[first..]
            .iter()
            .take(2)
            .filter(|(_, n)| *n > 0)
            .map(|(key, n)| self.text(key, &[("n", (*n).into())]))
            .collect();
        parts.join(&self.word("duration-join"))
    }

    /// The word for a severity.
    pub fn severity(&self, severity: Severity) -> String {
        self.word(match severity {
            Severity::Info => "severity-info",
            Severity::Warning => "severity-warning",
            Severity::Error => "severity-error",
            Severity::Critical => "severity-critical",
        })
    }
}

static COMPILED_IN: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of an IANA name; UTC when the name is empty or unknown, since a wrong zone must not
/// keep an alert from being told.
pub(crate) fn zone(name: &str) -> TimeZone {
    if name.is_empty() {
        return TimeZone::UTC;
    }
    // A template worker can open no file, so there only the zones compiled in can be found.
    TimeZone::get(name)
        .or_else(|_| COMPILED_IN.get(name))
        .unwrap_or(TimeZone::UTC)
}

/// `UTC`, `UTC+8`, `UTC-3:30`.
pub(crate) fn offset_words(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 {
        format!("UTC{sign}{hours}")
    } else {
        format!("UTC{sign}{hours}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(locale: Locale, zone: &str) -> Reader {
        Reader {
            locale,
            zone: zone.to_owned(),
        }
    }

    #[test]
    fn a_time_carries_its_date_and_offset() {
        let time = Time::from_secs(1_795_342_445);
        let told = |zone| reader(Locale::En, zone).time(time);
        assert_eq!(told("Asia/Shanghai"), "2026-11-22 18:14:05 UTC+8");
        assert_eq!(told("America/St_Johns"), "2026-11-22 06:44:05 UTC-3:30");
        assert_eq!(told(""), "2026-11-22 10:14:05 UTC");
        assert_eq!(told("Mars/Olympus"), "2026-11-22 10:14:05 UTC");
    }

    #[test]
    fn no_instant_is_too_far_to_be_told() {
        for time in [Time::NEVER, Time::from_micros(i64::MIN)] {
            assert!(
                reader(Locale::En, "Asia/Shanghai")
                    .time(time)
                    .contains("9999")
            );
        }
    }

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        let told = |locale, secs| reader(locale, "").duration(Duration::from_secs(secs));
        assert_eq!(told(Locale::En, 0), "under 1s");
        assert_eq!(told(Locale::En, 200), "3m 20s");
        assert_eq!(told(Locale::En, 3_600), "1h");
        assert_eq!(told(Locale::En, 86_400 + 59), "1d");
        assert_eq!(
            told(Locale::ZhCn, 2 * 86_400 + 3 * 3_600 + 5),
            "2 天 3 小时"
        );
    }
}
