//! When a layer is on: parts of days and weeks.
//!
//! A restriction opens a *window* on each of its days: from a time of that day for so long on the
//! wall, over midnight and over the end of the week where need be. A window begins at the first and
//! ends at the last occurrence of its wall times (see [`crate::wall`]); one that falls into a gap as
//! a whole does not open. The day decides, not what comes after midnight: a night that begins on a
//! workday is a workday's night. A layer with restrictions is on while any of their windows is open.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::holiday::{Calendar, On};
use super::stretch::{self, Stretch};
use crate::interval::WeekdayRange;
use crate::time::Time;
use crate::wall::Zone;

const MINUTES_A_DAY: i64 = 24 * 60;
const MINUTES_A_WEEK: i64 = 7 * MINUTES_A_DAY;
/// Days before an instant on which a window that is open then may have begun: a week, the day that
/// a date line can swallow, and one for the time of day.
const DAYS_BEFORE: i64 = 9;
/// Days after what the clock shows: it may have been put back over midnight.
const DAYS_AFTER: i64 = 2;

/// A restriction as written.
///
/// `{from: "18:00", to: "09:00", days: ["monday:friday"], on: workdays}` opens at 18:00 on each of
/// those days until 09:00 of the next. `{from: "friday 18:00", to: "monday 09:00"}` opens once a
/// week. Without `from` and `to` it is the whole day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestrictionSpec {
    /// `HH:MM`, or `weekday HH:MM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// As `from`; up to `24:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Days of the week on which it opens, as `monday` or `monday:friday`; all without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<String>>,
    /// Days of the calendar on which it opens.
    pub on: On,
}

/// Why a restriction is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestrictionError {
    /// One of the two ends is missing.
    #[error("from and to belong together; leave both out for the whole day")]
    OneEnd,
    /// Not a time.
    #[error("{0:?} is not a time; write HH:MM up to 24:00, or a weekday before it: friday 18:00")]
    NotATime(String),
    /// One end has a weekday, the other has none.
    #[error("{from:?} to {to:?}: give both ends a weekday, or neither")]
    OneWeekday {
        /// As written.
        from: String,
        /// As written.
        to: String,
    },
    /// Both ends are the same.
    #[error(
        "from and to are both {0:?}, so it would never be on; leave both out for the whole day"
    )]
    NoLength(String),
    /// Days beside ends with weekdays.
    #[error("from and to name their weekdays already; leave out days and on")]
    DaysTwice,
    /// Not a day of the week.
    #[error("{0:?} is not a day of the week; write monday or monday:friday")]
    NotADay(String),
    /// No day fits.
    #[error("none of its days is ever one of {} in the calendar, so it would never be on", .on.as_str())]
    NeverOn {
        /// Which days of the calendar were asked for.
        on: On,
    },
}

/// A checked restriction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Days of the week on which it opens, Sunday first.
    weekdays: [bool; 7],
    on: On,
    /// Minutes from the day's midnight to its beginning, on the wall.
    start: i64,
    /// Minutes on the wall from its beginning to its end; under a week.
    length: i64,
}

impl Restriction {
    /// Checks a restriction against the calendar it will be read with.
    pub fn new(spec: &RestrictionSpec, calendar: &Calendar) -> Result<Self, RestrictionError> {
        let (from, to) = match (&spec.from, &spec.to) {
            (Some(from), Some(to)) => (from.as_str(), to.as_str()),
            (None, None) => ("00:00", "24:00"),
            _ => return Err(RestrictionError::OneEnd),
        };
        let ((from_day, start), (to_day, end)) = (moment(from)?, moment(to)?);
        let (weekdays, length) = match (from_day, to_day) {
            (None, None) => {
                let over_midnight = if end > start { 0 } else { MINUTES_A_DAY };
                (weekdays(spec.days.as_deref())?, end + over_midnight - start)
            }
            (Some(_), Some(_)) if spec.days.is_some() || spec.on != On::AnyDay => {
                return Err(RestrictionError::DaysTwice);
            }
            (Some(first), Some(last)) => {
                let minutes = i64::from(last.since(first)) * MINUTES_A_DAY + end - start;
                let mut weekdays = [false; 7];
                weekdays[first.to_sunday_zero_offset() as usize] = true;
                let whole = minutes == MINUTES_A_WEEK;
                let length = if whole {
                    minutes
                } else {
                    minutes.rem_euclid(MINUTES_A_WEEK)
                };
                (weekdays, length)
            }
            _ => {
                return Err(RestrictionError::OneWeekday {
                    from: from.to_owned(),
                    to: to.to_owned(),
                });
            }
        };
        if length == 0 || from == to {
            return Err(RestrictionError::NoLength(from.to_owned()));
        }
        if !calendar.can_be(weekdays, spec.on) {
            return Err(RestrictionError::NeverOn { on: spec.on });
        }
        Ok(Self {
            weekdays,
            on: spec.on,
            start,
            length,
        })
    }

