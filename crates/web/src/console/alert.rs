//! The page of one alert: its labels, the route it takes, and everything that happened to it.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::Input;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::route::{RouteTree, Verdict};
use balefire_engine::history::{self, HistoryError};
use balefire_template::clean::web_address;
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::card::{Bench, cut};
use super::inbox::unreadable;
use super::shell::{self, Shell, links, page, problem, value};
use super::timeline::{Entry, timeline};
use super::why::silence_words;
use super::words::{Viewer, icon};
use crate::state::WebState;

/// Labels and annotations shown, and characters of each.
const PAIRS: usize = 100;
const VALUE: usize = 2000;
/// Routes shown of the walk.
const ROUTES: usize = 100;
/// Levels the style sheet indents.
const DEPTH: u32 = 3;

/// An alert as its page shows it.
#[derive(Debug, Serialize)]
struct AlertPage {
    fingerprint: String,
    name: String,
    severity: &'static str,
    severity_word: String,
    icon: &'static str,
    status: &'static str,
    status_word: String,
    /// What keeps it quiet now, one line each.
    quiet: Vec<String>,
    labels: Vec<Pair>,
    annotations: Vec<Pair>,
    routes: Vec<Step>,
    timeline: Vec<Entry>,
}

/// A label or annotation.
#[derive(Debug, Serialize)]
struct Pair {
    name: String,
    value: String,
    /// Where it leads, when it is a web address.
    href: Option<String>,
}

/// One route that was tried.
#[derive(Debug, Serialize)]
struct Step {
    depth: u32,
    verdict: &'static str,
    icon: &'static str,
    route: String,
    words: String,
}

/// `GET /alerts/{fingerprint}`.
pub(super) async fn one(
    State(state): State<WebState>,
    Path(text): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let found = match text.parse::<Fingerprint>() {
        Ok(fingerprint) => read(&state, &viewer, fingerprint).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(alert)) => {
            let path = format!("/alerts/{}", alert.fingerprint);
            let shell = Shell::of(&state, &viewer, &path, "");
            page(
                &viewer,
                "alert.html",
                context! { shell => value(&shell), alert => value(&alert) },
            )
        }
        Ok(None) => {
            let told = shell::Problem {
                title: viewer.word("console-no-alert"),
                detail: viewer.word("console-no-alert-detail"),
            };
            problem(&state, &viewer, StatusCode::NOT_FOUND, &told)
        }
        Err(error) => unreadable(&state, &viewer, &error),
    }
}

async fn read(
    state: &WebState,
    viewer: &Viewer,
    fingerprint: Fingerprint,
) -> Result<Option<AlertPage>, HistoryError> {
    let reports = history::reports_of(state.engine.store(), fingerprint, 50).await?;
    let in_memory = state.engine.state().alert(fingerprint).map(Arc::clone);
    let from_log = reports.iter().find_map(|event| match &event.input {
        Input::Alert { alert, .. } => Some(Arc::new(Alert::clone(alert))),
        _ => None,
    });
    let Some(alert) = in_memory.or(from_log) else {
        return Ok(None);
    };
    let bench = Bench {
        state,
        viewer,
        links: links(state, viewer),
    };
    let timeline = timeline(&bench, fingerprint, &reports).await?;
    let (quiet, routes) = {
        let memory = state.engine.state();
        (
            quiet(&bench, fingerprint),
            routes(&bench, &memory.rules().routes, &alert),
        )
    };
    let severity = alert.severity();
    let status = status(&alert, viewer);
    Ok(Some(AlertPage {
        fingerprint: fingerprint.to_string(),
        name: cut(
            alert
                .labels
                .get("alertname")
                .unwrap_or(&fingerprint.to_string()),
            200,
        ),
        severity: severity.as_str(),
        severity_word: viewer.severity(severity),
        icon: icon(severity),
        status,
        status_word: viewer.word(&format!("console-status-{status}")),
        quiet,
        labels: pairs(alert.labels.iter()),
        annotations: pairs(
            alert
                .annotations
                .iter()
                .chain(std::iter::once(("generatorURL", &*alert.generator_url)))
                .filter(|(_, value)| !value.is_empty()),
        ),
        routes,
        timeline,
    }))
}

fn status(alert: &Alert, viewer: &Viewer) -> &'static str {
    match alert.lifecycle {
        Lifecycle::Event => "event",
        _ if alert.resolved_at(viewer.now) => "resolved",
        _ => "firing",
    }
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Pair> {
    let pair = |(name, value): (&str, &str)| Pair {
        name: cut(name, 200),
        href: web_address(value),
        value: cut(value, VALUE),
    };
    pairs.take(PAIRS).map(pair).collect()
}

/// What keeps the alert quiet now.
fn quiet(bench: &Bench<'_>, fingerprint: Fingerprint) -> Vec<String> {
    let memory = bench.state.engine.state();
    let viewer = bench.viewer;
    let status = memory.status(fingerprint, viewer.now);
    let line = |key: &str, what: String| format!("{}: {what}", viewer.word(key));
    let mut lines = Vec::new();
    for id in status.silenced_by.iter().take(8) {
        lines.push(line("console-silenced", silence_words(bench, &memory, id)));
    }
    for by in &status.inhibited_by {
        let labels = memory.alert(*by).map(|alert| alert.labels.to_string());
        lines.push(line(
            "console-inhibited",
            cut(&labels.unwrap_or_default(), 200),
        ));
    }
    if !status.muted_by.is_empty() {
        lines.push(line("console-muted", status.muted_by.join(", ")));
    }
    lines
}

/// The walk through the routes as they are now.
fn routes(bench: &Bench<'_>, tree: &RouteTree, alert: &Alert) -> Vec<Step> {
    let viewer = bench.viewer;
    let step = |step: balefire_core::route::RouteStep| {
        let route = tree.route(step.route)?;
        let (verdict, icon, words) = match step.verdict {
            Verdict::Taken => (
                "taken",
                "✓",
                viewer.text(
                    "console-route-taken",
                    &[("receiver", route.receiver.to_string().into())],
                ),
            ),
            Verdict::Passed => ("passed", "↓", viewer.word("console-route-passed")),
            Verdict::Failed { matcher, value } => (
                "failed",
                "✗",
                viewer.text(
                    "console-route-failed",
                    &[
                        ("matcher", cut(&matcher.to_string(), 200).into()),
                        ("value", cut(&value, 100).into()),
                    ],
                ),
            ),
            Verdict::NotTried { .. } => ("not_tried", "−", viewer.word("console-route-not-tried")),
        };
        Some(Step {
            depth: step.depth.min(DEPTH),
            verdict,
            icon,
            route: cut(&route.key, 300),
            words,
        })
    };
    tree.explain(&alert.labels)
        .into_iter()
        .take(ROUTES)
        .filter_map(step)
        .collect()
}
