//! The forms of the heartbeats' page: one is made, changed, given another token, taken away. What is refused is said on a page;
//! a token is on the page that answers, and nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_core::heartbeat::Wanted;
use balefire_core::secret::Secret;
use balefire_engine::engine::HeartbeatFailure;
use balefire_engine::heartbeats::HeartbeatState;
use balefire_engine::history::HistoryError;
use http::StatusCode;

use super::form::Sent;
use super::heartbeats::{Told, shown};
use super::inbox::unreadable;
use super::shell::{self, links, problem};
use super::words::Viewer;
use crate::api::v1::heartbeats::address;
use crate::state::WebState;

/// `POST /console/heartbeats`.
pub(super) async fn make(State(state): State<WebState>, request: Request) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let mut wanted = Wanted {
        name: sent.text("name").trim().to_owned(),
        ..Wanted::default()
    };
    if let Err(why) = fill(&mut wanted, &sent) {
        return refused(&state, &sent.viewer, StatusCode::UNPROCESSABLE_ENTITY, &why);
    }
    let made = state.engine.make_heartbeat(wanted, &sent.actor).await;
    told(&state, &sent.viewer, made)
}

/// `POST /console/heartbeats/{name}/{deed}`: edit, token, delete, pause or resume.
pub(super) async fn act(
    State(state): State<WebState>,
    Path((name, deed)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let (engine, viewer) = (&state.engine, &sent.viewer);
    match deed.as_str() {
        "edit" => {
            let mut wanted = Wanted::default();
            if let Err(why) = fill(&mut wanted, &sent) {
                return refused(&state, viewer, StatusCode::UNPROCESSABLE_ENTITY, &why);
            }
            let edit = move |all: &mut Wanted| {
                let name = std::mem::take(&mut all.name);
                *all = Wanted {
                    name,
                    ..wanted.clone()
                };
            };
            let done = engine.edit_heartbeat(&name, edit, &sent.actor).await;
            back(&state, viewer, done.map(drop))
        }
        "token" => {
            let renewed = engine.renew_heartbeat_token(&name, &sent.actor).await;
            told(&state, viewer, renewed)
        }
        "delete" => back(&state, viewer, engine.remove_heartbeat(&name).await),
        "pause" | "resume" => {
            let Some(one) = engine.waited().get(&name).map(Arc::clone) else {
                return failed(&state, viewer, &HeartbeatFailure::Unknown(name));
            };
            let done = match deed.as_str() {
                "pause" => engine.pause_heartbeat(&one).await,
                _ => engine.resume_heartbeat(&one).await,
            };
            back(&state, viewer, done.map_err(HeartbeatFailure::Store))
        }
        _ => failed(&state, viewer, &HeartbeatFailure::Unknown(name)),
    }
}

/// What a form's fields ask for; what is empty has its usual value.
fn fill(wanted: &mut Wanted, sent: &Sent) -> Result<(), String> {
    let text = |field: &str| Some(sent.text(field).trim().to_owned()).filter(|t| !t.is_empty());
    wanted.period = text("period");
    wanted.cron = text("cron");
    wanted.timezone = text("timezone");
    wanted.grace = text("grace");
    wanted.severity = text("severity");
    wanted.description = text("description").unwrap_or_default();
    wanted.labels = labels(sent.text("labels"))?;
    Ok(())
}

/// Labels as a form has them: `team=db, env=prod`.
fn labels(text: &str) -> Result<BTreeMap<String, String>, String> {
    let pairs = text.split(',').map(str::trim).filter(|t| !t.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("labels: {pair:?} is no label; write team=db, env=prod"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    pairs.map(pair).collect()
}

fn told(
    state: &WebState,
    viewer: &Viewer,
    done: Result<(HeartbeatState, Secret), HeartbeatFailure>,
) -> Response {
    match done {
        Ok((one, token)) => {
            let name = one.heartbeat.name.to_string();
            let title = viewer.text("console-heartbeat-told", &[("name", name.as_str().into())]);
            let url = address(&state.engine, &token);
            shown(state, viewer, Some(&Told { title, url }))
        }
        Err(failure) => failed(state, viewer, &failure),
    }
}

fn back(state: &WebState, viewer: &Viewer, done: Result<(), HeartbeatFailure>) -> Response {
    match done {
        Ok(()) => Redirect::to(&links(state, viewer).heartbeats()).into_response(),
        Err(failure) => failed(state, viewer, &failure),
    }
}

fn failed(state: &WebState, viewer: &Viewer, failure: &HeartbeatFailure) -> Response {
    let status = match failure {
        HeartbeatFailure::Store(error) => {
            return unreadable(state, viewer, &HistoryError::Store(error.clone()));
        }
        HeartbeatFailure::Unknown(_) => StatusCode::NOT_FOUND,
        HeartbeatFailure::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
        HeartbeatFailure::NoRandomness => StatusCode::SERVICE_UNAVAILABLE,
        HeartbeatFailure::OfDocument(_)
        | HeartbeatFailure::Taken(_)
        | HeartbeatFailure::TooMany => StatusCode::CONFLICT,
    };
    refused(state, viewer, status, &failure.to_string())
}

fn refused(state: &WebState, viewer: &Viewer, status: StatusCode, why: &str) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-heartbeat-refused"),
        detail: why.to_owned(),
    };
    problem(state, viewer, status, &told)
}
