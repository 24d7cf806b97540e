//! `POST /api/v2/alerts`: what Prometheus sends.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::error::Problem;
use crate::ingest::builtin;
use crate::ingest::receive::{Incoming, ReceiveError, receive};
use crate::state::WebState;

pub(crate) async fn post_alerts(State(state): State<WebState>, request: Request) -> Response {
    let Some(origin) = builtin("prometheus") else {
        return Problem::not_found("this build reads no Prometheus alerts").into_response();
    };
    let (head, body) = request.into_parts();
    let incoming = Incoming {
        method: head.method.as_str(),
        path: "",
        query: head.uri.query().unwrap_or(""),
        headers: &head.headers,
        body,
    };
    match receive(&state.engine, &origin, incoming).await {
        Ok(accepted) if accepted.complaints.is_empty() => StatusCode::OK.into_response(),
        Ok(accepted) => {
            let joined: Vec<&str> = accepted
                .complaints
                .iter()
                .map(|complaint| complaint.problem.as_str())
                .collect();
            (StatusCode::BAD_REQUEST, axum::Json(joined.join("; "))).into_response()
        }
        Err(ReceiveError::Busy) => Problem::busy("too much at once").into_response(),
        Err(ReceiveError::Store(error)) => Problem::of_store(&error).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, axum::Json(error.to_string())).into_response(),
    }
}
