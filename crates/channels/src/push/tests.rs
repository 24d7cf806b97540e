use std::time::Duration;

use balefire_core::message::{Custom, Occasion};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_testkit::Simulator;
use serde_json::{Value, json};

use super::{bark, gotify, ntfy, pushover};
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};
use crate::spec::ChannelSpec;

/// 2026-11-21T08:30:00Z.
const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_ntfys_codes_has_its_kind() {
    for (code, status, kind) in [
        (40_000, 400, Rejected),
        (40_001, 400, Rejected),
        (40_007, 400, Rejected),
        (40_009, 400, Misconfigured),
        (40_010, 400, Misconfigured),
        (40_013, 400, Rejected),
        (40_014, 400, Rejected),
        (40_017, 400, Rejected),
        (40_018, 400, Rejected),
        (40_021, 400, Rejected),
        (40_024, 400, Rejected),
        (40_032, 400, Rejected),
        (40_041, 400, Rejected),
        (40_101, 401, Misconfigured),
        (40_301, 403, Misconfigured),
        (40_401, 404, Misconfigured),
        (41_301, 413, Rejected),
        (41_303, 413, Rejected),
        (42_901, 429, RateLimited),
        (42_902, 429, RateLimited),
        (42_904, 429, Misconfigured),
        (42_905, 429, RateLimited),
        (42_908, 429, RateLimited),
        (42_909, 429, RateLimited),
        (42_910, 429, RateLimited),
        (50_001, 500, Transient),
        (50_701, 507, Rejected),
    ] {
        let body = json!({"code": code, "http": status, "error": "words"}).to_string();
        let error = ntfy::classify(&reply(status, &body), NOW).expect_err("a refusal");
        assert_eq!(error.kind, kind, "{code}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{code}");
    }
    let body = json!({"code": 42_908, "error": "daily message quota reached"}).to_string();
    let error = ntfy::classify(&reply(429, &body), NOW).expect_err("a refusal");
    assert_eq!(error.retry_after, Some(Duration::from_mins(15 * 60 + 30)));
}

#[test]
fn every_row_of_gotifys_answers_has_its_kind() {
    for (status, kind) in [
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (429, RateLimited),
        (500, Transient),
        (502, Transient),
    ] {
        let body = json!({"error": "x", "errorCode": status, "errorDescription": "words"});
        let error = gotify::classify(&reply(status, &body.to_string()), NOW).expect_err("x");
        assert_eq!(error.kind, kind, "{status}");
        assert!(error.detail.contains("words"), "{}", error.detail);
    }
    let error = gotify::classify(&reply(200, "{}"), NOW).expect_err("no id");
    assert_eq!(error.kind, UnknownOutcome);
}

#[test]
fn every_row_of_pushovers_answers_has_its_kind() {
    for (status, words, kind) in [
        (400, "application token is invalid", Misconfigured),
        (
            400,
            "user identifier is not a valid user, group, or subscribed user key",
            Rejected,
        ),
        (400, "user key is invalid", Rejected),
        (400, "device name is not valid for user", Rejected),
        (400, "message cannot be blank", Rejected),
        (400, "something new", Rejected),
        (500, "words", Transient),
    ] {
        let body = json!({"status": 0, "errors": [words], "request": "r"}).to_string();
        let error = pushover::codes::classify(&reply(status, &body), NOW).expect_err(words);
        assert_eq!(error.kind, kind, "{words}");
        assert!(error.detail.contains(words));
    }
    let mut month = reply(429, "{\"status\":0}");
    let reset = "1795249860".parse().expect("a header");
    month.headers.insert("x-limit-app-reset", reset);
    let error = pushover::codes::classify(&month, NOW).expect_err("used up");
    assert_eq!(error.kind, RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_mins(1)));
}

