//! Every path there is, in one table.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::guard;
use crate::error::Problem;
use crate::state::WebState;
use crate::{api, console, headers, ingest, management};

/// The whole site below the configured prefix.
pub fn router(state: WebState) -> Router {
    let prefix = state
        .engine
        .plan()
        .server
        .route_prefix
        .trim_end_matches('/')
        .to_owned();
    let site = Router::new()
        .merge(management::routes())
        .merge(ingest::routes())
        .merge(api::routes())
        .merge(console::routes())
        .fallback(nothing_here)
        .layer(from_fn_with_state(state.clone(), guard))
        .layer(from_fn(headers::secure))
        .layer(CatchPanicLayer::new())
        .with_state(state);
    if prefix.is_empty() {
        site
    } else {
        Router::new().nest(&prefix, site)
    }
}

async fn nothing_here(uri: http::Uri) -> impl IntoResponse {
    Problem::not_found(&format!("there is nothing at {}", uri.path()))
}
