//! The lengths of turns, again and again, reckoned on the wall.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span};

use super::rotation::{Pace, RotationError};
use crate::duration;

/// The shortest turn; shorter ones make no sense for people, and this bounds how many there are.
pub(super) const SHORTEST_MINUTES: i64 = 15;
/// The longest turn, ten years; beyond it is a mistake in the unit.
pub(super) const LONGEST_MINUTES: i64 = 3_660 * 24 * 60;
/// Most lengths of a custom rotation.
pub(super) const MAX_LENGTHS: usize = 366;
pub(super) const HOUR: i64 = 60;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const WEEK: i64 = 7 * DAY;

/// How long turns are, from where they are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cycle {
    /// So many months each.
    Months(i64),
    /// Minutes from the cycle's beginning to the end of each of its turns.
    Ends(Vec<i64>),
}

impl Cycle {
    pub(super) fn new(
        pace: Pace,
        every: Option<u32>,
        lengths: &[String],
    ) -> Result<Self, RotationError> {
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

    /// Whether every turn has whole units of so many minutes.
    pub(super) fn has_whole(&self, unit: i64) -> bool {
        matches!(self, Self::Ends(ends) if ends.iter().all(|end| end % unit == 0))
    }

    /// Whether the cycle as a whole has whole units of so many minutes.
    pub(super) fn is_whole(&self, unit: i64) -> bool {
        matches!(self, Self::Ends(ends) if ends.last().is_some_and(|end| end % unit == 0))
    }

    /// When turn `number` begins, counted from `anchor`; `None` beyond the calendar.
    pub(super) fn wall(&self, anchor: DateTime, number: i64) -> Option<DateTime> {
        match self {
            Self::Months(months) => {
                let span = Span::new().try_months(number.checked_mul(*months)?).ok()?;
                anchor.checked_add(span).ok()
            }
            Self::Ends(ends) => {
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
                anchor.checked_add(span).ok()
            }
        }
    }

    /// The turn whose wall times hold `wall`; for months, that one or its neighbour.
    pub(super) fn near(&self, anchor: DateTime, wall: DateTime) -> i64 {
        match self {
            Self::Months(months) => {
                let count = |wall: DateTime| i64::from(wall.year()) * 12 + i64::from(wall.month());
                (count(wall) - count(anchor)).div_euclid(*months)
            }
            Self::Ends(ends) => {
                let total = ends.last().copied().unwrap_or(1);
                let minutes = wall.duration_since(anchor).as_mins();
                let within = minutes.rem_euclid(total);
                let turn = ends.partition_point(|end| *end <= within) as i64;
                minutes.div_euclid(total) * ends.len() as i64 + turn
            }
        }
    }
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
