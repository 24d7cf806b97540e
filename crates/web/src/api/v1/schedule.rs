//! A schedule as this interface shows it.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::schedule::{Instead, LayerShift, OnCall, Override, Schedule, Shift, Stretch};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// The schedules.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleList {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Time,
    /// By name.
    pub(crate) schedules: Vec<ScheduleView>,
}

/// A schedule, and who is on call in it now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleView {
    name: String,
    /// The IANA zone of its clock.
    timezone: String,
    on_call: OnCallView,
    /// When somebody else, or nobody, is on call next; null when that does not come within five years.
    next_handover: Option<HandoverView>,
}

impl ScheduleView {
    pub(crate) fn of(schedule: &Schedule, plan: &Plan, now: Time) -> Self {
        Self {
            name: schedule.name().to_owned(),
            timezone: schedule.zone().name().to_owned(),
            on_call: OnCallView::of(schedule, &schedule.on_call_at(now), plan),
            next_handover: schedule.next_handover(now).map(|change| HandoverView {
                at: change.at,
                people: people(&change.after, plan),
            }),
        }
    }
}

/// Who is on call in all schedules at an instant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnCallList {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Time,
    /// By name.
    pub(crate) schedules: Vec<ScheduleOnCall>,
}

/// Who is on call in a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleOnCall {
    name: String,
    #[serde(flatten)]
    on_call: OnCallView,
}

impl ScheduleOnCall {
    pub(crate) fn of(schedule: &Schedule, plan: &Plan, at: Time) -> Self {
        Self {
            name: schedule.name().to_owned(),
            on_call: OnCallView::of(schedule, &schedule.on_call_at(at), plan),
        }
    }
}

/// Who is on call, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnCallView {
    /// In the order in which they are called; nobody when it is empty.
    people: Vec<PersonView>,
    /// The layer that says so; null while all are off.
    layer: Option<String>,
    /// The overrides that changed it.
    #[schema(value_type = Vec<String>)]
    overrides: Vec<Arc<str>>,
}

impl OnCallView {
    fn of(schedule: &Schedule, on_call: &OnCall, plan: &Plan) -> Self {
        Self {
            people: people(&on_call.people, plan),
            layer: layer(schedule, on_call.layer),
            overrides: on_call.overrides.clone(),
        }
    }
}

/// Somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonView {
    /// The key in `people`.
    #[schema(value_type = String)]
    pub(crate) key: Arc<str>,
    /// The name people know.
    pub(crate) name: String,
}

/// A handover.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HandoverView {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// Who is on call from then on; nobody when it is empty.
    people: Vec<PersonView>,
}

/// A part of a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleShifts {
    name: String,
    timezone: String,
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// Who is on call in the end, in order; where there is none, nobody is.
    shifts: Vec<ShiftView>,
    /// What each layer says by itself, lowest first.
    layers: Vec<LayerView>,
    /// The overrides that touch this part.
    overrides: Vec<OverrideView>,
}

impl ScheduleShifts {
    pub(crate) fn of(
        schedule: &Schedule,
        plan: &Plan,
        within: Stretch,
        (shifts, layers): (&[Shift], &[Vec<LayerShift>]),
    ) -> Self {
        let overrides = schedule.overrides().iter();
        Self {
            name: schedule.name().to_owned(),
            timezone: schedule.zone().name().to_owned(),
            from: within.from,
            to: within.to,
            shifts: shifts
                .iter()
                .map(|shift| ShiftView::of(schedule, shift, plan))
                .collect(),
            layers: (0..)
                .zip(layers)
                .map(|(number, shifts)| LayerView {
                    layer: schedule.layer_name(number).to_string(),
                    shifts: shifts
                        .iter()
                        .map(|shift| LayerShiftView {
                            from: shift.stretch.from,
                            to: shift.stretch.to,
                            people: people(&shift.people, plan),
                        })
                        .collect(),
                })
                .collect(),
            overrides: overrides
                .filter(|one| one.when.within(within).is_some())
                .map(|one| OverrideView::of(one, plan))
                .collect(),
        }
    }
}

/// A shift.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShiftView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    people: Vec<PersonView>,
    /// The layer that says so; null when only an override does.
    layer: Option<String>,
    /// The overrides that changed it.
    #[schema(value_type = Vec<String>)]
    overrides: Vec<Arc<str>>,
}

impl ShiftView {
    fn of(schedule: &Schedule, shift: &Shift, plan: &Plan) -> Self {
        Self {
            from: shift.stretch.from,
            to: shift.stretch.to,
            people: people(&shift.people, plan),
            layer: layer(schedule, shift.layer),
            overrides: shift.overrides.clone(),
        }
    }
}

/// A layer by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayerView {
    /// Its number from 1, and its name if it has one.
    layer: String,
    shifts: Vec<LayerShiftView>,
}

/// A part of a layer's turn.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayerShiftView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    people: Vec<PersonView>,
}

/// An override.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OverrideView {
    #[schema(value_type = String)]
    id: Arc<str>,
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// The one who is not there; null when it is in place of whoever is on call.
    #[schema(value_type = Option<String>)]
    absent: Option<Arc<str>>,
    /// Who is on call instead; nobody when it is empty.
    people: Vec<PersonView>,
}

impl OverrideView {
    fn of(one: &Override, plan: &Plan) -> Self {
        let (absent, instead) = match &one.instead {
            Instead::Cover(people) => (None, people.as_slice()),
            Instead::StandIn { absent, by } => (Some(Arc::clone(absent)), by.as_slice()),
        };
        Self {
            id: Arc::clone(&one.id),
            from: one.when.from,
            to: one.when.to,
            absent,
            people: people(instead, plan),
        }
    }
}

pub(crate) fn people(keys: &[Arc<str>], plan: &Plan) -> Vec<PersonView> {
    keys.iter().map(|key| person(key, plan)).collect()
}

pub(crate) fn person(key: &Arc<str>, plan: &Plan) -> PersonView {
    PersonView {
        key: Arc::clone(key),
        name: name_of(key, plan),
    }
}

/// The name people know somebody by.
pub(crate) fn name_of(key: &str, plan: &Plan) -> String {
    let known = plan.people.get(key);
    known.map_or_else(|| key.to_owned(), |person| person.contact.name.clone())
}

fn layer(schedule: &Schedule, number: Option<usize>) -> Option<String> {
    number.map(|number| schedule.layer_name(number).to_string())
}
