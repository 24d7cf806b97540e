//! The spellings of a time interval's parts, and what is wrong with the others.

use std::fmt;
use std::str::FromStr;

use serde::Deserializer;
use serde::de::{self, Visitor};

use super::range::{DayOfMonthRange, MonthRange, WeekdayRange, YearRange};

/// The names of days, Sunday first.
pub(super) const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The names of months.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Why a part of an interval is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// A time of day is missing.
    #[error("both start and end times must be provided")]
    TimeMissing,
    /// Not `HH:MM`.
    #[error("couldn't parse timestamp {0}, invalid format: a time is HH:MM, up to 24:00")]
    NotATime(String),
    /// A part of the day that ends before it starts; over midnight takes two ranges.
    #[error("start time cannot be equal or greater than end time; over midnight, write two ranges")]
    TimesReversed,
    /// More than one colon.
    #[error("couldn't parse range {0}, invalid format: a range is begin:end")]
    NotARange(String),
    /// Not the name of a day.
    #[error("{0} is not a valid weekday")]
    NotAWeekday(String),
    /// The week starts on Sunday, and the range ends before it starts.
    #[error("start day cannot be before end day: the week starts on sunday, in {0}")]
    WeekdaysReversed(String),
    /// Not a number.
    #[error("{0} is not a number")]
    NotANumber(String),
    /// Not 1 to 31 or −31 to −1.
    #[error("{0} is not a valid day of the month: out of range")]
    NotADay(i64),
    /// From the end of a month to its start.
    #[error("end day must be negative if start day is negative")]
    NegativeToPositive,
    /// A range of days that is empty in every month.
    #[error("end day {end} is always before start day {begin}")]
    DaysReversed {
        /// First day.
        begin: i8,
        /// Last day.
        end: i8,
    },
    /// Neither the name nor the number of a month.
    #[error("{0} is not a valid month")]
    NotAMonth(String),
    /// Months in the wrong order.
    #[error("end month is before start month in {0}")]
    MonthsReversed(String),
    /// Years in the wrong order.
    #[error("end year {end} is before start year {begin}")]
    YearsReversed {
        /// First year.
        begin: i64,
        /// Last year.
        end: i64,
    },
    /// Not a zone of the time zone database.
    #[error("unknown time zone {0}")]
    UnknownZone(String),
}

/// The minute of the day of `HH:MM`; `24:00` is 1440.
pub(super) fn time_of_day(text: &str) -> Result<i16, IntervalError> {
    let refused = || IntervalError::NotATime(text.to_owned());
    let digits = |part: &str| {
        let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        two.then(|| part.parse::<i16>().ok()).flatten()
    };
    let (hour, minute) = text.split_once(':').ok_or_else(refused)?;
    let (hour, minute) = digits(hour).zip(digits(minute)).ok_or_else(refused)?;
    match (hour, minute) {
        (0..=23, 0..=59) | (24, 0) => Ok(hour * 60 + minute),
        _ => Err(refused()),
    }
}

/// Both ends of `begin:end`, or the one word twice.
fn ends<T: Copy>(
    text: &str,
    member: impl Fn(&str) -> Result<T, IntervalError>,
) -> Result<(T, T), IntervalError> {
    let Some((begin, end)) = text.split_once(':') else {
        let only = member(text)?;
        return Ok((only, only));
    };
    if end.contains(':') {
        return Err(IntervalError::NotARange(text.to_owned()));
    }
    Ok((member(begin)?, member(end)?))
}

fn number(text: &str) -> Result<i64, IntervalError> {
    text.parse()
        .map_err(|_| IntervalError::NotANumber(text.to_owned()))
}

impl FromStr for WeekdayRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let text = text.to_lowercase();
        let (begin, end) = ends(&text, |word| {
            WEEKDAYS
                .iter()
                .zip(0..)
                .find_map(|(day, number)| (*day == word).then_some(number))
                .ok_or_else(|| IntervalError::NotAWeekday(word.to_owned()))
        })?;
        if begin > end {
            return Err(IntervalError::WeekdaysReversed(text));
        }
        Ok(Self { begin, end })
    }
}

impl FromStr for DayOfMonthRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text, |word| {
            let day = number(word)?;
            i8::try_from(day)
                .ok()
                .filter(|day| matches!(day, -31..=-1 | 1..=31))
                .ok_or(IntervalError::NotADay(day))
        })?;
        if begin < 0 && end > 0 {
            return Err(IntervalError::NegativeToPositive);
        }
        // With a mix of signs only the length of the month can tell; this refuses what is
        // empty even in the shortest one, by Alertmanager's own reckoning.
        let in_shortest = |day: i8| if day < 0 { 28 + day } else { day };
        if in_shortest(begin) > in_shortest(end) {
            return Err(IntervalError::DaysReversed { begin, end });
        }
        Ok(Self { begin, end })
    }
}

impl FromStr for MonthRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let text = text.to_lowercase();
        let (begin, end) = ends(&text, |word| {
            let named = MONTHS.iter().zip(1..).find(|(month, _)| **month == word);
            match named {
                Some((_, number)) => Ok(number),
                None => number(word).map_err(|_| IntervalError::NotAMonth(word.to_owned())),
            }
        })?;
        if !(1..=12).contains(&begin) || !(1..=12).contains(&end) {
            return Err(IntervalError::NotAMonth(text));
        }
        if begin > end {
            return Err(IntervalError::MonthsReversed(text));
        }
        Ok(Self { begin, end })
    }
}

impl FromStr for YearRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text, number)?;
        if begin > end {
            return Err(IntervalError::YearsReversed { begin, end });
        }
        Ok(Self { begin, end })
    }
}

/// A range as YAML gives it: `15` may arrive as a number, `1:5` as a text.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    if !deserializer.is_human_readable() {
        return serde::Deserialize::deserialize(deserializer);
    }
    deserializer.deserialize_any(TextOrNumber)
}

struct TextOrNumber;

impl Visitor<'_> for TextOrNumber {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a range such as 1:5, or one word or number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}
