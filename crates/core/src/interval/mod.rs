//! Time intervals: parts of the week, month and year in which a route is mute or active.
//!
//! An interval lists conditions; a moment is inside when every condition that is given holds, and
//! a condition holds when one of its ranges does. Source: Alertmanager's `timeinterval`.

mod parse;
mod range;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Time;

pub use self::parse::IntervalError;
pub use self::range::{DayOfMonthRange, MonthRange, TimeRange, WeekdayRange, YearRange};

/// Conditions on the local time. `None` is no condition; an empty list is one that never holds, as
/// in Alertmanager.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interval {
    /// Times of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Vec<TimeRange>>,
    /// Days of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<WeekdayRange>>,
    /// Days of the month; negative ones count from its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_of_month: Option<Vec<DayOfMonthRange>>,
    /// Months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<Vec<MonthRange>>,
    /// Years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Vec<YearRange>>,
    /// Where the clock is read; UTC when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Interval {
    /// Whether the moment is inside.
    pub fn contains(&self, at: Time) -> bool {
        let utc = TimeZone::UTC;
        let zone = self
            .location
            .as_ref()
            .map_or(&utc, |location| &location.zone);
        let local = zone.to_datetime(at.timestamp());
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let last_day = local.date().days_in_month();
        any(self.times.as_deref(), |range| range.contains(minute))
            && any(self.days_of_month.as_deref(), |range| {
                range.contains(local.day(), last_day)
            })
            && any(self.months.as_deref(), |range| {
                range.contains(local.month())
            })
            && any(self.weekdays.as_deref(), |range| {
                range.contains(local.weekday())
            })
            && any(self.years.as_deref(), |range| range.contains(local.year()))
    }

    /// The same interval with `Local` read in the given zone, which is the system's.
    #[must_use]
    pub fn localised(mut self, local: &TimeZone) -> Self {
        if let Some(location) = &mut self.location
            && location.is_local()
        {
            location.zone = local.clone();
        }
        self
    }
}

/// Whether a condition is not given or one of its ranges holds.
fn any<T>(ranges: Option<&[T]>, holds: impl Fn(&T) -> bool) -> bool {
    ranges.is_none_or(|ranges| ranges.iter().any(holds))
}

/// A zone by its IANA name, or `Local` for the system's.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    name: Arc<str>,
    zone: TimeZone,
}

impl Location {
    /// The zone of that name: an IANA name, `UTC` (also the empty name), or `Local`, which is the
    /// zone given.
    pub fn new(name: &str, local: &TimeZone) -> Result<Self, IntervalError> {
        let zone = match name {
            "" | "UTC" => TimeZone::UTC,
            LOCAL => local.clone(),
            iana => TimeZone::get(iana).map_err(|_| IntervalError::UnknownZone(iana.to_owned()))?,
        };
        Ok(Self {
            name: name.into(),
            zone,
        })
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone itself.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether this is the system's zone.
    pub fn is_local(&self) -> bool {
        &*self.name == LOCAL
    }
}

/// The name of the system's zone.
const LOCAL: &str = "Local";

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// `Local` reads as UTC until [`Interval::localised`] is told the system's zone.
impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name, &TimeZone::UTC).map_err(de::Error::custom)
    }
}
