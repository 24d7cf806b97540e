//! `/api/v2`: Alertmanager's interface, as 0.34 describes it and 0.25 answers.

mod alerts;
mod error;
mod groups;
mod listing;
mod order;
mod post_alerts;
mod query;
mod receivers;
mod shown;
mod silence_body;
mod silences;
mod status;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use balefire_engine::engine::Engine;
use http::{HeaderMap, Method, Uri, header};
use http_body::Body as _;
use serde::Serialize;

use self::error::ApiError;
use crate::ingest::body::{self, BodyError, Whole};
use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    let alerts = get(alerts::get_alerts).post(post_alerts::post_alerts);
    let silences = get(silences::get_silences).post(silences::post_silence);
    let silence = get(silences::get_silence).delete(silences::delete_silence);
    Router::new()
        .route("/api/v2/status", only("GET", get(status::get_status)))
        .route(
            "/api/v2/receivers",
            only("GET", get(receivers::get_receivers)),
        )
        .route("/api/v2/alerts", only("GET,POST", alerts))
        .route(
            "/api/v2/alerts/groups",
            only("GET", get(groups::get_groups)),
        )
        .route("/api/v2/silences", only("GET,POST", silences))
        .route("/api/v2/silence/{id}", only("DELETE,GET", silence))
        .route("/api/v2", any(nothing))
        .route("/api/v2/{*rest}", any(nothing))
        .route("/api/v1/alerts", post(post_alerts::post_alerts_v1))
}

/// Other methods, HEAD among them as in Alertmanager, are told which ones there are.
fn only(allowed: &'static str, methods: MethodRouter<WebState>) -> MethodRouter<WebState> {
    let refuse = move |method: Method| async move { ApiError::Method(method, allowed) };
    methods.head(refuse).fallback(refuse)
}

async fn nothing(uri: Uri) -> ApiError {
    ApiError::no_path(uri.path())
}

/// An answer in JSON, with the line feed that Go's encoder ends it with.
fn json<T: Serialize + ?Sized>(value: &T) -> Response {
    // Texts, numbers and lists of them can always be written.
    let mut body = serde_json::to_vec(value).unwrap_or_default();
    body.push(b'\n');
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The body of a request that must have one, in JSON; `name` is the parameter's.
async fn json_body(
    engine: &Engine,
    name: &str,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Whole, ApiError> {
    if body.is_end_stream() {
        return Err(ApiError::required(name));
    }
    let declared = headers
        .get(header::CONTENT_TYPE)
        .map_or("application/octet-stream", |value| {
            value.to_str().unwrap_or_default()
        });
    let media = declared.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        let message =
            format!("unsupported media type {media:?}, only [application/json] are allowed");
        return Err(ApiError::Coded(415, message));
    }
    let whole = body::read(engine, headers, body, limit).await?;
    if whole.bytes().is_empty() {
        return Err(ApiError::required(name));
    }
    Ok(whole)
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Busy => Self::busy(error.to_string()),
            other => Self::Coded(other.status().as_u16(), other.to_string()),
        }
    }
}
