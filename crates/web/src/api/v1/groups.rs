//! `/api/v1/groups`: the groups in memory.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::dispatch::GroupRef;
use balefire_core::duration;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// Alerts named of one group; the count tells of more.
const ALERTS: usize = 1000;

/// A group of alerts that are told together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupView {
    /// 16 hexadecimal digits; stable across restarts.
    id: String,
    /// Alertmanager's group key.
    key: String,
    /// The matchers of its route.
    #[schema(value_type = String)]
    route: Arc<str>,
    #[schema(value_type = String)]
    receiver: Arc<str>,
    /// The labels it is keyed by.
    #[schema(value_type = BTreeMap<String, String>)]
    labels: Labels,
    group_wait: String,
    group_interval: String,
    repeat_interval: String,
    /// How many alerts it holds.
    count: usize,
    /// Fingerprints of its alerts, at most 1000.
    alerts: Vec<String>,
    /// When it is looked at next.
    #[schema(value_type = String, format = DateTime)]
    next_flush: Time,
    /// The time intervals that keep it quiet now.
    #[schema(value_type = Vec<String>)]
    muted_by: Vec<Arc<str>>,
    /// When each way out was last told.
    told: Vec<ToldView>,
}

/// When a way out was last told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToldView {
    #[schema(value_type = String)]
    integration: Arc<str>,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// A page of groups.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupPage {
    /// By id.
    groups: Vec<GroupView>,
    /// What to give as `after` for the next page; absent at the end.
    next: Option<String>,
}

pub(crate) fn group_of(group: GroupRef<'_>, now: Time) -> GroupView {
    let route = group.route();
    GroupView {
        id: format!("{:016x}", group.id().0),
        key: format!("{}:{}", route.key, group.labels()),
        route: Arc::clone(&route.key),
        receiver: Arc::clone(&route.receiver),
        labels: group.labels().clone(),
        group_wait: duration::format(route.group_wait),
        group_interval: duration::format(route.group_interval),
        repeat_interval: duration::format(route.repeat_interval),
        count: group.len(),
        alerts: group
            .alerts()
            .take(ALERTS)
            .map(|(episode, _)| episode.fingerprint.to_string())
            .collect(),
        next_flush: group.next_flush(),
        muted_by: group.muted_by(now),
        told: group
            .told()
            .map(|(integration, at)| ToldView {
                integration: Arc::clone(integration),
                at,
            })
            .collect(),
    }
}

/// A group id as written: 16 hexadecimal digits.
pub(crate) fn group_id(text: &str) -> Result<u64, Problem> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16)
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| {
            Problem::bad_request(&format!(
                "a group's id is 16 hexadecimal digits, not {text:?}"
            ))
        })
}

/// The groups in memory.
#[utoipa::path(
    get, path = "/api/v1/groups", tag = "alerts",
    params(
        ("receiver" = Option<String>, Query, description = "Only groups of this receiver"),
        ("after" = Option<String>, Query, description = "Groups after this id"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = GroupPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<GroupPage>, Problem> {
    let query = Query::read(query.as_deref(), &["receiver", "after", "limit"], &[])?;
    let limit = query.limit()?;
    let after = query.text("after").map(group_id).transpose()?;
    let receiver = query.text("receiver");
    let now = state.engine.now();
    let memory = state.engine.state();
    let mut found: Vec<GroupRef<'_>> = memory
        .groups()
        .filter(|group| after.is_none_or(|after| after < group.id().0))
        .filter(|group| receiver.is_none_or(|receiver| *group.route().receiver == *receiver))
        .collect();
    found.sort_unstable_by_key(|group| group.id());
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found
        .last()
        .filter(|_| more)
        .map(|group| format!("{:016x}", group.id().0));
    let groups = found
        .into_iter()
        .map(|group| group_of(group, now))
        .collect();
    Ok(Json(GroupPage { groups, next }))
}