    /// Every day, or those of the calendar, from one minute of the day for so many minutes.
    pub(super) fn on_days(weekdays: [bool; 7], on: On, start: i64, length: i64) -> Self {
        Self {
            weekdays,
            on,
            start,
            length,
        }
    }

    /// The window that it opens on a day.
    fn window(&self, day: Date, zone: &Zone, calendar: &Calendar) -> Option<Stretch> {
        let picked = self.weekdays[day.weekday().to_sunday_zero_offset() as usize];
        if !picked || !calendar.is(day, self.on) {
            return None;
        }
        let begins = later(day.at(0, 0, 0, 0), self.start)?;
        let ends = later(begins, self.length)?;
        Stretch::new(zone.first(begins), zone.last(ends))
    }
}

/// A wall time so many minutes on, by the wall's own arithmetic.
fn later(wall: DateTime, minutes: i64) -> Option<DateTime> {
    wall.checked_add(SignedDuration::from_mins(minutes)).ok()
}

/// When any of these restrictions is on, within a part of time.
pub fn open(
    restrictions: &[Restriction],
    zone: &Zone,
    calendar: &Calendar,
    within: Stretch,
) -> Vec<Stretch> {
    let day = |at: Time, days: i64| {
        let date = zone.clock(at).date();
        date.saturating_add(Span::new().days(days))
    };
    let last = day(within.to, DAYS_AFTER);
    let days = day(within.from, -DAYS_BEFORE)
        .series(Span::new().days(1))
        .take_while(|day| *day <= last);
    let windows = days.flat_map(|day| {
        restrictions
            .iter()
            .filter_map(move |restriction| restriction.window(day, zone, calendar))
    });
    stretch::union(windows.filter_map(|window| window.within(within)).collect())
}

/// `18:00`, or `friday 18:00`.
fn moment(text: &str) -> Result<(Option<Weekday>, i64), RestrictionError> {
    let not_a_time = || RestrictionError::NotATime(text.chars().take(64).collect());
    let (day, time) = match text.rsplit_once(' ') {
        Some((day, time)) => (Some(weekday(day.trim()).ok_or_else(not_a_time)?), time),
        None => (None, text),
    };
    Ok((day, minute_of_day(time).ok_or_else(not_a_time)?))
}

/// `HH:MM` up to `24:00`, in minutes.
pub(super) fn minute_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= MINUTES_A_DAY).then_some(minute)
}

/// The day of the week of that name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let range: WeekdayRange = name.parse().ok()?;
    let mut inside = (0..7)
        .filter_map(|offset| Weekday::from_sunday_zero_offset(offset).ok())
        .filter(|day| range.contains(*day));
    // A range is more than one day.
    inside.next().filter(|_| inside.next().is_none())
}

/// The days that a list names, Sunday first; all without a list.
fn weekdays(words: Option<&[String]>) -> Result<[bool; 7], RestrictionError> {
    let Some(words) = words else {
        return Ok([true; 7]);
    };
    let mut inside = [false; 7];
    for word in words {
        let range: WeekdayRange = word
            .parse()
            .map_err(|_| RestrictionError::NotADay(word.chars().take(64).collect()))?;
        for (offset, inside) in (0_i8..).zip(&mut inside) {
            let day = Weekday::from_sunday_zero_offset(offset);
            *inside |= day.is_ok_and(|day| range.contains(day));
        }
    }
    Ok(inside)
}
