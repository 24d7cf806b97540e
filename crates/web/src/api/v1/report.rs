//! A report as this interface shows it.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::report::{Figures, Spans};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_engine::report::Report;
use serde::Serialize;
use utoipa::ToSchema;

use super::schedule::{PersonView, person};

/// What happened in a part of time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportView {
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// The zone by whose clock days are counted.
    timezone: String,
    /// Whether everything was read; else the figures are those of the oldest 20 000 incidents and 50 000 notifications.
    complete: bool,
    /// The incidents that were opened in this time.
    incidents: FiguresView,
    /// The same by severity, the worst first.
    by_severity: Vec<SeverityFigures>,
    /// Notifications that something fires, to anybody.
    notifications: usize,
    /// Those to an address, a number or a name of a person's, the one with most first.
    people: Vec<PagedView>,
    /// The groups that made most notifications, at most 20.
    noisiest: Vec<NoiseView>,
    /// Every day of this time.
    days: Vec<DayView>,
}

/// What became of incidents.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FiguresView {
    opened: usize,
    acknowledged: usize,
    resolved: usize,
    /// From opening to acknowledgement; its mean is the MTTA.
    to_acknowledge: SpansView,
    /// From beginning to end; its mean is the MTTR.
    to_resolve: SpansView,
}

/// Lengths in seconds; null when there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names of the interface say the unit"
)]
pub(crate) struct SpansView {
    mean_seconds: Option<u64>,
    median_seconds: Option<u64>,
    p95_seconds: Option<u64>,
    longest_seconds: Option<u64>,
}

/// What became of incidents of a severity.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeverityFigures {
    #[schema(value_type = String)]
    severity: Severity,
    #[serde(flatten)]
    figures: FiguresView,
}

/// How often somebody was paged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PagedView {
    pub(crate) person: PersonView,
    pub(crate) pages: usize,
    /// Between 22:00 and 06:00 by their own clock.
    pub(crate) at_night: usize,
    /// The part of the pages that came at night, 0 to 1.
    pub(crate) night_share: f64,
}

/// How much was told of a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoiseView {
    /// Alertmanager's key of the group.
    #[schema(value_type = String)]
    pub(crate) group_key: Arc<str>,
    pub(crate) notifications: usize,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DayView {
    #[schema(format = Date)]
    day: String,
    incidents: usize,
    notifications: usize,
}

impl SpansView {
    fn of(spans: &Spans) -> Self {
        let seconds = |span: Option<Duration>| span.map(|span| span.as_secs());
        Self {
            mean_seconds: seconds(spans.mean),
            median_seconds: seconds(spans.median),
            p95_seconds: seconds(spans.p95),
            longest_seconds: seconds(spans.longest),
        }
    }
}

impl FiguresView {
    fn of(figures: &Figures) -> Self {
        Self {
            opened: figures.opened,
            acknowledged: figures.acknowledged,
            resolved: figures.resolved,
            to_acknowledge: SpansView::of(&figures.to_acknowledge),
            to_resolve: SpansView::of(&figures.to_resolve),
        }
    }
}

/// The people of a report.
pub(crate) fn paged(report: &Report, plan: &Plan) -> Vec<PagedView> {
    let people = report.people.iter().map(|one| PagedView {
        person: person(&one.person, plan),
        pages: one.pages,
        at_night: one.at_night,
        night_share: one.at_night as f64 / one.pages.max(1) as f64,
    });
    people.collect()
}

impl ReportView {
    pub(crate) fn of(report: &Report, plan: &Plan) -> Self {
        Self {
            from: report.within.from,
            to: report.within.to,
            timezone: report.zone.name().to_owned(),
            complete: report.complete,
            incidents: FiguresView::of(&report.figures),
            by_severity: report
                .by_severity
                .iter()
                .map(|(severity, figures)| SeverityFigures {
                    severity: *severity,
                    figures: FiguresView::of(figures),
                })
                .collect(),
            notifications: report.notifications,
            people: paged(report, plan),
            noisiest: report
                .noisiest
                .iter()
                .map(|one| NoiseView {
                    group_key: Arc::clone(&one.what),
                    notifications: one.notifications,
                })
                .collect(),
            days: report
                .days
                .iter()
                .map(|(day, incidents, notifications)| DayView {
                    day: day.to_string(),
                    incidents: *incidents,
                    notifications: *notifications,
                })
                .collect(),
        }
    }
}
