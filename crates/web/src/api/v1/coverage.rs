//! A schedule's coverage as this interface shows it.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::schedule::{Coverage, Load, Quality, Schedule};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::schedule::{PersonView, people, person};

/// Where a schedule leaves holes, and how it shares the burden.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CoverageView {
    name: String,
    timezone: String,
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    quality: QualityView,
    /// Where nobody is on call.
    gaps: Vec<GapView>,
    /// Where a layer's people are not called because a later layer is on.
    hidden: Vec<HiddenView>,
    /// Shifts with people for whom the document has no number, address or name at a platform.
    unreachable: Vec<UnreachableView>,
    /// What falls to each person, by key.
    load: Vec<LoadView>,
    /// The last day that the calendar knows of, when it ends within this part; later holidays are not
    /// counted as such.
    #[schema(value_type = Option<String>, format = Date)]
    calendar_ends: Option<String>,
}

impl CoverageView {
    pub(crate) fn of(schedule: &Schedule, plan: &Plan, found: &Coverage) -> Self {
        let named = |number| schedule.layer_name(number).to_string();
        Self {
            name: schedule.name().to_owned(),
            timezone: schedule.zone().name().to_owned(),
            from: found.within.from,
            to: found.within.to,
            quality: QualityView::of(&found.quality()),
            gaps: found
                .gaps
                .iter()
                .map(|gap| GapView {
                    from: gap.stretch.from,
                    to: gap.stretch.to,
                    overrides: gap.overrides.clone(),
                })
                .collect(),
            hidden: found
                .hidden
                .iter()
                .map(|hidden| HiddenView {
                    from: hidden.stretch.from,
                    to: hidden.stretch.to,
                    layer: named(hidden.layer),
                    people: people(&hidden.people, plan),
                    by: named(hidden.by),
                })
                .collect(),
            unreachable: found
                .unreachable
                .iter()
                .map(|one| UnreachableView {
                    from: one.shift.stretch.from,
                    to: one.shift.stretch.to,
                    people: people(&one.people, plan),
                    is_gap: one.is_gap(),
                })
                .collect(),
            load: found
                .load
                .iter()
                .map(|(key, load)| LoadView::of(key, load, plan))
                .collect(),
            calendar_ends: found.calendar_ends.map(|day| day.to_string()),
        }
    }
}

/// How good a schedule is over this time, as parts of it from 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QualityView {
    /// In which somebody is on call.
    covered: f64,
    /// In which somebody who can be reached is on call.
    reachable: f64,
    /// What falls to the person with least, of what falls to the one with most; null with fewer than two people.
    evenness: Option<f64>,
}

impl QualityView {
    fn of(quality: &Quality) -> Self {
        Self {
            covered: quality.covered,
            reachable: quality.reachable,
            evenness: quality.evenness,
        }
    }
}

/// A time in which nobody is on call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GapView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// The overrides that made it; none when no layer is on.
    #[schema(value_type = Vec<String>)]
    overrides: Vec<Arc<str>>,
}

/// A time in which a lower layer is on for people who are not called.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HiddenView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// The lower layer.
    layer: String,
    /// Whose turn it is there.
    people: Vec<PersonView>,
    /// The layer that hides it.
    by: String,
}

/// A shift of somebody who cannot be reached.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnreachableView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// Who cannot be reached.
    people: Vec<PersonView>,
    /// Whether nobody of the shift can be reached: as bad as a gap.
    is_gap: bool,
}

/// What falls to one person. Times overlap: a holiday's night counts in all its columns.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadView {
    person: PersonView,
    shifts: usize,
    total_seconds: u64,
    /// Between 22:00 and 06:00 by the schedule's clock.
    night_seconds: u64,
    /// On Saturdays and Sundays.
    weekend_seconds: u64,
    /// On days that the calendar calls holidays.
    holiday_seconds: u64,
}

impl LoadView {
    fn of(key: &Arc<str>, load: &Load, plan: &Plan) -> Self {
        Self {
            person: person(key, plan),
            shifts: load.shifts,
            total_seconds: load.total.as_secs(),
            night_seconds: load.nights.as_secs(),
            weekend_seconds: load.weekends.as_secs(),
            holiday_seconds: load.holidays.as_secs(),
        }
    }
}
