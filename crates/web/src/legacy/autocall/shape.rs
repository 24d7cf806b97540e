//! Every answer of the telephones' paths as the app can bear it, whoever made it: the guard, the router, a panic.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use balefire_config::legacy::paths;
use http::header;
use serde_json::Value;

use super::{Answer, Shaped};

/// Longest error that is read for its words.
const MOST: usize = 64 * 1024;

/// Gives an answer to a telephone its shape; others pass. `prefix` is the site's.
pub(crate) async fn shape(State(prefix): State<String>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_phone = path.strip_prefix(&prefix).is_some_and(paths::is_phone);
    let response = next.run(request).await;
    if !is_phone || response.extensions().get::<Shaped>().is_some() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let said = to_bytes(body, MOST).await.unwrap_or_default();
    let said = serde_json::from_slice::<Value>(&said).ok();
    let detail = said.as_ref().and_then(|said| said["detail"].as_str());
    let words = detail.or_else(|| head.status.canonical_reason());
    let answer = Answer::none(words.unwrap_or("error"));
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        head.headers.remove(name);
    }
    let shaped = Json(answer).into_response();
    let (fresh, body) = shaped.into_parts();
    head.headers.extend(fresh.headers);
    Response::from_parts(head, body)
}
