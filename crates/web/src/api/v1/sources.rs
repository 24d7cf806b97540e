//! `/api/v1/sources`: the ways in, and what to do at the sender's side.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_config::plan::{Plan, Source};
use balefire_core::label::Labels;
use balefire_sources::registry::SOURCES;
use balefire_sources::setup;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// The configured sources by name, and every kind there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceList {
    sources: Vec<SourceView>,
    kinds: Vec<SourceKindView>,
}

/// A configured source.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceView {
    name: String,
    kind: &'static str,
    title: &'static str,
    /// Where its sender sends to; `TOKEN` stands for its token.
    address: String,
    has_token: bool,
    /// Labels that its alerts get where they have none of that name.
    #[schema(value_type = Object)]
    labels: Labels,
    /// The zone of times that come without one.
    timezone: String,
    lifecycle: &'static str,
}

/// A configured source, and how to set up its sender.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceSetup {
    #[serde(flatten)]
    source: SourceView,
    /// What to do at the sender's side, in Markdown.
    setup: String,
}

/// A kind of source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceKindView {
    /// As in `kind: grafana`.
    kind: &'static str,
    title: &'static str,
    /// How its alerts end: `explicit` when it says so, `refreshing` when they are not sent again, `event` at once.
    lifecycle: &'static str,
    /// How many sources of this kind are configured.
    sources: usize,
}

impl SourceView {
    fn of(plan: &Plan, source: &Source) -> Self {
        Self {
            name: source.name.to_string(),
            kind: source.spec.kind,
            title: source.spec.title.0,
            address: address(plan, source).url(),
            has_token: source.token.is_some(),
            labels: source.labels.clone(),
            timezone: source.timezone.clone(),
            lifecycle: source.spec.lifecycle.as_str(),
        }
    }
}

/// Where a source is reached.
pub(crate) fn address<'a>(plan: &'a Plan, source: &'a Source) -> setup::Address<'a> {
    setup::Address {
        node: &plan.server.external_url,
        name: &source.name,
        has_token: source.token.is_some(),
    }
}

/// The configured sources with their addresses, and every kind of source. `/in/inbox` and Alertmanager's own path are
/// there without being configured.
#[utoipa::path(
    get, path = "/api/v1/sources", tag = "sources",
    responses((status = 200, body = SourceList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<SourceList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let plan = state.engine.plan();
    let kinds = SOURCES.iter().map(|spec| SourceKindView {
        kind: spec.kind,
        title: spec.title.0,
        lifecycle: spec.lifecycle.as_str(),
        sources: plan
            .sources
            .values()
            .filter(|source| source.spec.kind == spec.kind)
            .count(),
    });
    let kinds = kinds.collect();
    let sources = plan.sources.values();
    Ok(Json(SourceList {
        sources: sources
            .map(|source| SourceView::of(&plan, source))
            .collect(),
        kinds,
    }))
}

/// A configured source, with what to do at its sender's side.
#[utoipa::path(
    get, path = "/api/v1/sources/{name}", tag = "sources",
    params(("name" = String, Path, description = "Its name in the document.")),
    responses((status = 200, body = SourceSetup), (status = 404, description = "No source of this name is configured."))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(name): Path<String>,
) -> Result<Json<SourceSetup>, Problem> {
    let plan = state.engine.plan();
    let source = plan.sources.get(&name).ok_or_else(|| {
        Problem::not_found(&format!("there is no source {name:?} in the document"))
    })?;
    Ok(Json(SourceSetup {
        source: SourceView::of(&plan, source),
        setup: setup::page(source.spec, &address(&plan, source)),
    }))
}
