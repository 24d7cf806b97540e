//! What people ask of an incident's escalation: a pause, other people, the next in line.

use axum::Json;
use axum::extract::{Path, Request, State};
use balefire_store::Which;

use super::escalation::{EscalateBody, ReassignBody, SnoozeBody};
use super::incidents::{Deed, IncidentDetail, actor, detail, problem};
use crate::error::Problem;
use crate::state::WebState;

/// Puts it off: nobody is paged until then, and all begins anew if it is not over.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/snooze", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = SnoozeBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is resolved, or no escalation looks after it"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn snooze(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<SnoozeBody>::read(&state, request, "").await?;
    let engine = &state.engine;
    let until = deed.body.until(engine.now())?;
    let actor = actor(deed.shown, deed.body.by);
    let done = engine.snooze_incident(Which::Id(id), until, deed.body.text, &actor);
    let incident = done.await.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, incident, 0).await?))
}

/// Gives it to others, who are paged for it; whoever had it no longer has it.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/reassign", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = ReassignBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is resolved, or no escalation looks after it"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn reassign(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<ReassignBody>::read(&state, request, "").await?;
    let engine = &state.engine;
    let actor = actor(deed.shown, deed.body.by);
    let done = engine.reassign_incident(Which::Id(id), deed.body.to, deed.body.text, &actor);
    let incident = done.await.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, incident, 0).await?))
}

/// Pages the next in line now; whoever had it no longer has it. With `escalation`, by that one where none looks after the
/// incident yet.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/escalate", tag = "incidents",
    params(("id" = u64, Path)),
    request_body = EscalateBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is resolved, or no escalation looks after it"),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn escalate(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<EscalateBody>::read(&state, request, "{}").await?;
    let engine = &state.engine;
    let actor = actor(deed.shown, deed.body.by);
    let name = deed.body.escalation.as_deref();
    let done = engine.escalate_incident(Which::Id(id), name, deed.body.text, &actor);
    let incident = done.await.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, incident, 0).await?))
}
