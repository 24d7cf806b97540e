//! `/api/v1/what-if`: what another document would have told in the last days.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use balefire_core::duration;
use balefire_core::time::Time;
use balefire_core::what_if::{Counted, Difference, How};
use balefire_engine::what_if::{LONGEST, WhatIf, WhatIfError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// How far back without a word about it.
pub(crate) const LAST: &str = "7d";
/// Alerts that one difference names; the others are counted.
const NAMED: usize = 5;

/// Another document, and how far back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WhatIfBody {
    /// The document, YAML.
    config: String,
    /// How far back, such as `24h`; `7d` when it is left out, `31d` at most.
    last: Option<String>,
}

impl Fields for WhatIfBody {
    const FIELDS: &'static [&'static str] = &["config", "last"];
}

/// How often somebody is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountView {
    /// The person's key, or the receiver's name.
    #[schema(value_type = String)]
    pub(crate) name: Arc<str>,
    /// By the document in force.
    pub(crate) before: usize,
    /// By the other.
    pub(crate) after: usize,
}

/// Something that would be told otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DifferenceView {
    /// When: by the document in force, or by the other for what it alone tells.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Time,
    /// A person's key, or an address.
    #[schema(value_type = String)]
    pub(crate) who: Arc<str>,
    /// The account, the way of a page, or `escalation`.
    #[schema(value_type = String)]
    pub(crate) way: Arc<str>,
    /// `only_before`, `only_after`, `later` or `earlier`.
    pub(crate) how: &'static str,
    /// By how many seconds, for what comes later or earlier.
    pub(crate) seconds: Option<u64>,
    /// How many alerts it tells of.
    pub(crate) count: usize,
    /// Some of them.
    pub(crate) alerts: Vec<AlertView>,
}

/// An alert in a difference.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertView {
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Whether it is told that it fires, or that it is over.
    pub(crate) firing: bool,
}

/// What would have been different.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhatIfView {
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Time,
    /// Up to when.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Time,
    /// Whether all of the time that was asked for was gone through.
    pub(crate) complete: bool,
    /// Events that were taken in.
    pub(crate) events: u64,
    /// The version of the document in force.
    #[schema(value_type = String)]
    pub(crate) before: Arc<str>,
    /// The version of the other.
    #[schema(value_type = String)]
    pub(crate) after: Arc<str>,
    /// Messages and pages by person.
    pub(crate) people: Vec<CountView>,
    /// Messages by receiver.
    pub(crate) receivers: Vec<CountView>,
    /// How many differences there are.
    pub(crate) count: usize,
    /// The first of them, oldest first.
    pub(crate) differences: Vec<DifferenceView>,
    /// What cannot be known: `answers_as_they_came`, `delivered`, and where it is so, `cut_off`, `answers_cut_off`.
    pub(crate) unknown: Vec<&'static str>,
}

/// How far one is that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhatIfProgress {
    /// Whether one is.
    running: bool,
    /// Events that were taken in.
    taken: u64,
    /// Events to take in.
    total: u64,
}

/// What another document would have told in the last days. Nothing is sent.
#[utoipa::path(
    post, path = "/api/v1/what-if", tag = "configuration",
    request_body = WhatIfBody,
    responses(
        (status = 200, body = WhatIfView),
        (status = 400, body = Problem),
        (status = 422, body = Problem, description = "The document is not good; the detail says why."),
        (status = 503, body = Problem, description = "Another one is under way."),
    )
)]
pub(crate) async fn ask(
    State(state): State<WebState>,
    request: Request,
) -> Result<Json<WhatIfView>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: WhatIfBody = body::json(&headers, &bytes)?;
    let last = asked.last.as_deref().unwrap_or(LAST);
    Ok(Json(answer(&state, asked.config, last).await?))
}

/// The answer, for the console, too.
pub(crate) async fn answer(
    state: &WebState,
    config: String,
    last: &str,
) -> Result<WhatIfView, Problem> {
    let span = duration::parse(last)
        .ok()
        .filter(|span| !span.is_zero() && *span <= LONGEST);
    let span = span.ok_or_else(|| {
        Problem::bad_request(&format!(
            "last: {last:?} is no time up to 31d; write 24h or 7d"
        ))
    })?;
    let check = Arc::clone(&state.check);
    // Compiling a large document takes a while and reads files.
    let plan = tokio::task::spawn_blocking(move || check(&config))
        .await
        .map_err(|_| Problem::unprocessable("the document could not be checked"))?
        .map_err(|problems| Problem::unprocessable(&problems.join("\n")))?;
    let found = state.engine.what_if(Arc::new(plan), span).await;
    found.map(view).map_err(|error| match error {
        WhatIfError::Busy => Problem::busy(&error.to_string()),
        WhatIfError::Store(error) => Problem::of_store(&error),
        WhatIfError::Broken => Problem::unprocessable(&error.to_string()),
    })
}

/// How far the one is that is under way.
#[utoipa::path(
    get, path = "/api/v1/what-if", tag = "configuration",
    responses((status = 200, body = WhatIfProgress))
)]
pub(crate) async fn progress(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<WhatIfProgress>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let seen = state.engine.what_if_progress().seen();
    let (taken, total) = seen.unwrap_or_default();
    Ok(Json(WhatIfProgress {
        running: seen.is_some(),
        taken,
        total,
    }))
}

fn counted(counts: &BTreeMap<Arc<str>, Counted>) -> Vec<CountView> {
    let view = |(name, count): (&Arc<str>, &Counted)| CountView {
        name: Arc::clone(name),
        before: count.before,
        after: count.after,
    };
    counts.iter().map(view).collect()
}

fn view(found: WhatIf) -> WhatIfView {
    let mut unknown = vec!["answers_as_they_came", "delivered"];
    if !found.complete {
        unknown.push("cut_off");
    }
    if !found.all_answers {
        unknown.push("answers_cut_off");
    }
    let difference = |one: &Difference| {
        let (how, seconds) = match one.how {
            How::OnlyBefore => ("only_before", None),
            How::OnlyAfter => ("only_after", None),
            How::Later(span) => ("later", Some(span.as_secs())),
            How::Earlier(span) => ("earlier", Some(span.as_secs())),
        };
        let named = one.alerts.iter().filter_map(|(alert, firing)| {
            let labels = found.labels.get(alert)?.iter();
            Some(AlertView {
                labels: labels
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                firing: *firing,
            })
        });
        DifferenceView {
            at: one.at,
            who: Arc::clone(&one.who),
            way: Arc::clone(&one.way),
            how,
            seconds,
            count: one.alerts.len(),
            alerts: named.take(NAMED).collect(),
        }
    };
    WhatIfView {
        from: found.from,
        to: found.to,
        complete: found.complete,
        events: found.events,
        people: counted(&found.people),
        receivers: counted(&found.receivers),
        count: found.count,
        differences: found.differences.iter().map(difference).collect(),
        unknown,
        before: found.before,
        after: found.after,
    }
}
