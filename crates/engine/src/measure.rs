//! What `/metrics` shows of things that stand in memory or in the store: looked at for each reading, so that what is gone
//! has no series left.
//!
//! Series by name are bounded: of heartbeats and monitors the first [`NAMED`] by name have their own.

use balefire_core::heartbeat::Status;
use balefire_store::StoreError;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::engine::Engine;

/// Heartbeats, and monitors, that have series of their own.
const NAMED: usize = 2_000;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByStatus {
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByHeartbeat {
    heartbeat: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByMonitor {
    monitor: String,
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByState {
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByStanding {
    state: &'static str,
    severity: &'static str,
}

impl Engine {
    /// All metrics, as text. What the store does not say is left out, rather than shown as nothing.
    pub async fn measured(&self) -> String {
        let mut registry = Registry::default();
        measure_heartbeats(self, &mut registry);
        for measured in [
            measure_monitors(self, &mut registry).await,
            measure_reminders(self, &mut registry).await,
            measure_incidents(self, &mut registry).await,
        ] {
            if let Err(error) = measured {
                tracing::debug!(%error, "some metrics could not be read");
            }
        }
        self.metrics().encode_with(&registry)
    }
}

fn measure_heartbeats(engine: &Engine, registry: &mut Registry) {
    let by_status = Family::<ByStatus, Gauge>::default();
    for status in Status::ALL {
        let status = status.as_str();
        drop(by_status.get_or_create(&ByStatus { status }));
    }
    let up = Family::<ByHeartbeat, Gauge>::default();
    let heard = Family::<ByHeartbeat, Gauge>::default();
    for (nth, one) in engine.heartbeat_states().iter().enumerate() {
        let status = one.standing.status.as_str();
        by_status.get_or_create(&ByStatus { status }).inc();
        if nth >= NAMED {
            continue;
        }
        let labels = ByHeartbeat {
            heartbeat: one.heartbeat.name.to_string(),
        };
        let is_up = one.standing.status != Status::Down;
        up.get_or_create(&labels).set(i64::from(is_up));
        if let Some(last) = one.beat.last {
            heard.get_or_create(&labels).set(last.at.secs());
        }
    }
    registry.register(
        "balefire_heartbeats",
        "Heartbeats by how they stand",
        by_status,
    );
    registry.register(
        "balefire_heartbeat_up",
        "0 when the heartbeat is down, else 1",
        up,
    );
    registry.register(
        "balefire_heartbeat_last_ping_timestamp_seconds",
        "When a signal of the heartbeat was last heard",
        heard,
    );
}

async fn measure_monitors(engine: &Engine, registry: &mut Registry) -> Result<(), StoreError> {
    let success = Family::<ByMonitor, Gauge>::default();
    let looked = Family::<ByMonitor, Gauge>::default();
    let expires = Family::<ByMonitor, Gauge>::default();
    for one in engine.monitor_states().await?.iter().take(NAMED) {
        let labels = ByMonitor {
            monitor: one.monitor.name.to_string(),
            kind: one.monitor.target.kind(),
        };
        if let Some(at) = one.sight.looked_at {
            let is_seen = one.sight.failing_since.is_none();
            success.get_or_create(&labels).set(i64::from(is_seen));
            looked.get_or_create(&labels).set(at.secs());
        }
        if let Some(at) = one.sight.expires_at {
            expires.get_or_create(&labels).set(at.secs());
        }
    }
    registry.register(
        "balefire_monitor_look_success",
        "1 when the last look at the monitor saw it, else 0",
        success,
    );
    registry.register(
        "balefire_monitor_look_timestamp_seconds",
        "When the monitor was last looked at",
        looked,
    );
    registry.register(
        "balefire_monitor_expiry_timestamp_seconds",
        "When what is monitored expires, by the last look that saw it",
        expires,
    );
    Ok(())
}

async fn measure_reminders(engine: &Engine, registry: &mut Registry) -> Result<(), StoreError> {
    let family = Family::<ByState, Gauge>::default();
    let standing = engine.store().reminders_standing(engine.now()).await?;
    for (state, count) in ["coming", "due", "over"].into_iter().zip(standing) {
        let labels = ByState { state };
        family.get_or_create(&labels).set(count as i64);
    }
    let help = "Reminders that nobody has seen to: not yet within their days ahead, within them, past their date";
    registry.register("balefire_reminders", help, family);
    Ok(())
}

async fn measure_incidents(engine: &Engine, registry: &mut Registry) -> Result<(), StoreError> {
    let family = Family::<ByStanding, Gauge>::default();
    for state in ["open", "acknowledged"] {
        for severity in balefire_core::severity::Severity::ALL {
            let severity = severity.as_str();
            drop(family.get_or_create(&ByStanding { state, severity }));
        }
    }
    for (state, severity, count) in engine.store().open_incidents().await? {
        let labels = ByStanding {
            state: state.as_str(),
            severity: severity.as_str(),
        };
        family.get_or_create(&labels).set(count as i64);
    }
    registry.register("balefire_incidents", "Incidents that are not over", family);
    Ok(())
}
