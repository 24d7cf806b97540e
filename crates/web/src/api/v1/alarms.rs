//! `/api/v1/alarms`: what came in by `/alarm_v2` and `/alarm`, and how its people were told.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::time::Time;
use balefire_store::{Alarm, AlarmFilter, NotificationState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::legacy::alarm_v2::ENVIRONMENTS;
use crate::state::WebState;

/// The keys of the query.
const KEYS: [&str; 9] = [
    "env", "owner", "level", "dep", "code", "since", "until", "before", "limit",
];

/// An alarm.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlarmView {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// `prod`, `pre` or `dev`; null for `/alarm`, which has none.
    #[schema(value_type = Option<String>)]
    env: Option<Arc<str>>,
    /// The `id` it came with.
    #[schema(value_type = String)]
    owner: Arc<str>,
    /// As it was sent.
    #[schema(value_type = String)]
    level: Arc<str>,
    #[schema(value_type = Option<String>)]
    dep: Option<Arc<str>>,
    /// The request without its signature: what was not sent is not there.
    #[schema(value_type = Object)]
    fields: Value,
    /// What was answered; null while that is not known.
    code: Option<u16>,
    dingtalk: WayView,
    wecom: WayView,
    email: WayView,
}

/// How a way went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WayView {
    /// `sending`, `success` or `false`, as the original's tables had it; null when nobody is told this way.
    status: Option<&'static str>,
    /// The numbers of its notifications: `GET /api/v1/notifications/{seq}` tells more.
    notifications: Vec<u64>,
}

/// A page of alarms.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlarmPage {
    /// Newest first.
    alarms: Vec<AlarmView>,
    /// What to give as `before` for the next page; absent at the end.
    next: Option<u64>,
}

type States = HashMap<u64, NotificationState>;

fn way(notifications: Vec<u64>, states: &States) -> WayView {
    let found: Vec<NotificationState> = notifications
        .iter()
        .filter_map(|seq| states.get(seq).copied())
        .collect();
    let word = if found.is_empty() {
        None
    } else if found.contains(&NotificationState::Pending) {
        Some("sending")
    } else if found
        .iter()
        .all(|state| *state == NotificationState::Delivered)
    {
        Some("success")
    } else {
        Some("false")
    };
    WayView {
        status: word,
        notifications,
    }
}

fn view(alarm: Alarm, states: &States) -> AlarmView {
    let given = |text: Arc<str>| Some(text).filter(|text| !text.is_empty());
    let [dingtalk, wecom, email] = alarm.notifications;
    AlarmView {
        seq: alarm.seq,
        at: alarm.at,
        env: given(alarm.env),
        owner: alarm.owner,
        level: alarm.level,
        dep: given(alarm.dep),
        fields: serde_json::from_str(&alarm.fields).unwrap_or_default(),
        code: alarm.code,
        dingtalk: way(dingtalk, states),
        wecom: way(wecom, states),
        email: way(email, states),
    }
}

fn filter(query: &Query) -> Result<AlarmFilter, Problem> {
    let environments = ENVIRONMENTS.map(|(name, _)| (name, name));
    let word = |key| query.text(key).map(Arc::from);
    let code = |code: u64| {
        u16::try_from(code).map_err(|_| {
            Problem::bad_request(&format!("code is a number such as 1010, not {code}"))
        })
    };
    Ok(AlarmFilter {
        env: query.one_of("env", &environments)?.map(Arc::from),
        owner: word("owner"),
        level: word("level"),
        dep: word("dep"),
        code: query.number("code")?.map(code).transpose()?,
        since: query.time("since")?,
        until: query.time("until")?,
        before_seq: query.number("before")?,
        limit: query.limit()?,
    })
}

/// Alarms that came by `/alarm_v2` and `/alarm` and passed the checks, suppressed ones too, newest first.
#[utoipa::path(
    get, path = "/api/v1/alarms", tag = "alarms",
    params(
        ("env" = Option<String>, Query, description = "prod, pre or dev: one of the three logs"),
        ("owner" = Option<String>, Query, description = "The id they came with"),
        ("level" = Option<String>, Query, description = "As it was sent"),
        ("dep" = Option<String>, Query, description = "The department"),
        ("code" = Option<u16>, Query, description = "What was answered"),
        ("since" = Option<String>, Query, description = "Come at or after this time"),
        ("until" = Option<String>, Query, description = "Come before this time"),
        ("before" = Option<u64>, Query, description = "Alarms before this number"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = AlarmPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<AlarmPage>, Problem> {
    let filter = filter(&Query::read(query.as_deref(), &KEYS, &[])?)?;
    let store = state.engine.store();
    let found = store.alarms(&filter).await;
    let found = found.map_err(|error| Problem::of_store(&error))?;
    let full = found.len() == filter.limit;
    let next = found.last().filter(|_| full).map(|alarm| alarm.seq);
    let told: Vec<u64> = found
        .iter()
        .flat_map(|alarm| alarm.notifications.iter().flatten().copied())
        .collect();
    let states = store.states(&told).await;
    let states = states.map_err(|error| Problem::of_store(&error))?;
    let states = states.into_iter().collect();
    let alarms = found
        .into_iter()
        .map(|alarm| view(alarm, &states))
        .collect();
    Ok(Json(AlarmPage { alarms, next }))
}

#[cfg(test)]
mod tests {
    use NotificationState::{DeadLettered, Delivered, Pending};

    use super::*;

    #[test]
    fn a_way_has_succeeded_when_all_of_it_has() {
        let states: States = [
            (1, Delivered),
            (2, Delivered),
            (3, Pending),
            (4, DeadLettered),
        ]
        .into();
        let of = |seqs: &[u64]| way(seqs.to_vec(), &states).status;
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[1, 2]), Some("success"));
        assert_eq!(of(&[1, 3, 4]), Some("sending"));
        assert_eq!(of(&[1, 4]), Some("false"));
        assert_eq!(of(&[9]), None, "it is no longer kept");
    }
}
