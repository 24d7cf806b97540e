//! Schedules: who is on call when.
//!
//! A schedule has a time zone and *layers*. A layer is a *rotation* of turns, each of one person or of
//! several together, or the events of a calendar file, and may have *restrictions*: the hours, weekdays and calendar days on which it is
//! on. Layers lie on top of each other: the last one that is on says who is on call, and where all
//! are off, there is a gap. *Overrides* then change the answer for a while. A *shift* is a part of time
//! in which the same people are on call for the same reason.
//!
//! Everything is reckoned in wall time and an IANA zone; instants are found when they are asked for,
//! so that a new zone database moves future shifts and nothing else. The rules where clocks change:
//!
//! 1. A beginning or a handover is the first instant at which the clock shows its time or a later
//!    one; an end is the last instant at which the clock comes to show its time. A time that never
//!    comes is the first instant after the gap, for both. ([`crate::wall`])
//! 2. Rotations advance by the wall: daily at 09:00 stays 09:00, every six hours stays at the same
//!    four times of day. Turns get longer and shorter with the day; one that falls into a gap as a
//!    whole is passed over, and the turns after it belong to whom they belonged. (`rotation.rs`)
//! 3. A restriction's window belongs to the day on which it begins, also over midnight; one that falls
//!    into a gap as a whole does not open. Windows that touch on the wall never leave a hole, and may
//!    overlap by the hour that comes twice. (`restriction.rs`)
//! 4. Shifts are never empty, never overlap, and leave no instant out that somebody is on call.
//!
//! So at every instant there is exactly one answer, and [`Schedule::on_call_at`], [`Schedule::shifts`]
//! and [`Schedule::coverage`] give the same one.

mod alternation;
mod booking;
mod china;
mod coverage;
mod cycle;
mod feed;
mod fetching;
mod holiday;
mod ical;
mod layer;
mod overrides;
mod restriction;
mod rotation;
mod shift;
mod stretch;
#[cfg(test)]
mod tests;
mod timeline;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Time;
use crate::wall::{UnknownZone, Zone};

pub use self::booking::{
    Booked, Booking, BookingError, BookingState, Deed, MAX_ID as MAX_BOOKING_ID, MAX_REASON,
};
pub use self::coverage::{Coverage, Gap, Hidden, Load, Quality, Unreachable};
pub use self::feed::{
    CalendarCopy, CalendarGuess, CalendarRead, EventsError, EventsSpec, GuessedPerson, MAX_EVENTS,
    MAX_TEXT as MAX_EVENTS_TEXT, essence as calendar_essence,
};
pub(crate) use self::feed::{Rule, rule_until};
pub use self::fetching::Fetching;
pub use self::holiday::{Calendar, CalendarDay, CalendarError, DayKind, On};
use self::layer::Layer;
pub use self::layer::{LayerError, LayerName, LayerSpec};
pub use self::overrides::{Given, Instead, MAX_OVERRIDES, Override, OverrideError};
pub use self::restriction::{Restriction, RestrictionError, RestrictionSpec, open};
pub use self::rotation::{Handover, Pace, RotationError};
pub use self::shift::{Change, LayerShift, OnCall, Shift};
pub use self::stretch::Stretch;
pub(crate) use self::stretch::union;
pub use self::turns::{People, TurnSpec, TurnsError};

/// Most layers of a schedule.
pub const MAX_LAYERS: usize = 32;
/// The longest part of time that is looked at in one go: five years. With turns of 15 minutes that is
/// 175 000 shifts a layer.
pub const MAX_RANGE: Duration = Duration::from_hours(5 * 366 * 24);

/// How long before a gap comes it is told when nothing is said.
pub const GAP_NOTICE: Duration = Duration::from_hours(7 * 24);
/// Nobody is told of a gap longer before it: a year and a month.
const MAX_GAP_NOTICE: Duration = Duration::from_hours(400 * 24);

/// The beginning of the year 9900: what comes later is answered as this is. jiff's calendar ends a
/// hundred years after, so that every handover that is asked for has its instant.
const LATEST: Time = Time::from_secs(250_246_627_200);

/// A schedule as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    /// The zone of its wall: an IANA name.
    pub timezone: String,
    /// The layers, lowest first.
    pub layers: Vec<LayerSpec>,
    /// Holidays and make-up workdays; none without it.
    #[serde(default)]
    pub calendar: Calendar,
}

/// Why a schedule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No such zone.
    #[error("timezone: {0}")]
    Zone(#[from] UnknownZone),
    /// None, or too many.
    #[error("layers: a schedule has 1 to {MAX_LAYERS} layers, not {0}")]
    LayerCount(usize),
    /// Something about a layer.
    #[error("{layer}: {problem}")]
    Layer {
        /// Which.
        layer: LayerName,
        /// What about it.
        problem: LayerError,
    },
}

/// Why a part of time cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It ends when it begins, or before.
    #[error("{to} is not after {from}")]
    Empty {
        /// Its beginning.
        from: Time,
        /// Its end.
        to: Time,
    },
    /// It is longer than [`MAX_RANGE`].
    #[error("{from} to {to} is more than five years; ask for less at a time")]
    Long {
        /// Its beginning.
        from: Time,
        /// Its end.
        to: Time,
    },
}

