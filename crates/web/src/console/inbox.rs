//! The inbox: what was told lately, newest first, as a page and as the fragment that keeps it fresh.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use balefire_core::event::Input;
use balefire_engine::engine::Engine;
use balefire_engine::history::{HistoryError, Recall};
use balefire_store::{Notification, NotificationFilter, StoreError};
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::card::{Bench, Card, group_key, subject};
use super::senders::Senders;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::Viewer;
use crate::state::WebState;

/// Notifications read for a page.
const ROWS: usize = 60;
/// Cards on a page.
const CARDS: usize = 25;
/// Notifications looked through for a group that is no longer in memory.
const SEARCHED: usize = 1000;

/// The list.
#[derive(Debug, Serialize)]
struct Inbox {
    /// The group it shows only.
    filter: Option<String>,
    cards: Vec<Card>,
    /// Where older ones are.
    older: Option<String>,
    /// When the last event came, for an empty list.
    last_event: String,
}

/// `GET /`.
pub(super) async fn whole(
    State(state): State<WebState>,
    Extension(recall): Extension<Arc<Recall>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    match read(&state, &viewer, &recall, &address).await {
        Ok(inbox) => {
            let group = address.group.as_deref().unwrap_or_default();
            let shell = Shell::of(&state, &viewer, "/", group);
            let senders = Senders::of(&state.engine.plan(), &viewer);
            page(
                &viewer,
                "inbox.html",
                context! { shell => value(&shell), inbox => value(&inbox), senders => value(&senders) },
            )
        }
        Err(error) => unreadable(&state, &viewer, &error),
    }
}

/// `GET /console/inbox`: the list alone.
pub(super) async fn fragment(
    State(state): State<WebState>,
    Extension(recall): Extension<Arc<Recall>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    match read(&state, &viewer, &recall, &address).await {
        Ok(inbox) => {
            let shell = Shell::of(&state, &viewer, "/", "");
            page(
                &viewer,
                "_cards.html",
                context! { shell => value(&shell), inbox => value(&inbox) },
            )
        }
        Err(error) => {
            tracing::warn!(%error, "the inbox could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The page that says that history could not be read.
pub(super) fn unreadable(state: &WebState, viewer: &Viewer, error: &HistoryError) -> Response {
    tracing::warn!(%error, "a page could not be read from the store");
    let told = shell::Problem {
        title: viewer.word("console-store-problem"),
        detail: error.to_string(),
    };
    problem(state, viewer, StatusCode::SERVICE_UNAVAILABLE, &told)
}

async fn read(
    state: &WebState,
    viewer: &Viewer,
    recall: &Recall,
    address: &Address,
) -> Result<Inbox, HistoryError> {
    let engine = &state.engine;
    let rows = rows(engine, address).await?;
    let mut subjects = by_subject(&rows);
    // The last one may go on in the rows that were not read.
    if rows.len() == ROWS && subjects.len() > 1 {
        subjects.pop();
    }
    let more = rows.len() == ROWS || subjects.len() > CARDS;
    subjects.truncate(CARDS);
    let heads: Vec<Notification> = subjects
        .iter()
        .filter_map(|rows| rows.first().map(|row| Notification::clone(row)))
        .collect();
    let stories = recall.stories(engine, &heads, &viewer.reader).await?;
    let bench = Bench {
        state,
        viewer,
        links: links(state, viewer),
    };
    let cards: Vec<Card> = subjects
        .iter()
        .zip(&stories)
        .filter_map(|(rows, story)| bench.card(rows, story))
        .collect();
    let oldest = subjects.last().and_then(|rows| rows.first());
    let older = oldest
        .filter(|_| more)
        .map(|row| bench.links.inbox(address.group.as_deref(), row.seq));
    let last_event = if cards.is_empty() {
        last_event(engine, viewer).await?
    } else {
        String::new()
    };
    Ok(Inbox {
        filter: address.group.clone(),
        cards,
        older,
        last_event,
    })
}

/// The newest notifications, newest first, of all groups or of one.
async fn rows(engine: &Engine, address: &Address) -> Result<Vec<Notification>, StoreError> {
    let mut filter = NotificationFilter {
        before_seq: address.before,
        limit: ROWS,
        ..NotificationFilter::default()
    };
    let Some(key) = &address.group else {
        return engine.store().notifications(&filter).await;
    };
    let in_memory = engine
        .state()
        .groups()
        .find(|group| *format!("{}:{}", group.route().key, group.labels()) == **key)
        .map(|group| group.id().0);
    if in_memory.is_some() {
        filter.group = in_memory;
        return engine.store().notifications(&filter).await;
    }
    filter.limit = SEARCHED;
    let mut found = engine.store().notifications(&filter).await?;
    found.retain(|row| group_key(row).is_some_and(|found| *found == **key));
    found.truncate(ROWS);
    Ok(found)
}

/// Rows that tell the same thing together, oldest first, the newest thing first; a fallback's row goes
/// with the one it stands in for.
fn by_subject(rows: &[Notification]) -> Vec<Vec<&Notification>> {
    let mut subjects: Vec<Vec<&Notification>> = Vec::new();
    for row in rows.iter().rev() {
        let known = subjects.iter().position(|rows| {
            rows.iter().any(|earlier| {
                subject(earlier) == subject(row) || row.fallback_of == Some(earlier.seq)
            })
        });
        match known {
            Some(known) => subjects[known].push(row),
            None => subjects.push(vec![row]),
        }
    }
    subjects.reverse();
    subjects
}

async fn last_event(engine: &Engine, viewer: &Viewer) -> Result<String, StoreError> {
    let latest = engine.store().events_before(u64::MAX, 50).await?;
    let source = latest.iter().find_map(|event| match &event.input {
        Input::Alert { source, .. } => Some((event.at, source)),
        _ => None,
    });
    Ok(match source {
        None => viewer.word("console-nothing-yet"),
        Some((at, source)) => viewer.text(
            "console-last-event",
            &[
                ("when", viewer.when(at).relative().to_owned().into()),
                ("source", source.to_string().into()),
            ],
        ),
    })
}
