//! Every path there is, in one table.

use std::any::Any;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{Method, StatusCode, Uri};
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{Gate, guard};
use crate::error::Problem;
use crate::state::WebState;
use crate::{api, badge, callback, console, headers, heartbeat, ingest, legacy, management};

/// The whole site below the configured prefix. Inside, paths are without it.
pub fn router(state: WebState) -> Router {
    let plan = state.engine.plan();
    let prefix = plan.server.route_prefix.trim_end_matches('/').to_owned();
    let site = Router::new()
        .merge(management::routes())
        .merge(ingest::routes())
        .merge(heartbeat::routes())
        .merge(badge::routes())
        .merge(callback::routes())
        .merge(api::routes())
        .merge(legacy::routes())
        .merge(console::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(Gate::new(state.clone()), guard))
        .with_state(state);
    let site = if prefix.is_empty() {
        site
    } else {
        let home = format!("{prefix}/");
        let to_home = move || async move { Redirect::to(&home) };
        Router::new()
            .route("/", get(to_home))
            // Unlike `nest`, this serves the prefix with a slash at its end, too.
            .nest_service(&prefix, site)
            .fallback(nothing_here)
    };
    site.layer(CatchPanicLayer::custom(broken))
        .layer(from_fn_with_state(prefix, legacy::autocall::shape))
        .layer(from_fn(headers::secure))
}

async fn nothing_here(uri: Uri) -> Problem {
    Problem::not_found(&format!("there is nothing at {}", uri.path()))
}

/// The header `Allow` says which methods there are.
async fn other_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("there is no {method} at {}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", &detail)
}

/// A mistake of ours costs one answer, not the node; the words of a panic are for the log alone.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn broken(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(panic = words, "a request could not be answered");
    let detail = "a mistake in Balefire itself; its log says more";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}
