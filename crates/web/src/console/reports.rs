//! `GET /reports`: the figures of the last weeks, with a picture of each day.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::report::{Figures, Spans};
use balefire_core::schedule::Stretch;
use balefire_engine::report::Report;
use http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use minijinja::context;
use serde::Serialize;
use url::form_urlencoded;

use super::card::cut;
use super::links::Links;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::Viewer;
use crate::api::v1::report::paged;
use crate::api::v1::reports::{USUAL, make};
use crate::state::WebState;

const DAY: Duration = Duration::from_hours(24);
/// What can be chosen from, in days.
const CHOICES: [u32; 4] = [7, USUAL, 90, 365];
/// The picture's size in units of its own.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 160.0;

/// The page.
#[derive(Debug, Serialize)]
struct Reports {
    choices: Vec<Choice>,
    complete: bool,
    figures: Vec<Row>,
    incidents: Picture,
    notifications: Picture,
    people: Vec<Paged>,
    noisiest: Vec<Noise>,
    tables: Vec<Choice>,
    what_if: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    word: String,
    href: String,
    current: bool,
}

/// The figures of a severity, or of all.
#[derive(Debug, Serialize)]
struct Row {
    word: String,
    counts: [usize; 3],
    /// Mean, median and 95th percentile until acknowledged, then until resolved.
    spans: Vec<String>,
}

/// A bar for each day.
#[derive(Debug, Serialize)]
struct Picture {
    most: usize,
    total: usize,
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct Paged {
    name: String,
    pages: usize,
    at_night: usize,
    share: String,
}

#[derive(Debug, Serialize)]
struct Noise {
    group: String,
    href: String,
    notifications: usize,
}

pub(super) async fn reports(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let value_of = |key: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes()).take(16);
        let pair = pairs.find(|(name, value)| name == key && !value.is_empty());
        pair.map(|(_, value)| value.into_owned())
    };
    let viewer = Viewer::of(&state, value_of("lang").as_deref(), &headers);
    let days = value_of("days").and_then(|days| days.parse().ok());
    let days = days.filter(|days| CHOICES.contains(days)).unwrap_or(USUAL);
    let within = Stretch {
        from: viewer.now.before(DAY * days),
        to: viewer.now,
    };
    let report = match make(&state, within).await {
        Ok(report) => report,
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status);
            let told = shell::Problem {
                title: viewer.word("console-report"),
                detail: refused.detail,
            };
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return problem(&state, &viewer, status, &told);
        }
    };
    let shown = shown(&state, &viewer, &report, days);
    let shell = Shell::of(&state, &viewer, "/reports", "");
    page(
        &viewer,
        "reports.html",
        context! { shell => value(&shell), reports => value(&shown) },
    )
}

fn shown(state: &WebState, viewer: &Viewer, report: &Report, days: u32) -> Reports {
    let (links, plan) = (links(state, viewer), state.engine.plan());
    let choice = |choice: &u32| Choice {
        word: viewer.text(
            "console-report-days",
            &[("days", u64::from(*choice).into())],
        ),
        href: links.reports(*choice),
        current: *choice == days,
    };
    let by_severity = report.by_severity.iter().map(|(severity, figures)| {
        let word = viewer.severity(*severity);
        row(viewer, word, figures)
    });
    let all = row(
        viewer,
        viewer.word("console-incidents-all"),
        &report.figures,
    );
    let table = |(table, word): &(&str, &str)| Choice {
        word: viewer.word(word),
        href: links.report_table(table, report.within),
        current: false,
    };
    let tables = [
        ("incidents.csv", "console-incidents"),
        ("people.csv", "console-report-people"),
        ("noise.csv", "console-report-noise"),
        ("days.csv", "console-report-each-day"),
    ];
    Reports {
        choices: CHOICES.iter().map(choice).collect(),
        complete: report.complete,
        figures: std::iter::once(all).chain(by_severity).collect(),
        incidents: picture(report.days.iter().map(|(day, opened, _)| (*day, *opened))),
        notifications: picture(report.days.iter().map(|(day, _, told)| (*day, *told))),
        people: paged(report, &plan)
            .into_iter()
            .map(|one| Paged {
                name: one.person.name,
                pages: one.pages,
                at_night: one.at_night,
                share: format!("{:.0} %", one.night_share * 100.0),
            })
            .collect(),
        noisiest: report
            .noisiest
            .iter()
            .map(|one| Noise {
                group: cut(&one.what, 300),
                href: Links::group(&links, &one.what),
                notifications: one.notifications,
            })
            .collect(),
        tables: tables.iter().map(table).collect(),
        what_if: links.what_if(),
    }
}

fn row(viewer: &Viewer, word: String, figures: &Figures) -> Row {
    let span = |span: Option<Duration>| {
        span.map_or_else(|| "–".to_owned(), |span| viewer.reader.duration(span))
    };
    let spans = |of: &Spans| [of.mean, of.median, of.p95].map(span);
    let both = [&figures.to_acknowledge, &figures.to_resolve];
    Row {
        word,
        counts: [figures.opened, figures.acknowledged, figures.resolved],
        spans: both.into_iter().flat_map(spans).collect(),
    }
}

/// Bars from the bottom; the highest day reaches the top.
fn picture(days: impl Iterator<Item = (Date, usize)>) -> Picture {
    let days: Vec<(Date, usize)> = days.collect();
    let most = days.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let step = WIDTH / days.len().max(1) as f64;
    let bars = days.iter().enumerate().map(|(place, (day, count))| {
        let height = HEIGHT * *count as f64 / most.max(1) as f64;
        Bar {
            x: units(step * place as f64),
            y: units(HEIGHT - height),
            width: units(step * 0.85),
            height: units(height),
            title: format!("{day}: {count}"),
        }
    });
    Picture {
        most,
        total: days.iter().map(|(_, count)| *count).sum(),
        bars: bars.collect(),
    }
}

fn units(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_highest_day_reaches_the_top_and_an_empty_one_has_no_height() {
        let days = [
            (date(2026, 11, 1), 4),
            (date(2026, 11, 2), 0),
            (date(2026, 11, 3), 1),
        ];
        let found = picture(days.into_iter());
        let bars: Vec<(&str, &str)> = found
            .bars
            .iter()
            .map(|bar| (bar.y.as_str(), bar.height.as_str()))
            .collect();
        assert_eq!(
            bars,
            [("0.0", "160.0"), ("160.0", "0.0"), ("120.0", "40.0")]
        );
        assert_eq!((found.most, found.total), (4, 5));
        assert_eq!(picture(std::iter::empty()).bars.len(), 0);
    }
}
