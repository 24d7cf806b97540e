//! `GET /api/v2/status`.

use axum::extract::State;
use axum::response::Response;
use balefire_core::time::Time;
use balefire_engine::metrics::ALERTMANAGER_VERSION;
use serde::Serialize;

use super::json;
use crate::state::WebState;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    cluster: Cluster,
    config: Config<'a>,
    uptime: Time,
    version_info: VersionInfo,
}

/// Our nodes share a database and know each other through it; to tools we are one.
#[derive(Serialize)]
struct Cluster {
    peers: [(); 0],
    status: &'static str,
}

#[derive(Serialize)]
struct Config<'a> {
    /// The document projected on Alertmanager's schema, without secrets; amtool parses it strictly.
    original: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionInfo {
    branch: &'static str,
    build_date: &'static str,
    build_user: &'static str,
    go_version: &'static str,
    revision: &'static str,
    version: &'static str,
}

pub(super) async fn get_status(State(state): State<WebState>) -> Response {
    let plan = state.engine.plan();
    json(&Status {
        cluster: Cluster {
            peers: [],
            status: "disabled",
        },
        config: Config {
            original: &plan.alertmanager_yaml,
        },
        uptime: state.engine.started_at(),
        version_info: VersionInfo {
            branch: "balefire",
            build_date: "",
            build_user: "",
            go_version: "",
            revision: env!("CARGO_PKG_VERSION"),
            version: ALERTMANAGER_VERSION,
        },
    })
}
