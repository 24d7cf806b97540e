//! `/api/v1/heartbeats`: jobs that say by themselves that they have run, and how they stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_config::heartbeat::Heartbeat;
use balefire_core::duration;
use balefire_core::heartbeat::{Rhythm, Signal, Why};
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;
use balefire_engine::heartbeats::HeartbeatState;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::{Query, unknown};
use crate::error::Problem;
use crate::state::WebState;

/// The heartbeats of the document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatList {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// By name.
    heartbeats: Vec<HeartbeatView>,
}

/// A heartbeat, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatView {
    #[schema(value_type = String)]
    name: Arc<str>,
    /// new, up, late, down or paused.
    status: &'static str,
    /// Whether a run is under way that said it begins.
    running: bool,
    /// When the next success is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Time>,
    /// When it is down if nothing is heard.
    #[schema(value_type = Option<String>, format = DateTime)]
    down_at: Option<Time>,
    /// How long after a success the next one is due; null with a cron expression.
    period: Option<String>,
    /// The cron expression; null with a period.
    cron: Option<String>,
    /// The zone of the cron expression.
    timezone: Option<String>,
    grace: String,
    /// The labels of the alert when it is missed.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    labels: Labels,
    description: String,
    /// How many signals were heard.
    pings: u64,
    last: Option<PingView>,
    /// When the run began that is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// How long the last run took of which start and end were heard, in seconds.
    took_seconds: Option<f64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_at: Option<Time>,
    down: Option<DownView>,
}

/// A signal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PingView {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// success, start, fail or log.
    signal: &'static str,
    /// The exit code, where it failed with one.
    exit_code: Option<u8>,
    /// From which address.
    #[schema(value_type = String)]
    sender: Arc<str>,
}

/// That it is down.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownView {
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    /// late, unended or failed.
    why: &'static str,
    /// The exit code, where it failed with one.
    exit_code: Option<u8>,
}

/// A heartbeat, and what came with its last signal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatDetail {
    #[serde(flatten)]
    heartbeat: HeartbeatView,
    /// The beginning of what came with the last signal, at most 10 KiB.
    #[schema(value_type = String)]
    body: Arc<str>,
}

impl HeartbeatView {
    fn of(state: &HeartbeatState) -> Self {
        let (one, beat) = (&state.heartbeat, &state.beat);
        let (period, cron) = match &one.pace.rhythm {
            Rhythm::Every(period) => (Some(duration::format(*period)), None),
            Rhythm::Cron(cron) => (None, Some(cron)),
        };
        Self {
            name: Arc::clone(&one.name),
            status: state.standing.status.as_str(),
            running: beat.started_at.is_some(),
            due_at: state.standing.due,
            down_at: state.standing.down_at,
            period,
            cron: cron.map(|cron| cron.text().to_owned()),
            timezone: cron.map(|cron| cron.zone().name().to_owned()),
            grace: duration::format(one.pace.grace),
            labels: one.labels.clone(),
            description: one.description.clone(),
            pings: beat.pings,
            last: beat.last.map(|ping| PingView {
                at: ping.at,
                signal: Signal::as_str(ping.signal),
                exit_code: ping.signal.code(),
                sender: Arc::clone(&state.sender),
            }),
            started_at: beat.started_at,
            took_seconds: beat.took.map(|took| took.as_secs_f64()),
            paused_at: beat.paused_at,
            down: beat.down.map(|down| DownView {
                since: down.since,
                why: Why::as_str(down.why),
                exit_code: down.why.code(),
            }),
        }
    }
}

fn find(engine: &Engine, name: &str) -> Result<Arc<Heartbeat>, Problem> {
    let plan = engine.plan();
    plan.heartbeats.get(name).map(Arc::clone).ok_or_else(|| {
        let known: Vec<&str> = plan.heartbeats.iter().map(|one| &*one.name).collect();
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

/// The heartbeats of the document, and how they stand.
#[utoipa::path(
    get, path = "/api/v1/heartbeats", tag = "heartbeats",
    params(("status" = Option<String>, Query, description = "Only those that are new, up, late, down or paused")),
    responses((status = 200, body = HeartbeatList), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<HeartbeatList>, Problem> {
    let query = Query::read(query.as_deref(), &["status"], &[])?;
    let words = ["new", "up", "late", "down", "paused"].map(|word| (word, word));
    let wanted = query.one_of("status", &words)?;
    let all = state.engine.heartbeat_states();
    let views = all.iter().map(HeartbeatView::of);
    Ok(Json(HeartbeatList {
        at: state.engine.now(),
        heartbeats: views
            .filter(|view| wanted.is_none_or(|wanted| wanted == view.status))
            .collect(),
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
