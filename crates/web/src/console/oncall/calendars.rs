//! The calendars of a schedule on its page, and the button that fetches them.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_config::plan::Plan;
use balefire_core::wall::Zone;
use balefire_engine::calendar::CalendarState;
use serde::Serialize;

use super::one::missing;
use super::{clock, name_of};
use crate::api::v1::calendars::{fetch, status};
use crate::console::form::Sent;
use crate::console::shell::links;
use crate::console::words::Viewer;
use crate::state::WebState;

/// Names of nobody known that are shown.
const UNKNOWN: usize = 10;

/// A calendar.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    layer: String,
    address: String,
    state: String,
    /// Whether somebody should see to it.
    bad: bool,
    error: String,
    read: String,
    unknown: String,
}

pub(super) fn row(state: &CalendarState, viewer: &Viewer, plan: &Plan, zone: &Zone) -> Row {
    let at = state.fetching.fetched_at.map(|at| clock(zone, at));
    let arguments = [("at", at.unwrap_or_default().into())];
    let status = status(state);
    let word = match status {
        "unfetched" => "console-calendar-unfetched",
        "stale" => "console-calendar-stale",
        "failing" => "console-calendar-failing",
        _ => "console-calendar-fetched",
    };
    let read = state.read.as_ref().map(|read| {
        let people = read.people.keys().map(|key| name_of(plan, key));
        let people: Vec<String> = people.collect();
        let arguments = [
            ("events", (read.events as u64).into()),
            ("people", people.join(", ").into()),
            ("since", clock(zone, read.since).into()),
        ];
        viewer.text("console-calendar-read", &arguments)
    });
    let unknown = state.read.iter().flat_map(|read| &read.unknown);
    let unknown: Vec<&str> = unknown.take(UNKNOWN).map(String::as_str).collect();
    Row {
        layer: state.layer.to_string(),
        address: state.address.shown.clone(),
        state: viewer.text(word, &arguments),
        bad: status != "fetched",
        error: state.fetching.error.clone(),
        read: read.unwrap_or_default(),
        unknown: unknown.join(", "),
    }
}

/// `POST /console/on-call/{name}/refresh`.
pub(in crate::console) async fn refresh(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    if state.engine.roster().schedule(&name).is_none() {
        return missing(&state, &sent.viewer);
    }
    match fetch(&state.engine, &name).await {
        Ok(()) => {
            let page = links(&state, &sent.viewer).schedule(&name, &[]);
            Redirect::to(&page).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}
