//! `/api/v1/config`: the configuration in force, its versions, and the check of another one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::body;
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// A configuration document, secrets as `<secret>`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigView {
    /// The hash of its content.
    #[schema(value_type = String)]
    version: Arc<str>,
    /// The document, YAML.
    #[schema(value_type = String)]
    document: Arc<str>,
}

/// A configuration that was in force.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionView {
    #[schema(value_type = String)]
    version: Arc<str>,
    /// When it came into force first.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// Whether it is in force now.
    current: bool,
}

/// The configurations there were.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionList {
    /// Newest first.
    versions: Vec<VersionView>,
}

/// What is wrong with a document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// Whether it could be put in force.
    valid: bool,
    /// Each with its place and what would be right.
    problems: Vec<String>,
}

/// The configuration in force.
#[utoipa::path(
    get, path = "/api/v1/config", tag = "configuration",
    responses((status = 200, body = ConfigView))
)]
pub(crate) async fn current(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ConfigView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let plan = state.engine.plan();
    Ok(Json(ConfigView {
        version: Arc::clone(&plan.version),
        document: Arc::clone(&plan.redacted_yaml),
    }))
}

/// The configurations that were in force, newest first.
#[utoipa::path(
    get, path = "/api/v1/config/versions", tag = "configuration",
    params(("limit" = Option<u32>, Query, description = "1 to 1000, default 100")),
    responses((status = 200, body = VersionList), (status = 400, body = Problem))
)]
pub(crate) async fn versions(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<VersionList>, Problem> {
    let query = Query::read(query.as_deref(), &["limit"], &[])?;
    let engine = &state.engine;
    let found = engine
        .store()
        .config_versions(query.limit()?)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let plan = engine.plan();
    let versions = found
        .into_iter()
        .map(|version| VersionView {
            current: version.hash == plan.version,
            version: version.hash,
            at: version.at,
        })
        .collect();
    Ok(Json(VersionList { versions }))
}

/// One of them.
#[utoipa::path(
    get, path = "/api/v1/config/versions/{version}", tag = "configuration",
    params(("version" = String, Path)),
    responses((status = 200, body = ConfigView), (status = 404, body = Problem))
)]
pub(crate) async fn version(
    State(state): State<WebState>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<ConfigView>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let found = state
        .engine
        .store()
        .config_version(&version)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let found =
        found.ok_or_else(|| Problem::not_found(&format!("there is no version {version:?}")))?;
    Ok(Json(ConfigView {
        version: found.hash,
        document: found.redacted,
    }))
}

/// Checks a document without putting it in force.
#[utoipa::path(
    post, path = "/api/v1/config/check", tag = "configuration",
    request_body(content = String, content_type = "application/yaml"),
    responses(
        (status = 200, body = Checked),
        (status = 400, body = Problem),
        (status = 413, body = Problem),
    )
)]
pub(crate) async fn check(
    State(state): State<WebState>,
    request: Request,
) -> Result<Json<Checked>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (_, bytes) = body::bytes(&state.engine, request).await?;
    let document = String::from_utf8(bytes.to_vec())
        .map_err(|error| Problem::bad_request(&format!("the document is not UTF-8: {error}")))?;
    // Compiling a large document takes a while and reads files.
    let problems = tokio::task::spawn_blocking(move || (state.check)(&document).err())
        .await
        .map_err(|_| Problem::unprocessable("the document could not be checked"))?
        .unwrap_or_default();
    Ok(Json(Checked {
        valid: problems.is_empty(),
        problems,
    }))
}
