//! Groups to try a template on: every situation a message must be able to tell.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::{Annotations, Labels};
use balefire_core::message::{AlertView, GroupView, Status};
use balefire_core::time::Time;

/// How many samples there are.
pub const COUNT: usize = 6;

/// 2026-11-22 10:14:05 UTC.
const BEGAN: Time = Time::from_secs(1_795_342_445);

/// All samples, each with the word that names it in a problem.
pub fn all() -> [(&'static str, GroupView); COUNT] {
    [
        ("firing", firing()),
        ("resolved", resolved()),
        ("mixed", mixed()),
        ("missed", missed()),
        ("event", event()),
        ("huge", huge()),
    ]
}

/// Two alerts that fire.
pub fn firing() -> GroupView {
    group(vec![
        latency("api-1", Status::Firing),
        latency("api-2", Status::Firing),
    ])
}

/// One alert, over.
pub fn resolved() -> GroupView {
    group(vec![latency("api-1", Status::Resolved)])
}

/// One fires, one is over.
pub fn mixed() -> GroupView {
    group(vec![
        latency("api-1", Status::Firing),
        latency("api-2", Status::Resolved),
    ])
}

/// Fired and resolved while nobody could be told.
pub fn missed() -> GroupView {
    let mut alert = latency("api-1", Status::Resolved);
    alert.missed = true;
    group(vec![alert])
}

/// Something that happened, with no labels but one and no annotation but the text.
pub fn event() -> GroupView {
    let annotations = annotations(&[("summary", "Release 4.2 went out")]);
    group(vec![AlertView {
        lifecycle: Lifecycle::Event,
        annotations,
        generator_url: Arc::from(""),
        ..alert(labels(&[("service", "shop")]), Status::Firing)
    }])
}

/// Two hundred alerts with long descriptions.
pub fn huge() -> GroupView {
    let long = "All work and no play makes an alert a dull one. ".repeat(20);
    let alerts = (0..200).map(|n| {
        let mut alert = latency(&format!("api-{n}"), Status::Firing);
        alert.annotations = annotations(&[("summary", "High latency"), ("description", &long)]);
        alert
    });
    GroupView {
        truncated_alerts: 50,
        ..group(alerts.collect())
    }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).unwrap_or_default()
}

fn annotations(pairs: &[(&str, &str)]) -> Annotations {
    Labels::annotations(pairs.iter().copied()).unwrap_or_default()
}

fn latency(instance: &str, status: Status) -> AlertView {
    let labels = labels(&[
        ("alertname", "HighLatency"),
        ("cluster", "eu-1"),
        ("instance", instance),
        ("job", "api"),
        ("severity", "critical"),
    ]);
    alert(labels, status)
}

fn alert(labels: Labels, status: Status) -> AlertView {
    let fingerprint = Fingerprint::of(&labels);
    let ends_at =
        (status == Status::Resolved).then(|| BEGAN.after(std::time::Duration::from_secs(200)));
    AlertView {
        status,
        annotations: annotations(&[
            ("summary", "Requests take too long"),
            ("description", "The 99th percentile is over 2 s."),
            ("runbook_url", "https://runbooks.example.com/latency"),
        ]),
        labels,
        starts_at: BEGAN,
        ends_at,
        generator_url: Arc::from("http://prometheus.example.com/graph?g0.expr=up"),
        fingerprint,
        lifecycle: Lifecycle::Refreshing,
        missed: false,
    }
}

/// A group of these alerts, keyed by name and cluster.
pub fn group(alerts: Vec<AlertView>) -> GroupView {
    let common_labels = Labels::common(alerts.iter().map(|alert| &alert.labels));
    let group_labels = common_labels.filtered(|name| matches!(name, "alertname" | "cluster"));
    let firing = alerts.iter().any(|alert| alert.status == Status::Firing);
    GroupView {
        receiver: Arc::from("ops"),
        status: if firing {
            Status::Firing
        } else {
            Status::Resolved
        },
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        external_url: Arc::from("https://alerts.example.com"),
        group_key: format!("{{}}:{group_labels}").into(),
        group_labels,
        common_labels,
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: Arc::from("first notification"),
        alerts,
    }
}