#[test]
fn every_row_of_barks_answers_has_its_kind() {
    for (status, words, kind) in [
        (400, "device key is empty", Rejected),
        (
            400,
            "failed to get device token: failed to get [x] device token",
            Rejected,
        ),
        (400, "request bind failed: words", Rejected),
        (400, "batch push count exceeds the maximum limit", Rejected),
        (500, "push failed: BadDeviceToken", Rejected),
        (500, "push failed: Unregistered", Rejected),
        (500, "push failed: DeviceTokenNotForTopic", Rejected),
        (500, "push failed: PayloadTooLarge", Rejected),
        (500, "push failed: TooManyRequests", RateLimited),
        (500, "push failed: InternalServerError", Transient),
        (500, "push failed: ServiceUnavailable", Transient),
        (500, "push failed: Shutdown", Transient),
        (
            500,
            "push failed: context deadline exceeded (timeout)",
            Transient,
        ),
        (418, "I'm a teapot", Misconfigured),
        (429, "", RateLimited),
        (502, "", Transient),
    ] {
        let body = json!({"code": status, "message": words}).to_string();
        let error = bark::classify(&reply(status, &body), NOW).expect_err(words);
        assert_eq!(error.kind, kind, "{words}");
    }
    let of_batch = json!({"code": 500, "message": "push failed: Unregistered"}).to_string();
    let error = bark::classify(&reply(200, &of_batch), NOW).expect_err("no yes");
    assert_eq!(error.kind, Rejected);
}

#[tokio::test]
async fn the_severity_decides_how_loud_it_is() {
    let simulator = Simulator::builder()
        .unlimited()
        .start()
        .await
        .expect("a simulator");
    let push = simulator.push();
    let url = simulator.url();
    let ntfy = json!({"base_url": url});
    let gotify = json!({"base_url": url, "token": push.gotify.token()});
    let pushover = json!({"base_url": url, "token": push.pushover.token()});
    let bark = json!({"base_url": url, "device_key": push.bark.device()});
    let user = json!({"user_key": push.pushover.user()});
    let channels = [
        build(&ntfy::SPEC, &ntfy, &json!({"topic": "ops-a8F3kP"})).expect("ntfy"),
        build(&gotify::SPEC, &gotify, &json!({})).expect("Gotify"),
        build(&pushover::SPEC, &pushover, &user).expect("Pushover"),
        build(&bark::SPEC, &bark, &json!({"call": true})).expect("Bark"),
    ];
    for (occasion, severity, levels) in [
        (Occasion::Firing, Severity::Critical, (5, 10, 2, "critical")),
        (
            Occasion::Firing,
            Severity::Error,
            (4, 8, 1, "timeSensitive"),
        ),
        (Occasion::Firing, Severity::Warning, (3, 5, 0, "active")),
        (Occasion::Firing, Severity::Info, (2, 2, -1, "passive")),
        (
            Occasion::Resolved,
            Severity::Critical,
            (2, 2, -1, "passive"),
        ),
    ] {
        let mut message = message();
        (message.occasion, message.severity) = (occasion, severity);
        for channel in &channels {
            let outcome = send(&**channel, &message, NOW).await.remove(0);
            assert!(outcome.is_ok(), "{}: {outcome:?}", channel.spec().kind);
        }
        let last = |requests: Vec<balefire_testkit::Received>| requests[requests.len() - 1].json();
        let (of_ntfy, of_gotify) = (last(push.ntfy.received()), last(push.gotify.received()));
        let (of_pushover, of_bark) = (last(push.pushover.received()), last(push.bark.received()));
        assert_eq!(of_ntfy["priority"], levels.0);
        assert_eq!(of_gotify["priority"], levels.1);
        assert_eq!(of_pushover["priority"], levels.2);
        assert_eq!(of_pushover["retry"] == 60, levels.2 == 2);
        assert_eq!(of_bark["level"], levels.3);
        assert_eq!(of_bark["call"] == "1", levels.3 == "critical");
    }
}

