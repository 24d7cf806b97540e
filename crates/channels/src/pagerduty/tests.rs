use balefire_core::message::Occasion;
use balefire_testkit::{Received, Simulator};
use serde_json::json;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_answers_has_its_kind() {
    let length = "Length of 'routing_key' is incorrect (should be 32 characters)";
    let body = |words: &str| {
        json!({"status": "invalid event", "message": "Event object is invalid", "errors": [words]})
            .to_string()
    };
    for (status, words, two, one) in [
        (400, length, Misconfigured, Misconfigured),
        (400, "'payload.severity' is invalid", Rejected, Rejected),
        (403, "routing_key", Misconfigured, RateLimited),
        (404, "words", Misconfigured, Misconfigured),
        (408, "words", Transient, Transient),
        (413, "words", Rejected, Rejected),
        (429, "words", RateLimited, RateLimited),
        (500, "words", Transient, Transient),
        (503, "routing_key", Transient, Transient),
    ] {
        for (version, kind) in [(Version::Two, two), (Version::One, one)] {
            let outcome = classify(&reply(status, &body(words)), NOW, version);
            let error = outcome.expect_err(words);
            assert_eq!(error.kind, kind, "{status} {words} {version:?}");
            assert!(kind != Misconfigured || !error.fix.is_empty(), "{words}");
        }
    }
    let error = classify(&reply(202, "{}"), NOW, Version::Two).expect_err("no yes");
    assert_eq!(error.kind, UnknownOutcome);
}

async fn told(receiver: Value) -> Vec<Value> {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.incidents().pagerduty;
    let account = json!({"url": desk.url()});
    let channel = build(&SPEC, &account, &receiver).expect("a channel");
    for occasion in [Occasion::Firing, Occasion::Resolved] {
        let mut message = message();
        message.occasion = occasion;
        let outcome = send(&*channel, &message, NOW).await.remove(0);
        let id = outcome.expect("taken").provider_id;
        assert_eq!(id, sha256_of_thread());
    }
    assert_eq!(desk.open_alerts(), 0, "what was triggered is resolved");
    desk.received().iter().map(Received::json).collect()
}

fn sha256_of_thread() -> String {
    crate::sign::sha256_hex(b"t")
}

#[tokio::test]
async fn the_end_resolves_what_was_triggered() {
    let sent = told(json!({
        "routing_key": KEY,
        "description": "{{ template \"pagerduty.default.description\" . }}",
        "severity": "{{ .CommonLabels.severity }}",
        "details": {"env": "prod", "firing": "{{ .Alerts.Firing }}", "nested": {"a": 1}},
        "links": [{"href": "https://runbooks.example.com/x", "text": "Runbook"}, {"href": "{{ .x }}"}],
        "component": "disk",
    }))
    .await;
    let payload = &sent[0]["payload"];
    assert_eq!(payload["severity"], "critical");
    assert_eq!(payload["class"], "DiskFull");
    assert_eq!(payload["component"], "disk");
    assert_eq!(payload["source"], "Balefire");
    assert_eq!(payload["timestamp"], "2026-11-21T08:25:00Z");
    let details = &payload["custom_details"];
    assert_eq!(details["env"], "prod");
    assert_eq!(details["nested"], json!({"a": 1}));
    assert_eq!(details.get("firing"), None, "a Go template is left out");
    assert_eq!(details["num_firing"], 2);
    assert_eq!(sent[0]["links"].as_array().map(Vec::len), Some(1));
    assert_eq!(sent[1]["event_action"], "resolve");
    assert_eq!(sent[1].get("payload"), None);
}

#[tokio::test]
async fn messages_of_no_group_are_incidents_of_their_own() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.incidents().pagerduty;
    let account = json!({"url": desk.url(), "routing_key": KEY});
    let channel = build(&SPEC, &account, &json!({})).expect("a channel");
    let mut message = message();
    message.thread = String::new();
    for id in ["bf_1", "bf_2", "bf_2"] {
        let targets = channel.targets();
        let delivery = Delivery {
            message: &message,
            targets: &targets,
            id,
            attempt: 1,
            now: NOW,
        };
        assert!(channel.send(&delivery).await[0].is_ok());
    }
    assert_eq!(desk.open_alerts(), 2);
}

/// A key as long as PagerDuty's are.
const KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_service_key_speaks_version_1() {
    let sent = told(json!({"service_key": KEY, "description": "down", "client": "am"})).await;
    assert_eq!(sent[0]["event_type"], "trigger");
    assert_eq!(sent[0]["description"], "down");
    assert_eq!(sent[0]["client"], "am");
    assert_eq!(sent[1]["event_type"], "resolve");
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |receiver: Value| {
        let errors = build(&SPEC, &json!({}), &receiver)
            .err()
            .unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(problems(json!({})), ["routing_key: is missing"]);
    assert_eq!(
        problems(json!({"routing_key": KEY, "service_key": KEY})),
        ["service_key: stands beside routing_key"]
    );
    assert_eq!(
        problems(json!({"routing_key": KEY, "severity": "high"})),
        ["severity: \"high\" is none of PagerDuty's severities"]
    );
}
