//! `/api/v1/badges`: where the badges of heartbeats are.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_engine::badge::Subject;
use balefire_engine::engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::badge::{self, Form};
use crate::error::Problem;
use crate::state::WebState;

/// Where a badge is. Whoever knows an address sees how the heartbeats of it stand, and nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BadgeView {
    /// The name of a heartbeat, LABEL=VALUE, or * for all.
    subject: String,
    /// A picture.
    svg: String,
    /// The same in words: status, total, late and down.
    json: String,
    /// What shields.io's endpoint badges read.
    shields: String,
}

async fn view(engine: &Engine, subject: &Subject) -> Result<Json<BadgeView>, Problem> {
    // One that nothing is meant by has no address.
    let token = match engine.badge(subject) {
        Ok(_) => engine.badge_token(subject).await,
        Err(failure) => Err(failure),
    };
    let token = token.map_err(|failure| badge::problem(&failure))?;
    let plan = engine.plan();
    let base = match plan.server.external_url.trim_end_matches('/') {
        "" => plan.server.route_prefix.trim_end_matches('/'),
        base => base,
    };
    let at = |form| format!("{base}{}", badge::path(&token, subject, form));
    Ok(Json(BadgeView {
        subject: subject.to_string(),
        svg: at(Form::Svg),
        json: at(Form::Json),
        shields: at(Form::Shields),
    }))
}

fn read(text: &str) -> Result<Subject, Problem> {
    let wrong = || {
        let detail =
            format!("{text:?} is no subject; write the name of a heartbeat, LABEL=VALUE, or *");
        Problem::not_found(&detail)
    };
    Subject::read(text).ok_or_else(wrong)
}

/// Where the badge of a heartbeat is, or of all with a label (team=db), or of all (*).
#[utoipa::path(
    get, path = "/api/v1/badges/{subject}", tag = "heartbeats",
    params(("subject" = String, Path, description = "The name of a heartbeat, LABEL=VALUE, or * for all")),
    responses((status = 200, body = BadgeView), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(subject): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<BadgeView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    view(&state.engine, &read(&subject)?).await
}

/// Gives a badge another address; the one before shows nothing from now on.
#[utoipa::path(
    post, path = "/api/v1/badges/{subject}/renew", tag = "heartbeats",
    params(("subject" = String, Path, description = "The name of a heartbeat, LABEL=VALUE, or * for all")),
    responses((status = 200, body = BadgeView), (status = 404, body = Problem))
)]
pub(crate) async fn renew(
    State(state): State<WebState>,
    Path(subject): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<BadgeView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let subject = read(&subject)?;
    let renewed = state.engine.renew_badge(&subject).await;
    renewed.map_err(|failure| badge::problem(&failure))?;
    view(&state.engine, &subject).await
}
