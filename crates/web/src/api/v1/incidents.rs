//! `/api/v1/incidents`: what people work on, with its timeline.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::incident::{Change, Incident, IncidentState, Refused};
use balefire_core::severity::Severity;
use balefire_engine::engine::{Engine, IncidentFailure};
use balefire_store::{IncidentFilter, IncidentSort, StoreError, Which};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::escalation::EscalationView;
use super::incident::{EditBody, EntryView, IncidentView, OpenBody, ResolveBody, WordBody};
use super::query::Query;
use crate::access::Who;
use crate::error::Problem;
use crate::state::WebState;

/// Longest text that is searched for, in characters.
const SEARCH: usize = 300;
/// Entries of a timeline in one answer; each may tell of long texts.
const ENTRIES: usize = 200;
/// Who does something when nobody says who.
const SOMEBODY: &str = "api";

/// A page of incidents.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentPage {
    incidents: Vec<IncidentView>,
    /// How many there are on all pages.
    total: u64,
    /// What to give as `offset` for the next page; absent at the end.
    next: Option<u64>,
}

/// An incident with everything about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentDetail {
    #[serde(flatten)]
    incident: IncidentView,
    /// The report.
    report: Option<String>,
    /// The ids of the files that are attached.
    files: Vec<String>,
    /// Who is paged for it, and when next; absent while no escalation looks after it.
    escalation: Option<EscalationView>,
    /// What happened to it, in order; at most 200 entries.
    timeline: Vec<EntryView>,
    /// What to give as `after` for the entries that follow; absent at the end.
    next: Option<u64>,
}

#[expect(clippy::needless_pass_by_value, reason = "results hand it over")]
pub(super) fn of_store(error: StoreError) -> Problem {
    Problem::of_store(&error)
}

pub(super) fn problem(failure: &IncidentFailure) -> Problem {
    match failure {
        IncidentFailure::NotFound => Problem::not_found("there is no incident of this number"),
        IncidentFailure::Rule(
            rule @ (Refused::AlreadyResolved
            | Refused::NotResolved
            | Refused::MergedIntoResolved
            | Refused::AcknowledgedAfterEnd
            | Refused::NobodyHasRole
            | Refused::TooManyRoles
            | Refused::Over),
        ) => Problem::new(StatusCode::CONFLICT, "state", &rule.to_string()),
        IncidentFailure::Rule(rule) => Problem::unprocessable(&rule.to_string()),
        IncidentFailure::Unknown { .. } => Problem::unprocessable(&failure.to_string()),
        IncidentFailure::NotEscalated => {
            Problem::new(StatusCode::CONFLICT, "not_escalated", &failure.to_string())
        }
        IncidentFailure::Store(error) => Problem::of_store(error),
    }
}

pub(super) async fn detail(
    engine: &Engine,
    incident: Incident,
    after: u64,
) -> Result<IncidentDetail, Problem> {
    let id = incident.id;
    let files = engine.incident_files(id).await.map_err(of_store)?;
    let escalation = engine.escalation(id).await.map_err(of_store)?;
    let timeline = engine.incident_timeline(id, after, ENTRIES);
    let timeline = timeline.await.map_err(of_store)?;
    let next = timeline.last().filter(|_| timeline.len() == ENTRIES);
    let next = next.map(|entry| entry.number);
    Ok(IncidentDetail {
        report: incident.report.clone(),
        incident: IncidentView::of(incident),
        files,
        escalation: escalation.map(EscalationView::of),
        next,
        timeline: timeline.into_iter().map(EntryView::of).collect(),
    })
}

fn filter(query: Option<&str>) -> Result<IncidentFilter, Problem> {
    let keys = [
        "state", "severity", "key", "search", "sort", "offset", "limit",
    ];
    let query = Query::read(query, &keys, &[])?;
    let search = query.text("search");
    if search.is_some_and(|text| text.chars().nth(SEARCH).is_some()) {
        return Err(Problem::bad_request(&format!(
            "search is at most {SEARCH} characters long"
        )));
    }
    let [resolved, open, acknowledged] = IncidentState::ALL.map(Some);
    let state = query.one_of(
        "state",
        &[
            ("open", open),
            ("acknowledged", acknowledged),
            ("resolved", resolved),
            ("unresolved", None),
        ],
    )?;
    let sort = query.one_of(
        "sort",
        &[
            ("-id", IncidentSort::Newest),
            ("id", IncidentSort::Oldest),
            ("-startedAt", IncidentSort::StartedLast),
            ("startedAt", IncidentSort::StartedFirst),
            ("-changedAt", IncidentSort::ChangedLast),
            ("changedAt", IncidentSort::ChangedFirst),
            ("-severity", IncidentSort::Worst),
            ("severity", IncidentSort::Mildest),
        ],
    )?;
    Ok(IncidentFilter {
        state: state.flatten(),
        unresolved: state == Some(None),
        severity: query.one_of("severity", &Severity::ALL.map(|s| (s.as_str(), s)))?,
        key: query.text("key").map(Into::into),
        text: search.map(Into::into),
        sort: sort.unwrap_or_default(),
        offset: query.number("offset")?.unwrap_or(0),
        limit: query.limit()?,
        ..IncidentFilter::default()
    })
}