#[tokio::test]
async fn each_reader_of_pushover_has_an_outcome_and_a_check_sends_nothing() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.push().pushover;
    let account = json!({"base_url": simulator.url(), "token": desk.token()});
    let users = format!("{}, unknownunknownunknownunknown30", desk.user());
    let entry = json!({"user_key": users, "message": "<b>down</b>", "html": true, "priority": "1"});
    let channel = build(&pushover::SPEC, &account, &entry).expect("a channel");
    let outcomes = send(&*channel, &message(), NOW).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[1].clone().expect_err("unknown").kind, Rejected);
    let body = desk.received()[0].json();
    assert_eq!(
        (&body["html"], &body["message"]),
        (&json!(1), &json!("<b>down</b>"))
    );
    assert!(!format!("{:?}", channel.targets()).contains(desk.user()));
    desk.clear();
    assert!(
        channel.check(NOW).await.is_err(),
        "one of the two is unknown"
    );
    assert!(desk.received().is_empty());
}

#[tokio::test]
async fn ntfy_takes_a_token_where_the_topic_wants_one() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.push().ntfy;
    desk.protect("ops", "tk_s3cret");
    let entry = json!({"topic": ["ops", "open"], "tags": "db,disk", "priority": 1});
    let without = build(&ntfy::SPEC, &json!({"base_url": simulator.url()}), &entry).expect("x");
    let outcomes = send(&*without, &message(), NOW).await;
    assert_eq!(
        outcomes[0].clone().expect_err("protected").kind,
        Misconfigured
    );
    assert!(outcomes[1].is_ok());
    let account = json!({"base_url": simulator.url(), "token": "tk_s3cret"});
    let with = build(&ntfy::SPEC, &account, &entry).expect("a channel");
    assert!(send(&*with, &message(), NOW).await[0].is_ok());
    let body = desk.received().pop().expect("a message").json();
    assert_eq!(body["tags"], json!(["db", "disk"]));
    assert_eq!(body["priority"], 1);
    assert_eq!(with.check(NOW).await.expect("good").answer, "balefire");
}

#[tokio::test]
async fn a_title_alone_is_a_message_too() {
    let simulator = Simulator::start().await.expect("a simulator");
    let push = simulator.push();
    let mut bare = message();
    bare.custom = Some(Custom {
        title: Some("only this".to_owned()),
        text: Some(String::new()),
        ..Custom::default()
    });
    let url = simulator.url();
    for (spec, account, entry) in [
        (
            &gotify::SPEC,
            json!({"base_url": url, "token": push.gotify.token()}),
            json!({}),
        ),
        (
            &bark::SPEC,
            json!({"base_url": url}),
            json!({"device_key": push.bark.device()}),
        ),
        (
            &pushover::SPEC,
            json!({"base_url": url, "token": push.pushover.token()}),
            json!({"user_key": push.pushover.user()}),
        ),
        (
            &ntfy::SPEC,
            json!({"base_url": url}),
            json!({"topic": "open"}),
        ),
    ] {
        let channel = build(spec, &account, &entry).expect("a channel");
        let outcome = send(&*channel, &bare, NOW).await.remove(0);
        assert!(outcome.is_ok(), "{}: {outcome:?}", spec.kind);
    }
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |spec: &ChannelSpec, account: Value, receiver: Value| {
        let errors = build(spec, &account, &receiver).err().unwrap_or_default();
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        words.join("; ")
    };
    assert_eq!(
        problems(&ntfy::SPEC, json!({}), json!({"topic": "a b"})),
        "topic: \"a b\" is no topic's name"
    );
    assert_eq!(
        problems(&gotify::SPEC, json!({}), json!({})),
        "base_url: is missing; token: is missing"
    );
    assert_eq!(
        problems(&bark::SPEC, json!({}), json!({})),
        "device_key: is missing"
    );
    let entry = json!({"user_key": "u", "token": "t", "priority": "high", "retry": "5s",
        "expire": "4h", "html": true, "monospace": true});
    assert_eq!(
        problems(&pushover::SPEC, json!({}), entry),
        "priority: \"high\" is no priority; retry: is shorter than 30s; expire: is longer than 3h; \
         monospace: stands beside html"
    );
}
