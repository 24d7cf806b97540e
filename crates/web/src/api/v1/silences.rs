//! `/api/v1/silences`: the same silences as Alertmanager's interface has, by the same rules.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::silence::{Silence, SilenceError, SilenceState};
use balefire_core::time::Time;
use balefire_engine::engine::{Engine, SilenceFailure};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::body;
use super::query::Query;
use super::silence::{SilenceBody, SilenceView};
use crate::error::Problem;
use crate::state::WebState;

/// A page of silences.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SilencePage {
    /// Active ones by their end, pending ones by their start, expired ones latest first.
    silences: Vec<SilenceView>,
    /// What to give as `offset` for the next page; absent at the end.
    next: Option<u64>,
}

/// A silence and what it does now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SilenceDetail {
    #[serde(flatten)]
    silence: SilenceView,
    /// How many firing alerts its matchers pass now.
    matches: usize,
}

fn detail(engine: &Engine, silence: &Silence, now: Time) -> SilenceDetail {
    let matches = engine
        .state()
        .alerts()
        .filter(|alert| !alert.resolved_at(now) && silence.matches(&alert.labels))
        .count();
    SilenceDetail {
        silence: SilenceView::of(silence, now),
        matches,
    }
}

fn find(engine: &Engine, id: &str) -> Result<Silence, Problem> {
    let found = engine.state().silences().get(id).cloned();
    found.ok_or_else(|| Problem::not_found(&format!("there is no silence {id:?}")))
}

fn problem(failure: &SilenceFailure) -> Problem {
    match failure {
        SilenceFailure::Rule(SilenceError::NotFound) => {
            Problem::not_found("there is no silence of this id")
        }
        SilenceFailure::Rule(rule) => Problem::unprocessable(&rule.to_string()),
        SilenceFailure::Store(error) => Problem::of_store(error),
    }
}

/// All silences, expired ones included for as long as they are kept.
#[utoipa::path(
    get, path = "/api/v1/silences", tag = "silences",
    params(
        ("state" = Option<String>, Query, description = "active, pending or expired"),
        ("offset" = Option<u64>, Query, description = "How many to leave out"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = SilencePage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<SilencePage>, Problem> {
    let query = Query::read(query.as_deref(), &["state", "offset", "limit"], &[])?;
    let words = [
        ("active", SilenceState::Active),
        ("pending", SilenceState::Pending),
        ("expired", SilenceState::Expired),
    ];
    let wanted = query.one_of("state", &words)?;
    let now = state.engine.now();
    let mut found = state.engine.state().silences().list(now);
    found.retain(|(state, _)| wanted.is_none_or(|wanted| wanted == *state));
    let (found, next) = query.page(found)?;
    let views = found.iter();
    let views = views.map(|(_, silence)| SilenceView::of(silence, now));
    Ok(Json(SilencePage {
        silences: views.collect(),
        next,
    }))
}

/// One silence.
#[utoipa::path(
    get, path = "/api/v1/silences/{id}", tag = "silences",
    params(("id" = String, Path)),
    responses((status = 200, body = SilenceDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<SilenceDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let silence = find(&state.engine, &id)?;
    Ok(Json(detail(&state.engine, &silence, state.engine.now())))
}

/// Makes a silence, or edits one when the body names its id. An edit of what it matches or of the past
/// ends the old one and makes a new one.
#[utoipa::path(
    post, path = "/api/v1/silences", tag = "silences",
    request_body = SilenceBody,
    responses(
        (status = 201, body = SilenceDetail),
        (status = 404, body = Problem, description = "No silence of the id to edit"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn put(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<SilenceDetail>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: SilenceBody = body::json(&headers, &bytes)?;
    let engine = &state.engine;
    let silence = asked.silence(engine.now())?;
    let id = engine
        .put_silence(silence)
        .await
        .map_err(|failure| problem(&failure))?;
    let made = find(engine, &id)?;
    Ok((
        StatusCode::CREATED,
        Json(detail(engine, &made, engine.now())),
    ))
}

/// Ends a silence now; ending it twice is fine.
#[utoipa::path(
    delete, path = "/api/v1/silences/{id}", tag = "silences",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn expire(
    State(state): State<WebState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    state
        .engine
        .expire_silence(&id)
        .await
        .map_err(|failure| problem(&failure))?;
    Ok(StatusCode::NO_CONTENT)
}
