//! `/api/v1/events`: the event log, decoded.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_core::event::{Event, Input};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::alert::AlertBody;
use super::query::Query;
use super::silence::SilenceView;
use crate::error::Problem;
use crate::state::WebState;

/// One accepted input with its place in the log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
    /// Its number, ascending from 1.
    seq: u64,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    #[serde(flatten)]
    input: InputView,
}

/// What it was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum InputView {
    /// An alert's whole state as a source sent it.
    Alert {
        /// The source's name.
        #[schema(value_type = String)]
        source: Arc<str>,
        /// The alert.
        alert: Box<AlertBody>,
    },
    /// A firing alert re-sent without any change but its end.
    Refresh {
        /// Which alert.
        fingerprint: String,
        /// Its new end.
        #[schema(value_type = String, format = DateTime)]
        ends_at: Time,
    },
    /// A silence created, edited or expired.
    Silence {
        /// Its whole new state; absent when it cannot be read.
        silence: Option<SilenceView>,
    },
    /// The configuration changed.
    Configuration {
        /// To this version.
        #[schema(value_type = String)]
        version: Arc<str>,
    },
    /// A sender's own key now stands for an alert.
    Key {
        /// The source's name.
        source: String,
        /// The sender's key.
        key: String,
        /// The alert.
        fingerprint: String,
    },
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventPage {
    /// With `after` oldest first, else newest first.
    events: Vec<EventView>,
    /// What to give as `after` or `before` for the next page; absent at the end.
    next: Option<u64>,
}

pub(crate) fn view(event: &Event, now: Time) -> EventView {
    let input = match &event.input {
        Input::Alert { source, alert } => InputView::Alert {
            source: Arc::clone(source),
            alert: Box::new(AlertBody::of(alert)),
        },
        Input::Refresh {
            fingerprint,
            ends_at,
            ..
        } => InputView::Refresh {
            fingerprint: fingerprint.to_string(),
            ends_at: *ends_at,
        },
        Input::Silence(json) => InputView::Silence {
            silence: serde_json::from_str(json)
                .ok()
                .map(|silence| SilenceView::of(&silence, now)),
        },
        Input::Configuration(version) => InputView::Configuration {
            version: Arc::clone(version),
        },
        Input::Key { key, fingerprint } => {
            let (source, key) = key.split_once('\0').unwrap_or(("", key));
            InputView::Key {
                source: source.to_owned(),
                key: key.to_owned(),
                fingerprint: fingerprint.to_string(),
            }
        }
    };
    EventView {
        seq: event.seq,
        at: event.at,
        input,
    }
}

/// The event log, a page at a time.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events",
    params(
        ("after" = Option<u64>, Query, description = "Events after this number, oldest first"),
        ("before" = Option<u64>, Query, description = "Events before this number, newest first"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = EventPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<EventPage>, Problem> {
    let query = Query::read(query.as_deref(), &["after", "before", "limit"], &[])?;
    let limit = query.limit()?;
    let store = state.engine.store();
    let events = match (query.number("after")?, query.number("before")?) {
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request("give after or before, not both"));
        }
        (Some(after), None) => store.events(after, limit).await,
        (None, before) => store.events_before(before.unwrap_or(u64::MAX), limit).await,
    };
    let events = events.map_err(|error| Problem::of_store(&error))?;
    let full = events.len() == limit;
    let next = events.last().filter(|_| full).map(|event| event.seq);
    let now = state.engine.now();
    let events = events.iter().map(|event| view(event, now)).collect();
    Ok(Json(EventPage { events, next }))
}

/// One event.
#[utoipa::path(
    get, path = "/api/v1/events/{seq}", tag = "events",
    params(("seq" = u64, Path, description = "The event's number")),
    responses((status = 200, body = EventView), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(seq): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<EventView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let found = state
        .engine
        .store()
        .event(seq)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let event = found.ok_or_else(|| {
        Problem::not_found(&format!(
            "there is no event {seq}, or retention has taken it"
        ))
    })?;
    Ok(Json(view(&event, state.engine.now())))
}
