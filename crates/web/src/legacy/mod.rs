//! Older services whose clients keep working: their paths, requests and answers, and nothing else. What they
//! ask for goes through the same accounts, store and lanes as everything Balefire sends.
//!
//! A service is on while the configuration names it under `legacy`; otherwise its paths are not there.

pub(crate) mod alarm_v2;
mod apptools;
pub(crate) mod autocall;
mod grafana_wecom;
pub(crate) mod mysql_time;
mod page;
mod push;
mod python;
mod request;
mod send;

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::error::Problem;
use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .merge(alarm_v2::routes())
        .merge(apptools::routes())
        .merge(push::routes())
        .merge(grafana_wecom::routes())
        .merge(autocall::routes())
}

/// A service that is not configured is not there.
fn off(service: &str) -> Response {
    let detail =
        format!("this service is off; name it under legacy.{service} in the configuration");
    Problem::new(StatusCode::NOT_FOUND, "not_found", &detail).into_response()
}
