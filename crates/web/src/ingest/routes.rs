//! The paths of inbound sources: `/in/{source}[/{token}][/…]`, and the built-in `/in/inbox`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use balefire_config::plan::Plan;
use balefire_core::label::Labels;
use balefire_engine::ingest::Accepted;
use balefire_sources::registry;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::receive::{Incoming, Origin, RECORDED, ReceiveError, receive};
use crate::access::source_token_matches;
use crate::error::Problem;
use crate::state::WebState;

/// Methods that senders use. Some can only `GET`.
const METHODS: &str = "GET, POST, PUT, OPTIONS";
/// What is recorded of a name nobody has configured, in characters.
const NAME_SHOWN: usize = 80;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/in/{source}", any(source))
        .route("/in/{source}/", any(source))
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
    let (origin, path) = match origin(&plan, name, rest, &head.headers) {
        Ok(found) => found,
        Err(Missing::Source) => return unknown(&state, &plan, name).await,
        Err(Missing::Token(source)) => {
            let reason = "the source's token is missing or wrong";
            state.engine.reject(&source, reason, &[]).await;
            return Problem::unauthorized(reason).into_response();
        }
    };
    match head.method {
        Method::OPTIONS => return handshake(&head.headers),
        Method::GET | Method::POST | Method::PUT => {}
        _ => return other_method(),
    }
    let incoming = Incoming {
        method: head.method.as_str(),
        path,
        query: head.uri.query().unwrap_or(""),
        headers: &head.headers,
    };
    match receive(&state.engine, &origin, &incoming, body).await {
        Ok(accepted) => taken(&origin, &accepted),
        Err(error) => refused(&error),
    }
}

/// The answer once everything usable is on disk. A batch of which nothing was usable is a mistake
/// of the sender's; one with some bad items is not, because senders repeat or drop it whole.
fn taken(origin: &Origin, accepted: &Accepted) -> Response {
    let nothing = accepted.alerts == 0 && !accepted.complaints.is_empty();
    if accepted.complaints.is_empty() && origin.spec.kind == "cloudevents" {
        // The HTTP protocol binding's word for "taken, no answer follows".
        return StatusCode::ACCEPTED.into_response();
    }
    let (status, word) = if nothing {
        (StatusCode::BAD_REQUEST, "error")
    } else {
        (StatusCode::OK, "ok")
    };
    let complaints: Vec<Value> = accepted
        .complaints
        .iter()
        .map(|c| json!({"path": c.path, "problem": c.problem}))
        .collect();
    let answer = json!({
        "status": word,
        "accepted": accepted.alerts,
        "rejected": complaints.len(),
        "complaints": complaints,
        "notes": accepted.notes.iter().take(RECORDED).collect::<Vec<_>>(),
    });
    (status, axum::Json(answer)).into_response()
}

/// CloudEvents senders ask first whether they may send (HTTP webhook, section 4). Whoever knows
/// the source and its token may.
fn handshake(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answer = response.headers_mut();
    answer.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    if let Some(origin) = headers.get("webhook-request-origin") {
        answer.insert("webhook-allowed-origin", origin.clone());
        answer.insert("webhook-allowed-rate", HeaderValue::from_static("*"));
    }
    response
}

fn other_method() -> Response {
    let detail = format!("send alerts with one of {METHODS}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", &detail);
    let mut response = problem.into_response();
    let allow = HeaderValue::from_static(METHODS);
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// Names come from anybody, so they are not counted one by one.
async fn unknown(state: &WebState, plan: &Plan, name: &str) -> Response {
    let shown: String = name.chars().take(NAME_SHOWN).collect();
    let reason = format!("no source is named {shown:?}");
    state.engine.reject("unknown", &reason, &[]).await;
    let known = plan.sources.keys().map(String::as_str).chain(["inbox"]);
    let known = known.collect::<Vec<_>>().join(", ");
    Problem::not_found(&format!("{reason}; there are: {known}")).into_response()
}

/// What a request for a source lacks.
enum Missing {
    /// There is no such source.
    Source,
    /// The token of this source.
    Token(Arc<str>),
}

/// The source a request is for, when its token is right, and the path below it.
fn origin<'a>(
    plan: &Plan,
    name: &str,
    rest: &'a str,
    headers: &HeaderMap,
) -> Result<(Origin, &'a str), Missing> {
    let Some(source) = plan.sources.get(name) else {
        return builtin(name)
            .filter(|_| name == "inbox")
            .map(|origin| (origin, rest))
            .ok_or(Missing::Source);
    };
    let path = match &source.token {
        None => rest,
        Some(token) => source_token_matches(token, rest, headers)
            .ok_or_else(|| Missing::Token(Arc::clone(&source.name)))?,
    };
    let origin = Origin {
        name: Arc::clone(&source.name),
        spec: source.spec,
        options: source.options.clone(),
        labels: source.labels.clone(),
        timezone: source.timezone.clone(),
    };
    Ok((origin, path))
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
        ReceiveError::Body(body) if body.status() == StatusCode::SERVICE_UNAVAILABLE => {
            Problem::busy(&text).into_response()
        }
        ReceiveError::Body(body) => Problem::new(body.status(), "body", &text).into_response(),
        ReceiveError::Refused(refusal) => Problem::of_refusal(refusal).into_response(),
        ReceiveError::Store(store) => Problem::of_store(store).into_response(),
    }
}
