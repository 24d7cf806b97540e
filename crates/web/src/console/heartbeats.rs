//! The heartbeats: how jobs stand that say by themselves that they have run.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::heartbeat::{Status, Why};
use balefire_engine::heartbeats::HeartbeatState;
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::shell::{Shell, page, value};
use super::words::{Viewer, When};
use crate::state::WebState;

/// Characters of what came with a signal that are shown; the interface has all that is kept.
const SHOWN: usize = 1_000;

/// A heartbeat.
#[derive(Debug, Serialize)]
struct Row {
    name: Arc<str>,
    description: String,
    /// The status, as the word of a class.
    class: &'static str,
    status: String,
    /// Why it is down, in words.
    why: Option<String>,
    running: bool,
    rhythm: String,
    grace: String,
    due: Option<When>,
    last: Option<When>,
    took: Option<String>,
    body: String,
}

/// `GET /heartbeats`: those that are down first, then those that are late, then the others by name.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let mut all = state.engine.heartbeat_states();
    all.sort_by_key(|one| match one.standing.status {
        Status::Down => 0,
        Status::Late => 1,
        _ => 2,
    });
    let rows: Vec<Row> = all.iter().map(|one| row(one, &viewer)).collect();
    let shell = Shell::of(&state, &viewer, "/heartbeats", "");
    page(
        &viewer,
        "heartbeats.html",
        context! { shell => value(&shell), rows => value(&rows) },
    )
}

fn row(state: &HeartbeatState, viewer: &Viewer) -> Row {
    let (one, beat) = (&state.heartbeat, &state.beat);
    let class = state.standing.status.as_str();
    let mut body = state.body.to_string();
    if let Some((end, _)) = body.char_indices().nth(SHOWN) {
        body.truncate(end);
        body.push('…');
    }
    Row {
        name: Arc::clone(&one.name),
        description: one.description.clone(),
        class,
        status: viewer.word(&format!("console-heartbeat-{class}")),
        why: beat.down.map(|down| why(down.why, viewer)),
        running: beat.started_at.is_some(),
        rhythm: one.pace.rhythm.to_string(),
        grace: viewer.reader.duration(one.pace.grace),
        due: state.standing.due.map(|due| viewer.when(due)),
        last: beat.last.map(|ping| viewer.when(ping.at)),
        took: beat.took.map(|took| viewer.reader.duration(took)),
        body,
    }
}

fn why(why: Why, viewer: &Viewer) -> String {
    match why.code() {
        Some(code) => {
            let code = code.to_string();
            viewer.text("console-heartbeat-code", &[("code", code.into())])
        }
        None => viewer.word(&format!("console-heartbeat-{}", why.as_str())),
    }
}
