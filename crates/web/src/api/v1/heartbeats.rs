//! `/api/v1/heartbeats`: jobs that say by themselves that they have run, and how they stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_config::heartbeat::Heartbeat;
use balefire_core::secret::Secret;
use balefire_engine::engine::{Engine, HeartbeatFailure};
use balefire_engine::heartbeats::HeartbeatState;
use http::StatusCode;

use super::body;
use super::heartbeat::{
    HeartbeatBody, HeartbeatDetail, HeartbeatEdit, HeartbeatMade, HeartbeatPage, HeartbeatView,
};
use super::incidents::actor;
use super::query::{Query, unknown};
use crate::access::Who;
use crate::error::Problem;
use crate::state::WebState;

fn find(engine: &Engine, name: &str) -> Result<Arc<Heartbeat>, Problem> {
    let all = engine.waited();
    all.get(name).map(Arc::clone).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|one| &*one.name).collect();
        Problem::not_found(&unknown("heartbeat", name, known.iter().copied()))
    })
}

fn detail(engine: &Engine, heartbeat: &Arc<Heartbeat>) -> Json<HeartbeatDetail> {
    let state = engine.heartbeat_state(heartbeat);
    Json(HeartbeatDetail {
        heartbeat: HeartbeatView::of(&state),
        body: state.body,
    })
}

/// What became of a change.
fn problem(engine: &Engine, failure: &HeartbeatFailure) -> Problem {
    let conflict = |code| Problem::new(StatusCode::CONFLICT, code, &failure.to_string());
    match failure {
        HeartbeatFailure::OfDocument(_) => conflict("in_document"),
        HeartbeatFailure::Taken(_) => conflict("name_taken"),
        HeartbeatFailure::TooMany => conflict("too_many"),
        HeartbeatFailure::Unknown(name) => match find(engine, name) {
            Err(problem) => problem,
            Ok(_) => Problem::not_found(&failure.to_string()),
        },
        HeartbeatFailure::Faults(_) => Problem::unprocessable(&failure.to_string()),
        HeartbeatFailure::NoRandomness => Problem::busy(&failure.to_string()),
        HeartbeatFailure::Store(error) => Problem::of_store(error),
    }
}

fn made(engine: &Engine, (state, token): &(HeartbeatState, Secret)) -> Json<HeartbeatMade> {
    Json(HeartbeatMade {
        heartbeat: HeartbeatView::of(state),
        token: token.reveal().to_owned(),
        url: address(engine, token),
    })
}

/// Where the job of a token signals.
pub(crate) fn address(engine: &Engine, token: &Secret) -> String {
    let plan = engine.plan();
    let base = match plan.server.external_url.trim_end_matches('/') {
        "" => plan.server.route_prefix.trim_end_matches('/'),
        base => base,
    };
    format!("{base}/hb/{}", token.reveal())
}

