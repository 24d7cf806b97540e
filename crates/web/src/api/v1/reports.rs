//! `/api/v1/reports`: what happened in a part of time, as figures and as tables for spreadsheets.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use balefire_core::report::Handled;
use balefire_core::time::Time;
use balefire_engine::report::Report;
use http::header;
use tokio::sync::Semaphore;

use super::query::Query;
use super::report::{ReportView, paged};
use super::schedules::within;
use crate::error::Problem;
use crate::state::WebState;

/// Days that are reported when nothing is said.
pub(crate) const USUAL: u32 = 30;
/// Reports that are made at once: each may read many rows.
static MAKING: Semaphore = Semaphore::const_new(2);

/// Makes a report, when not too many are being made.
pub(crate) async fn make(
    state: &WebState,
    within: balefire_core::schedule::Stretch,
) -> Result<Report, Problem> {
    let Ok(_making) = MAKING.try_acquire() else {
        return Err(Problem::busy(
            "other reports are being made, come back in a second",
        ));
    };
    let made = state.engine.report(within).await;
    made.map_err(|error| Problem::of_store(&error))
}

async fn asked(state: &WebState, query: Option<&str>) -> Result<Report, Problem> {
    let query = Query::read(query, &["from", "to"], &[])?;
    let now = state.engine.now();
    let from = now.before(std::time::Duration::from_hours(24) * USUAL);
    make(state, within(&query, from, USUAL)?).await
}

/// How long incidents waited and lasted, who was paged how often and when, and what made most noise.
#[utoipa::path(
    get, path = "/api/v1/reports/summary", tag = "reports",
    params(
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; 30 days ago without it"),
        ("to" = Option<String>, Query, description = "The end, RFC 3339, at most 400 days later; 30 days later without it"),
    ),
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 503, body = Problem))
)]
pub(crate) async fn summary(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReportView>, Problem> {
    let report = asked(&state, query.as_deref()).await?;
    Ok(Json(ReportView::of(&report, &state.engine.plan())))
}

/// A part of the report as a table for spreadsheets: `incidents.csv`, one line an incident; `people.csv`, one line a
/// person; `noise.csv`, one line a group; `days.csv`, one line a day.
#[utoipa::path(
    get, path = "/api/v1/reports/{table}", tag = "reports",
    params(
        ("table" = String, Path, description = "incidents.csv, people.csv, noise.csv or days.csv"),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; 30 days ago without it"),
        ("to" = Option<String>, Query, description = "The end, RFC 3339, at most 400 days later; 30 days later without it"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn table(
    State(state): State<WebState>,
    Path(table): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let rows: fn(&Report, &WebState) -> Rows = match table.as_str() {
        "incidents.csv" => |report, _| incidents(&report.incidents),
        "people.csv" => people,
        "noise.csv" => |report, _| noise(report),
        "days.csv" => |report, _| days(report),
        _ => {
            return Err(Problem::not_found(&super::query::unknown(
                "table",
                &table,
                ["incidents.csv", "people.csv", "noise.csv", "days.csv"].into_iter(),
            )));
        }
    };
    let report = asked(&state, query.as_deref()).await?;
    let text = written(rows(&report, &state))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{table}\""),
        ),
    ];
    Ok((headers, text).into_response())
}

type Rows = Vec<Vec<String>>;

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn incidents(handled: &[Handled]) -> Rows {
    let time = |at: Option<Time>| at.map(Time::rfc3339_millis).unwrap_or_default();
    let seconds = |span: Option<std::time::Duration>| {
        span.map(|span| span.as_secs().to_string())
            .unwrap_or_default()
    };
    let mut rows = vec![row([
        "id",
        "severity",
        "title",
        "startedAt",
        "openedAt",
        "acknowledgedAt",
        "endedAt",
        "toAcknowledgeSeconds",
        "toResolveSeconds",
    ])];
    rows.extend(handled.iter().map(|one| {
        vec![
            one.id.to_string(),
            one.severity.as_str().to_owned(),
            one.title.clone(),
            time(Some(one.started_at)),
            time(Some(one.opened_at)),
            time(one.acknowledged_at),
            time(one.ended_at),
            seconds(one.until_acknowledged()),
            seconds(one.until_resolved()),
        ]
    }));
    rows
}

fn people(report: &Report, state: &WebState) -> Rows {
    let mut rows = vec![row(["person", "name", "pages", "atNight", "nightShare"])];
    let plan = state.engine.plan();
    rows.extend(paged(report, &plan).into_iter().map(|one| {
        vec![
            one.person.key.to_string(),
            one.person.name,
            one.pages.to_string(),
            one.at_night.to_string(),
            format!("{:.3}", one.night_share),
        ]
    }));
    rows
}

fn noise(report: &Report) -> Rows {
    let mut rows = vec![row(["groupKey", "notifications"])];
    let groups = report.noisiest.iter();
    rows.extend(groups.map(|one| vec![one.what.to_string(), one.notifications.to_string()]));
    rows
}

fn days(report: &Report) -> Rows {
    let mut rows = vec![row(["day", "incidents", "notifications"])];
    rows.extend(report.days.iter().map(|(day, incidents, notifications)| {
        let counts = [incidents, notifications].map(ToString::to_string);
        std::iter::once(day.to_string()).chain(counts).collect()
    }));
    rows
}

/// The text of a table. A cell that a spreadsheet would run as a formula begins with an apostrophe, which makes it
/// a text there: <https://owasp.org/www-community/attacks/CSV_Injection>.
fn written(rows: Rows) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let broken =
        |error: String| Problem::new(http::StatusCode::INTERNAL_SERVER_ERROR, "internal", &error);
    for row in rows {
        let cells = row.into_iter().map(|cell| {
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                format!("'{cell}")
            } else {
                cell
            }
        });
        let done = writer.write_record(cells);
        done.map_err(|error| broken(error.to_string()))?;
    }
    let whole = writer.into_inner();
    whole.map_err(|error| broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_text_whatever_stands_in_it() {
        let rows = vec![row(["a", "b"]), row(["=HYPERLINK(\"x\")", "x,\"y\"\nz"])];
        let text = String::from_utf8(written(rows).expect("a table")).expect("text");
        assert_eq!(
            text,
            "a,b\r\n\"'=HYPERLINK(\"\"x\"\")\",\"x,\"\"y\"\"\nz\"\r\n"
        );
    }
}
