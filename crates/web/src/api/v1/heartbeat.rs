//! A heartbeat as this interface shows and takes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::duration;
use balefire_core::heartbeat::{Rhythm, Signal, Wanted, Why};
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_engine::heartbeats::HeartbeatState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use super::incident::Given;

/// A page of heartbeats: the document's, and those that people have made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatPage {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Time,
    /// By name.
    pub(crate) heartbeats: Vec<HeartbeatView>,
    /// How many there are on all pages.
    pub(crate) total: usize,
    /// What to give as `offset` for the next page; absent at the end.
    pub(crate) next: Option<u64>,
}

/// A heartbeat, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatView {
    #[schema(value_type = String)]
    name: Arc<str>,
    /// new, up, late, down or paused.
    pub(crate) status: &'static str,
    /// Whether a run is under way that said it begins.
    running: bool,
    /// When the next success is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Time>,
    /// When it is down if nothing is heard.
    #[schema(value_type = Option<String>, format = DateTime)]
    down_at: Option<Time>,
    /// How long after a success the next one is due; null with a cron expression.
    period: Option<String>,
    /// The cron expression; null with a period.
    cron: Option<String>,
    /// The zone of the cron expression.
    timezone: Option<String>,
    grace: String,
    /// The labels of the alert when it is missed.
    #[schema(value_type = BTreeMap<String, String>)]
    labels: Labels,
    description: String,
    /// How many signals were heard.
    pings: u64,
    last: Option<PingView>,
    /// When the run began that is under way, of several the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// How long the last run took of which start and end were heard, in seconds.
    took_seconds: Option<f64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_at: Option<Time>,
    down: Option<DownView>,
    /// Whether it stands in the document, where it is changed, too.
    in_document: bool,
    made_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Time>,
    changed_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Time>,
}

/// A signal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PingView {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// success, start, fail or log.
    signal: &'static str,
    /// The exit code, where it failed with one.
    exit_code: Option<u8>,
    /// From which address.
    #[schema(value_type = String)]
    sender: Arc<str>,
}

/// That it is down.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownView {
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    /// late, unended or failed.
    why: &'static str,
    /// The exit code, where it failed with one.
    exit_code: Option<u8>,
}

/// A heartbeat, and what came with its last signal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatDetail {
    #[serde(flatten)]
    pub(crate) heartbeat: HeartbeatView,
    /// The beginning of what came with the last signal, at most 10 KiB.
    #[schema(value_type = String)]
    pub(crate) body: Arc<str>,
}

/// A heartbeat with its token, which is told in this answer and never again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatMade {
    #[serde(flatten)]
    pub(crate) heartbeat: HeartbeatView,
    /// What its URL ends with.
    pub(crate) token: String,
    /// Where the job signals: this address, or the path below ours where `server.external_url` says none.
    pub(crate) url: String,
}

/// A heartbeat that is to be made. It has a period or a cron expression.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HeartbeatBody {
    /// Letters, digits, '-', '_' and '.', at most 64.
    name: String,
    /// How long after a success the next one is due, as in 5m.
    period: Option<String>,
    /// When it is due: minute, hour, day, month and weekday, as in 0 2 * * *.
    cron: Option<String>,
    /// The IANA zone of the cron expression; the server's without it.
    timezone: Option<String>,
    /// How long it may be late; 5m without it.
    grace: Option<String>,
    /// info, warning, error or critical, which it is without it.
    severity: Option<String>,
    /// Further labels of its alert.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// What it is about and what to do, for whoever is told.
    #[serde(default)]
    description: String,
}

impl Fields for HeartbeatBody {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "period",
        "cron",
        "timezone",
        "grace",
        "severity",
        "labels",
        "description",
    ];
}

impl HeartbeatBody {
    pub(crate) fn wanted(self) -> Wanted {
        Wanted {
            name: self.name,
            period: self.period,
            cron: self.cron,
            timezone: self.timezone,
            grace: self.grace,
            severity: self.severity,
            labels: self.labels,
            description: self.description,
        }
    }
}

/// What is to be changed of a heartbeat; what is left out stays, null is the usual value. A period takes the place of a
/// cron expression, and the other way round.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HeartbeatEdit {
    period: Option<String>,
    cron: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    timezone: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    grace: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    severity: Given<String>,
    /// All of them: those that are left out go.
    labels: Option<BTreeMap<String, String>>,
    description: Option<String>,
}

impl Fields for HeartbeatEdit {
    const FIELDS: &'static [&'static str] = &[
        "period",
        "cron",
        "timezone",
        "grace",
        "severity",
        "labels",
        "description",
    ];
}

impl HeartbeatEdit {
    /// Changes what is asked for.
    pub(crate) fn apply(&self, wanted: &mut Wanted) {
        if self.period.is_some() || self.cron.is_some() {
            wanted.period.clone_from(&self.period);
            wanted.cron.clone_from(&self.cron);
        }
        for (given, field) in [
            (&self.timezone, &mut wanted.timezone),
            (&self.grace, &mut wanted.grace),
            (&self.severity, &mut wanted.severity),
        ] {
            match given {
                Given::Not => {}
                Given::Null => *field = None,
                Given::This(text) => *field = Some(text.clone()),
            }
        }
        if let Some(labels) = &self.labels {
            wanted.labels.clone_from(labels);
        }
        if let Some(description) = &self.description {
            wanted.description.clone_from(description);
        }
    }
}

impl HeartbeatView {
    pub(crate) fn of(state: &HeartbeatState) -> Self {
        let (one, beat, made) = (&state.heartbeat, &state.beat, state.made.as_ref());
        let (period, cron) = match &one.pace.rhythm {
            Rhythm::Every(period) => (Some(duration::format(*period)), None),
            Rhythm::Cron(cron) => (None, Some(cron)),
        };
        Self {
            name: Arc::clone(&one.name),
            status: state.standing.status.as_str(),
            running: beat.runs.count() > 0,
            due_at: state.standing.due,
            down_at: state.standing.down_at,
            period,
            cron: cron.map(|cron| cron.text().to_owned()),
            timezone: cron.map(|cron| cron.zone().name().to_owned()),
            grace: duration::format(one.pace.grace),
            labels: one.labels.clone(),
            description: one.description.clone(),
            pings: beat.pings,
            last: beat.last.map(|ping| PingView {
                at: ping.at,
                signal: Signal::as_str(ping.signal),
                exit_code: ping.signal.code(),
                sender: Arc::clone(&state.sender),
            }),
            started_at: beat.runs.first(),
            took_seconds: beat.took.map(|took| took.as_secs_f64()),
            paused_at: beat.paused_at,
            down: beat.down.map(|down| DownView {
                since: down.since,
                why: Why::as_str(down.why),
                exit_code: down.why.code(),
            }),
            in_document: one.is_of_document(),
            made_by: made.map(|made| made.by.to_string()),
            made_at: made.map(|made| made.at),
            changed_by: made.map(|made| made.changed_by.to_string()),
            changed_at: made.map(|made| made.changed_at),
        }
    }
}
