//! Merging incidents, and the report of one as Markdown.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use balefire_store::Which;
use balefire_template::compose::incident_report;
use http::header;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Fields;
use super::incidents::{Deed, IncidentDetail, actor, detail, of_store, problem};
use super::notifications::reader;
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// Entries of a timeline that a report has.
const ENTRIES: usize = 2_000;

/// Into which incident.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MergeBody {
    /// The number of the one that people go on with.
    into: u64,
    /// What to say to it.
    #[serde(default)]
    text: String,
    /// Who does it, when the request does not show it.
    by: Option<String>,
}

impl Fields for MergeBody {
    const FIELDS: &'static [&'static str] = &["into", "text", "by"];
}

/// Lets an incident go on as another one, which is the answer: as bad and as old as the worse and the older of the two.
/// The one that is merged is resolved; both timelines say so.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/merge", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = MergeBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "One of them is resolved"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn merge(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<MergeBody>::read(&state, request, "").await?;
    let MergeBody { into, text, by } = deed.body;
    let actor = actor(deed.shown, by);
    let kept = state.engine.merge_incident(id, into, &actor, text).await;
    let kept = kept.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(&state.engine, kept, 0).await?))
}

/// The report of an incident as Markdown: what is known, its timeline (at most 2000 entries), and what people wrote.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}/report.md", tag = "incidents",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = String, content_type = "text/markdown"),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn report(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = &state.engine;
    let found = engine.incident(&Which::Id(id)).await.map_err(of_store)?;
    let missing = || Problem::not_found(&format!("there is no incident {id}"));
    let incident = found.ok_or_else(missing)?;
    let timeline = engine.incident_timeline(id, 0, ENTRIES).await;
    let text = incident_report(&incident, &timeline.map_err(of_store)?, &reader(&state));
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/markdown; charset=utf-8".to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"incident-{id}.md\""),
        ),
    ];
    Ok((headers, text).into_response())
}
