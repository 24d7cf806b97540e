//! Who plays which part in an incident: given, taken, given back.

use axum::Json;
use axum::extract::{Path, Request, State};
use balefire_core::incident::{Change, Role, RoleHeld};
use balefire_core::time::Time;
use balefire_store::Which;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use super::incident::WordBody;
use super::incidents::{Deed, IncidentDetail, actor, detail, problem};
use crate::error::Problem;
use crate::state::WebState;

/// A role that somebody has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleView {
    /// `commander`, `scribe`, `communications`, or a word of your own.
    role: String,
    /// Who: the key of a person, or a name.
    who: String,
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

impl RoleView {
    pub(super) fn of(held: RoleHeld) -> Self {
        Self {
            role: held.role.as_str().to_owned(),
            who: held.who,
            since: held.since,
        }
    }
}

/// Who gets a role.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RoleBody {
    /// The key of a person, or a name; whoever asks takes it when this is left out.
    to: Option<String>,
    /// What they say to it.
    #[serde(default)]
    text: String,
    /// Who gives it; counts only when no token and no user says so.
    by: Option<String>,
}

impl Fields for RoleBody {
    const FIELDS: &'static [&'static str] = &["to", "text", "by"];
}

/// The role of a path's last part.
fn role(name: &str) -> Result<Role, Problem> {
    Role::of(name).map_err(|refused| Problem::unprocessable(&refused.to_string()))
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

/// Gives a role to somebody, in place of whoever had it; without `to`, whoever asks takes it.
#[utoipa::path(
    put, path = "/api/v1/incidents/{id}/roles/{role}", tag = "incidents",
    params(
        ("id" = u64, Path),
        ("role" = String, Path, description = "commander, scribe, communications, or a word of your own"),
    ),
    request_body = RoleBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(crate) async fn give(
    State(state): State<WebState>,
    Path((id, name)): Path<(u64, String)>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<RoleBody>::read(&state, request, "{}").await?;
    let RoleBody { to, text, by } = deed.body;
    let actor = actor(deed.shown, by);
    let to = to.unwrap_or_else(|| actor.clone());
    let (engine, role) = (&state.engine, role(&name)?);
    let given = engine.give_role(Which::Id(id), (role, to), text, &actor);
    let incident = given.await.map_err(|failure| problem(&failure))?;
    Ok(Json(detail(engine, incident, 0).await?))
}

/// Gives a role back: nobody has it then.
#[utoipa::path(
    delete, path = "/api/v1/incidents/{id}/roles/{role}", tag = "incidents",
    params(("id" = u64, Path), ("role" = String, Path)),
    request_body = WordBody,
    responses(
        (status = 200, body = IncidentDetail),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Nobody has it"),
    )
)]
pub(crate) async fn give_back(
    State(state): State<WebState>,
    Path((id, name)): Path<(u64, String)>,
    request: Request,
) -> Result<Json<IncidentDetail>, Problem> {
    let deed = Deed::<WordBody>::read(&state, request, "{}").await?;
    let actor = actor(deed.shown, deed.body.by);
    let (role, text) = (role(&name)?, deed.body.text);
    let to = None;
    change(&state, id, Change::Role { role, to, text }, &actor).await
}
