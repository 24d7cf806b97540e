//! The forms of a schedule's page: an override, a swap, and taking one back. What is refused is said on a page.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_core::schedule::{Booked, Given, Stretch};
use balefire_core::wall::Zone;
use balefire_engine::engine::{BookingFailure, NewBooking};
use http::StatusCode;

use super::one::missing;
use crate::console::form::Sent;
use crate::console::shell::{self, links, problem};
use crate::console::words::Viewer;
use crate::state::WebState;

fn refused(state: &WebState, viewer: &Viewer, status: StatusCode, why: &str) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-oncall-refused"),
        detail: why.to_owned(),
    };
    problem(state, viewer, status, &told)
}

fn stretch(sent: &Sent, zone: &Zone, (from, to): (&str, &str)) -> Result<Stretch, String> {
    let moment = |key: &str| {
        let moment = zone.moment(sent.text(key));
        moment.map_err(|error| format!("{key}: {error}"))
    };
    let (begin, end) = (moment(from)?, moment(to)?);
    Stretch::new(begin, end).ok_or_else(|| format!("{to}: {end} is not after {begin}"))
}

/// The override a form asks for; whose button was pressed is there then, `-` is nobody.
fn wanted(sent: &Sent, zone: &Zone) -> Result<Booked, String> {
    let when = stretch(sent, zone, ("from", "to"))?;
    let person = sent.text("person");
    let there = (person != "-").then(|| person.into());
    Ok(match sent.text("absent") {
        "" => Booked::Cover {
            when,
            people: there.into_iter().collect(),
        },
        absent => Booked::StandIn {
            when,
            absent: absent.into(),
            by: there,
        },
    })
}

fn wanted_swap(sent: &Sent, zone: &Zone) -> Result<Booked, String> {
    let given = |person: &str, ends| {
        Ok::<_, String>(Given {
            person: sent.text(person).into(),
            when: stretch(sent, zone, ends)?,
        })
    };
    Ok(Booked::Swap {
        one: given("absent", ("from", "to"))?,
        other: given("with", ("their_from", "their_to"))?,
    })
}

/// `POST /console/on-call/{name}/override`.
pub(in crate::console) async fn override_(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    book(&state, &name, request, wanted).await
}

/// `POST /console/on-call/{name}/swap`.
pub(in crate::console) async fn swap(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    book(&state, &name, request, wanted_swap).await
}

async fn book(
    state: &WebState,
    name: &str,
    request: Request,
    wanted: impl Fn(&Sent, &Zone) -> Result<Booked, String>,
) -> Response {
    let sent = match Sent::read(state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let viewer = &sent.viewer;
    let zone = state.engine.roster();
    let zone = zone.schedule(name).map(|schedule| schedule.zone().clone());
    let Some(zone) = zone else {
        return missing(state, viewer);
    };
    let what = match wanted(&sent, &zone) {
        Ok(what) => what,
        Err(why) => return refused(state, viewer, StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    let new = NewBooking {
        id: None,
        what,
        reason: sent.text("reason").trim().to_owned(),
    };
    let booked = state.engine.book(name, new, &sent.actor).await;
    done(state, viewer, name, booked.map(|_| ()))
}

/// `POST /console/on-call/{name}/cancel/{id}`.
pub(in crate::console) async fn cancel(
    State(state): State<WebState>,
    Path((name, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let cancelled = state.engine.cancel_booking(&name, &id, &sent.actor).await;
    done(&state, &sent.viewer, &name, cancelled.map(|_| ()))
}

/// Back to the page, or the reason.
fn done(
    state: &WebState,
    viewer: &Viewer,
    name: &str,
    result: Result<(), BookingFailure>,
) -> Response {
    match result {
        Ok(()) => {
            let page = links(state, viewer).schedule(name, &[]);
            Redirect::to(&page).into_response()
        }
        Err(BookingFailure::NoSchedule | BookingFailure::NotFound) => missing(state, viewer),
        Err(BookingFailure::Rule(rule)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            refused(state, viewer, status, &rule.to_string())
        }
        Err(BookingFailure::Store(error)) => {
            let error = balefire_engine::history::HistoryError::Store(error);
            crate::console::inbox::unreadable(state, viewer, &error)
        }
    }
}
