//! `/api/v1/alerts`: the alerts in memory, and everything about one of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use balefire_core::alert::Alert;
use balefire_core::dispatch::Dispatch;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::matcher::{self, Matcher, Mode};
use balefire_core::time::Time;
use balefire_engine::history;
use serde::Serialize;
use utoipa::ToSchema;

use super::alert::{AlertItem, AlertState, RouteTried, routes_tried, state as state_of};
use super::decision::DecisionView;
use super::groups::{GroupView, group_of};
use super::history_problem;
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// Decisions shown of one alert.
const DECISIONS: usize = 10;

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertPage {
    /// By fingerprint.
    alerts: Vec<AlertItem>,
    /// What to give as `after` for the next page; absent at the end.
    next: Option<String>,
}

/// An alert with everything that bears on it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertDetail {
    #[serde(flatten)]
    alert: AlertItem,
    /// Every route that was tried for its labels.
    routes: Vec<RouteTried>,
    /// The groups it is in.
    groups: Vec<GroupView>,
    /// The latest decisions that looked at it, newest first.
    decisions: Vec<DecisionView>,
}

/// Which alerts are asked for.
struct Wanted {
    state: Option<AlertState>,
    receiver: Option<String>,
    matchers: Vec<Matcher>,
    after: Option<Fingerprint>,
    limit: usize,
}

impl Wanted {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let query = Query::read(query, &["state", "receiver", "after", "limit"], &["filter"])?;
        let words = [
            ("active", AlertState::Active),
            ("suppressed", AlertState::Suppressed),
            ("resolved", AlertState::Resolved),
        ];
        let matchers = query
            .all("filter")
            .map(|text| {
                matcher::parse_one(text, Mode::Fallback)
                    .map_err(|error| Problem::bad_request(&format!("filter {text:?}: {error}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            state: query.one_of("state", &words)?,
            receiver: query.text("receiver").map(str::to_owned),
            matchers,
            after: query.text("after").map(fingerprint).transpose()?,
            limit: query.limit()?,
        })
    }

    /// The alerts in the order of their fingerprints, from memory; one more than the limit, if there is.
    fn page(&self, memory: &Dispatch, now: Time) -> Vec<AlertItem> {
        let mut candidates: Vec<(Fingerprint, &Arc<Alert>)> = memory
            .alerts()
            .filter(|alert| self.matchers.iter().all(|m| m.matches(&alert.labels)))
            .map(|alert| (alert.fingerprint(), alert))
            .filter(|(fingerprint, _)| self.after.is_none_or(|after| after < *fingerprint))
            .collect();
        candidates.sort_unstable_by_key(|(fingerprint, _)| *fingerprint);
        let mut page = Vec::new();
        for (fingerprint, alert) in candidates {
            let status = memory.status(fingerprint, now);
            let wanted = self
                .state
                .is_none_or(|s| s == state_of(alert, &status, now))
                && self
                    .receiver
                    .as_ref()
                    .is_none_or(|receiver| status.receivers.iter().any(|r| **r == **receiver));
            if wanted {
                page.push(AlertItem::of(alert, status, now));
            }
            if page.len() > self.limit {
                break;
            }
        }
        page
    }
}

pub(super) fn fingerprint(text: &str) -> Result<Fingerprint, Problem> {
    text.parse()
        .map_err(|error: balefire_core::fingerprint::NotAFingerprint| {
            Problem::bad_request(&error.to_string())
        })
}

/// The alerts in memory: those that fire and those that were over a short while ago.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts",
    params(
        ("state" = Option<String>, Query, description = "active, suppressed or resolved"),
        ("receiver" = Option<String>, Query, description = "Only alerts whose routes lead there"),
        ("filter" = Option<Vec<String>>, Query, description = "A matcher such as env=~\"prod.*\"; all must pass"),
        ("after" = Option<String>, Query, description = "Alerts after this fingerprint"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = AlertPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<AlertPage>, Problem> {
    let wanted = Wanted::read(query.as_deref())?;
    let now = state.engine.now();
    let mut alerts = wanted.page(&state.engine.state(), now);
    let more = alerts.len() > wanted.limit;
    alerts.truncate(wanted.limit);
    let next = alerts
        .last()
        .filter(|_| more)
        .map(|a| a.fingerprint().to_owned());
    Ok(Json(AlertPage { alerts, next }))
}

/// One alert: its groups, the route it took, what keeps it quiet, and the last decisions.
#[utoipa::path(
    get, path = "/api/v1/alerts/{fingerprint}", tag = "alerts",
    params(("fingerprint" = String, Path, description = "16 hexadecimal digits")),
    responses((status = 200, body = AlertDetail), (status = 404, body = Problem))
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(text): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<AlertDetail>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let fingerprint = fingerprint(&text)?;
    let now = state.engine.now();
    let (alert, routes, groups) = {
        let memory = state.engine.state();
        let alert = memory.alert(fingerprint).ok_or_else(|| {
            Problem::not_found(&format!(
                "alert {fingerprint} is not in memory: it never came, or it has been over for half an hour"
            ))
        })?;
        let status = memory.status(fingerprint, now);
        let groups = memory
            .groups()
            .filter(|group| group.alerts().any(|(e, _)| e.fingerprint == fingerprint))
            .map(|group| group_of(group, now))
            .collect();
        (
            AlertItem::of(alert, status, now),
            routes_tried(&memory.rules().routes, &alert.labels),
            groups,
        )
    };
    let decisions = history::flushes_of(state.engine.store(), fingerprint, DECISIONS)
        .await
        .map_err(|error| history_problem(&error))?
        .iter()
        .map(|decided| DecisionView::of(decided, |_| true))
        .collect();
    Ok(Json(AlertDetail {
        alert,
        routes,
        groups,
        decisions,
    }))
}
