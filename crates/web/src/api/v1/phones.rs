//! `/api/v1/phones`: the telephones that ask for calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// The telephones, the last that asked first; of very many only the last 64.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneList {
    phones: Vec<PhoneView>,
}

/// A telephone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneView {
    /// The name of its token and the model it says it is; its address when it shows neither.
    #[schema(value_type = String)]
    name: Arc<str>,
    /// When it asked last, to the minute.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Time,
    /// From where.
    #[schema(value_type = String)]
    address: Arc<str>,
}

/// The telephones that ask for calls.
#[utoipa::path(
    get, path = "/api/v1/phones", tag = "calls",
    responses((status = 200, body = PhoneList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<PhoneList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let agents = state.engine.store().phone_agents().await;
    let agents = agents.map_err(|error| Problem::of_store(&error))?;
    let view = |agent: balefire_store::PhoneAgent| PhoneView {
        name: agent.name,
        asked_at: agent.at,
        address: agent.address,
    };
    let phones = agents.into_iter().map(view).collect();
    Ok(Json(PhoneList { phones }))
}
