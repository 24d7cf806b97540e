//! `/api/v1/silence-series`: silences that recur by the clock of a place.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::schedule::RestrictionSpec;
use balefire_core::silence::{RuleSpec, Series};
use balefire_core::time::Time;
use balefire_engine::engine::{SeriesFailure, SilenceFailure};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::Query;
use super::silence::matchers;
use crate::error::Problem;
use crate::state::WebState;

/// When a recurring silence is on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimesBody {
    /// `HH:MM`, or `weekday HH:MM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// As `from`; up to `24:00`. Before `from`, it is the next day's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Days on which it begins, as `sunday` or `monday:friday`; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<Vec<String>>,
}

/// When it is on by a rule of repetition (RFC 5545, 3.3.10).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    /// By days, weeks, months or years: `FREQ=MONTHLY;BYDAY=2TU`.
    rrule: String,
    /// Since when it counts, by the zone's clock, `2026-12-08T02:00`; its time of day is that of each repetition.
    starts: String,
    /// How long each is on, such as `2h`: 1 minute to less than a week.
    lasts: String,
}

/// A recurring silence to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeriesBody {
    /// Matchers such as `env=~"prod.*"`, of which all must pass.
    matchers: Vec<String>,
    /// The IANA zone by whose clock it goes.
    timezone: String,
    /// When it is on: any of these, or of `rules`; at least one of both.
    #[serde(default)]
    times: Vec<TimesBody>,
    /// When it is on by rules of repetition.
    #[serde(default)]
    rules: Vec<RuleBody>,
    /// Who makes it.
    created_by: String,
    /// Why.
    comment: String,
}

impl Fields for SeriesBody {
    const FIELDS: &'static [&'static str] = &[
        "matchers",
        "timezone",
        "times",
        "rules",
        "createdBy",
        "comment",
    ];
}

/// A recurring silence.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeriesView {
    #[schema(value_type = String)]
    id: Arc<str>,
    matchers: Vec<String>,
    timezone: String,
    times: Vec<TimesBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleBody>,
    created_by: String,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// Whether somebody has ended it.
    ended: bool,
    /// The occurrence that is on, or comes next; absent when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<OccurrenceView>,
}

/// An occurrence: a silence of its own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OccurrenceView {
    /// The silence's id.
    #[schema(value_type = String)]
    id: Arc<str>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Time,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Time,
}

/// The recurring silences.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesList {
    /// By id; ended ones included.
    series: Vec<SeriesView>,
}

fn view(series: &Series, now: Time) -> SeriesView {
    let around = if series.ended {
        Vec::new()
    } else {
        series.around(now)
    };
    let next = around.first().map(|window| OccurrenceView {
        id: series.occurrence(window.from),
        starts_at: window.from,
        ends_at: window.to,
    });
    let matchers = series.matcher_sets.iter().flat_map(|set| set.iter());
    let times = series.times.iter().map(|spec| TimesBody {
        from: spec.from.clone(),
        to: spec.to.clone(),
        days: spec.days.clone(),
    });
    let rules = series.rules.iter().cloned().map(|spec| RuleBody {
        rrule: spec.rrule,
        starts: spec.starts,
        lasts: spec.lasts,
    });
    SeriesView {
        id: Arc::clone(&series.id),
        matchers: matchers.map(ToString::to_string).collect(),
        timezone: series.timezone.clone(),
        times: times.collect(),
        rules: rules.collect(),
        created_by: series.created_by.clone(),
        comment: series.comment.clone(),
        created_at: series.created_at,
        ended: series.ended,
        next,
    }
}

fn problem(failure: &SeriesFailure) -> Problem {
    match failure {
        SeriesFailure::Unknown => Problem::not_found(&failure.to_string()),
        SeriesFailure::Silence(SilenceFailure::Store(error)) => Problem::of_store(error),
        _ => Problem::unprocessable(&failure.to_string()),
    }
}

/// All recurring silences.
#[utoipa::path(
    get, path = "/api/v1/silence-series", tag = "silences",
    responses((status = 200, body = SeriesList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<SeriesList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let found = state.engine.silence_series().await;
    let found = found.map_err(|error| Problem::of_store(&error))?;
    let now = state.engine.now();
    let series = found.iter().map(|one| view(one, now)).collect();
    Ok(Json(SeriesList { series }))
}

/// Makes a recurring silence. Its occurrences are silences like others, each made before it begins.
#[utoipa::path(
    post, path = "/api/v1/silence-series", tag = "silences",
    request_body = SeriesBody,
    responses(
        (status = 201, body = SeriesView),
        (status = 400, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn make(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<SeriesView>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: SeriesBody = body::json(&headers, &bytes)?;
    let set = matchers(&asked.matchers)?;
    let times = asked.times.into_iter().map(|times| RestrictionSpec {
        from: times.from,
        to: times.to,
        days: times.days,
        ..RestrictionSpec::default()
    });
    let rules = asked.rules.into_iter().map(|rule| RuleSpec {
        rrule: rule.rrule,
        starts: rule.starts,
        lasts: rule.lasts,
    });
    let series = Series {
        id: "".into(),
        matcher_sets: vec![set],
        timezone: asked.timezone,
        times: times.collect(),
        rules: rules.collect(),
        created_by: asked.created_by,
        comment: asked.comment,
        created_at: state.engine.now(),
        ended: false,
    };
    let made = state.engine.make_series(series).await;
    let made = made.map_err(|failure| problem(&failure))?;
    Ok((StatusCode::CREATED, Json(view(&made, state.engine.now()))))
}

/// Ends a recurring silence, with the occurrence that is on and the one that was to come.
#[utoipa::path(
    delete, path = "/api/v1/silence-series/{id}", tag = "silences",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(crate) async fn end(
    State(state): State<WebState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let ended = state.engine.end_series(&id).await;
    ended.map_err(|failure| problem(&failure))?;
    Ok(StatusCode::NO_CONTENT)
}
