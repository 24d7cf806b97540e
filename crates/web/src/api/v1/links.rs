//! Links by which somebody answers for a group or an incident without logging in.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::time::Time;
use balefire_engine::link::Subject;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::{Query, unknown};
use crate::error::Problem;
use crate::state::WebState;

/// For whom a link is made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// The key of somebody in `people`, under whose name it answers.
    person: Option<String>,
}

impl Fields for LinkBody {
    const FIELDS: &'static [&'static str] = &["person"];
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkView {
    /// Whoever opens it may acknowledge, silence for an hour and resolve.
    url: String,
    /// The key of the person under whose name it answers.
    person: Option<String>,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
}

/// Makes a link to an incident, to be handed to somebody. It is good for three days.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/link", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    request_body = LinkBody,
    responses(
        (status = 201, body = LinkView),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The document names no `server.external_url`"),
        (status = 422, body = Problem, description = "Nobody in `people` has this key"),
    )
)]
pub(crate) async fn of_incident(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<(StatusCode, Json<LinkView>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let engine = &state.engine;
    let (headers, bytes) = body::bytes(engine, request).await?;
    let asked: LinkBody = if bytes.is_empty() {
        LinkBody::default()
    } else {
        body::json(&headers, &bytes)?
    };
    let plan = engine.plan();
    if let Some(key) = asked
        .person
        .as_deref()
        .filter(|key| !plan.people.contains_key(*key))
    {
        let people = plan.people.keys().map(String::as_str);
        return Err(Problem::unprocessable(&unknown("person", key, people)));
    }
    let subject = Subject::Incident(id);
    let there = engine.answerable(subject).await;
    if there.map_err(|error| Problem::of_store(&error))?.is_none() {
        return Err(Problem::not_found(&format!("there is no incident {id}")));
    }
    let Some((url, claim)) = engine.link(subject, asked.person.map(Into::into)) else {
        let detail = "links need server.external_url in the document, so that they lead here";
        return Err(Problem::new(StatusCode::CONFLICT, "no_address", detail));
    };
    let view = LinkView {
        url,
        person: claim.person.map(|key| key.to_string()),
        expires_at: claim.expires_at,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Makes all links that were handed out worthless, by another key; those made from now on are good.
#[utoipa::path(
    delete, path = "/api/v1/links", tag = "incidents",
    responses((status = 204, description = "No link that was handed out is good any more"))
)]
pub(crate) async fn call_back(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let renewed = state.engine.renew_links().await;
    renewed.map_err(|error| Problem::of_store(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
