//! Sending dead letters again: one by its number, or all of an account.

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use balefire_store::{NotificationFilter, NotificationState};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::{MOST, Query, unknown};
use crate::error::Problem;
use crate::state::WebState;

/// Rows written at once; the store commits them together.
const AT_ONCE: usize = 64;

/// What became of a redrive.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redriven {
    /// How many dead letters are tried again.
    redriven: usize,
    /// Whether there are more: ask again.
    more: bool,
}

/// Whose dead letters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedriveBody {
    /// The account's name.
    account: String,
}

impl Fields for RedriveBody {
    const FIELDS: &'static [&'static str] = &["account"];
}

/// Tries a dead letter again, with a fresh deadline.
#[utoipa::path(
    post, path = "/api/v1/notifications/{seq}/redrive", tag = "notifications",
    params(("seq" = u64, Path, description = "The notification's number")),
    responses(
        (status = 202, body = Redriven),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is not a dead letter"),
    )
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(seq): Path<u64>,
    RawQuery(query): RawQuery,
) -> Result<(StatusCode, Json<Redriven>), Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let of_store = |error| Problem::of_store(&error);
    if state.engine.redrive(seq).await.map_err(of_store)? {
        let done = Redriven {
            redriven: 1,
            more: false,
        };
        return Ok((StatusCode::ACCEPTED, Json(done)));
    }
    let found = state.engine.store().notification(seq).await;
    match found.map_err(of_store)? {
        None => Err(Problem::not_found(&format!(
            "there is no notification {seq}, or retention has taken it"
        ))),
        Some(row) => Err(Problem::new(
            StatusCode::CONFLICT,
            "not_dead",
            &format!(
                "notification {seq} is {}; only dead letters are sent again",
                row.state.as_str()
            ),
        )),
    }
}

/// Tries the dead letters of an account again, at most 1000 in one call.
#[utoipa::path(
    post, path = "/api/v1/notifications/redrive", tag = "notifications",
    request_body = RedriveBody,
    responses((status = 202, body = Redriven), (status = 422, body = Problem))
)]
pub(crate) async fn all(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<Redriven>), Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: RedriveBody = body::json(&headers, &bytes)?;
    let engine = &state.engine;
    let filter = NotificationFilter {
        state: Some(NotificationState::DeadLettered),
        account: Some(asked.account.as_str().into()),
        limit: MOST,
        ..NotificationFilter::default()
    };
    let of_store = |error| Problem::of_store(&error);
    let dead = engine
        .store()
        .notifications(&filter)
        .await
        .map_err(of_store)?;
    let plan = engine.plan();
    // Dead letters of an account that was removed can still be asked for; a name nobody knows cannot.
    if dead.is_empty() && !plan.accounts.contains_key(&asked.account) {
        let known = plan.accounts.keys().map(String::as_str);
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unknown_account",
            &unknown("account", &asked.account, known),
        ));
    }
    let oldest_first: Vec<u64> = dead.iter().rev().map(|row| row.seq).collect();
    let redriven: Vec<bool> = stream::iter(oldest_first)
        .map(|seq| {
            let engine = engine.clone();
            async move { engine.redrive(seq).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
        .map_err(of_store)?;
    let done = Redriven {
        redriven: redriven.iter().filter(|redriven| **redriven).count(),
        more: dead.len() == MOST,
    };
    Ok((StatusCode::ACCEPTED, Json(done)))
}
