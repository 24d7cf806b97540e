//! `GET /api/v2/alerts/groups`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::alert::Alert;
use balefire_core::dispatch::{AlertStatus, GroupId, GroupRef};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;

use super::alerts::Wanted;
use super::error::ApiError;
use super::listing::{Comma, listing};
use super::order;
use super::query::{Query, ReceiverFilter};
use super::shown::{self, Around, Named};
use crate::state::WebState;

/// Groups read under one lock; between them the dispatcher gets its turn.
const AT_ONCE: usize = 256;

/// A group as it is shown.
struct Shown {
    labels: Labels,
    receiver: Arc<str>,
    route_labels: Labels,
    muted_by: Vec<Arc<str>>,
    alerts: Vec<Arc<Alert>>,
}

/// What the rules say of each alert; `None` for those that are not shown.
type Statuses = HashMap<Fingerprint, Option<AlertStatus>>;

/// What a request asks for.
struct Asked {
    wanted: Wanted,
    receivers: ReceiverFilter,
    muted: bool,
    now: Time,
}

pub(super) async fn get_groups(
    State(state): State<WebState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(raw.as_deref());
    let engine = state.engine;
    let now = engine.now();
    let asked = Asked {
        wanted: Wanted::of(&query)?,
        receivers: ReceiverFilter::of(&query)?,
        muted: query.flag("muted"),
        now,
    };
    let resolve_timeout = engine.plan().resolve_timeout;
    let reading = tokio::task::spawn_blocking(move || asked.read(&engine));
    let (groups, statuses) = reading
        .await
        .map_err(|error| ApiError::busy(error.to_string()))?;
    // Alert by alert, because one group may hold all of them; after its last comes the group's end.
    let parts = groups.into_iter().flat_map(|group| {
        let group = Arc::new(group);
        (0..=group.alerts.len()).map(move |index| (Arc::clone(&group), index))
    });
    let mut comma = Comma::default();
    let answer = listing(parts, move |(group, index), out| {
        if index == 0 {
            comma.before(out);
            out.extend_from_slice(b"{\"alerts\":[");
        }
        let Some(alert) = group.alerts.get(index) else {
            return group.write_end(out);
        };
        if index > 0 {
            out.push(b',');
        }
        let unknown = AlertStatus::default();
        let status = statuses.get(&alert.fingerprint()).and_then(Option::as_ref);
        let status = status.unwrap_or(&unknown);
        let around = Around {
            status,
            receivers: &status.receivers,
            muted_by: &group.muted_by,
            now,
            resolve_timeout,
        };
        shown::write(alert, &around, out);
    });
    Ok(answer.await)
}

impl Asked {
    /// Reads the groups, in order, and the status of each of their alerts.
    fn read(&self, engine: &Engine) -> (Vec<Shown>, Statuses) {
        let mut groups = self.groups(engine);
        let mut statuses = Statuses::new();
        for group in &mut groups {
            group
                .alerts
                .retain(|alert| self.wanted.admits(alert, self.now));
            group.alerts.retain(|alert| {
                let fingerprint = alert.fingerprint();
                let known = statuses
                    .entry(fingerprint)
                    .or_insert_with(|| self.status(engine, fingerprint));
                if let Some(status) = known {
                    status.receivers.push(Arc::clone(&group.receiver));
                }
                known.is_some()
            });
            group.alerts = order::sorted(&group.alerts);
        }
        for status in statuses.values_mut().flatten() {
            status.receivers.sort_unstable();
        }
        groups
            .retain(|group| !group.alerts.is_empty() && (self.muted || group.muted_by.is_empty()));
        groups.sort_by(|a, b| {
            order::labels(&a.labels, &b.labels).then_with(|| a.receiver.cmp(&b.receiver))
        });
        (groups, statuses)
    }

    fn groups(&self, engine: &Engine) -> Vec<Shown> {
        let admitted = (!self.receivers.is_empty()).then(|| self.admitted(engine));
        let ids: Vec<GroupId> = engine.state().groups().map(GroupRef::id).collect();
        let mut groups = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let state = engine.state();
            let some = some.iter().filter_map(|id| state.group(*id));
            let passing = some.filter(|group| {
                let receiver = &group.route().receiver;
                admitted
                    .as_ref()
                    .is_none_or(|names| names.contains(receiver))
            });
            groups.extend(passing.map(|group| self.shown(group)));
        }
        groups
    }

    /// The receivers whose name and labels pass.
    fn admitted(&self, engine: &Engine) -> HashSet<Arc<str>> {
        let plan = engine.plan();
        let passing = plan.receivers.iter().filter(|receiver| {
            self.receivers.admits_name(&receiver.name)
                && self.receivers.admits_labels(&receiver.labels)
        });
        passing.map(|receiver| Arc::clone(&receiver.name)).collect()
    }

    fn shown(&self, group: GroupRef<'_>) -> Shown {
        Shown {
            labels: group.labels().clone(),
            receiver: Arc::clone(&group.route().receiver),
            route_labels: group.route().labels.clone(),
            muted_by: group.muted_by(self.now),
            alerts: group.alerts().map(|(_, alert)| Arc::clone(alert)).collect(),
        }
    }

    /// What the rules say of an alert; the receivers are those of the groups that are shown.
    fn status(&self, engine: &Engine, fingerprint: Fingerprint) -> Option<AlertStatus> {
        let mut status = engine.state().status(fingerprint, self.now);
        status.receivers.clear();
        self.wanted.admits_status(&status).then_some(status)
    }
}

impl Shown {
    /// Writes what follows the alerts.
    fn write_end(&self, out: &mut Vec<u8>) {
        let receiver = Named {
            name: &self.receiver,
        };
        // Writing into memory cannot fail.
        out.extend_from_slice(b"],\"labels\":");
        let _ = serde_json::to_writer(&mut *out, &self.labels);
        out.extend_from_slice(b",\"receiver\":");
        let _ = serde_json::to_writer(&mut *out, &receiver);
        out.extend_from_slice(b",\"routeLabels\":");
        let _ = serde_json::to_writer(&mut *out, &self.route_labels);
        out.push(b'}');
    }
}
