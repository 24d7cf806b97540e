//! `/api/v2/silences` and `/api/v2/silence/{id}`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use balefire_core::label::Annotations;
use balefire_core::matcher::{Matcher, Matchers};
use balefire_core::silence::{Silence, SilenceError, SilenceState};
use balefire_core::time::Time;
use balefire_engine::engine::SilenceFailure;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use super::error::ApiError;
use super::listing::{Comma, listing};
use super::query::Query;
use super::silence_body;
use super::{json, json_body};
use crate::state::WebState;

/// Largest silence, in bytes of JSON.
const MAX_BODY: usize = 1_048_576;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    status: Status,
    updated_at: Time,
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: &'a Annotations,
    comment: &'a str,
    created_by: &'a str,
    ends_at: Time,
    matchers: Vec<ShownMatcher<'a>>,
    starts_at: Time,
}

#[derive(Serialize)]
struct Status {
    state: SilenceState,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownMatcher<'a> {
    is_equal: bool,
    is_regex: bool,
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Put {
    #[serde(rename = "silenceID")]
    silence_id: String,
}

impl<'a> Shown<'a> {
    /// This API knows one set of matchers; of a silence with several the first is shown.
    fn of(silence: &'a Silence, state: SilenceState) -> Self {
        let matchers = silence.matcher_sets.first().map_or(&[][..], |set| &set.0);
        Self {
            id: &silence.id,
            status: Status { state },
            updated_at: silence.updated_at,
            annotations: &silence.annotations,
            comment: &silence.comment,
            created_by: &silence.created_by,
            ends_at: silence.ends_at,
            matchers: matchers.iter().map(ShownMatcher::of).collect(),
            starts_at: silence.starts_at,
        }
    }
}

impl<'a> ShownMatcher<'a> {
    fn of(matcher: &'a Matcher) -> Self {
        Self {
            is_equal: matcher.op().is_equal(),
            is_regex: matcher.op().is_regex(),
            name: matcher.name(),
            value: matcher.value(),
        }
    }
}

pub(super) async fn get_silences(
    State(state): State<WebState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(raw.as_deref());
    let filter = query.matchers("filter")?;
    let shows = |silence: SilenceState| query.flag(silence.as_str());
    let (active, pending, expired) = (
        shows(SilenceState::Active),
        shows(SilenceState::Pending),
        shows(SilenceState::Expired),
    );
    let list = state.engine.state().silences().list(state.engine.now());
    let mut comma = Comma::default();
    let answer = listing(list.into_iter(), move |(state, silence), out| {
        let wanted = match state {
            SilenceState::Active => active,
            SilenceState::Pending => pending,
            SilenceState::Expired => expired,
        };
        if wanted && is_about(&silence, &filter) {
            comma.before(out);
            // Writing into memory cannot fail.
            let _ = serde_json::to_writer(out, &Shown::of(&silence, state));
        }
    });
    Ok(answer.await)
}

/// Whether a silence has every matcher of the filter, word for word, in one of its sets.
fn is_about(silence: &Silence, filter: &Matchers) -> bool {
    let has_all = |set: &Matchers| filter.iter().all(|asked| set.0.contains(asked));
    silence.matcher_sets.iter().any(has_all)
}

pub(super) async fn post_silence(
    State(state): State<WebState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = json_body(&state.engine, "silence", &headers, body, MAX_BODY).await?;
    let silence = silence_body::read(body.bytes())?;
    let put = state
        .engine
        .put_silence(silence)
        .await
        .map_err(|failure| match failure {
            SilenceFailure::Rule(SilenceError::NotFound) => {
                ApiError::Words(StatusCode::NOT_FOUND, SilenceError::NotFound.to_string())
            }
            SilenceFailure::Rule(rule) => ApiError::domain(rule.to_string()),
            SilenceFailure::Store(error) => ApiError::of_store(&error),
        });
    put.map(|silence_id| json(&Put { silence_id }))
}

pub(super) async fn get_silence(
    State(state): State<WebState>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = uuid(&id)?;
    let silence = state.engine.state().silences().get(&id).cloned();
    let silence = silence.ok_or(ApiError::Missing)?;
    Ok(json(&Shown::of(
        &silence,
        silence.state(state.engine.now()),
    )))
}

/// Ends a silence; a second time is as good as the first. Of an unknown one 0.25 says 500, later
/// descriptions and we say 404.
pub(super) async fn delete_silence(
    State(state): State<WebState>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    match state.engine.expire_silence(&uuid(&id)?).await {
        Ok(()) => Ok(StatusCode::OK.into_response()),
        Err(SilenceFailure::Rule(_)) => Err(ApiError::Missing),
        Err(SilenceFailure::Store(error)) => Err(ApiError::of_store(&error)),
    }
}

/// A silence's id as it is kept: in lower case, with hyphens.
fn uuid(text: &str) -> Result<Arc<str>, ApiError> {
    let plain = matches!(text.len(), 32 | 36);
    let id = Uuid::try_parse(text).ok().filter(|_| plain);
    id.map(|id| Arc::from(id.to_string())).ok_or_else(|| {
        let message = format!("silenceID in path must be of type uuid: {text:?}");
        ApiError::Coded(601, message)
    })
}
