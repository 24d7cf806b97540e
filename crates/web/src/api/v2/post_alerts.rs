//! `POST /api/v2/alerts`, which Prometheus sends, and `POST /api/v1/alerts`, which elastalert2 and old
//! clients still send. What is usable is stored even when the answer names mistakes in the rest.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use balefire_sources::parsed::{Complaint, ComplaintKind, Refusal};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::error::ApiError;
use super::json_body;
use crate::ingest::builtin;
use crate::ingest::receive::{Incoming, Origin, ReceiveError, keep, receive};
use crate::state::WebState;

/// Mistakes that are named in one answer.
const NAMED: usize = 100;

pub(super) async fn post_alerts(
    State(state): State<WebState>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let origin = origin()?;
    let (head, body) = request.into_parts();
    let engine = &state.engine;
    let whole = match json_body(
        engine,
        "alerts",
        &head.headers,
        body,
        origin.spec.body_limit,
    )
    .await
    {
        Ok(whole) => whole,
        Err(error) => {
            engine.reject(&origin.name, &error.to_string(), &[]).await;
            return Err(error);
        }
    };
    let received = keep(engine, &origin, &incoming(&head), whole.bytes()).await?;
    mistake(&received.accepted.complaints).map_or(Ok(StatusCode::OK), Err)
}

/// Version 1 took any content type and answered every mistake alike.
pub(super) async fn post_alerts_v1(State(state): State<WebState>, request: Request) -> Response {
    let origin = match origin() {
        Ok(origin) => origin,
        Err(error) => return error.into_response(),
    };
    let (head, body) = request.into_parts();
    match receive(&state.engine, &origin, &incoming(&head), body).await {
        Ok(received) => match joined(&received.accepted.complaints) {
            None => Json(json!({"status": "success"})).into_response(),
            Some(words) => v1_error(StatusCode::BAD_REQUEST, "bad_data", &words),
        },
        Err(ReceiveError::Body(error)) => v1_error(error.status(), "bad_data", &error.to_string()),
        Err(ReceiveError::Refused(refusal)) => {
            v1_error(StatusCode::BAD_REQUEST, "bad_data", &refusal.to_string())
        }
        // What comes in here is signed with no certificate.
        Err(ReceiveError::Outside(error)) => v1_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "server_error",
            &error.to_string(),
        ),
        Err(ReceiveError::Store(error)) => {
            let later = ApiError::of_store(&error).into_response();
            let mut response = v1_error(later.status(), "server_error", &error.to_string());
            if let Some(wait) = later.headers().get(header::RETRY_AFTER) {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, wait.clone());
            }
            response
        }
    }
}

fn v1_error(status: StatusCode, kind: &str, words: &str) -> Response {
    let body = json!({"status": "error", "errorType": kind, "error": words});
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let wait = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

fn origin() -> Result<Origin, ApiError> {
    builtin("prometheus").ok_or(ApiError::Missing)
}

fn incoming(head: &Parts) -> Incoming<'_> {
    Incoming {
        method: head.method.as_str(),
        path: "",
        query: head.uri.query().unwrap_or(""),
        headers: &head.headers,
    }
}

/// The answer to a batch with mistakes. Where Alertmanager would have read nothing at all (a wrong
/// type), that is what it says, and so do we where we alone would not; then come mistakes of form; mistakes
/// of meaning are joined.
fn mistake(complaints: &[Complaint]) -> Option<ApiError> {
    let first = |kinds: &[ComplaintKind]| complaints.iter().find(|c| kinds.contains(&c.kind));
    if let Some(complaint) = first(&[ComplaintKind::Type]) {
        return Some(ApiError::unreadable("alerts", &complaint.problem));
    }
    if let Some(complaint) = first(&[ComplaintKind::Bound]) {
        let problem = format!("{}: {}", complaint.path, complaint.problem);
        return Some(ApiError::unreadable("alerts", &problem));
    }
    if let Some(complaint) = first(&[ComplaintKind::Required, ComplaintKind::Format]) {
        let code = match complaint.kind {
            ComplaintKind::Required => 602,
            _ => 601,
        };
        return Some(ApiError::Coded(code, complaint.problem.clone()));
    }
    joined(complaints).map(ApiError::domain)
}

fn joined(complaints: &[Complaint]) -> Option<String> {
    let problems: Vec<&str> = complaints.iter().take(NAMED).map(|c| &*c.problem).collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

impl From<ReceiveError> for ApiError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Body(error) => error.into(),
            ReceiveError::Store(error) => Self::of_store(&error),
            ReceiveError::Outside(error) => Self::busy(error.to_string()),
            ReceiveError::Refused(refusal) => match refusal {
                Refusal::Malformed { path, problem } if path == "body" => {
                    Self::unreadable("alerts", &problem)
                }
                Refusal::Malformed { .. } => Self::unreadable("alerts", &refusal.to_string()),
                Refusal::Unauthorized(_) | Refusal::Stranger(_) => {
                    Self::Coded(401, refusal.to_string())
                }
                Refusal::NoSuchPath(_) => Self::Coded(404, refusal.to_string()),
                Refusal::UnsupportedMedia(_) => Self::Coded(415, refusal.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_mistake_decides_the_answer() {
        let domain = Complaint::new("[0]", "no labels");
        let second = Complaint::new("[3]", "ends too early");
        let required = Complaint::of(
            ComplaintKind::Required,
            "[1]",
            "1.labels in body is required",
        );
        let format = Complaint::of(ComplaintKind::Format, "[2]", "2.generatorURL is bad");
        let kind = Complaint::of(ComplaintKind::Type, "[4]", "not a text");
        assert_eq!(mistake(&[]), None);
        assert_eq!(
            mistake(&[domain.clone(), second.clone()]),
            Some(ApiError::domain("no labels; ends too early"))
        );
        let of_form = [domain, format, required, second];
        let expected = ApiError::Coded(601, "2.generatorURL is bad".to_owned());
        assert_eq!(mistake(&of_form), Some(expected));
        let [a, b, c, d] = of_form;
        let bound = Complaint::of(ComplaintKind::Bound, "[5].labels", "700 labels");
        let unread = ApiError::unreadable("alerts", "[5].labels: 700 labels");
        let all = [a, b, c, d, bound, kind];
        assert_eq!(mistake(&all[..5]), Some(unread));
        let unread = ApiError::unreadable("alerts", "not a text");
        assert_eq!(mistake(&all), Some(unread));
    }
}
