use balefire_testkit::Simulator;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{RateLimited, Rejected, Transient, UnknownOutcome};
use crate::sign::sha256_hex;

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_answers_has_its_kind() {
    for (status, words, kind) in [
        (400, "Bad request", Rejected),
        (401, "Could not authenticate", Misconfigured),
        (402, "Payment required", Misconfigured),
        (403, "No sufficient access", Misconfigured),
        (404, "Not found", Misconfigured),
        (422, "Request body is not processable", Rejected),
        (422, "Key format is not valid!", Misconfigured),
        (429, "You are making too many requests!", RateLimited),
        (500, "words", Transient),
        (503, "words", Transient),
    ] {
        let body = json!({"message": words, "took": 0.1, "requestId": "r"}).to_string();
        let error = classify(&reply(status, &body), NOW).expect_err(words);
        assert_eq!(error.kind, kind, "{status} {words}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{words}");
    }
    let mut slow = reply(429, "{}");
    let period = "60".parse().expect("a header");
    slow.headers.insert("x-ratelimit-period-in-sec", period);
    let error = classify(&slow, NOW).expect_err("too fast");
    assert_eq!(error.retry_after, Some(Duration::from_mins(1)));
    let error = classify(&reply(202, "{}"), NOW).expect_err("no request");
    assert_eq!(error.kind, UnknownOutcome);
}

#[tokio::test]
async fn an_alert_is_created_renewed_and_closed_by_its_alias() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.incidents().opsgenie;
    let entry = json!({
        "api_key": desk.key(),
        "api_url": simulator.url(),
        "message": "{{ template \"opsgenie.default.message\" . }}",
        "responders": [
            {"name": "db, web", "type": "teams"},
            {"username": "chen@example.com", "type": "User"},
            {"name": "{{ .x }}", "type": "team"},
        ],
        "tags": "a, b,,",
        "details": {"env": "prod", "x": "{{ .x }}"},
        "update_alerts": true,
    });
    let channel = build(&SPEC, &json!({}), &entry).expect("a channel");
    let mut message = message();
    let receipt = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect("taken");
    assert!(!receipt.provider_id.is_empty());
    assert_eq!(desk.open_alerts(), 1);
    let seen = desk.requests();
    let targets: Vec<&str> = seen.iter().map(|request| request.target.as_str()).collect();
    let alias = sha256_hex(b"t");
    assert_eq!(
        targets[1],
        format!("/v2/alerts/{alias}/message?identifierType=alias")
    );
    assert_eq!(
        targets[2],
        format!("/v2/alerts/{alias}/description?identifierType=alias")
    );
    let body = seen[0].json();
    assert_eq!(
        body["responders"],
        json!([
            {"name": "db", "type": "team"},
            {"name": "web", "type": "team"},
            {"username": "chen@example.com", "type": "user"},
        ])
    );
    assert_eq!(body["tags"], json!(["a", "b"]));
    assert_eq!(body["priority"], "P1");
    assert_eq!(
        body["details"],
        json!({"alertname": "DiskFull", "env": "prod"})
    );
    message.occasion = Occasion::Resolved;
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    assert_eq!(desk.open_alerts(), 0);
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |receiver: Value| {
        let errors = build(&SPEC, &json!({}), &receiver)
            .err()
            .unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(problems(json!({})), ["api_key: is missing"]);
    let entry = json!({"api_key": "k", "priority": "high",
        "responders": [{"name": "a", "type": "crowd"}, {"type": "team"}]});
    assert_eq!(
        problems(entry),
        [
            "priority: \"HIGH\" is no priority",
            "responders: \"crowd\" is no type of responder",
            "responders: a responder has no name",
        ]
    );
}
