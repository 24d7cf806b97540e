//! `GET /api/v2/receivers`.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::label::Labels;
use serde::Serialize;

use super::error::ApiError;
use super::json;
use super::query::Query;
use crate::state::WebState;

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Labels::is_empty")]
    labels: &'a Labels,
    name: &'a str,
}

pub(super) async fn get_receivers(
    State(state): State<WebState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let filter = Query::of(raw.as_deref()).matchers("receiver_matchers")?;
    let plan = state.engine.plan();
    let passing = plan
        .receivers
        .iter()
        .filter(|receiver| filter.matches(&receiver.labels));
    let shown: Vec<Shown<'_>> = passing
        .map(|receiver| Shown {
            labels: &receiver.labels,
            name: &receiver.name,
        })
        .collect();
    Ok(json(&shown))
}
