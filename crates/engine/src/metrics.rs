//! What the running machine counts; `/metrics` prints it.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The release of Alertmanager whose interface we speak. Karma and others choose how to talk by it
/// and refuse versions they do not know, so our own version stands in `revision`.
pub const ALERTMANAGER_VERSION: &str = "0.34.0";

/// Labels of what a source did.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct BySource {
    /// The source's name.
    pub source: String,
}

/// Labels of what happened to notifications.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ByOutcome {
    /// The channel kind.
    pub channel: String,
    /// The account's name; empty for channels without one.
    pub account: String,
    /// `delivered` or the error kind.
    pub outcome: String,
}

/// Labels of how calls by telephones ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ByEnd {
    /// `answered`, `unanswered` or `withdrawn`.
    pub end: String,
}

/// Labels of what escalations did.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ByEvent {
    /// The word of an incident's timeline: `paged`, `page_held`, `page_failed`, `escalation_exhausted` ….
    pub event: &'static str,
}

/// All counters, with the registry that prints them.
pub struct Metrics {
    /// Alerts accepted, by source.
    pub alerts_received: Family<BySource, Counter>,
    /// Items refused, by source.
    pub alerts_invalid: Family<BySource, Counter>,
    /// Requests refused whole, by source.
    pub requests_rejected: Family<BySource, Counter>,
    /// Tries at notifications.
    pub attempts: Family<ByOutcome, Counter>,
    /// How long a try took.
    pub attempt_seconds: Histogram,
    /// From the event's commit to the provider's answer.
    pub delivery_seconds: Histogram,
    /// Flushes decided.
    pub flushes: Counter,
    /// Notifications waiting or under way.
    pub notifications_pending: Gauge<i64>,
    /// Notifications given up on.
    pub dead_letters: Counter,
    /// Calls by telephones that have ended.
    pub calls: Family<ByEnd, Counter>,
    /// Calls that wait for telephones or are being placed.
    pub calls_waiting: Gauge<i64>,
    /// When a telephone asked last, Unix seconds; 0 before any has.
    pub phone_asked_seconds: Gauge<i64>,
    /// People who are told in digests at the moment.
    pub storm_people: Gauge<i64>,
    /// Pages that wait for their digests.
    pub storm_pages_held: Gauge<i64>,
    /// What escalations did.
    pub escalation_events: Family<ByEvent, Counter>,
    /// From the opening of an incident to the first word that somebody has it.
    pub acknowledge_seconds: Histogram,
    /// Alerts in memory.
    pub alerts: Gauge<i64>,
    /// Groups in memory.
    pub groups: Gauge<i64>,
    /// Whether the configuration in force is the one on disk.
    pub config_last_reload_successful: Gauge<i64>,
    /// When it was last read, Unix seconds.
    pub config_last_reload_seconds: Gauge<i64>,
    registry: Registry,
}

impl Metrics {
    /// Fresh counters, registered under `alertmanager_…` where dashboards look for that name, else
    /// under `balefire_…`.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::default();
        let build_info = prometheus_client::metrics::info::Info::new(vec![
            ("version", ALERTMANAGER_VERSION),
            ("branch", "balefire"),
            ("revision", env!("CARGO_PKG_VERSION")),
            ("goversion", ""),
        ]);
        // `Info` prints as `<name>_info`: tools look for `alertmanager_build_info`.
        registry.register("alertmanager_build", "Build of the gateway", build_info);
        let seconds = || Histogram::new(exponential_buckets(0.000_5, 2.0, 18));
        let mut metrics = Self {
            alerts_received: Family::default(),
            alerts_invalid: Family::default(),
            requests_rejected: Family::default(),
            attempts: Family::default(),
            attempt_seconds: seconds(),
            delivery_seconds: seconds(),
            flushes: Counter::default(),
            notifications_pending: Gauge::default(),
            dead_letters: Counter::default(),
            calls: Family::default(),
            calls_waiting: Gauge::default(),
            phone_asked_seconds: Gauge::default(),
            storm_people: Gauge::default(),
            storm_pages_held: Gauge::default(),
            escalation_events: Family::default(),
            // From ten seconds to some three days.
            acknowledge_seconds: Histogram::new(exponential_buckets(10.0, 2.5, 11)),
            alerts: Gauge::default(),
            groups: Gauge::default(),
            config_last_reload_successful: Gauge::default(),
            config_last_reload_seconds: Gauge::default(),
            registry,
        };
        metrics.register();
        metrics.register_calls();
        Arc::new(metrics)
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let am = |name: &str| format!("alertmanager_{name}");
        let ours = |name: &str| format!("balefire_{name}");
        registry.register(
            am("alerts_received"),
            "Alerts accepted",
            self.alerts_received.clone(),
        );
        registry.register(
            am("alerts_invalid"),
            "Alerts refused",
            self.alerts_invalid.clone(),
        );
        registry.register(
            ours("requests_rejected"),
            "Requests refused whole",
            self.requests_rejected.clone(),
        );
        registry.register(
            ours("attempts"),
            "Tries at notifications",
            self.attempts.clone(),
        );
        registry.register(
            ours("attempt_duration_seconds"),
            "Time of one try",
            self.attempt_seconds.clone(),
        );
        registry.register(
            ours("delivery_duration_seconds"),
            "Time from the flush to the provider's answer",
            self.delivery_seconds.clone(),
        );
        registry.register(ours("flushes"), "Flushes of groups", self.flushes.clone());
        registry.register(
            ours("notifications_pending"),
            "Notifications waiting or under way",
            self.notifications_pending.clone(),
        );
        registry.register(
            ours("dead_letters"),
            "Notifications given up on",
            self.dead_letters.clone(),
        );
        registry.register(am("alerts"), "Alerts in memory", self.alerts.clone());
        registry.register(
            am("dispatcher_aggregation_groups"),
            "Groups in memory",
            self.groups.clone(),
        );
        registry.register(
            am("config_last_reload_successful"),
            "Whether the last configuration read was good",
            self.config_last_reload_successful.clone(),
        );
        registry.register(
            am("config_last_reload_success_timestamp_seconds"),
            "When the configuration was last read",
            self.config_last_reload_seconds.clone(),
        );
    }

    fn register_calls(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "balefire_phone_calls",
            "Calls by telephones that have ended",
            self.calls.clone(),
        );
        registry.register(
            "balefire_phone_calls_waiting",
            "Calls that wait for telephones or are being placed",
            self.calls_waiting.clone(),
        );
        registry.register(
            "balefire_phone_asked_timestamp_seconds",
            "When a telephone asked last",
            self.phone_asked_seconds.clone(),
        );
        registry.register(
            "balefire_storm_people",
            "People who are paged in digests because very much happens at once",
            self.storm_people.clone(),
        );
        registry.register(
            "balefire_storm_pages_held",
            "Pages that wait for their digests",
            self.storm_pages_held.clone(),
        );
        registry.register(
            "balefire_escalation_events",
            "What escalations did, by the word in the incident's timeline",
            self.escalation_events.clone(),
        );
        registry.register(
            "balefire_incident_acknowledge_seconds",
            "Time from an incident's opening to its first acknowledgement",
            self.acknowledge_seconds.clone(),
        );
    }

    /// The text exposition.
    pub fn encode(&self) -> String {
        self.encode_with(&Registry::default())
    }

    /// The same with what is registered for this one look.
    pub fn encode_with(&self, looked: &Registry) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = text::encode_registry(&mut out, &self.registry)
            .and_then(|()| text::encode_registry(&mut out, looked))
            .and_then(|()| text::encode_eof(&mut out));
        out
    }
}
