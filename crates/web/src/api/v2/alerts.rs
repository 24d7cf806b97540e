//! `GET /api/v2/alerts`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::alert::Alert;
use balefire_core::dispatch::AlertStatus;
use balefire_core::label::Labels;
use balefire_core::matcher::Matchers;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;

use super::error::ApiError;
use super::listing::{Comma, listing};
use super::query::{Query, ReceiverFilter};
use super::shown::{self, Around};
use crate::state::WebState;

/// Which alerts a request wants to see.
pub(super) struct Wanted {
    active: bool,
    silenced: bool,
    inhibited: bool,
    filter: Matchers,
}

impl Wanted {
    pub(super) fn of(query: &Query) -> Result<Self, ApiError> {
        Ok(Self {
            active: query.flag("active"),
            silenced: query.flag("silenced"),
            inhibited: query.flag("inhibited"),
            filter: query.matchers("filter")?,
        })
    }

    /// Whether it fires and its labels pass.
    pub(super) fn admits(&self, alert: &Alert, now: Time) -> bool {
        !alert.resolved_at(now) && self.filter.matches(&alert.labels)
    }

    /// Whether its status passes. `silenced=true` shows silenced alerts too, not only them.
    pub(super) fn admits_status(&self, status: &AlertStatus) -> bool {
        (self.active || shown::state(status, &[]) != "active")
            && (self.silenced || status.silenced_by.is_empty())
            && (self.inhibited || status.inhibited_by.is_empty())
    }
}

/// Every receiver's labels.
fn receiver_labels(engine: &Engine) -> HashMap<Arc<str>, Labels> {
    let plan = engine.plan();
    let pairs = plan.receivers.iter();
    pairs
        .map(|r| (Arc::clone(&r.name), r.labels.clone()))
        .collect()
}

/// An alert passes when one of its receivers has the name and one, perhaps another, the labels.
struct Receivers {
    filter: ReceiverFilter,
    labels: HashMap<Arc<str>, Labels>,
}

impl Receivers {
    fn admit(&self, names: &[Arc<str>]) -> bool {
        self.filter.is_empty()
            || (names.iter().any(|name| self.filter.admits_name(name))
                && names.iter().any(|name| {
                    let labels = self.labels.get(name);
                    labels.is_some_and(|labels| self.filter.admits_labels(labels))
                }))
    }
}

pub(super) async fn get_alerts(
    State(state): State<WebState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::of(raw.as_deref());
    let wanted = Wanted::of(&query)?;
    let engine = state.engine;
    let receivers = Receivers {
        filter: ReceiverFilter::of(&query)?,
        labels: receiver_labels(&engine),
    };
    let now = engine.now();
    let (wanted, alerts) = in_order(engine.clone(), wanted, now).await?;
    let resolve_timeout = engine.plan().resolve_timeout;
    let mut comma = Comma::default();
    let answer = listing(alerts.into_iter(), move |alert, out| {
        let fingerprint = alert.fingerprint();
        let status = engine.state().status(fingerprint, now);
        if !wanted.admits_status(&status) || !receivers.admit(&status.receivers) {
            return;
        }
        comma.before(out);
        let around = Around {
            status: &status,
            receivers: &status.receivers,
            muted_by: &[],
            now,
            resolve_timeout,
        };
        shown::write(&alert, &around, out);
    });
    Ok(answer.await)
}

/// The alerts that fire and pass the filter, by fingerprint; sorted away from the threads that answer.
async fn in_order(
    engine: Engine,
    wanted: Wanted,
    now: Time,
) -> Result<(Wanted, Vec<Arc<Alert>>), ApiError> {
    let sorting = tokio::task::spawn_blocking(move || {
        let mut alerts: Vec<Arc<Alert>> = engine.state().alerts().cloned().collect();
        alerts.retain(|alert| wanted.admits(alert, now));
        alerts.sort_by_cached_key(|alert| alert.fingerprint());
        (wanted, alerts)
    });
    sorting
        .await
        .map_err(|error| ApiError::busy(error.to_string()))
}
