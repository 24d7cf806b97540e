//! The ranges of a time interval.

use std::fmt;

use jiff::civil::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::parse::{self, IntervalError};

/// A part of the day: from a minute up to, but without, another. 0 is midnight, 1440 the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    start: i16,
    end: i16,
}

impl TimeRange {
    /// From `HH:MM` to `HH:MM`; the end may be `24:00` and must be later than the start.
    pub fn new(start: &str, end: &str) -> Result<Self, IntervalError> {
        if start.is_empty() || end.is_empty() {
            return Err(IntervalError::TimeMissing);
        }
        let (start, end) = (parse::time_of_day(start)?, parse::time_of_day(end)?);
        if start >= end {
            return Err(IntervalError::TimesReversed);
        }
        Ok(Self { start, end })
    }

    /// The first minute of the day inside.
    pub fn start_minute(self) -> i16 {
        self.start
    }

    /// The first minute of the day after it.
    pub fn end_minute(self) -> i16 {
        self.end
    }

    /// Whether a minute of the day is inside.
    pub fn contains(self, minute: i16) -> bool {
        (self.start..self.end).contains(&minute)
    }
}

/// As in the document: `{start_time: "09:00", end_time: "17:00"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeShape {
    #[serde(default)]
    start_time: String,
    #[serde(default)]
    end_time: String,
}

impl Serialize for TimeRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let clock = |minute: i16| format!("{:02}:{:02}", minute / 60, minute % 60);
        TimeShape {
            start_time: clock(self.start),
            end_time: clock(self.end),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TimeRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = TimeShape::deserialize(deserializer)?;
        Self::new(&shape.start_time, &shape.end_time).map_err(de::Error::custom)
    }
}

/// Days of the week, both ends inside; 0 is Sunday. Written `monday:friday` or `saturday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeekdayRange {
    pub(super) begin: i8,
    pub(super) end: i8,
}

impl WeekdayRange {
    /// Whether a day is inside.
    pub fn contains(self, day: Weekday) -> bool {
        (self.begin..=self.end).contains(&day.to_sunday_zero_offset())
    }
}

/// Days of the month, both ends inside; negative ones count from its end, −1 being the last.
/// Written `1:5`, `-3:-1` or `15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayOfMonthRange {
    pub(super) begin: i8,
    pub(super) end: i8,
}

impl DayOfMonthRange {
    /// Whether a day is inside, in a month whose last day is `last`.
    pub fn contains(self, day: i8, last: i8) -> bool {
        let from_start = |day: i8| if day < 0 { last + day + 1 } else { day };
        (from_start(self.begin)..=from_start(self.end)).contains(&day)
    }
}

/// Months, both ends inside; 1 is January. Written `january:march`, `5:8` or `december`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MonthRange {
    pub(super) begin: i64,
    pub(super) end: i64,
}

impl MonthRange {
    /// Whether a month is inside.
    pub fn contains(self, month: i8) -> bool {
        (self.begin..=self.end).contains(&i64::from(month))
    }
}

/// Years, both ends inside. Written `2025:2027` or `2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct YearRange {
    pub(super) begin: i64,
    pub(super) end: i64,
}

impl YearRange {
    /// Whether a year is inside.
    pub fn contains(self, year: i16) -> bool {
        (self.begin..=self.end).contains(&i64::from(year))
    }
}

/// Two ends with a colon, or one word when they are the same.
fn write_range(f: &mut fmt::Formatter<'_>, begin: &str, end: &str) -> fmt::Result {
    if begin == end {
        f.write_str(begin)
    } else {
        write!(f, "{begin}:{end}")
    }
}

impl fmt::Display for WeekdayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |day: i8| {
            parse::WEEKDAYS
                .get(day as usize)
                .copied()
                .unwrap_or_default()
        };
        write_range(f, word(self.begin), word(self.end))
    }
}

macro_rules! numbers {
    ($($range:ty),*) => {$(
        impl fmt::Display for $range {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_range(f, &self.begin.to_string(), &self.end.to_string())
            }
        }
    )*};
}

numbers!(DayOfMonthRange, MonthRange, YearRange);

macro_rules! as_text {
    ($($range:ty),*) => {$(
        impl Serialize for $range {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $range {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parse::text_or_number(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(WeekdayRange, DayOfMonthRange, MonthRange, YearRange);
