//! Rotations: whose turn it is, by the wall clock alone.
//!
//! Turns are counted from `starts`, each until the handover after it. Handovers are counted on the
//! wall: a day is a day whether it has 23, 24 or 25 hours, so a handover at 09:00 stays at 09:00, and
//! one every six hours stays at 03:00, 09:00, 15:00 and 21:00. Each is the *first* instant of its wall
//! time (see [`crate::wall`]): an hourly turn whose hour comes twice is two hours long, and a turn that
//! falls into a gap as a whole has no length and is passed over; nobody else's turn moves for it. A
//! month's handover on the 31st is on the last day of shorter months.

use jiff::Span;
use jiff::civil::{DateTime, Time as WallTime, Weekday};
use serde::{Deserialize, Serialize};

use super::LATEST;
use super::cycle::{Cycle, DAY, HOUR, MAX_LENGTHS, WEEK};
use super::restriction::{minute_of_day, weekday};
use crate::time::Time;
use crate::wall::Zone;

/// Years in which a rotation may start.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=9000;

/// In what turns are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Hours.
    Hourly,
    /// Days.
    #[default]
    Daily,
    /// Weeks.
    Weekly,
    /// Months.
    Monthly,
    /// The lengths that are listed, again and again.
    Custom,
}

/// When turns are handed over, if not at the time and weekday of `starts`. Turns then are counted from
/// the last such moment at or before `starts`, so that the first one is shorter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Handover {
    /// `HH:MM`; for turns of whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// For cycles of whole weeks: the day on which a cycle begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekday: Option<String>,
}

/// Why a rotation is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// Not a wall time.
    #[error("{key}: {text:?} is not a time without zone; write 2026-01-05T09:00")]
    NotAWallTime {
        /// Which key.
        key: &'static str,
        /// As written.
        text: String,
    },
    /// Parts of a minute, or a year that is out of range.
    #[error("{key}: {wall} is not a whole minute of the years 1900 to 9000")]
    OutOfRange {
        /// Which key.
        key: &'static str,
        /// As read.
        wall: DateTime,
    },
    /// `every` is 0.
    #[error("every: 0 would be turns without length; write 1 or more")]
    ZeroEvery,
    /// Turns that are too short or too long.
    #[error("turns of {minutes} minutes: write a length from 15m to 3660d")]
    Length {
        /// The length asked for.
        minutes: i64,
    },
    /// A length that is no duration.
    #[error("lengths: {0:?} is not a length in whole minutes; write 12h, 5d or 1w")]
    NotALength(String),
    /// No lengths, or too many.
    #[error("a custom rotation has 1 to {MAX_LENGTHS} lengths, not {0}; write lengths: [5d, 2d]")]
    LengthCount(usize),
    /// Lengths beside a pace that has its own, or `every` beside lengths.
    #[error("{0} belongs to another rotation: lengths to custom, every to all others")]
    NotOfThisPace(&'static str),
    /// A time of handover that is none.
    #[error("handover: {0:?} is not a time of day; write HH:MM")]
    NotATime(String),
    /// A weekday of handover that is none.
    #[error("handover: {0:?} is not a day of the week")]
    NotADay(String),
    /// A handover that the turns' length does not keep.
    #[error("handover: a {what} needs {unit}; leave it out, or change the length")]
    DoesNotKeep {
        /// What was asked for: time or weekday.
        what: &'static str,
        /// What the rotation would have to be.
        unit: &'static str,
    },
}

/// Where handovers lie on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rotation {
    /// When the first turn begins.
    starts: DateTime,
    /// Where turns are counted from; at or before `starts`.
    anchor: DateTime,
    cycle: Cycle,
}

/// A turn with its instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Which one, from 0.
    pub(super) number: i64,
    pub(super) from: Time,
    /// The handover after it; never the same as `from`.
    pub(super) to: Time,
}

