//! `/api/v1/monitors`: what expires and is looked at.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_core::monitor::Certificate;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;
use balefire_engine::monitor::MonitorState;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::{Query, unknown};
use crate::error::Problem;
use crate::state::WebState;

const DAY: Duration = Duration::from_hours(24);

/// The monitors of the document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MonitorList {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// By name.
    monitors: Vec<MonitorView>,
}

/// A monitor, and what was seen of it. Who is told is in the reminder of its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MonitorView {
    #[schema(value_type = String)]
    name: Arc<str>,
    /// certificate, domain or date.
    kind: &'static str,
    /// What is looked at.
    target: String,
    /// unseen before the first look, failing while the last look saw nothing, else seen.
    status: &'static str,
    /// When it expires, by the last look that saw it.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// Whole days until then, negative after it.
    days_left: Option<i64>,
    /// Who issued it, or with whom it is registered.
    detail: String,
    /// What the certificate says besides, by the last look that saw it.
    certificate: Option<CertificateView>,
    #[schema(value_type = Option<String>, format = DateTime)]
    looked_at: Option<Time>,
    #[schema(value_type = String, format = DateTime)]
    next_look_at: Time,
    /// Since when no look has seen it.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Time>,
    /// Why not; empty when the last look saw it.
    error: String,
}

/// What a certificate says, and whether it would be trusted here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateView {
    /// Whose it is, by its own words.
    subject: String,
    /// The names and addresses it is for, at most 100.
    names: Vec<String>,
    /// Whether the name that was asked for is among them.
    covers_name: bool,
    #[schema(value_type = String, format = DateTime)]
    valid_from: Time,
    /// How many certificates the server showed.
    shown: usize,
    /// trusted, self_signed, incomplete (nobody here knows who issued the last one shown), unknown_authority (it was shown, and is not
    /// trusted here), not_now (expired or not good yet), or refused for another reason.
    trust: &'static str,
}

impl CertificateView {
    fn of(one: &Certificate) -> Self {
        Self {
            subject: one.subject.clone(),
            names: one.names.clone(),
            covers_name: one.covers,
            valid_from: one.valid_from,
            shown: one.shown,
            trust: one.trust.as_str(),
        }
    }
}

impl MonitorView {
    fn of(state: &MonitorState, now: Time) -> Self {
        let (one, sight) = (&state.monitor, &state.sight);
        Self {
            name: Arc::clone(&one.name),
            kind: one.target.kind(),
            target: one.target.shown(),
            status: match sight {
                sight if sight.failing_since.is_some() => "failing",
                sight if sight.looked_at.is_some() => "seen",
                _ => "unseen",
            },
            expires_at: sight.expires_at,
            days_left: sight.expires_at.map(|at| days_left(at, now)),
            detail: sight.detail.clone(),
            certificate: sight.certificate.as_ref().map(CertificateView::of),
            looked_at: sight.looked_at,
            next_look_at: state.next_look,
            failing_since: sight.failing_since,
            error: sight.error.clone(),
        }
    }
}

/// Whole days until an instant, rounded down.
fn days_left(at: Time, now: Time) -> i64 {
    (at.secs() - now.secs()).div_euclid(DAY.as_secs() as i64)
}

async fn states(engine: &Engine) -> Result<Vec<MonitorState>, Problem> {
    let states = engine.monitor_states().await;
    states.map_err(|error| Problem::of_store(&error))
}

async fn find(engine: &Engine, name: &str) -> Result<MonitorState, Problem> {
    let states = states(engine).await?;
    let found = states.iter().find(|state| &*state.monitor.name == name);
    found.cloned().ok_or_else(|| {
        let known = states.iter().map(|state| &*state.monitor.name);
        Problem::not_found(&unknown("monitor", name, known))
    })
}

/// The monitors of the document, and what was seen of them.
#[utoipa::path(
    get, path = "/api/v1/monitors", tag = "monitors",
    responses((status = 200, body = MonitorList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<MonitorList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let (states, now) = (states(&state.engine).await?, state.engine.now());
    let monitors = states.iter().map(|state| MonitorView::of(state, now));
    Ok(Json(MonitorList {
        at: now,
        monitors: monitors.collect(),
    }))
}

/// One monitor.
#[utoipa::path(
    get, path = "/api/v1/monitors/{name}", tag = "monitors",
    params(("name" = String, Path)),
    responses((status = 200, body = MonitorView), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<MonitorView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let found = find(&state.engine, &name).await?;
    Ok(Json(MonitorView::of(&found, state.engine.now())))
}

/// Looks at a monitor now; what it saw is in the answer, a failure as well.
#[utoipa::path(
    post, path = "/api/v1/monitors/{name}/look", tag = "monitors",
    params(("name" = String, Path)),
    responses((status = 200, body = MonitorView), (status = 404, body = Problem))
)]
pub(crate) async fn look(
    State(state): State<WebState>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<MonitorView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = &state.engine;
    let found = find(engine, &name).await?;
    let sight = engine.look_at(&found).await;
    let sight = sight.map_err(|error| Problem::of_store(&error))?;
    let now = engine.now();
    let seen = MonitorState {
        next_look: sight.next_look(&name, now),
        sight,
        ..found
    };
    Ok(Json(MonitorView::of(&seen, now)))
}
