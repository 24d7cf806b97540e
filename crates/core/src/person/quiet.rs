//! Quiet hours: when somebody is not to be woken.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schedule::{Calendar, Restriction, RestrictionError, RestrictionSpec, Stretch, open};
use crate::severity::Severity;
use crate::time::Time;
use crate::wall::{UnknownZone, Zone};

/// Most parts of quiet hours.
pub(super) const MAX_HOURS: usize = 32;
/// How far ahead their end is looked for; longer ones are looked at again then.
const AHEAD: Duration = Duration::from_hours(8 * 24);

/// Quiet hours as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietSpec {
    /// The zone in which they are meant: an IANA name.
    pub timezone: String,
    /// When it is quiet, as a layer's restrictions.
    pub hours: Vec<RestrictionSpec>,
    /// Holidays and make-up workdays, for hours that look at them.
    #[serde(default)]
    pub calendar: Calendar,
    /// Channels that wake nobody and are used all the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub allow: BTreeSet<Arc<str>>,
    /// What breaks them.
    #[serde(default)]
    pub broken_by: BrokenBy,
}

/// From which severity on quiet hours are broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrokenBy {
    /// Warnings and worse.
    Warning,
    /// Errors and worse.
    Error,
    /// Only what is critical.
    #[default]
    Critical,
    /// Nothing at all.
    Nothing,
}

/// Why quiet hours are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuietError {
    /// No such zone.
    #[error("timezone: {0}")]
    Zone(#[from] UnknownZone),
    /// None, or too many.
    #[error("hours: {0} parts; 1 to {MAX_HOURS}")]
    Count(usize),
    /// Something about a part.
    #[error("hours: part {number}: {problem}")]
    Hours {
        /// Which, from 1.
        number: usize,
        /// What about it.
        problem: RestrictionError,
    },
}

/// Checked quiet hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    zone: Zone,
    hours: Vec<Restriction>,
    calendar: Calendar,
    allow: BTreeSet<Arc<str>>,
    broken_by: BrokenBy,
}

impl Quiet {
    /// Checks quiet hours.
    pub fn new(spec: &QuietSpec) -> Result<Self, QuietError> {
        if spec.hours.is_empty() || spec.hours.len() > MAX_HOURS {
            return Err(QuietError::Count(spec.hours.len()));
        }
        let hours = (1..).zip(&spec.hours).map(|(number, hours)| {
            Restriction::new(hours, &spec.calendar)
                .map_err(|problem| QuietError::Hours { number, problem })
        });
        Ok(Self {
            zone: Zone::named(&spec.timezone)?,
            hours: hours.collect::<Result<_, _>>()?,
            calendar: spec.calendar.clone(),
            allow: spec.allow.clone(),
            broken_by: spec.broken_by,
        })
    }

    /// Until when it is quiet for something of that severity; `None` when it is not.
    pub fn until(&self, severity: Severity, now: Time) -> Option<Time> {
        let broken = match self.broken_by {
            BrokenBy::Warning => severity >= Severity::Warning,
            BrokenBy::Error => severity >= Severity::Error,
            BrokenBy::Critical => severity >= Severity::Critical,
            BrokenBy::Nothing => false,
        };
        if broken {
            return None;
        }
        let within = Stretch::new(now, now.after(AHEAD))?;
        let quiet = open(&self.hours, &self.zone, &self.calendar, within);
        let first = quiet.first().filter(|quiet| quiet.contains(now));
        first.map(|quiet| quiet.to)
    }

    /// The zone in which they are meant.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether a channel is used all the same.
    pub fn allows(&self, channel: &str) -> bool {
        self.allow.contains(channel)
    }
}
