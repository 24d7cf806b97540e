use balefire_core::message::{Custom, Message};
use balefire_testkit::{Received, Simulator};
use serde_json::json;

use super::*;
use crate::cloud::sample::{build as open, message, reply, send};

const NOW: Time = Time::from_secs(1_795_249_800);
const URL: &str = "http://127.0.0.1:1/send";

fn with_body(body: &str) -> Message {
    let mut message = message();
    message.custom = Some(Custom {
        body: Some(body.to_owned()),
        ..Custom::default()
    });
    message
}

/// What leaves for these options and this rendered body.
async fn left(account: Value, body: &str) -> Received {
    let simulator = Simulator::start().await.expect("a simulator");
    let mut account = account;
    account["url"] = simulator.webhook().url("gateway?key=1#part").into();
    account["body"] = "{{ title }}".into();
    let channel = open(&SPEC, &account, &json!({})).expect("a channel");
    send(&*channel, &with_body(body), NOW).await;
    simulator.webhook().requests().pop().expect("a request")
}

#[tokio::test]
async fn method_headers_and_form_are_the_operators() {
    let headers = json!({"X-Key": "k", "Content-Type": "application/vnd.page+json"});
    let sent = left(json!({"method": "PUT", "headers": headers}), "{\"a\":1}").await;
    assert_eq!((&*sent.method, sent.header("x-key")), ("PUT", Some("k")));
    assert_eq!(
        sent.header("content-type"),
        Some("application/vnd.page+json")
    );
    assert_eq!(
        sent.header("idempotency-key"),
        Some("bf_0123456789abcdef0123456789abcdef")
    );
    assert_eq!(sent.json(), json!({"a": 1}));
    let sent = left(json!({"format": "form"}), "a=1&b=%26").await;
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let sent = left(json!({"format": "form", "method": "GET"}), "text=a+b").await;
    assert_eq!((&*sent.method, sent.body.len()), ("GET", 0));
    assert!(sent.target.ends_with("?key=1&text=a+b"), "{}", sent.target);
}

#[tokio::test]
async fn what_is_no_json_does_not_leave() {
    let account = json!({"url": URL, "body": "{{ title }}"});
    let channel = open(&SPEC, &account, &json!({})).expect("a channel");
    for message in [with_body("{\"text\": disk full}"), with_body(""), message()] {
        let error = send(&*channel, &message, NOW)
            .await
            .remove(0)
            .expect_err("refused");
        assert!(
            error.kind == ErrorKind::Misconfigured && !error.fix.is_empty(),
            "{error}"
        );
    }
}

fn judged(rule: &Value, status: u16, body: &str) -> Result<String, ErrorKind> {
    let account = json!({});
    let build = Build {
        account_name: "a",
        account: rule,
        receiver: &account,
        http: Http::new(crate::http::HttpSettings::default()).expect("a client"),
        tokens: Arc::default(),
    };
    let mut options = Options::of(&build);
    let success = Success::of(&mut options);
    options.finish(Some(())).expect("a good rule");
    let outcome = success.classify(&reply(status, body), NOW);
    outcome
        .map(|receipt| receipt.provider_id)
        .map_err(|error| error.kind)
}

#[test]
fn a_value_decides_as_the_operator_says() {
    use ErrorKind::{Misconfigured, Rejected, Transient, UnknownOutcome};
    let plain = json!({});
    assert_eq!(judged(&plain, 204, ""), Ok(String::new()));
    assert_eq!(judged(&plain, 401, ""), Err(Misconfigured));
    let statuses = json!({"success_status": "200, 409"});
    assert_eq!(judged(&statuses, 409, ""), Ok(String::new()));
    assert_eq!(judged(&statuses, 202, ""), Err(Rejected));
    let pointer = json!({"success_pointer": "/ok", "id_pointer": "/ids/0"});
    assert_eq!(
        judged(&pointer, 200, "{\"ok\": true, \"ids\": [7]}"),
        Ok("7".to_owned())
    );
    for refused in ["false", "0", "\"\"", "null"] {
        assert_eq!(
            judged(&pointer, 200, &format!("{{\"ok\": {refused}}}")),
            Err(Rejected)
        );
    }
    assert_eq!(judged(&pointer, 200, "{}"), Err(UnknownOutcome));
    let zero =
        json!({"success_pointer": "/code", "success_values": [0, "0"], "retry_values": "-1"});
    assert_eq!(judged(&zero, 200, "{\"code\": 0}"), Ok(String::new()));
    assert_eq!(judged(&zero, 200, "{\"code\": -1}"), Err(Transient));
    assert_eq!(judged(&zero, 200, "{\"code\": 40013}"), Err(Rejected));
    let id = json!({"id_pointer": "/id"});
    assert_eq!(judged(&id, 200, "no json"), Ok(String::new()));
}

#[test]
fn every_mistake_is_named_by_its_key() {
    let account = json!({
        "url": "gateway", "headers": {"a b": "x", "ok": "a\nb"}, "method": "GET", "success_status": "200, ok",
        "retry_values": "1", "id_pointer": "id",
    });
    let errors = open(&SPEC, &account, &json!({})).err().expect("refused");
    let mut keys: Vec<&str> = errors.iter().map(|error| &*error.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let wanted = [
        "format",
        "headers",
        "id_pointer",
        "retry_values",
        "success_status",
        "url",
    ];
    let wanted: Vec<String> = wanted.iter().map(|key| format!("account.{key}")).collect();
    assert!(
        wanted
            .iter()
            .filter(|key| **key != "account.format")
            .all(|key| keys.contains(&key.as_str())),
        "{keys:?}"
    );
    assert!(
        keys.contains(&"format") || keys.contains(&"account.format"),
        "{keys:?}"
    );
    assert!(keys.contains(&"body"), "{keys:?}");
}

#[test]
fn two_entries_with_other_values_are_two_targets() {
    let account = json!({"url": URL, "body": "x", "params": {"to": "1"}});
    let target = |receiver: Value| {
        open(&SPEC, &account, &receiver)
            .expect("a channel")
            .targets()
            .remove(0)
    };
    let (own, other) = (target(json!({})), target(json!({"params": {"to": "2"}})));
    assert_ne!(own.address, other.address);
    assert!(other.label.starts_with("2 ("), "{}", other.label);
}
