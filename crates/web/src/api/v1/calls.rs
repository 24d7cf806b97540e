//! `/api/v1/calls`: calls that telephones place, asked for and followed.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_engine::calls::TakenBack;
use balefire_store::{CallFilter, CallState};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::body;
use super::call::{CallAnswer, CallBody, CallView};
use super::messages::problem;
use super::query::Query;
use crate::access::Who;
use crate::error::Problem;
use crate::state::WebState;

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallPage {
    /// Newest first.
    calls: Vec<CallView>,
    /// What to give as `before` for the next page; absent at the end.
    next: Option<u64>,
}

/// Asks for a call, past routing and silences, with the same durability as alerts: 202 means that it is on disk.
#[utoipa::path(
    post, path = "/api/v1/calls", tag = "calls",
    request_body = CallBody,
    responses(
        (status = 202, body = CallAnswer),
        (status = 422, body = Problem, description = "No such person, a number nobody can dial, or legacy.autocall is off"),
    )
)]
pub(crate) async fn place(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<CallAnswer>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: CallBody = body::json(&headers, &bytes)?;
    let order = asked.order(&state.engine)?;
    let id = state.engine.call(order).await;
    let id = id.map_err(|error| problem(&error))?;
    Ok((StatusCode::ACCEPTED, Json(CallAnswer { id })))
}

/// Calls, newest first.
#[utoipa::path(
    get, path = "/api/v1/calls", tag = "calls",
    params(
        ("state" = Option<String>, Query, description = "waiting, answered, unanswered or withdrawn"),
        ("before" = Option<u64>, Query, description = "Calls of notifications before this number"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = CallPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<CallPage>, Problem> {
    let query = Query::read(query.as_deref(), &["state", "before", "limit"], &[])?;
    let words = CallState::ALL.map(|state| (state.as_str(), state));
    let filter = CallFilter {
        state: query.one_of("state", &words)?,
        before: query.number("before")?,
        limit: query.limit()?,
    };
    let calls = state.engine.store().calls(filter).await;
    let calls = calls.map_err(|error| Problem::of_store(&error))?;
    let full = calls.len() == filter.limit;
    let next = calls.last().filter(|_| full).map(|call| call.seq);
    let view = |call| CallView::of(call, &state.engine);
    Ok(Json(CallPage {
        calls: calls.into_iter().map(view).collect(),
        next,
    }))
}

/// One call.
#[utoipa::path(
    get, path = "/api/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "As its asking was answered")),
    responses((status = 200, body = CallView), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<CallView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let call = state.engine.store().call(&id).await;
    let call = call.map_err(|error| Problem::of_store(&error))?;
    let call = call.ok_or_else(|| not_there(&id))?;
    Ok(Json(CallView::of(call, &state.engine)))
}

/// Takes a call back: nobody is called any more, and its notification is cancelled.
#[utoipa::path(
    delete, path = "/api/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "As its asking was answered")),
    responses(
        (status = 204, description = "Nobody is called any more"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It had ended before"),
    )
)]
pub(crate) async fn take_back(
    State(state): State<WebState>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let why = match Who::of(&request) {
        Some(who) => format!("taken back by {who}"),
        None => "taken back by hand".to_owned(),
    };
    let back = state.engine.take_call_back(&id, &why).await;
    match back.map_err(|error| Problem::of_store(&error))? {
        TakenBack::Done => Ok(StatusCode::NO_CONTENT),
        TakenBack::Unknown => Err(not_there(&id)),
        TakenBack::Over => {
            let detail = format!("call {id:?} had ended before");
            Err(Problem::new(StatusCode::CONFLICT, "over", &detail))
        }
    }
}

fn not_there(id: &str) -> Problem {
    Problem::not_found(&format!(
        "there is no call {id:?}, or retention has taken it"
    ))
}
