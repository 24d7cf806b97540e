//! The paths of inbound sources: `/in/{source}[/{token}][/…]`, and the built-in `/in/inbox`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use balefire_config::plan::Plan;
use balefire_core::label::Labels;
use balefire_sources::registry;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::receive::{Incoming, Origin, ReceiveError, receive};
use crate::access::source_token_matches;
use crate::error::Problem;
use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/in/{source}", any(source))
        .route("/in/{source}/{*rest}", any(source))
}

/// The path's parts: the source's name and what follows it.
type Parts = Path<Vec<(String, String)>>;

async fn source(State(state): State<WebState>, Path(parts): Parts, request: Request) -> Response {
    let part = |name: &str| {
        parts
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let (name, rest) = (part("source"), part("rest"));
    let plan = state.engine.plan();
    let (head, body) = request.into_parts();
    let Some((origin, path)) = origin(&plan, name, rest, &head.headers) else {
        let reason = if plan.sources.contains_key(name) {
            "the source's token is missing or wrong"
        } else {
            "no source of this name is configured"
        };
        state.engine.reject(name, reason, &[]).await;
        return if plan.sources.contains_key(name) {
            Problem::unauthorized(reason).into_response()
        } else {
            let known = plan.sources.keys().map(String::as_str).chain(["inbox"]);
            Problem::not_found(&format!(
                "no source is named {name:?}; there are: {}",
                known.collect::<Vec<_>>().join(", ")
            ))
            .into_response()
        };
    };
    let incoming = Incoming {
        method: head.method.as_str(),
        path,
        query: head.uri.query().unwrap_or(""),
        headers: &head.headers,
        body,
    };
    match receive(&state.engine, &origin, incoming).await {
        Ok(accepted) => {
            let complaints: Vec<Value> = accepted
                .complaints
                .iter()
                .map(|c| json!({"path": c.path, "problem": c.problem}))
                .collect();
            let status = if accepted.alerts == 0 && !complaints.is_empty() {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::OK
            };
            let word = if status.is_success() { "ok" } else { "error" };
            let answer = json!({
                "status": word,
                "accepted": accepted.alerts,
                "rejected": complaints.len(),
                "complaints": complaints,
            });
            (status, axum::Json(answer)).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// The source a request is for, when its token is right, and the path below it.
fn origin<'a>(
    plan: &Plan,
    name: &str,
    rest: &'a str,
    headers: &HeaderMap,
) -> Option<(Origin, &'a str)> {
    let Some(source) = plan.sources.get(name) else {
        return (name == "inbox")
            .then(|| builtin("inbox").map(|origin| (origin, rest)))
            .flatten();
    };
    let path = match &source.token {
        None => rest,
        Some(token) => source_token_matches(token, rest, headers)?,
    };
    let origin = Origin {
        name: Arc::clone(&source.name),
        spec: source.spec,
        options: source.options.clone(),
        labels: source.labels.clone(),
        timezone: source.timezone.clone(),
    };
    Some((origin, path))
}

/// A source that needs no configuration.
pub(crate) fn builtin(kind: &str) -> Option<Origin> {
    Some(Origin {
        name: kind.into(),
        spec: registry::find(kind)?,
        options: Value::Null,
        labels: Labels::empty(),
        timezone: "UTC".to_owned(),
    })
}

fn refused(error: &ReceiveError) -> Response {
    let text = error.to_string();
    match error {
        ReceiveError::Busy => Problem::busy(&text).into_response(),
        ReceiveError::Body(body) => Problem::new(body.status(), "body", &text).into_response(),
        ReceiveError::Refused(refusal) => Problem::of_refusal(refusal).into_response(),
        ReceiveError::Store(store) => Problem::of_store(store).into_response(),
    }
}
