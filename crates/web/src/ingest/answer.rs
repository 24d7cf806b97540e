//! What a sender hears: the common answer, or one in its source's own shape.

use axum::response::{IntoResponse, Response};
use balefire_engine::ingest::Accepted;
use balefire_sources::manners::{Answer, Head, Outcome, Taken, Voice};
use balefire_sources::spec::SourceSpec;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::receive::{RECORDED, ReceiveError, Received};
use crate::error::Problem;

/// The answer once everything usable is on disk.
pub(super) fn taken(spec: &SourceSpec, head: &Head<'_>, received: &Received) -> Response {
    let outcome = Outcome::Taken(Taken {
        alerts: received.accepted.alerts,
        complaints: &received.accepted.complaints,
        reply: &received.reply,
    });
    match (spec.manners.answer)(head, &outcome) {
        Voice::Own(answer) => own(answer),
        Voice::Common => common(&received.accepted),
    }
}

/// The answer when nothing was stored.
pub(super) fn failed(spec: &SourceSpec, head: &Head<'_>, problem: Problem) -> Response {
    let outcome = Outcome::Failed {
        status: problem.status,
        detail: &problem.detail,
    };
    match (spec.manners.answer)(head, &outcome) {
        Voice::Own(answer) => problem.said_as(answer),
        Voice::Common => problem.into_response(),
    }
}

/// Why nothing was stored, as a problem.
pub(super) fn problem_of(error: &ReceiveError) -> Problem {
    let text = error.to_string();
    match error {
        ReceiveError::Body(body) if body.status() == StatusCode::SERVICE_UNAVAILABLE => {
            Problem::busy(&text)
        }
        ReceiveError::Body(body) => Problem::new(body.status(), "body", &text),
        ReceiveError::Refused(refusal) => Problem::of_refusal(refusal),
        ReceiveError::Outside(_) => Problem::busy(&text),
        ReceiveError::Store(store) => Problem::of_store(store),
    }
}

fn own(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if answer.content_type.is_empty() {
        return status.into_response();
    }
    let content_type = HeaderValue::from_static(answer.content_type);
    let headers = [(header::CONTENT_TYPE, content_type)];
    (status, headers, answer.body).into_response()
}

/// A batch of which nothing was usable is a mistake of the sender's; one with some bad items is not, because
/// senders repeat or drop it whole.
fn common(accepted: &Accepted) -> Response {
    let nothing = accepted.alerts == 0 && !accepted.complaints.is_empty();
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
