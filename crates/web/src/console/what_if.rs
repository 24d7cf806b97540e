//! `GET` and `POST /what-if`: another document, and whom it would have told in the last days.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::form::Sent;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::Viewer;
use crate::api::v1::body::MOST_BYTES;
use crate::api::v1::what_if::{AlertView, CountView, DifferenceView, LAST, WhatIfView, answer};
use crate::state::WebState;

/// What can be chosen from.
const CHOICES: [&str; 4] = ["24h", LAST, "14d", "31d"];
/// Differences on the page; the interface lists more.
const SHOWN: usize = 200;

/// The page.
#[derive(Debug, Serialize)]
struct Shown {
    action: String,
    config: String,
    choices: Vec<Choice>,
    found: Option<Found>,
}

#[derive(Debug, Serialize)]
struct Choice {
    last: &'static str,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Found {
    events: u64,
    complete: bool,
    count: usize,
    counts: [Counts; 2],
    differences: Vec<Row>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Counts {
    word: String,
    rows: Vec<(String, usize, usize)>,
}

#[derive(Debug, Serialize)]
struct Row {
    at: String,
    who: String,
    way: String,
    how: String,
    alerts: String,
}

pub(super) async fn form(State(state): State<WebState>, request: Request) -> Response {
    let address = Address::of(request.uri().query());
    let headers: &HeaderMap = request.headers();
    let viewer = Viewer::of(&state, address.lang.as_deref(), headers);
    // What the node goes by, as a beginning; secrets are not in it.
    let config = state.engine.plan().redacted_yaml.to_string();
    show(&state, &viewer, config, LAST, None)
}

pub(super) async fn ask(State(state): State<WebState>, request: Request) -> Response {
    let sent = match Sent::read_up_to(&state, request, MOST_BYTES).await {
        Ok(sent) => sent,
        Err(page) => return *page,
    };
    let (config, last) = (sent.text("config").to_owned(), sent.text("last").to_owned());
    match answer(&state, config.clone(), &last).await {
        Ok(found) => show(&state, &sent.viewer, config, &last, Some(&found)),
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status);
            let told = shell::Problem {
                title: sent.viewer.word("console-what-if"),
                detail: refused.detail,
            };
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            problem(&state, &sent.viewer, status, &told)
        }
    }
}

fn show(
    state: &WebState,
    viewer: &Viewer,
    config: String,
    last: &str,
    found: Option<&WhatIfView>,
) -> Response {
    let choice = |choice: &&'static str| Choice {
        last: choice,
        chosen: *choice == last,
    };
    let shown = Shown {
        action: links(state, viewer).what_if(),
        config,
        choices: CHOICES.iter().map(choice).collect(),
        found: found.map(|found| told(viewer, found)),
    };
    let shell = Shell::of(state, viewer, "/what-if", "");
    page(
        viewer,
        "what_if.html",
        context! { shell => value(&shell), what_if => value(&shown) },
    )
}

fn told(viewer: &Viewer, found: &WhatIfView) -> Found {
    let counts = |word: &str, counts: &[CountView]| Counts {
        word: viewer.word(word),
        rows: counts
            .iter()
            .map(|one| (one.name.to_string(), one.before, one.after))
            .collect(),
    };
    let rows = found.differences.iter().take(SHOWN);
    Found {
        events: found.events,
        complete: found.complete,
        count: found.count,
        counts: [
            counts("console-what-if-people", &found.people),
            counts("console-what-if-receivers", &found.receivers),
        ],
        differences: rows.map(|one| row(viewer, one)).collect(),
        more: found.count.saturating_sub(SHOWN),
    }
}

fn row(viewer: &Viewer, one: &DifferenceView) -> Row {
    let span = std::time::Duration::from_secs(one.seconds.unwrap_or_default());
    let span = viewer.reader.duration(span);
    let how = match one.how {
        "only_before" => viewer.word("console-what-if-only-before"),
        "only_after" => viewer.word("console-what-if-only-after"),
        "later" => viewer.text("console-what-if-later", &[("span", span.into())]),
        _ => viewer.text("console-what-if-earlier", &[("span", span.into())]),
    };
    let first = one.alerts.first().map(labels).unwrap_or_default();
    let alerts = match one.count.saturating_sub(1) {
        0 => first,
        more => format!("{first} +{more}"),
    };
    Row {
        at: viewer.reader.time(one.at),
        who: one.who.to_string(),
        way: one.way.to_string(),
        how,
        alerts,
    }
}

fn labels(alert: &AlertView) -> String {
    let labels = alert.labels.iter();
    let words: Vec<String> = labels
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sign = if alert.firing { "" } else { "✓ " };
    format!("{sign}{}", words.join(", "))
}
