//! `/api/v1/status`: how this node is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// How this node is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusView {
    /// Balefire's version.
    version: &'static str,
    /// The node's number.
    node: u16,
    /// Whether it can do its work.
    well: bool,
    #[schema(value_type = String, format = DateTime)]
    now: Time,
    #[schema(value_type = String, format = DateTime)]
    started_at: Time,
    uptime_seconds: u64,
    /// The configuration in force.
    #[schema(value_type = String)]
    config_version: Arc<str>,
    /// Alerts in memory.
    alerts: usize,
    /// Groups in memory.
    groups: usize,
    /// Notifications waiting or under way.
    pending_notifications: i64,
    store: StoreView,
    recovered: RecoveredView,
}

/// The store.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoreView {
    /// The data folder, or the kind of server.
    place: String,
    /// The bytes its rows take.
    bytes: u64,
    last_event: u64,
    /// Calls that wait for the writer.
    queued: usize,
    /// Transactions committed since the start.
    commits: u64,
    /// Events appended since the start.
    events: u64,
    disk_full: bool,
    /// How safe the database says acknowledged data is.
    durability: Vec<DurabilityView>,
}

/// One setting that bears on durability.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DurabilityView {
    setting: &'static str,
    value: String,
    safe: bool,
    /// What to do when it is not.
    advice: &'static str,
}

/// What the start replayed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveredView {
    events: u64,
    decisions: u64,
}

/// How this node is.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "status",
    responses((status = 200, body = StatusView))
)]
pub(crate) async fn status(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<StatusView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = &state.engine;
    let store = engine.store();
    let bytes = store
        .size()
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let (writer, recovered, now) = (store.writer().stats(), engine.recovered(), engine.now());
    let (alerts, groups) = {
        let memory = engine.state();
        (memory.alerts().len(), memory.groups().len())
    };
    Ok(Json(StatusView {
        version: env!("CARGO_PKG_VERSION"),
        node: store.node(),
        well: engine.is_well(),
        now,
        started_at: engine.started_at(),
        uptime_seconds: now.since(engine.started_at()).as_secs(),
        config_version: Arc::clone(&engine.plan().version),
        alerts,
        groups,
        pending_notifications: engine.metrics().notifications_pending.get(),
        store: StoreView {
            place: store.place().to_owned(),
            bytes,
            last_event: store.last_event(),
            queued: writer.queued,
            commits: writer.commits,
            events: writer.events,
            disk_full: writer.disk_full,
            durability: store
                .durability()
                .iter()
                .map(|finding| DurabilityView {
                    setting: finding.setting,
                    value: finding.value.clone(),
                    safe: finding.safe,
                    advice: finding.advice,
                })
                .collect(),
        },
        recovered: RecoveredView {
            events: recovered.events,
            decisions: recovered.decisions,
        },
    }))
}
