//! `/api/v1/schedules/{name}/calendars`: the calendars that a schedule's layers are fetched from.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_config::plan::Plan;
use balefire_core::time::Time;
use balefire_engine::calendar::CalendarState;
use balefire_engine::engine::Engine;
use futures_util::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use super::schedule::name_of;
use super::schedules::find;
use crate::error::Problem;
use crate::state::WebState;

/// The calendars of a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarList {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// Lowest layer first; none when no layer is fetched.
    calendars: Vec<CalendarView>,
}

/// The calendar of a layer, what became of fetching it, and what was read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarView {
    /// The layer's number from 1, and its name if it has one.
    layer: String,
    /// Where it is, without what may be a key.
    address: String,
    /// unfetched as long as there is no copy, and the layer is off; stale when it was not fetched for as long as the document
    /// allows, failing while the last try failed, else fetched.
    status: &'static str,
    /// When it was last heard what it says.
    #[schema(value_type = Option<String>, format = DateTime)]
    fetched_at: Option<Time>,
    /// Since when the copy counts: what it says last changed then.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Time>,
    #[schema(value_type = Option<String>, format = DateTime)]
    tried_at: Option<Time>,
    #[schema(value_type = String, format = DateTime)]
    next_try_at: Time,
    /// Since when every try has failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Time>,
    /// Why; empty when the last try was good.
    error: String,
    /// How many events stand in it; null as long as there is no copy.
    events: Option<usize>,
    /// Whom its events name.
    people: Vec<CalendarPerson>,
    /// The summaries of events that name nobody known; at most a hundred.
    unknown: Vec<String>,
    /// What was left out, and why; at most twenty.
    left_out: Vec<String>,
}

/// Somebody in a calendar.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarPerson {
    /// The key in `people`.
    key: String,
    /// The name people know.
    name: String,
    /// In how many events they are named.
    events: usize,
}

/// The word for how a calendar is.
pub(crate) fn status(state: &CalendarState) -> &'static str {
    match state {
        state if state.read.is_none() => "unfetched",
        state if state.is_stale => "stale",
        state if state.fetching.failing_since.is_some() => "failing",
        _ => "fetched",
    }
}

impl CalendarView {
    fn of(state: CalendarState, plan: &Plan) -> Self {
        let status = status(&state);
        let changed_at = state.read.as_ref().map(|read| read.since);
        let events = state.read.as_ref().map(|read| read.events);
        let read = state.read.unwrap_or_default();
        let people = read.people.iter();
        Self {
            layer: state.layer.to_string(),
            address: state.address.shown.clone(),
            status,
            fetched_at: state.fetching.fetched_at,
            changed_at,
            tried_at: state.fetching.tried_at,
            next_try_at: state.next_try,
            failing_since: state.fetching.failing_since,
            error: state.fetching.error,
            events,
            people: people
                .map(|(key, events)| CalendarPerson {
                    key: key.to_string(),
                    name: name_of(key, plan),
                    events: *events,
                })
                .collect(),
            unknown: read.unknown,
            left_out: read.told,
        }
    }
}

async fn shown(engine: &Engine, name: &str) -> Result<Json<CalendarList>, Problem> {
    let states = engine.calendar_states(Some(name)).await;
    let states = states.map_err(|error| Problem::of_store(&error))?;
    let plan = engine.plan();
    let calendars = states
        .into_iter()
        .map(|state| CalendarView::of(state, &plan));
    Ok(Json(CalendarList {
        at: engine.now(),
        calendars: calendars.collect(),
    }))
}

/// The calendars that a schedule's layers are fetched from, and what was read of them.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}/calendars", tag = "on-call",
    params(("name" = String, Path)),
    responses((status = 200, body = CalendarList), (status = 404, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CalendarList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    find(&state.engine.roster(), &name)?;
    shown(&state.engine, &name).await
}

/// Fetches the calendars of a schedule now; what was read is in the answer, a failure as well.
#[utoipa::path(
    post, path = "/api/v1/schedules/{name}/refresh", tag = "on-call",
    params(("name" = String, Path)),
    responses((status = 200, body = CalendarList), (status = 404, body = Problem))
)]
pub(crate) async fn refresh(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CalendarList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    find(&state.engine.roster(), &name)?;
    fetch(&state.engine, &name).await?;
    shown(&state.engine, &name).await
}

/// Fetches all calendars of a schedule.
pub(crate) async fn fetch(engine: &Engine, name: &str) -> Result<(), Problem> {
    let plan = engine.plan();
    let own = plan.calendars.iter();
    let own = own.filter(|address| *address.schedule == *name);
    let fetched = join_all(own.map(|address| engine.fetch_calendar(address))).await;
    let fetched: Result<Vec<()>, _> = fetched.into_iter().collect();
    fetched.map(drop).map_err(|error| Problem::of_store(&error))
}
