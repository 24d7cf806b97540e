//! The channels: every account, how it does, and a button that has it say so.

use std::time::Duration;

use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_channels::layers::breaker::BreakerState;
use balefire_core::duration;
use balefire_core::message::Locale;
use balefire_core::severity::Severity;
use balefire_engine::direct::{Destination, Direct, Words};
use balefire_engine::engine::{ChannelState, Standing};
use balefire_engine::history::HistoryError;
use balefire_store::{Notification, NotificationState};
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::address::Address;
use super::card::cut;
use super::inbox::unreadable;
use super::links::Links;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::{Viewer, When};
use crate::state::WebState;

/// How long the button waits for the provider's answer; the page then says that it is still under way.
const TEST_WAIT: Duration = Duration::from_secs(10);
/// How long the record of its end may take.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);
/// Characters shown of what a provider said.
const SAID: usize = 600;

/// The page.
#[derive(Debug, Serialize)]
struct Listed {
    rows: Vec<Row>,
    /// What became of the test that led here.
    tested: Option<Tested>,
}

/// An account.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    kind: &'static str,
    receivers: String,
    /// How it does, for the look and in words.
    health: &'static str,
    health_word: String,
    waiting: String,
    quotas: Vec<String>,
    success: Option<When>,
    failure: Option<Failure>,
    test: String,
}

/// The last try that failed.
#[derive(Debug, Serialize)]
struct Failure {
    when: When,
    words: String,
    fix: &'static str,
}

/// What became of a test.
#[derive(Debug, Serialize)]
struct Tested {
    good: bool,
    title: String,
    words: String,
}

/// `GET /channels`.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let tested = match named(query.as_deref(), "tested").and_then(|seq| seq.parse().ok()) {
        Some(seq) => match state.engine.store().notification(seq).await {
            Ok(row) => row.map(|row| tested(&row, &viewer)),
            Err(error) => return unreadable(&state, &viewer, &HistoryError::Store(error)),
        },
        None => None,
    };
    let links = links(&state, &viewer);
    let channels = state.engine.channels().await;
    let listed = Listed {
        rows: channels.iter().map(|of| row(of, &viewer, &links)).collect(),
        tested,
    };
    let shell = Shell::of(&state, &viewer, "/channels", "");
    page(
        &viewer,
        "channels.html",
        context! { shell => value(&shell), channels => value(&listed) },
    )
}

/// `POST /console/channels/test?account=`: the test message through an account, then back to the list with what
/// became of it.
pub(super) async fn test(State(state): State<WebState>, request: Request) -> Response {
    let query = request.uri().query();
    let address = Address::of(query);
    let viewer = Viewer::of(&state, address.lang.as_deref(), request.headers());
    let name = named(query, "account").unwrap_or_default();
    let direct = Direct {
        to: Destination::Account {
            name,
            options: Value::Object(Map::new()),
        },
        words: Words::Test,
        severity: Severity::Info,
        facts: Vec::new(),
        verifies: None,
    };
    match state.engine.send(&direct, Some(TEST_WAIT)).await {
        Ok(sent) => {
            let seq = sent.first().map_or(0, |sent| sent.seq);
            if sent
                .iter()
                .all(|sent| sent.state != NotificationState::Pending)
            {
                written_down(&state, seq).await;
            }
            Redirect::to(&links(&state, &viewer).tested(seq)).into_response()
        }
        Err(error) => {
            let told = shell::Problem {
                title: viewer.word("console-test-not-sent"),
                detail: error.to_string(),
            };
            problem(&state, &viewer, StatusCode::UNPROCESSABLE_ENTITY, &told)
        }
    }
}

/// Waits until the store knows of an end that a lane has told: its records are written many at a time.
async fn written_down(state: &WebState, seq: u64) {
    let mut changes = state.engine.changes();
    let known = async {
        loop {
            let row = state.engine.store().notification(seq).await;
            let waits = |row: &Notification| row.state == NotificationState::Pending;
            if !row.is_ok_and(|row| row.as_ref().is_some_and(waits)) {
                return;
            }
            // The sender lives in the engine.
            let _ = changes.changed().await;
        }
    };
    // If it takes longer, the page says that it is still under way.
    let _ = tokio::time::timeout(WRITTEN_WITHIN, known).await;
}

/// The value of a name in a query.
pub(super) fn named(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn tested(row: &Notification, viewer: &Viewer) -> Tested {
    let account = cut(&row.account, 100);
    let title = |key: &str| viewer.text(key, &[("account", account.as_str().into())]);
    let good = row.state == NotificationState::Delivered;
    Tested {
        good,
        title: title(match row.state {
            NotificationState::Delivered => "console-test-taken",
            NotificationState::Pending => "console-test-pending",
            _ => "console-test-failed",
        }),
        words: cut(row.last_error.as_deref().unwrap_or_default(), SAID),
    }
}

fn row(state: &ChannelState, viewer: &Viewer, links: &Links) -> Row {
    let receivers: Vec<&str> = state.receivers.iter().map(|name| &**name).collect();
    let health = state.health.as_str();
    let standing = state.standing.as_ref();
    let failure = standing.and_then(|standing| standing.last_failure.as_ref());
    Row {
        name: cut(&state.name, 100),
        kind: match viewer.reader.locale {
            Locale::En => state.spec.title.0,
            Locale::ZhCn => state.spec.title.1,
        },
        receivers: cut(&receivers.join(", "), 300),
        health,
        health_word: viewer.word(&format!("console-channel-{health}")),
        waiting: standing.map_or_else(String::new, |standing| waiting(standing, viewer)),
        quotas: standing.map_or_else(Vec::new, |standing| quotas(standing, viewer)),
        success: standing
            .and_then(|standing| standing.last_success)
            .map(|at| viewer.when(at)),
        failure: failure.map(|failure| Failure {
            when: viewer.when(failure.at),
            words: cut(
                &format!("{}: {}", failure.kind.as_str(), failure.detail),
                SAID,
            ),
            fix: failure.fix,
        }),
        test: links.channel_test(&state.name),
    }
}

/// What waits, and until when nothing is asked of the provider.
fn waiting(standing: &Standing, viewer: &Viewer) -> String {
    let count = standing.waiting + standing.under_way;
    let mark = if standing.more_in_store { "+" } else { "" };
    let until = match standing.breaker {
        BreakerState::OpenUntil(at) => Some(at),
        BreakerState::Closed | BreakerState::HalfOpen => standing.held_until,
    };
    match until {
        Some(at) => format!("{count}{mark} · {}", viewer.when(at).relative()),
        None => format!("{count}{mark}"),
    }
}

fn quotas(standing: &Standing, viewer: &Viewer) -> Vec<String> {
    let quotas = standing.quotas.iter().map(|quota| {
        let per = duration::format(quota.per);
        let (left, calls) = (u64::from(quota.left), u64::from(quota.calls));
        let arguments = [
            ("left", left.into()),
            ("calls", calls.into()),
            ("per", per.as_str().into()),
        ];
        viewer.text("console-channel-quota", &arguments)
    });
    quotas.collect()
}
