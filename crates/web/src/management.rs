//! Health, readiness, reload, metrics: the paths operations tools know from Alertmanager.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};

use crate::exposition;
use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload).put(reload))
        .route("/metrics", get(metrics))
}

async fn healthy() -> &'static str {
    "OK"
}

async fn ready(State(state): State<WebState>) -> Response {
    match state.engine.unwell() {
        None => "OK".into_response(),
        Some(why) => {
            let text = format!("not ready: {why}\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

async fn reload(State(state): State<WebState>) -> Response {
    match (state.reload)().await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(problems) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("failed to reload config: {problems}\n"),
        )
            .into_response(),
    }
}

async fn metrics(State(state): State<WebState>, headers: HeaderMap) -> impl IntoResponse {
    let (kind, text) = exposition::answer(&headers, state.engine.measured().await);
    ([(header::CONTENT_TYPE, kind)], text)
}