/// Heartbeats, and how they stand.
#[utoipa::path(
    get, path = "/api/v1/heartbeats", tag = "heartbeats",
    params(
        ("status" = Option<String>, Query, description = "Only those that are new, up, late, down or paused"),
        ("offset" = Option<u64>, Query, description = "How many to leave out"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = HeartbeatPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<HeartbeatPage>, Problem> {
    let query = Query::read(query.as_deref(), &["status", "offset", "limit"], &[])?;
    let words = ["new", "up", "late", "down", "paused"].map(|word| (word, word));
    let wanted = query.one_of("status", &words)?;
    let all = state.engine.heartbeat_states();
    let views = all.iter().map(HeartbeatView::of);
    let found: Vec<HeartbeatView> = views
        .filter(|view| wanted.is_none_or(|wanted| wanted == view.status))
        .collect();
    let total = found.len();
    let (heartbeats, next) = query.page(found)?;
    Ok(Json(HeartbeatPage {
        at: state.engine.now(),
        heartbeats,
        total,
        next,
    }))
}

/// One heartbeat, with what came with its last signal.
#[utoipa::path(
    get, path = "/api/v1/heartbeats/{name}", tag = "heartbeats",
    params(("name" = String, Path)),
    responses((status = 200, body = HeartbeatDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<HeartbeatDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let heartbeat = find(&state.engine, &name)?;
    Ok(detail(&state.engine, &heartbeat))
}

/// Makes a heartbeat. Its token is in the answer and is never told again.
#[utoipa::path(
    post, path = "/api/v1/heartbeats", tag = "heartbeats",
    request_body = HeartbeatBody,
    responses(
        (status = 201, body = HeartbeatMade),
        (status = 400, body = Problem),
        (status = 409, body = Problem, description = "The name is taken, by one of the document or another; or there are too many"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn make(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<HeartbeatMade>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let actor = actor(Who::of(&request), None);
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: HeartbeatBody = body::json(&headers, &bytes)?;
    let done = engine.make_heartbeat(asked.wanted(), &actor).await;
    let done = done.map_err(|failure| problem(engine, &failure))?;
    Ok((StatusCode::CREATED, made(engine, &done)))
}

/// Changes a heartbeat that people have made; its token and what was heard of it stay.
#[utoipa::path(
    patch, path = "/api/v1/heartbeats/{name}", tag = "heartbeats",
    params(("name" = String, Path)),
    request_body = HeartbeatEdit,
    responses(
        (status = 200, body = HeartbeatDetail),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It stands in the document, where it is changed, too"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn edit(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<HeartbeatDetail>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let actor = actor(Who::of(&request), None);
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: HeartbeatEdit = body::json(&headers, &bytes)?;
    let edit = move |wanted: &mut _| asked.apply(wanted);
    let done = engine.edit_heartbeat(&name, edit, &actor).await;
    let done = done.map_err(|failure| problem(engine, &failure))?;
    Ok(detail(engine, &done.heartbeat))
}

/// Takes a heartbeat away that people have made; an alert that is out ends, and what was heard is forgotten.
#[utoipa::path(
    delete, path = "/api/v1/heartbeats/{name}", tag = "heartbeats",
    params(("name" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It stands in the document, where it is taken out, too"),
    )
)]
pub(crate) async fn remove(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let removed = state.engine.remove_heartbeat(&name).await;
    removed.map_err(|failure| problem(&state.engine, &failure))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a heartbeat that people have made another token; the one before is nobody's from now on.
#[utoipa::path(
    post, path = "/api/v1/heartbeats/{name}/token", tag = "heartbeats",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = HeartbeatMade),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It stands in the document, and so does its token"),
    )
)]
pub(crate) async fn renew_token(
    State(state): State<WebState>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<HeartbeatMade>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let actor = actor(Who::of(&request), None);
    let done = engine.renew_heartbeat_token(&name, &actor).await;
    let done = done.map_err(|failure| problem(engine, &failure))?;
    Ok(made(engine, &done))
}

/// Lets nobody hear of a heartbeat until it is resumed; an alert that is out ends.
#[utoipa::path(
    post, path = "/api/v1/heartbeats/{name}/pause", tag = "heartbeats",
    params(("name" = String, Path)),
    responses((status = 200, body = HeartbeatDetail), (status = 404, body = Problem))
)]
pub(crate) async fn pause(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<HeartbeatDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let heartbeat = find(&state.engine, &name)?;
    let paused = state.engine.pause_heartbeat(&heartbeat).await;
    paused.map_err(|error| Problem::of_store(&error))?;
    Ok(detail(&state.engine, &heartbeat))
}

/// Waits for a heartbeat again, from now on.
#[utoipa::path(
    post, path = "/api/v1/heartbeats/{name}/resume", tag = "heartbeats",
    params(("name" = String, Path)),
    responses((status = 200, body = HeartbeatDetail), (status = 404, body = Problem))
)]
pub(crate) async fn resume(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<HeartbeatDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let heartbeat = find(&state.engine, &name)?;
    let resumed = state.engine.resume_heartbeat(&heartbeat).await;
    resumed.map_err(|error| Problem::of_store(&error))?;
    Ok(detail(&state.engine, &heartbeat))
}