/// A checked schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    name: Arc<str>,
    zone: Zone,
    calendar: Calendar,
    layers: Vec<Layer>,
    /// In order of their beginnings.
    overrides: Vec<Override>,
    /// What was said about it; `None` when nothing was.
    gap_notice: Option<Duration>,
}

impl Schedule {
    /// Checks a schedule; `known` says whether there is a person of that key. All that is wrong is
    /// told, as far as the zone is known.
    pub fn new(
        name: &str,
        spec: &ScheduleSpec,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<ScheduleError>> {
        let zone = Zone::named(&spec.timezone).map_err(|error| vec![error.into()])?;
        let mut errors = Vec::new();
        if spec.layers.is_empty() || spec.layers.len() > MAX_LAYERS {
            errors.push(ScheduleError::LayerCount(spec.layers.len()));
        }
        let mut layers = Vec::with_capacity(spec.layers.len());
        for (number, layer) in (1..).zip(&spec.layers) {
            match Layer::new(layer, &zone, &spec.calendar, known) {
                Ok(checked) => layers.push(checked),
                Err(problems) => errors.extend(problems.into_iter().map(|problem| {
                    let name = layer.name.clone();
                    let layer = LayerName { number, name };
                    ScheduleError::Layer { layer, problem }
                })),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            name: name.into(),
            zone,
            calendar: spec.calendar.clone(),
            layers,
            overrides: vec![],
            gap_notice: None,
        })
    }

    /// The same schedule with these overrides in place of those it has; the first thing that is wrong
    /// with them is told. For what a person edits.
    pub fn with_overrides(
        self,
        overrides: Vec<Override>,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, OverrideError> {
        let (schedule, errors) = self.with_those_that_hold(overrides, known);
        errors.into_iter().next().map_or(Ok(schedule), Err)
    }

    /// The same schedule with those of these overrides that hold, and what is wrong with the others. For
    /// what was stored before somebody left: it must not cost the neighbours.
    pub fn with_those_that_hold(
        mut self,
        overrides: Vec<Override>,
        known: &dyn Fn(&str) -> bool,
    ) -> (Self, Vec<OverrideError>) {
        let (holding, errors) = overrides::checked(overrides, known);
        self.overrides = holding;
        (self, errors)
    }

    /// The same schedule, told of gaps so long before they come; zero: never.
    #[must_use]
    pub fn with_gap_notice(mut self, notice: Duration) -> Self {
        self.gap_notice = Some(notice);
        self
    }

    /// How long before a gap comes it is told; `None` when it is not to be told. When nothing was said, a schedule with a
    /// layer that is always on has [`GAP_NOTICE`], and one that is on at some hours only has none: its gaps are meant.
    pub fn gap_notice(&self) -> Option<Duration> {
        let is_whole = self.layers.iter().any(Layer::is_always_on);
        let notice = self.gap_notice.or(is_whole.then_some(GAP_NOTICE));
        notice
            .filter(|notice| !notice.is_zero())
            .map(|notice| notice.min(MAX_GAP_NOTICE))
    }

    /// What of the events of its layers was left out, and why, with the layer.
    pub fn left_out(&self) -> impl Iterator<Item = (LayerName, &str)> {
        let layers = self.layers.iter().enumerate();
        layers.flat_map(move |(number, layer)| {
            let told = layer.told().iter();
            told.map(move |told| (self.layer_name(number), told.as_str()))
        })
    }

    /// The same schedule with the copy of a layer's calendar that counts; the layer is numbered from 0 and has a calendar
    /// that is fetched.
    pub fn with_copy(mut self, layer: usize, copy: &CalendarCopy) -> Result<Self, EventsError> {
        if let Some(own) = self.layers.get_mut(layer) {
            *own = own.with_copy(copy)?;
        }
        Ok(self)
    }

    /// What was read of the fetched calendar of a layer; `None` as long as it has no copy.
    pub fn calendar(&self, layer: usize) -> Option<CalendarRead> {
        self.layers.get(layer)?.calendar()
    }

    /// What the fetched calendar of a layer has said up to an instant: the past that its next copy begins with.
    pub fn calendar_past(&self, layer: usize, until: Time) -> Vec<LayerShift> {
        let layer = self.layers.get(layer);
        layer.map(|layer| layer.past(until)).unwrap_or_default()
    }

    /// The key it is known by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone of its wall.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its overrides, in order of their beginnings.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// What people call a layer, which is numbered from 0.
    pub fn layer_name(&self, layer: usize) -> LayerName {
        let name = self
            .layers
            .get(layer)
            .and_then(|layer| layer.name.as_deref());
        LayerName {
            number: layer + 1,
            name: name.map(str::to_owned),
        }
    }
}

/// A part of time that may be looked at.
fn range(from: Time, to: Time) -> Result<Stretch, RangeError> {
    let within = Stretch::new(from, to).ok_or(RangeError::Empty { from, to })?;
    if within.length() > MAX_RANGE {
        return Err(RangeError::Long { from, to });
    }
    Ok(within)
}
