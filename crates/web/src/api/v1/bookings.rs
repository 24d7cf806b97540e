//! `/api/v1/schedules/{name}/overrides`: for once, other people than the schedule says.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::schedule::{Booking, BookingError, Schedule};
use balefire_core::time::Time;
use balefire_engine::engine::{BookingFailure, Engine, NewBooking};
use balefire_engine::roster::Roster;
use http::StatusCode;

use super::body;
use super::booking::{BookedShift, BookingBody, BookingDetail, BookingPage, BookingView};
use super::incidents::actor;
use super::query::Query;
use super::schedules::find;
use crate::access::Who;
use crate::error::Problem;
use crate::state::WebState;

/// Shifts that are told of an override's time.
const SHIFTS: usize = 200;

fn problem(failure: &BookingFailure) -> Problem {
    match failure {
        BookingFailure::NoSchedule | BookingFailure::NotFound => {
            Problem::not_found(&failure.to_string())
        }
        BookingFailure::Rule(rule @ (BookingError::IdTaken(_) | BookingError::Over(_))) => {
            Problem::new(StatusCode::CONFLICT, "state", &rule.to_string())
        }
        BookingFailure::Rule(rule) => Problem::unprocessable(&rule.to_string()),
        BookingFailure::Store(error) => Problem::of_store(error),
    }
}

/// Why a booking does not hold, if it does not.
fn trouble(roster: &Roster, booking: &Booking, now: Time) -> Option<String> {
    if !booking.is_wanted(now) {
        return None;
    }
    let standing = roster.schedule(&booking.schedule)?.overrides();
    let holds = |id: &str| standing.iter().any(|one| *one.id == *id);
    let parts = booking.overrides();
    if parts.iter().all(|part| holds(&part.id)) {
        return None;
    }
    let named = format!("{:?}", &*booking.id);
    let half = format!("\"{}/", booking.id);
    let mut words = roster
        .troubles(now)
        .into_iter()
        .filter(|(schedule, _)| **schedule == *booking.schedule)
        .map(|(_, error)| error.to_string());
    let why = words.find(|words| words.contains(&named) || words.contains(&half));
    Some(why.unwrap_or_else(|| "it does not hold any more".to_owned()))
}

async fn detail(engine: &Engine, booking: Booking) -> Result<BookingDetail, Problem> {
    let (roster, now) = (engine.roster(), engine.now());
    super::schedules::reckoned(move || {
        let plan = roster.plan();
        let hull = booking.what.hull();
        let shifts = roster
            .schedule(&booking.schedule)
            .and_then(|schedule| schedule.shifts(hull.from, hull.to).ok());
        let shifts = shifts.unwrap_or_default();
        let shifts = shifts.iter().take(SHIFTS);
        Ok(BookingDetail {
            shifts: shifts.map(|shift| BookedShift::of(shift, plan)).collect(),
            booking: BookingView::of(&booking, plan, now, trouble(&roster, &booking, now)),
        })
    })
    .await
}

/// The overrides of a schedule, in the order of their beginnings.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}/overrides", tag = "on-call",
    params(
        ("name" = String, Path),
        ("past" = Option<String>, Query, description = "`true` for those that have ended, too"),
        ("offset" = Option<u64>, Query, description = "How many of those that people have made to leave out"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses(
        (status = 200, body = BookingPage),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<BookingPage>, Problem> {
    let query = Query::read(query.as_deref(), &["past", "offset", "limit"], &[])?;
    let past = query.one_of("past", &[("true", true), ("false", false)])?;
    let (offset, limit) = (query.number("offset")?.unwrap_or(0), query.limit()?);
    let (roster, now) = (state.engine.roster(), state.engine.now());
    find(&roster, &name)?;
    let after = if past == Some(true) { Time::EPOCH } else { now };
    let booked = state.engine.bookings(&name, after, (offset, limit)).await;
    let booked = booked.map_err(|error| Problem::of_store(&error))?;
    let plan = roster.plan();
    let written = plan.schedules.get(&name).filter(|_| offset == 0);
    let written = written.map(Schedule::overrides);
    let written = written.unwrap_or_default().iter();
    let written = written
        .filter(|one| one.when.to > after)
        .map(|one| BookingView::written(one, plan, now));
    let next = (booked.len() == limit).then(|| offset + limit as u64);
    let made = booked
        .iter()
        .map(|one| BookingView::of(one, plan, now, trouble(&roster, one, now)));
    Ok(Json(BookingPage {
        overrides: written.chain(made).collect(),
        next,
    }))
}

/// Makes an override or a swap; it takes effect at once. What is in the past stays as it was.
#[utoipa::path(
    post, path = "/api/v1/schedules/{name}/overrides", tag = "on-call",
    params(("name" = String, Path)),
    request_body = BookingBody,
    responses(
        (status = 201, body = BookingDetail),
        (status = 200, body = BookingDetail, description = "The same request was made before"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Another override has this id"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn book(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<BookingDetail>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let shown = Who::of(&request);
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let body: BookingBody = body::json(&headers, &bytes)?;
    let zone = find(&engine.roster(), &name)?.zone().clone();
    let asked = body.asked(&zone)?;
    let actor = actor(shown, asked.made_by);
    let new = NewBooking {
        id: asked.id,
        what: asked.what,
        reason: asked.reason,
    };
    let booked = engine.book(&name, new, &actor).await;
    let (booking, is_new) = booked.map_err(|failure| problem(&failure))?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(detail(engine, booking).await?)))
}

/// One override that people have made.
#[utoipa::path(
    get, path = "/api/v1/schedules/{name}/overrides/{id}", tag = "on-call",
    params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = BookingDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path((name, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<BookingDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = &state.engine;
    find(&engine.roster(), &name)?;
    let found = engine.store().booking(&name, &id).await;
    let found = found.map_err(|error| Problem::of_store(&error))?;
    let booking = found.ok_or_else(|| problem(&BookingFailure::NotFound))?;
    Ok(Json(detail(engine, booking).await?))
}

/// Takes an override or a swap back: what held until now stays, the rest falls away. Doing so twice is fine.
#[utoipa::path(
    delete, path = "/api/v1/schedules/{name}/overrides/{id}", tag = "on-call",
    params(
        ("name" = String, Path), ("id" = String, Path),
        ("by" = Option<String>, Query, description = "Who does it, when the request does not show it"),
    ),
    responses(
        (status = 200, body = BookingDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is over"),
    )
)]
pub(crate) async fn cancel(
    State(state): State<WebState>,
    Path((name, id)): Path<(String, String)>,
    request: Request,
) -> Result<Json<BookingDetail>, Problem> {
    let query = Query::read(request.uri().query(), &["by"], &[])?;
    let actor = actor(Who::of(&request), query.text("by").map(ToOwned::to_owned));
    let engine = &state.engine;
    // One of a schedule that is gone from the document may be taken back, too.
    let cancelled = engine.cancel_booking(&name, &id, &actor).await;
    let booking = cancelled.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, booking).await?))
}
