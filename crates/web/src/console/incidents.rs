//! The list of incidents.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::incident::{Incident, IncidentState};
use balefire_engine::history::HistoryError;
use balefire_store::{IncidentFilter, StoreError};
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::card::cut;
use super::inbox::unreadable;
use super::incident::status_word;
use super::links::Links;
use super::shell::{Shell, links, page, value};
use super::words::{Viewer, When, icon};
use crate::state::WebState;

/// Incidents on a page.
const ROWS: usize = 50;
/// What can be chosen from: the value in the address, and its word.
const STATES: [(&str, &str); 3] = [
    ("", "console-incidents-unresolved"),
    ("resolved", "console-incidents-resolved"),
    ("all", "console-incidents-all"),
];

/// The list.
#[derive(Debug, Serialize)]
struct Incidents {
    choices: Vec<Choice>,
    rows: Vec<Row>,
    /// Where the next ones are.
    next: Option<String>,
}

/// Which incidents can be listed.
#[derive(Debug, Serialize)]
struct Choice {
    word: String,
    href: String,
    current: bool,
}

/// An incident of the list.
#[derive(Debug, Serialize)]
struct Row {
    href: String,
    title: String,
    severity: &'static str,
    severity_word: String,
    icon: &'static str,
    status: &'static str,
    status_word: String,
    started: When,
    /// Who works on it, or should; how long it lasted.
    words: String,
}

/// `GET /incidents`.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    match read(&state, &viewer, &address).await {
        Ok(incidents) => {
            let shell = Shell::of(&state, &viewer, "/incidents", "");
            page(
                &viewer,
                "incidents.html",
                context! { shell => value(&shell), incidents => value(&incidents) },
            )
        }
        Err(error) => unreadable(&state, &viewer, &HistoryError::Store(error)),
    }
}

async fn read(
    state: &WebState,
    viewer: &Viewer,
    address: &Address,
) -> Result<Incidents, StoreError> {
    let wanted = address.state.as_deref().unwrap_or_default();
    let known = |(state, _): &&(&str, &str)| *state == wanted;
    let (wanted, _) = STATES.iter().find(known).unwrap_or(&STATES[0]);
    let offset = address.offset.unwrap_or(0);
    let filter = IncidentFilter {
        state: (*wanted == "resolved").then_some(IncidentState::Resolved),
        unresolved: wanted.is_empty(),
        offset,
        limit: ROWS + 1,
        ..IncidentFilter::default()
    };
    let mut found = state.engine.incidents(&filter).await?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let links = links(state, viewer);
    let next = offset.saturating_add(ROWS as u64);
    let choice = |(state, word): &(&str, &str)| Choice {
        word: viewer.word(word),
        href: links.incidents(state, 0),
        current: state == wanted,
    };
    Ok(Incidents {
        choices: STATES.iter().map(choice).collect(),
        next: more.then(|| links.incidents(wanted, next)),
        rows: found
            .into_iter()
            .map(|incident| row(viewer, &links, incident))
            .collect(),
    })
}

fn row(viewer: &Viewer, links: &Links, incident: Incident) -> Row {
    let is_over = incident.state == IncidentState::Resolved;
    let lasted = incident.duration().filter(|_| is_over);
    let lasted = lasted.map(|span| viewer.reader.duration(span));
    let held = incident.acknowledged.map(|held| held.by);
    let who = [incident.worker, held, incident.responsible];
    let who = who.into_iter().flatten().find(|name| !name.is_empty());
    let words: Vec<String> = who.into_iter().chain(lasted).collect();
    Row {
        href: links.incident(incident.id),
        title: cut(&incident.title, 300),
        severity: incident.severity.as_str(),
        severity_word: viewer.severity(incident.severity),
        icon: icon(incident.severity),
        status: incident.state.as_str(),
        status_word: status_word(viewer, incident.state),
        started: viewer.when(incident.started_at),
        words: cut(&words.join(" · "), 400),
    }
}
