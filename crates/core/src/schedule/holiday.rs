//! Which days are worked on: weekdays, public holidays, and weekends that are worked on instead.
//!
//! A calendar is a table of the days that are not what their weekday says. A day that is not in
//! the table is a workday from Monday to Friday and off on Saturday and Sunday.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::china::CHINA;

/// Most days in a table: a hundred years of forty.
pub(super) const MAX_DAYS: usize = 4_000;

/// What the table says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    /// Off, whatever its weekday.
    Holiday,
    /// Worked on, whatever its weekday: a weekend that makes up for a holiday.
    Workday,
}

/// One line of the table: `{date: 2026-10-01, kind: holiday}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// Which day.
    pub date: Date,
    /// What it is.
    pub kind: DayKind,
}

/// Why a table is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A day is there as both.
    #[error("{0} is both a holiday and a workday in the calendar; keep one of the two lines")]
    Both(Date),
    /// More days than a hundred years have.
    #[error("the calendar has {0} days; {MAX_DAYS} at most")]
    TooMany(usize),
    /// A name that no table has.
    #[error("no calendar is called {0:?}; write china or a list of days")]
    Unknown(String),
}

/// The days that are not what their weekday says. Written as a list of [`CalendarDay`], or as
/// `china` for the table that Balefire has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, DayKind>,
}

/// Which days a restriction looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// All.
    #[default]
    AnyDay,
    /// Days that are worked on.
    Workdays,
    /// Days that are not: free weekends and holidays.
    DaysOff,
    /// Days that the table calls holidays.
    Holidays,
}

impl On {
    /// The word as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnyDay => "any_day",
            Self::Workdays => "workdays",
            Self::DaysOff => "days_off",
            Self::Holidays => "holidays",
        }
    }
}

impl Calendar {
    /// A table from its lines; the same line twice is once.
    pub fn new(lines: &[CalendarDay]) -> Result<Self, CalendarError> {
        if lines.len() > MAX_DAYS {
            return Err(CalendarError::TooMany(lines.len()));
        }
        let mut days = BTreeMap::new();
        for line in lines {
            let known = days.insert(line.date, line.kind);
            if known.is_some_and(|known| known != line.kind) {
                return Err(CalendarError::Both(line.date));
            }
        }
        Ok(Self { days })
    }

    /// The public holidays and make-up workdays of mainland China, for the years that were
    /// announced when this version was made.
    pub fn china() -> Self {
        let days = CHINA
            .iter()
            .flat_map(|(first, last, kind)| {
                first
                    .series(jiff::Span::new().days(1))
                    .take_while(move |day| day <= last)
                    .map(move |day| (day, *kind))
            })
            .collect();
        Self { days }
    }

    /// Whether a day is worked on.
    pub fn is_workday(&self, day: Date) -> bool {
        match self.days.get(&day) {
            Some(kind) => *kind == DayKind::Workday,
            None => !is_weekend(day.weekday()),
        }
    }

    /// Whether the table calls a day a holiday.
    pub fn is_holiday(&self, day: Date) -> bool {
        self.days.get(&day) == Some(&DayKind::Holiday)
    }

    /// Whether a day is one of those.
    pub fn is(&self, day: Date, on: On) -> bool {
        match on {
            On::AnyDay => true,
            On::Workdays => self.is_workday(day),
            On::DaysOff => !self.is_workday(day),
            On::Holidays => self.is_holiday(day),
        }
    }

    /// The last day the table speaks of; `None` for an empty one. Later holidays are not known.
    pub fn last_day(&self) -> Option<Date> {
        self.days.keys().next_back().copied()
    }

    /// Whether any day of these weekdays, Sunday first, can ever be one of those.
    pub(super) fn can_be(&self, weekdays: [bool; 7], on: On) -> bool {
        let picked = |day: Weekday| weekdays[day.to_sunday_zero_offset() as usize];
        let (sunday, rest) = (weekdays[0], &weekdays[1..]);
        let (worked, free) = (rest[..5].contains(&true), sunday || rest[5]);
        let by_weekday = match on {
            On::AnyDay => worked || free,
            On::Workdays => worked,
            On::DaysOff => free,
            On::Holidays => false,
        };
        by_weekday || {
            let mut listed = self.days.keys();
            listed.any(|day| picked(day.weekday()) && self.is(*day, on))
        }
    }
}

fn is_weekend(day: Weekday) -> bool {
    matches!(day, Weekday::Saturday | Weekday::Sunday)
}

impl Serialize for Calendar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.days.iter().map(|(date, kind)| CalendarDay {
            date: *date,
            kind: *kind,
        }))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CalendarShape {
    Named(String),
    Listed(Vec<CalendarDay>),
}

impl<'de> Deserialize<'de> for Calendar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match CalendarShape::deserialize(deserializer)? {
            CalendarShape::Named(name) if name == "china" => Ok(Self::china()),
            CalendarShape::Named(name) => Err(de::Error::custom(CalendarError::Unknown(name))),
            CalendarShape::Listed(lines) => Self::new(&lines).map_err(de::Error::custom),
        }
    }
}
