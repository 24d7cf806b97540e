//! An alert as the API shows it; the order of the fields is Alertmanager's.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::Alert;
use balefire_core::dispatch::AlertStatus;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownAlert<'a> {
    annotations: &'a Labels,
    ends_at: Time,
    fingerprint: Fingerprint,
    receivers: Names<'a>,
    starts_at: Time,
    status: ShownStatus<'a>,
    updated_at: Time,
    #[serde(rename = "generatorURL", skip_serializing_if = "str::is_empty")]
    generator_url: &'a str,
    labels: &'a Labels,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownStatus<'a> {
    inhibited_by: &'a [Fingerprint],
    muted_by: &'a [Arc<str>],
    silenced_by: &'a [Arc<str>],
    state: &'static str,
}

/// Receivers as `[{"name": …}]`.
struct Names<'a>(&'a [Arc<str>]);

/// A receiver by its name alone.
#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|name| Named { name }))
    }
}

/// What an alert is shown with besides itself.
pub(super) struct Around<'a> {
    /// Its status.
    pub(super) status: &'a AlertStatus,
    /// The receivers that are named.
    pub(super) receivers: &'a [Arc<str>],
    /// The time intervals that keep its group quiet.
    pub(super) muted_by: &'a [Arc<str>],
    /// The time of the answer.
    pub(super) now: Time,
    /// The end that is shown for an alert that has none is so long after `now`: every client
    /// expects one.
    pub(super) resolve_timeout: Duration,
}

/// `suppressed` or `active`. Alertmanager's `unprocessed` never shows: like there, the status is
/// worked out when it is asked for.
pub(super) fn state(status: &AlertStatus, muted_by: &[Arc<str>]) -> &'static str {
    let quiet =
        !status.silenced_by.is_empty() || !status.inhibited_by.is_empty() || !muted_by.is_empty();
    if quiet { "suppressed" } else { "active" }
}

/// Writes an alert as JSON.
pub(super) fn write(alert: &Alert, around: &Around<'_>, out: &mut Vec<u8>) {
    let status = around.status;
    let ends_at = if alert.ends_at.is_never() {
        around.now.after(around.resolve_timeout)
    } else {
        alert.ends_at
    };
    let shown = ShownAlert {
        annotations: &alert.annotations,
        ends_at,
        fingerprint: alert.fingerprint(),
        receivers: Names(around.receivers),
        starts_at: alert.starts_at,
        status: ShownStatus {
            inhibited_by: &status.inhibited_by,
            muted_by: around.muted_by,
            silenced_by: &status.silenced_by,
            state: state(status, around.muted_by),
        },
        updated_at: alert.updated_at,
        generator_url: &alert.generator_url,
        labels: &alert.labels,
    };
    // Writing texts, times and lists into memory cannot fail.
    let _ = serde_json::to_writer(out, &shown);
}
