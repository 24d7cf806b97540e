//! `POST /api/v1/messages`: one call to any account or receiver, past routing and silences.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use balefire_core::duration;
use balefire_core::severity::Severity;
use balefire_engine::direct::{Destination, Direct, DirectError, Sent, Words};
use balefire_engine::engine::Engine;
use balefire_store::NotificationState;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::idempotency::{Answer, Answers};
use super::options;
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// Longest wait for the end of a delivery.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A message to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MessageBody {
    /// The account to send through; or say `receiver`.
    account: Option<String>,
    /// The receiver to tell; instead of `account`.
    receiver: Option<String>,
    /// With `account`: what a receiver's entry would say, such as `{"to": "ops@example.com"}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    options: Option<Value>,
    /// One line.
    #[serde(default)]
    title: String,
    /// The rest; may hold line breaks.
    #[serde(default)]
    text: String,
    /// `info`, `warning`, `error` or `critical`; `info` when it is left out.
    severity: Option<String>,
    /// How long to wait for the end, such as `5s`, at most `60s`; without it the answer comes at once.
    wait: Option<String>,
    /// Send the test message instead of `title` and `text`.
    #[serde(default)]
    test: bool,
}

impl Fields for MessageBody {
    const FIELDS: &'static [&'static str] = &[
        "account", "receiver", "options", "title", "text", "severity", "wait", "test",
    ];
}

/// What became of a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageAnswer {
    /// `delivered` when all are, `pending` while one is under way, else `failed`.
    state: &'static str,
    /// One for each target.
    notifications: Vec<SentView>,
}

/// One notification of the message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentView {
    /// Its number: `GET /api/v1/notifications/{seq}` tells more.
    seq: u64,
    #[schema(value_type = String)]
    target: Arc<str>,
    #[schema(value_type = String)]
    state: NotificationState,
    /// The provider's last word; empty while there is none.
    detail: String,
}

impl SentView {
    pub(super) fn of(sent: Sent) -> Self {
        Self {
            seq: sent.seq,
            target: sent.target,
            state: sent.state,
            detail: sent.detail,
        }
    }
}

impl MessageBody {
    fn wait(&self) -> Result<Option<Duration>, Problem> {
        let Some(text) = &self.wait else {
            return Ok(None);
        };
        let wait = duration::parse(text)
            .map_err(|error| Problem::bad_request(&format!("wait: {error}")))?;
        if wait > LONGEST_WAIT {
            return Err(Problem::bad_request(&format!(
                "wait is at most {}, not {text}",
                duration::format(LONGEST_WAIT)
            )));
        }
        Ok((!wait.is_zero()).then_some(wait))
    }

    fn direct(self) -> Result<Direct, Problem> {
        let options = self
            .options
            .unwrap_or_else(|| Value::Object(serde_json::Map::default()));
        if !options.is_object() {
            return Err(Problem::bad_request("options is an object"));
        }
        let to = match (self.account, self.receiver) {
            (Some(name), None) => Destination::Account { name, options },
            (None, Some(name)) if options.as_object().is_some_and(serde_json::Map::is_empty) => {
                Destination::Receiver(name)
            }
            (None, Some(_)) => {
                return Err(Problem::bad_request(
                    "options go with an account; a receiver has its own",
                ));
            }
            _ => {
                return Err(Problem::bad_request(
                    "say where it goes: one of account and receiver",
                ));
            }
        };
        if !self.test && self.title.trim().is_empty() && self.text.trim().is_empty() {
            return Err(Problem::bad_request("say something: title or text"));
        }
        let severity = match &self.severity {
            None => Severity::Info,
            Some(word) => Severity::from_word(word).ok_or_else(|| {
                Problem::bad_request(&format!(
                    "severity is one of info, warning, error, critical, not {word:?}"
                ))
            })?,
        };
        Ok(Direct {
            to,
            words: if self.test {
                Words::Test
            } else {
                Words::Text {
                    title: self.title,
                    text: self.text,
                }
            },
            severity,
            facts: Vec::new(),
            verifies: None,
        })
    }
}

pub(super) fn problem(error: &DirectError) -> Problem {
    let detail = error.to_string();
    let code = match error {
        DirectError::Unknown { kind, .. } if *kind == "account" => "unknown_account",
        DirectError::Unknown { .. } => "unknown_receiver",
        DirectError::Options(_) => "options",
        DirectError::NoTarget(_) => "no_target",
        DirectError::Store(error) => return Problem::of_store(error),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, &detail)
}

/// Sends a message past routing and silences, with the same durability as alerts: an answer below 300
/// means that it is on disk. With `Idempotency-Key` the same call within 24 hours gets the first
/// answer again and sends nothing.
#[utoipa::path(
    post, path = "/api/v1/messages", tag = "messages",
    request_body = MessageBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters, new for each message")),
    responses(
        (status = 200, body = MessageAnswer, description = "All have ended"),
        (status = 202, body = MessageAnswer, description = "Stored; some are still under way"),
        (status = 409, body = Problem, description = "The key came with another body, or is still being answered"),
        (status = 422, body = Problem, description = "No such account or receiver, or options that do not fit"),
    )
)]
pub(crate) async fn send(
    State(state): State<WebState>,
    Extension(answers): Extension<Arc<Answers>>,
    request: Request,
) -> Response {
    match answer(&state.engine, &answers, request).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let json = [(header::CONTENT_TYPE, "application/json")];
            (status, json, answer.body).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

async fn answer(engine: &Engine, answers: &Answers, request: Request) -> Result<Answer, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let Some(key) = key_of(&headers)? else {
        return deliver(engine, &headers, &bytes).await;
    };
    let claim = answers.claim(key, &bytes)?;
    if let Some(first) = claim.first(engine).await? {
        return Ok(first);
    }
    let answer = deliver(engine, &headers, &bytes).await?;
    if let Err(error) = claim.keep(engine, &answer).await {
        // The message is on disk and under way; only the promise about a repeat cannot be kept.
        tracing::warn!(%error, "the answer to an idempotent message could not be kept");
    }
    Ok(answer)
}

fn key_of(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > 255 {
        return Err(Problem::bad_request(
            "Idempotency-Key is 1 to 255 visible ASCII characters",
        ));
    }
    Ok(Some(key))
}

async fn deliver(engine: &Engine, headers: &HeaderMap, bytes: &Bytes) -> Result<Answer, Problem> {
    let asked: MessageBody = body::json(headers, bytes)?;
    let wait = asked.wait()?;
    let direct = asked.direct()?;
    if let Destination::Account { name, options } = &direct.to
        && let Some(account) = engine.plan().accounts.get(name)
    {
        options::check(account.spec, options)?;
    }
    let sent = engine
        .send(&direct, wait)
        .await
        .map_err(|error| problem(&error))?;
    Ok(told(sent))
}

fn told(sent: Vec<Sent>) -> Answer {
    let all = |wanted| sent.iter().all(|sent| sent.state == wanted);
    let state = if all(NotificationState::Delivered) {
        "delivered"
    } else if sent
        .iter()
        .any(|sent| sent.state == NotificationState::Pending)
    {
        "pending"
    } else {
        "failed"
    };
    let answer = MessageAnswer {
        state,
        notifications: sent.into_iter().map(SentView::of).collect(),
    };
    let status = if state == "pending" {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    Answer {
        status: status.as_u16(),
        body: serde_json::to_string(&answer).unwrap_or_default(),
    }
}
