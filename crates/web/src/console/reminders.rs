//! The reminders: what expires next, and who is told; and the monitors that look at it.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::reminder::{Reminder, Way, addresses};
use balefire_engine::history::HistoryError;
use balefire_engine::monitor::MonitorState;
use balefire_engine::reminder::clock;
use balefire_store::ReminderFilter;
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::inbox::unreadable;
use super::shell::{Shell, page, value};
use super::words::{Viewer, When};
use crate::state::WebState;

/// Reminders on the page; the interface and the command line have the rest.
const SHOWN: usize = 200;

/// The list.
#[derive(Debug, Serialize)]
struct Listed {
    rows: Vec<Row>,
    /// How many are not shown, in words.
    more: Option<String>,
}

/// A reminder.
#[derive(Debug, Serialize)]
struct Row {
    id: u64,
    name: String,
    content: String,
    expires: When,
    /// How many days are left, in words.
    left: String,
    /// Whether its date has passed.
    over: bool,
    told_by: String,
}

/// A monitor.
#[derive(Debug, Serialize)]
struct Watched {
    name: String,
    target: String,
    expires: Option<When>,
    looked: Option<When>,
    /// Why the last look saw nothing; empty when it saw it.
    error: String,
}

/// `GET /reminders`: those that nobody has seen to, what expires first at the top.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let filter = ReminderFilter {
        handled: Some(false),
        limit: SHOWN,
        ..ReminderFilter::default()
    };
    let (found, total) = match state.engine.store().reminders(&filter).await {
        Ok(found) => found,
        Err(error) => return unreadable(&state, &viewer, &HistoryError::Store(error)),
    };
    let monitors = match state.engine.monitor_states().await {
        Ok(monitors) => monitors,
        Err(error) => return unreadable(&state, &viewer, &HistoryError::Store(error)),
    };
    let monitors: Vec<Watched> = monitors.iter().map(|one| watched(one, &viewer)).collect();
    let plan = state.engine.plan();
    let left = total.saturating_sub(found.len() as u64);
    let listed = Listed {
        more: (left > 0).then(|| viewer.text("console-more", &[("count", left.into())])),
        rows: found
            .iter()
            .map(|reminder| {
                let clock = clock(&plan, reminder.owner.as_deref());
                row(reminder, reminder.days_left(&clock, viewer.now), &viewer)
            })
            .collect(),
    };
    let shell = Shell::of(&state, &viewer, "/reminders", "");
    page(
        &viewer,
        "reminders.html",
        context! { shell => value(&shell), reminders => value(&listed), monitors => value(&monitors) },
    )
}

fn watched(state: &MonitorState, viewer: &Viewer) -> Watched {
    let (one, sight) = (&state.monitor, &state.sight);
    Watched {
        name: one.name.to_string(),
        target: one.target.shown(),
        expires: sight.expires_at.map(|at| viewer.when(at)),
        looked: sight.looked_at.map(|at| viewer.when(at)),
        error: sight.error.clone(),
    }
}

fn row(reminder: &Reminder, days_left: i64, viewer: &Viewer) -> Row {
    let days = |key: &str| viewer.text(key, &[("days", days_left.unsigned_abs().into())]);
    let ways = reminder.ways.iter().map(|way| match way {
        Way::Account(way) => way.account.as_str(),
        Way::Receiver(way) => way.receiver.as_str(),
    });
    let told_by: Vec<&str> = addresses(&reminder.email).chain(ways).collect();
    Row {
        id: reminder.id,
        name: reminder.name.clone(),
        content: reminder.content.clone(),
        expires: viewer.when(reminder.expires_at),
        left: match days_left {
            0 => viewer.word("console-reminder-today"),
            1.. => days("console-reminder-left"),
            _ => days("console-reminder-over"),
        },
        over: days_left < 0,
        told_by: told_by.join(", "),
    }
}
