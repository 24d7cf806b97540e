//! `/api/v1/schedules` and `/api/v1/on-call`: who is on call when.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use balefire_core::schedule::{RangeError, Schedule, Stretch};
use balefire_core::time::Time;
use balefire_engine::roster::{Roster, is_reachable};
use http::{StatusCode, header};

use super::coverage::CoverageView;
use super::query::{Query, unknown};
use super::schedule::{
    OnCallList, ScheduleList, ScheduleOnCall, ScheduleShifts, ScheduleView, name_of,
};
use crate::error::Problem;
use crate::state::WebState;

const DAY: Duration = Duration::from_hours(24);
/// Shifts that are shown when nothing is said: four weeks.
const SHOWN: u32 = 28;
/// What is looked at for coverage, and what calendars are given: a quarter.
const AHEAD: u32 = 90;
/// The longest part of time that is answered in one go, a year and a month: with the shortest turns it
/// is 40 000 shifts a layer.
const MOST_DAYS: u32 = 400;

/// The schedules, and who is on call now.
#[utoipa::path(
    get, path = "/api/v1/schedules", tag = "on-call",
    responses((status = 200, body = ScheduleList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ScheduleList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let (roster, now) = (state.engine.roster(), state.engine.now());
    reckoned(move || {
        let schedules = roster.schedules().values();
        let schedules = schedules.map(|schedule| ScheduleView::of(schedule, roster.plan(), now));
        Ok(Json(ScheduleList {
            at: now,
            schedules: schedules.collect(),
        }))
    })
    .await
}

/// Who is on call in all schedules.
#[utoipa::path(
    get, path = "/api/v1/on-call", tag = "on-call",
    params(("at" = Option<String>, Query, description = "The instant, RFC 3339; now without it")),
    responses((status = 200, body = OnCallList), (status = 400, body = Problem))
)]
pub(crate) async fn on_call(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<OnCallList>, Problem> {
    let query = Query::read(query.as_deref(), &["at"], &[])?;
    let roster = state.engine.roster();
    let at = query.time("at")?.unwrap_or_else(|| state.engine.now());
    reckoned(move || {
        let schedules = roster.schedules().values();
        let schedules = schedules.map(|schedule| ScheduleOnCall::of(schedule, roster.plan(), at));
        Ok(Json(OnCallList {
            at,
            schedules: schedules.collect(),
        }))
    })
    .await
}

/// A schedule's shifts, or its calendar when the name ends in `.ics`; no schedule's name has a dot.
pub(crate) async fn one(
    state: State<WebState>,
    Path(name): Path<String>,
    query: RawQuery,
) -> Result<Response, Problem> {
    match name.strip_suffix(".ics") {
        Some(name) => feed(state, Path(name.to_owned()), query).await,
        None => Ok(shifts(state, Path(name), query).await?.into_response()),
    }
}

/// Who is on call when, in the end and by each layer.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}", tag = "on-call",
    params(
        ("name" = String, Path),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; now without it"),
        ("to" = Option<String>, Query, description = "The end, RFC 3339, at most 400 days later; 28 days later without it"),
    ),
    responses(
        (status = 200, body = ScheduleShifts),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn shifts(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<ScheduleShifts>, Problem> {
    let query = Query::read(query.as_deref(), &["from", "to"], &[])?;
    let roster = state.engine.roster();
    find(&roster, &name)?;
    let within = within(&query, state.engine.now(), SHOWN)?;
    reckoned(move || {
        let schedule = find(&roster, &name)?;
        let plan = roster.plan();
        let shifts = schedule.shifts(within.from, within.to);
        let layers = schedule.layer_shifts(within.from, within.to);
        let (shifts, layers) = (
            shifts.map_err(|error| refused(&error))?,
            layers.map_err(|error| refused(&error))?,
        );
        Ok(Json(ScheduleShifts::of(
            schedule,
            plan,
            within,
            (&shifts, &layers),
        )))
    })
    .await
}

/// The shifts of the next 90 days as an iCalendar text, for subscribing to.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}.ics", tag = "on-call",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/calendar"),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn feed(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let (roster, now) = (state.engine.roster(), state.engine.now());
    reckoned(move || {
        let schedule = find(&roster, &name)?;
        let plan = roster.plan();
        let text = schedule
            .ical(now, now.after(DAY * AHEAD), now, &|key| name_of(key, plan))
            .map_err(|error| refused(&error))?;
        let kind = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
        Ok((kind, text).into_response())
    })
    .await
}

/// Where a schedule leaves holes, whom it hides, who cannot be reached, and how it shares the burden.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}/coverage", tag = "on-call",
    params(
        ("name" = String, Path),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; now without it"),
        ("to" = Option<String>, Query, description = "The end, RFC 3339, at most 400 days later; 90 days later without it"),
    ),
    responses(
        (status = 200, body = CoverageView),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn coverage(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CoverageView>, Problem> {
    let query = Query::read(query.as_deref(), &["from", "to"], &[])?;
    let roster = state.engine.roster();
    find(&roster, &name)?;
    let within = within(&query, state.engine.now(), AHEAD)?;
    reckoned(move || {
        let schedule = find(&roster, &name)?;
        let plan = roster.plan();
        let found = schedule.coverage(within.from, within.to, &|key| is_reachable(plan, key));
        let found = found.map_err(|error| refused(&error))?;
        Ok(Json(CoverageView::of(schedule, plan, &found)))
    })
    .await
}

/// Reckons off the runtime: years of short turns take a moment.
pub(super) async fn reckoned<T: Send + 'static>(
    reckon: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let reckoning = tokio::task::spawn_blocking(reckon);
    reckoning.await.unwrap_or_else(|_| {
        let detail = "a mistake in Balefire itself; its log says more";
        Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            detail,
        ))
    })
}

pub(super) fn find<'r>(roster: &'r Roster, name: &str) -> Result<&'r Schedule, Problem> {
    roster.schedule(name).ok_or_else(|| {
        let known = roster.schedules().keys().map(String::as_str);
        Problem::not_found(&unknown("schedule", name, known))
    })
}

/// The part of time that is asked for.
pub(super) fn within(query: &Query, now: Time, days: u32) -> Result<Stretch, Problem> {
    let from = query.time("from")?.unwrap_or(now);
    let to = query.time("to")?.unwrap_or_else(|| from.after(DAY * days));
    let Some(within) = Stretch::new(from, to) else {
        return Err(Problem::bad_request(&format!(
            "to is later than from: {to} is not after {from}"
        )));
    };
    if within.length() > DAY * MOST_DAYS {
        return Err(Problem::bad_request(&format!(
            "from {from} to {to} is more than {MOST_DAYS} days; ask for less at a time"
        )));
    }
    Ok(within)
}

fn refused(error: &RangeError) -> Problem {
    Problem::bad_request(&error.to_string())
}
