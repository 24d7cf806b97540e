//! The heartbeats: how jobs stand that say by themselves that they have run.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::heartbeat::{SEVERITIES, Status, Why};
use balefire_engine::heartbeats::HeartbeatState;
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::links::Links;
use super::shell::{Shell, links, page, value};
use super::words::{Viewer, When};
use crate::state::WebState;

/// Characters of what came with a signal that are shown; the interface has all that is kept.
const SHOWN: usize = 1_000;

/// Heartbeats that are shown, the worst first; the interface and the command line have the rest.
const SHOWN_ROWS: usize = 500;

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
    /// The form that changes it; none for one of the document.
    form: Option<Form>,
    /// Where pause or resume is asked for, and the word for it.
    toggle: (String, String),
}

/// What the form of a heartbeat holds already.
#[derive(Debug, Serialize)]
struct Form {
    edit: String,
    token: String,
    delete: String,
    period: String,
    cron: String,
    timezone: String,
    grace: String,
    severity: String,
    labels: String,
    description: String,
    /// Who made it, and when, in words.
    made: String,
}

/// A token that was given out just now.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// What it is of, in words.
    pub(super) title: String,
    /// Where the job signals.
    pub(super) url: String,
}

/// `GET /heartbeats`: those that are down first, then those that are late, then the others by name.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    shown(&state, &viewer, None)
}

/// The page, with a token that was given out just now.
pub(super) fn shown(state: &WebState, viewer: &Viewer, told: Option<&Told>) -> Response {
    let mut all = state.engine.heartbeat_states();
    all.sort_by_key(|one| match one.standing.status {
        Status::Down => 0,
        Status::Late => 1,
        _ => 2,
    });
    let more = all.len().saturating_sub(SHOWN_ROWS);
    all.truncate(SHOWN_ROWS);
    let links = links(state, viewer);
    let rows: Vec<Row> = all.iter().map(|one| row(one, viewer, &links)).collect();
    let more = (more > 0).then(|| viewer.text("console-more", &[("count", (more as u64).into())]));
    let shell = Shell::of(state, viewer, "/heartbeats", "");
    page(
        viewer,
        "heartbeats.html",
        context! {
            shell => value(&shell), rows => value(&rows), told => value(&told), more => value(&more),
            make => links.heartbeat_make(), severities => SEVERITIES,
        },
    )
}

fn row(state: &HeartbeatState, viewer: &Viewer, links: &Links) -> Row {
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
        running: beat.runs.count() > 0,
        rhythm: one.pace.rhythm.to_string(),
        grace: viewer.reader.duration(one.pace.grace),
        due: state.standing.due.map(|due| viewer.when(due)),
        last: beat.last.map(|ping| viewer.when(ping.at)),
        took: beat.took.map(|took| viewer.reader.duration(took)),
        body,
        form: form(state, viewer, links),
        toggle: {
            let deed = if beat.paused_at.is_some() {
                "resume"
            } else {
                "pause"
            };
            let word = viewer.word(&format!("console-heartbeat-{deed}"));
            (links.heartbeat(&one.name, deed), word)
        },
    }
}

fn form(state: &HeartbeatState, viewer: &Viewer, links: &Links) -> Option<Form> {
    let wanted = state.heartbeat.wanted.as_deref()?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let at = |deed: &str| links.heartbeat(&wanted.name, deed);
    let labels = wanted
        .labels
        .iter()
        .map(|(name, of)| format!("{name}={of}"));
    let made = state.made.as_ref().map(|made| {
        let when = viewer.reader.time(made.at);
        let by: &str = &made.by;
        let said = [("by", by.into()), ("time", when.as_str().into())];
        viewer.text("console-heartbeat-made", &said)
    });
    Some(Form {
        edit: at("edit"),
        token: at("token"),
        delete: at("delete"),
        period: text(&wanted.period),
        cron: text(&wanted.cron),
        timezone: text(&wanted.timezone),
        grace: text(&wanted.grace),
        severity: wanted
            .severity
            .clone()
            .unwrap_or_else(|| "critical".to_owned()),
        labels: labels.collect::<Vec<_>>().join(", "),
        description: wanted.description.clone(),
        made: made.unwrap_or_default(),
    })
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