/// Incidents, the newest first unless `sort` says otherwise.
#[utoipa::path(
    get, path = "/api/v1/incidents", tag = "incidents",
    params(
        ("state" = Option<String>, Query, description = "open, acknowledged, resolved, or unresolved for both of the first"),
        ("severity" = Option<String>, Query, description = "info, warning, error or critical"),
        ("key" = Option<String>, Query, description = "The one of this key"),
        ("search" = Option<String>, Query, description = "This text in title, responsible, worker, cause or summary"),
        ("sort" = Option<String>, Query, description = "id, startedAt, changedAt or severity; with a - before it the other way round; -id when left out"),
        ("offset" = Option<u64>, Query, description = "How many to leave out"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = IncidentPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<IncidentPage>, Problem> {
    let filter = filter(query.as_deref())?;
    let engine = &state.engine;
    let total = engine.count_incidents(&filter).await.map_err(of_store)?;
    let found = engine.incidents(&filter).await.map_err(of_store)?;
    let end = filter.offset.saturating_add(found.len() as u64);
    Ok(Json(IncidentPage {
        next: (end < total && !found.is_empty()).then_some(end),
        incidents: found.into_iter().map(IncidentView::of).collect(),
        total,
    }))
}

/// One incident with its timeline.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(
        ("id" = u64, Path),
        ("after" = Option<u64>, Query, description = "Entries of the timeline after this number"),
    ),
    responses((status = 200, body = IncidentDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<Json<IncidentDetail>, Problem> {
    let after = Query::read(query.as_deref(), &["after"], &[])?.number("after")?;
    let found = state.engine.incident(&Which::Id(id)).await;
    let incident = found
        .map_err(of_store)?
        .ok_or_else(|| Problem::not_found(&format!("there is no incident {id}")))?;
    let detail = detail(&state.engine, incident, after.unwrap_or(0)).await?;
    Ok(Json(detail))
}

/// A request that does something: who does it, and its body. One without a body says nothing more.
pub(super) struct Deed<B> {
    pub(super) shown: Option<Arc<str>>,
    pub(super) body: B,
}

impl<B: Fields> Deed<B> {
    pub(super) async fn read(
        state: &WebState,
        request: Request,
        empty: &str,
    ) -> Result<Self, Problem> {
        Query::read(request.uri().query(), &[], &[])?;
        let shown = Who::of(&request);
        let (headers, bytes) = body::bytes(&state.engine, request).await?;
        let body = if bytes.is_empty() && !empty.is_empty() {
            serde_json::from_str(empty).map_err(|error| Problem::bad_request(&error.to_string()))?
        } else {
            body::json(&headers, &bytes)?
        };
        Ok(Self { shown, body })
    }
}

/// The name under which something is done.
pub(super) fn actor(shown: Option<Arc<str>>, said: Option<String>) -> String {
    match (shown, said) {
        (Some(shown), _) => shown.to_string(),
        (None, Some(said)) => said,
        (None, None) => SOMEBODY.to_owned(),
    }
}

async fn change(
    state: &WebState,
    id: u64,
    change: Change,
    actor: &str,
) -> Result<Json<IncidentDetail>, Problem> {
    let engine = &state.engine;
    let changed = engine.change_incident(Which::Id(id), vec![change], actor);
    let incident = changed.await.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, incident, 0).await?))
}

/// Opens an incident by hand. Of one key there is one at most: if it is there already, it is answered as it is,
/// with 200.
#[utoipa::path(
    post, path = "/api/v1/incidents", tag = "incidents",
    request_body = OpenBody,
    responses(
        (status = 201, body = IncidentDetail),
        (status = 200, body = IncidentDetail, description = "There is one of this key already"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn open(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<IncidentDetail>), Problem> {
    let mut deed = Deed::<OpenBody>::read(&state, request, "").await?;
    let actor = actor(deed.shown, deed.body.by.take());
    let escalation = deed.body.escalation.take();
    let draft = deed.body.draft()?;
    let engine = &state.engine;
    let opened = engine.open_escalated(draft, &[], &actor, escalation.as_deref());
    let opened = opened.await;
    let opened = opened.map_err(|failure| problem(&failure))?;
    let status = if opened.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(detail(engine, opened.incident, 0).await?)))
}

/// Corrects or adds facts.
#[utoipa::path(
    patch, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = EditBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn edit(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let mut deed = Deed::<EditBody>::read(&state, request, "").await?;
    let actor = actor(deed.shown, deed.body.by.take());
    change(&state, id, Change::Edit(deed.body.fields()?), &actor).await
}

/// Says that somebody has it. The first who says so keeps it; who comes later is written down.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/acknowledge", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = WordBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is resolved"),
    )
)]
pub(crate) async fn acknowledge(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<WordBody>::read(&state, request, "{}").await?;
    let text = deed.body.text;
    let actor = actor(deed.shown, deed.body.by);
    change(&state, id, Change::Acknowledge { text }, &actor).await
}

/// Says that it is over.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/resolve", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = ResolveBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is resolved already"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn resolve(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<ResolveBody>::read(&state, request, "{}").await?;
    let over = Change::Resolve {
        ended_at: deed.body.ended_at,
        text: deed.body.text,
    };
    change(&state, id, over, &actor(deed.shown, deed.body.by)).await
}

/// Says that it is not over.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/reopen", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = WordBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is not resolved"),
    )
)]
pub(crate) async fn reopen(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<WordBody>::read(&state, request, "{}").await?;
    let text = deed.body.text;
    let actor = actor(deed.shown, deed.body.by);
    change(&state, id, Change::Reopen { text }, &actor).await
}

/// Writes something down.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/notes", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = WordBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn note(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<WordBody>::read(&state, request, "").await?;
    let text = deed.body.text;
    let actor = actor(deed.shown, deed.body.by);
    change(&state, id, Change::Note { text }, &actor).await
}