impl Rotation {
    pub(super) fn new(
        pace: Pace,
        every: Option<u32>,
        lengths: &[String],
        starts: &str,
        handover: Option<&Handover>,
    ) -> Result<Self, RotationError> {
        let cycle = Cycle::new(pace, every, lengths)?;
        let starts = wall_time("starts", starts)?;
        let anchor = match handover {
            Some(handover) => anchor(starts, &cycle, handover)?,
            None => starts,
        };
        Ok(Self {
            starts,
            anchor,
            cycle,
        })
    }

    /// When the first turn begins, on the wall.
    pub(super) fn starts(&self) -> DateTime {
        self.starts
    }

    /// When the first turn begins.
    pub(super) fn begins(&self, zone: &Zone) -> Time {
        zone.first(self.starts)
    }

    /// The turn that is on at an instant; `None` before the first.
    pub(super) fn turn_at(&self, zone: &Zone, at: Time) -> Option<Turn> {
        if at < self.begins(zone) {
            return None;
        }
        let at = at.min(LATEST);
        // The clock may have been put back or forward since the handover, so what it shows is only
        // near; the handovers' instants decide.
        let mut number = self.cycle.near(self.anchor, zone.clock(at)).max(0);
        while number > 0 && self.handover(number, zone) > at {
            number -= 1;
        }
        while self.handover(number + 1, zone) <= at {
            number += 1;
        }
        Some(self.turn(number, zone))
    }

    /// The turn after one; those that have no length are passed over.
    pub(super) fn next(&self, turn: Turn, zone: &Zone) -> Option<Turn> {
        if turn.to > LATEST {
            return None;
        }
        let from = turn.to;
        let mut number = turn.number + 1;
        loop {
            let to = self.handover(number + 1, zone);
            if to > from {
                return Some(Turn { number, from, to });
            }
            number += 1;
        }
    }

    fn turn(&self, number: i64, zone: &Zone) -> Turn {
        Turn {
            number,
            from: self.handover(number, zone).max(self.begins(zone)),
            to: self.handover(number + 1, zone),
        }
    }

    /// When turn `number` begins; never, when that is beyond the calendar.
    fn handover(&self, number: i64, zone: &Zone) -> Time {
        self.cycle
            .wall(self.anchor, number)
            .map_or(Time::NEVER, |wall| zone.first(wall))
    }
}

/// The wall time at a key, to the minute.
pub(super) fn wall_time(key: &'static str, text: &str) -> Result<DateTime, RotationError> {
    let wall: DateTime = text.parse().map_err(|_| RotationError::NotAWallTime {
        key,
        text: text.chars().take(64).collect(),
    })?;
    if !YEARS.contains(&wall.year()) || wall.second() != 0 || wall.subsec_nanosecond() != 0 {
        return Err(RotationError::OutOfRange { key, wall });
    }
    Ok(wall)
}

/// The last moment of handover at or before `starts`.
fn anchor(starts: DateTime, cycle: &Cycle, at: &Handover) -> Result<DateTime, RotationError> {
    let mut anchor = starts;
    if let Some(text) = &at.time {
        let minute = minute_of_day(text)
            .filter(|minute| *minute < DAY)
            .ok_or_else(|| RotationError::NotATime(text.chars().take(64).collect()))?;
        if !cycle.has_whole(DAY) {
            let (what, unit) = ("time", "turns of whole days");
            return Err(RotationError::DoesNotKeep { what, unit });
        }
        let time = WallTime::constant((minute / HOUR) as i8, (minute % HOUR) as i8, 0, 0);
        anchor = anchor.date().to_datetime(time);
    }
    let mut day = anchor.date();
    if anchor > starts {
        day = day.saturating_sub(Span::new().days(1));
    }
    if let Some(text) = &at.weekday {
        let wanted: Weekday =
            weekday(text).ok_or_else(|| RotationError::NotADay(text.chars().take(64).collect()))?;
        if !cycle.is_whole(WEEK) {
            let (what, unit) = ("weekday", "a cycle of whole weeks");
            return Err(RotationError::DoesNotKeep { what, unit });
        }
        let back = i64::from(day.weekday().since(wanted));
        day = day.saturating_sub(Span::new().days(back));
    }
    Ok(day.to_datetime(anchor.time()))
}
