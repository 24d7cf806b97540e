//! An alert as this interface shows it, and why it is (not) told.

use std::sync::Arc;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::dispatch::{AlertStatus, Judged, Verdict};
use balefire_core::label::Labels;
use balefire_core::message::Status;
use balefire_core::route::{self, RouteTree};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// An alert's own data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertBody {
    /// Its identity: a hash of its labels, 16 hexadecimal digits.
    fingerprint: String,
    #[schema(value_type = BTreeMap<String, String>)]
    labels: Labels,
    #[schema(value_type = BTreeMap<String, String>)]
    annotations: Labels,
    /// How bad its labels say it is.
    #[schema(value_type = String)]
    severity: Severity,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Time,
    /// When it ends or ended; absent while only its source can tell.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Time>,
    /// When this state of it was received.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    /// `refreshing`, `explicit` or `event`: how its source ends alerts.
    #[schema(value_type = String)]
    lifecycle: Lifecycle,
    /// Where it came from; may be empty.
    #[schema(value_type = String)]
    generator_url: Arc<str>,
}

impl AlertItem {
    /// Its identity.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.alert.fingerprint
    }
}

impl AlertBody {
    pub(crate) fn of(alert: &Alert) -> Self {
        Self {
            fingerprint: alert.fingerprint().to_string(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            severity: alert.severity(),
            starts_at: alert.starts_at,
            ends_at: (!alert.ends_at.is_never()).then_some(alert.ends_at),
            updated_at: alert.updated_at,
            lifecycle: alert.lifecycle,
            generator_url: Arc::clone(&alert.generator_url),
        }
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertState {
    /// It fires and nothing keeps it quiet.
    Active,
    /// It fires and is silenced, inhibited or muted.
    Suppressed,
    /// It is over.
    Resolved,
}

/// An alert with what the rules say of it now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertItem {
    #[serde(flatten)]
    alert: AlertBody,
    state: AlertState,
    /// Ids of the silences that match.
    #[schema(value_type = Vec<String>)]
    silenced_by: Vec<Arc<str>>,
    /// Fingerprints of the alerts that inhibit it.
    inhibited_by: Vec<String>,
    /// Names of the time intervals that keep its routes quiet.
    #[schema(value_type = Vec<String>)]
    muted_by: Vec<Arc<str>>,
    /// Whom its routes lead to.
    #[schema(value_type = Vec<String>)]
    receivers: Vec<Arc<str>>,
}

impl AlertItem {
    pub(crate) fn of(alert: &Alert, status: AlertStatus, now: Time) -> Self {
        Self {
            state: state(alert, &status, now),
            alert: AlertBody::of(alert),
            silenced_by: status.silenced_by,
            inhibited_by: status
                .inhibited_by
                .iter()
                .map(ToString::to_string)
                .collect(),
            muted_by: status.muted_by,
            receivers: status.receivers,
        }
    }
}

/// Where an alert stands, by what the rules say of it.
pub(crate) fn state(alert: &Alert, status: &AlertStatus, now: Time) -> AlertState {
    if alert.resolved_at(now) {
        AlertState::Resolved
    } else if status.silenced_by.is_empty()
        && status.inhibited_by.is_empty()
        && status.muted_by.is_empty()
    {
        AlertState::Active
    } else {
        AlertState::Suppressed
    }
}

/// One route that was tried for an alert.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteTried {
    /// The matchers from the root down to it.
    #[schema(value_type = String)]
    pub(crate) route: Arc<str>,
    /// Levels below the root.
    pub(crate) depth: u32,
    #[schema(value_type = String)]
    pub(crate) receiver: Arc<str>,
    /// `taken`, `passed` (a child took it), `failed` or `not_tried`.
    pub(crate) verdict: &'static str,
    /// The first matcher that did not pass.
    pub(crate) matcher: Option<String>,
    /// The alert's value for that matcher's label.
    pub(crate) value: Option<String>,
    /// The earlier sibling that stopped the search.
    #[schema(value_type = Option<String>)]
    pub(crate) stopped_by: Option<Arc<str>>,
}

/// The walk of labels through the route tree.
pub(crate) fn routes_tried(tree: &RouteTree, labels: &Labels) -> Vec<RouteTried> {
    let key = |index| tree.route(index).map(|route| Arc::clone(&route.key));
    tree.explain(labels)
        .into_iter()
        .filter_map(|step| {
            let route = tree.route(step.route)?;
            let mut tried = RouteTried {
                route: Arc::clone(&route.key),
                depth: step.depth,
                receiver: Arc::clone(&route.receiver),
                verdict: "taken",
                matcher: None,
                value: None,
                stopped_by: None,
            };
            match step.verdict {
                route::Verdict::Taken => {}
                route::Verdict::Passed => tried.verdict = "passed",
                route::Verdict::Failed { matcher, value } => {
                    tried.verdict = "failed";
                    tried.matcher = Some(matcher.to_string());
                    tried.value = Some(value);
                }
                route::Verdict::NotTried { stopped_by } => {
                    tried.verdict = "not_tried";
                    tried.stopped_by = key(stopped_by);
                }
            }
            Some(tried)
        })
        .collect()
}

/// An alert in a flush.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JudgedView {
    pub(crate) fingerprint: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) starts_at: Time,
    #[schema(value_type = String)]
    pub(crate) status: Status,
    /// `passed`, `silenced`, `inhibited`, `muted`, `over_in_quiet` or `flapping`.
    pub(crate) verdict: &'static str,
    /// Silence ids, the inhibiting alert's fingerprint, or since when it is flapping.
    pub(crate) by: Vec<String>,
}

impl JudgedView {
    pub(crate) fn of(judged: &Judged) -> Self {
        let (verdict, by) = match &judged.verdict {
            Verdict::Passed => ("passed", Vec::new()),
            Verdict::Inhibited(by) => ("inhibited", vec![by.to_string()]),
            Verdict::Muted => ("muted", Vec::new()),
            Verdict::Silenced(ids) => ("silenced", ids.iter().map(ToString::to_string).collect()),
            Verdict::OverInQuiet => ("over_in_quiet", Vec::new()),
            Verdict::Flapping { since } => ("flapping", vec![since.rfc3339_millis()]),
        };
        Self {
            fingerprint: judged.episode.fingerprint.to_string(),
            starts_at: judged.episode.starts_at,
            status: judged.status,
            verdict,
            by,
        }
    }
}
