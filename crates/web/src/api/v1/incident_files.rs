//! `/api/v1/incidents/{id}/files/{file}`: files that were handed in, put on an incident's list: its report, say.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_store::{Filed, StoreError, Which};
use http::StatusCode;

use super::incidents::{self, IncidentDetail};
use super::query::Query;
use crate::access::Who;
use crate::error::Problem;
use crate::state::WebState;

/// Who does it: who has shown to be somebody, else whom the query names.
fn actor(request: &Request, query: Option<&str>) -> Result<String, Problem> {
    let query = Query::read(query, &["by"], &[])?;
    let said = query.text("by").map(str::to_owned);
    Ok(incidents::actor(Who::of(request), said))
}

/// The incident as it is after its list was changed.
async fn answer(
    state: &WebState,
    id: u64,
    filed: Result<Filed, StoreError>,
) -> Result<Json<IncidentDetail>, Problem> {
    let none = || Problem::not_found(&format!("there is no incident {id}"));
    match filed.map_err(|error| Problem::of_store(&error))? {
        Filed::Done(_) => {}
        Filed::NoIncident => return Err(none()),
        Filed::TooMany(most) => {
            let detail =
                format!("the incident has {most} files, and no more fit: take one off first");
            return Err(Problem::new(StatusCode::CONFLICT, "too_many", &detail));
        }
    }
    let found = state.engine.incident(&Which::Id(id)).await;
    let found = found.map_err(|error| Problem::of_store(&error))?;
    let incident = found.ok_or_else(none)?;
    Ok(Json(incidents::detail(&state.engine, incident, 0).await?))
}

/// Puts a file on an incident's list; twice is fine.
#[utoipa::path(
    put, path = "/api/v1/incidents/{id}/files/{file}", tag = "incidents",
    params(
        ("id" = u64, Path),
        ("file" = String, Path, description = "The file's id, from POST /api/v1/files or GET /api/v1/files?name="),
        ("by" = Option<String>, Query, description = "Who does it; counts only when no token and no user says so"),
    ),
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem, description = "No such incident, or no such file"),
        (status = 409, body = Problem, description = "It has as many files as it may have"),
    )
)]
pub(crate) async fn attach(
    State(state): State<WebState>,
    Path((id, file)): Path<(u64, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let actor = actor(&request, query.as_deref())?;
    let engine = &state.engine;
    let there = engine.has_file(&file).await;
    if !there.map_err(|error| Problem::of_store(&error))? {
        let detail = format!("there is no file {file:?}; hand it in with POST /api/v1/files");
        return Err(Problem::not_found(&detail));
    }
    let filed = engine.attach_file(id, &file, &actor).await;
    answer(&state, id, filed).await
}

/// Takes a file off an incident's list; the file itself stays.
#[utoipa::path(
    delete, path = "/api/v1/incidents/{id}/files/{file}", tag = "incidents",
    params(
        ("id" = u64, Path),
        ("file" = String, Path),
        ("by" = Option<String>, Query, description = "Who does it; counts only when no token and no user says so"),
    ),
    responses((status = 200, body = IncidentDetail), (status = 404, body = Problem))
)]
pub(crate) async fn detach(
    State(state): State<WebState>,
    Path((id, file)): Path<(u64, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let actor = actor(&request, query.as_deref())?;
    let filed = state.engine.detach_file(id, &file, &actor).await;
    answer(&state, id, filed).await
}
