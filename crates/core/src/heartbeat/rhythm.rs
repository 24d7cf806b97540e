//! When the next success is due: after a period, or by a cron expression on the clock of a place.
//!
//! The expression is read and searched by `cronexpr`; which instant is meant by a wall time is ours
//! ([`Zone::first`]), as for schedules: a time that the clock leaves out is due when the clock has been put
//! forward, one that comes twice is due when it comes first and not again.

use std::fmt;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::duration;
use crate::time::Time;
use crate::wall::Zone;

/// Longest cron expression, in bytes; real ones have a tenth of that.
const LONGEST: usize = 256;
/// Wall times that are passed over at most because they came before: more than a day of minutes.
const PASSED_OVER: usize = 2_000;

/// When the next success is due after one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// So long after it.
    Every(Duration),
    /// When the clock shows the next of these times.
    Cron(Box<Cron>),
}

/// A cron expression on the clock of a place.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    zone: Zone,
    table: cronexpr::Crontab,
}

/// Why a text is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is too long.
    #[error("a cron expression has at most {LONGEST} bytes")]
    Long,
    /// Not five fields.
    #[error("a cron expression has five fields (minute, hour, day, month, weekday), not {0}")]
    Fields(usize),
    /// A field cannot be read.
    #[error("not a cron expression: {0}")]
    Field(String),
    /// It names a day that does not come within four years.
    #[error("this time never comes")]
    Never,
}

impl Cron {
    /// Reads an expression of five fields: minute, hour, day of the month, month, day of the week.
    pub fn new(text: &str, zone: Zone) -> Result<Self, CronError> {
        if text.len() > LONGEST {
            return Err(CronError::Long);
        }
        // A sixth field would be a zone of its own.
        let fields = text.split_whitespace().count();
        if fields != 5 {
            return Err(CronError::Fields(fields));
        }
        // All is reckoned in wall time, for which a zone without changes of the clock stands in.
        let table = cronexpr::parse_crontab(&format!("{text} UTC")).map_err(|error| {
            let words = error.to_string();
            let line = words.lines().last().unwrap_or_default().trim();
            CronError::Field(line.trim_start_matches(['^', ' ']).to_owned())
        })?;
        let cron = Self {
            text: text.to_owned(),
            zone,
            table,
        };
        let some_day = DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
        cron.next_wall(some_day).ok_or(CronError::Never)?;
        Ok(cron)
    }

    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place whose clock counts.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The first instant after `after` at which it is time; `None` when there is none within four years.
    pub fn next(&self, after: Time) -> Option<Time> {
        let mut wall = self.zone.clock(after);
        // When an hour comes again, its times lie behind.
        for _ in 0..PASSED_OVER {
            wall = self.next_wall(wall)?;
            let at = self.zone.first(wall);
            if at > after {
                return Some(at);
            }
        }
        None
    }

    /// The first of its wall times after one.
    fn next_wall(&self, after: DateTime) -> Option<DateTime> {
        let instant = Offset::UTC.to_timestamp(after).ok()?;
        let next = self.table.find_next(instant).ok()?;
        Some(TimeZone::UTC.to_datetime(next.timestamp()))
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.zone == other.zone
    }
}

impl Eq for Cron {}

impl Rhythm {
    /// When the success after one at `after` is due; `None` when never.
    pub fn next(&self, after: Time) -> Option<Time> {
        match self {
            Self::Every(period) => Some(after.after(*period)),
            Self::Cron(cron) => cron.next(after),
        }
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(period) => f.write_str(&duration::format(*period)),
            Self::Cron(cron) => write!(f, "{} {}", cron.text, cron.zone.name()),
        }
    }
}
