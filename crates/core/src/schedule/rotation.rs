//! Rotations: whose turn it is, by the wall clock alone.
//!
//! Turns are counted from `starts`, each until the handover after it. Handovers are counted on the
//! wall: a day is a day whether it has 23, 24 or 25 hours, so a handover at 09:00
//! stays at 09:00, and one every six hours stays at 03:00, 09:00, 15:00 and 21:00. Each is the
//! *first* instant of its wall time (see [`crate::wall`]): an hourly turn whose hour comes twice is
//! two hours long, and a turn that falls into a gap as a whole has no length and is passed over;
//! nobody else's turn moves for it. A month's handover on the 31st is on the last day of shorter
//! months.

use jiff::civil::{DateTime, Time as WallTime, Weekday};
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::LATEST;
use super::restriction::{minute_of_day, weekday};
use crate::duration;
use crate::time::Time;
use crate::wall::Zone;

/// The shortest turn; shorter ones make no sense for people, and this bounds how many there are.
pub(super) const SHORTEST_MINUTES: i64 = 15;
/// The longest turn, ten years; beyond it is a mistake in the unit.
pub(super) const LONGEST_MINUTES: i64 = 3_660 * 24 * 60;
/// Most lengths of a custom rotation.
pub(super) const MAX_LENGTHS: usize = 366;
/// Years in which a rotation may start.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=9000;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// In what turns are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Hours.
    Hourly,
    /// Days.
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
    #[error("{0:?} is not a time without zone; write 2026-01-05T09:00")]
    NotAWallTime(String),
    /// Parts of a minute, or a year that is out of range.
    #[error("{0} is not a whole minute of the years 1900 to 9000")]
    OutOfRange(DateTime),
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

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cycle {
    /// So many months each.
    Months(i64),
    /// Minutes from the cycle's beginning to the end of each of its turns.
    Ends(Vec<i64>),
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
        let cycle = cycle(pace, every, lengths)?;
        let starts = wall_time(starts)?;
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
        let mut number = self.near(zone.clock(at)).max(0);
        while number > 0 && self.handover(number, zone) > at {
            number -= 1;
        }
        while self.handover(number + 1, zone) <= at {
            number += 1;
        }
        Some(self.turn(number, zone))
    }

    /// The turn after one, with those passed over that have no length.
    pub(super) fn next(&self, turn: Turn, zone: &Zone) -> Option<Turn> {
        (turn.to <= LATEST)
            .then(|| self.turn_at(zone, turn.to))
            .flatten()
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
        self.wall(number)
            .map_or(Time::NEVER, |wall| zone.first(wall))
    }

    fn wall(&self, number: i64) -> Option<DateTime> {
        match &self.cycle {
            Cycle::Months(months) => {
                let span = Span::new().try_months(number.checked_mul(*months)?).ok()?;
                self.anchor.checked_add(span).ok()
            }
            Cycle::Ends(ends) => {
                let (count, total) = (ends.len() as i64, *ends.last()?);
                let within = match number.rem_euclid(count) {
                    0 => 0,
                    turn => *ends.get(turn as usize - 1)?,
                };
                let minutes = number
                    .div_euclid(count)
                    .checked_mul(total)?
                    .checked_add(within)?;
                let span = SignedDuration::try_from_mins(minutes)?;
                self.anchor.checked_add(span).ok()
            }
        }
    }

    /// The turn whose wall times hold `wall`; for months, that one or its neighbour.
    fn near(&self, wall: DateTime) -> i64 {
        match &self.cycle {
            Cycle::Months(months) => {
                let count = |wall: DateTime| i64::from(wall.year()) * 12 + i64::from(wall.month());
                (count(wall) - count(self.anchor)).div_euclid(*months)
            }
            Cycle::Ends(ends) => {
                let total = ends.last().copied().unwrap_or(1);
                let minutes = wall.duration_since(self.anchor).as_mins();
                let within = minutes.rem_euclid(total);
                let turn = ends.partition_point(|end| *end <= within) as i64;
                minutes.div_euclid(total) * ends.len() as i64 + turn
            }
        }
    }
}

fn cycle(pace: Pace, every: Option<u32>, lengths: &[String]) -> Result<Cycle, RotationError> {
    if pace == Pace::Custom {
        if every.is_some() {
            return Err(RotationError::NotOfThisPace("every"));
        }
        return custom(lengths);
    }
    if !lengths.is_empty() {
        return Err(RotationError::NotOfThisPace("lengths"));
    }
    let every = i64::from(every.unwrap_or(1));
    if every == 0 {
        return Err(RotationError::ZeroEvery);
    }
    let unit = match pace {
        Pace::Hourly => HOUR,
        Pace::Daily => DAY,
        Pace::Weekly => WEEK,
        // As a bound only; months are counted by the calendar.
        Pace::Monthly | Pace::Custom => 30 * DAY,
    };
    let minutes = length(every * unit)?;
    Ok(match pace {
        Pace::Monthly => Cycle::Months(every),
        _ => Cycle::Ends(vec![minutes]),
    })
}

fn custom(lengths: &[String]) -> Result<Cycle, RotationError> {
    if lengths.is_empty() || lengths.len() > MAX_LENGTHS {
        return Err(RotationError::LengthCount(lengths.len()));
    }
    let mut ends = Vec::with_capacity(lengths.len());
    let mut total = 0;
    for text in lengths {
        let not_a_length = || RotationError::NotALength(text.chars().take(64).collect());
        let span = duration::parse(text).map_err(|_| not_a_length())?;
        if span.as_millis() % 60_000 != 0 {
            return Err(not_a_length());
        }
        total += length(i64::try_from(span.as_secs() / 60).unwrap_or(i64::MAX))?;
        ends.push(total);
    }
    Ok(Cycle::Ends(ends))
}

fn length(minutes: i64) -> Result<i64, RotationError> {
    if (SHORTEST_MINUTES..=LONGEST_MINUTES).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(RotationError::Length { minutes })
    }
}

/// A wall time as written, to the minute.
pub(super) fn wall_time(text: &str) -> Result<DateTime, RotationError> {
    let wall: DateTime = text
        .parse()
        .map_err(|_| RotationError::NotAWallTime(text.chars().take(64).collect()))?;
    if !YEARS.contains(&wall.year()) || wall.second() != 0 || wall.subsec_nanosecond() != 0 {
        return Err(RotationError::OutOfRange(wall));
    }
    Ok(wall)
}

/// The last moment of handover at or before `starts`.
fn anchor(starts: DateTime, cycle: &Cycle, at: &Handover) -> Result<DateTime, RotationError> {
    let ends = match cycle {
        Cycle::Months(_) => &[1][..],
        Cycle::Ends(ends) => ends,
    };
    let mut anchor = starts;
    if let Some(text) = &at.time {
        let minute = minute_of_day(text)
            .filter(|minute| *minute < DAY)
            .ok_or_else(|| RotationError::NotATime(text.chars().take(64).collect()))?;
        if ends.iter().any(|end| end % DAY != 0) {
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
        if ends.last().is_some_and(|end| end % WEEK != 0) {
            let (what, unit) = ("weekday", "a cycle of whole weeks");
            return Err(RotationError::DoesNotKeep { what, unit });
        }
        let back = i64::from(day.weekday().since(wanted));
        day = day.saturating_sub(Span::new().days(back));
    }
    Ok(day.to_datetime(anchor.time()))
}
