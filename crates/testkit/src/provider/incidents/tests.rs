//! The services against what their pages say.

use serde_json::{Value, json};

use crate::tests::{json_of, started};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn pagerduty_checks_every_field_and_counts_a_minute() {
    let (simulator, client) = started().await;
    let desk = &simulator.incidents().pagerduty;
    let post = |body: &Value| json_of(client.post(desk.url()).json(body));
    let event = |action: &str, payload: Value| json!({"routing_key": KEY, "event_action": action, "dedup_key": "g", "payload": payload});
    let good = json!({"summary": "x", "source": "y", "severity": "error"});
    let with = |key: &str, value: Value| {
        let mut payload = good.clone();
        payload[key] = value;
        event("trigger", payload)
    };
    let mut short = event("trigger", good.clone());
    short["routing_key"] = "short".into();
    for (body, status) in [
        (event("trigger", good.clone()), "success"),
        (short, "invalid event"),
        (event("shout", good.clone()), "invalid event"),
        (with("summary", "".into()), "invalid event"),
        (with("summary", "x".repeat(1_025).into()), "invalid event"),
        (with("source", Value::Null), "invalid event"),
        (with("severity", "high".into()), "invalid event"),
        (with("timestamp", "yesterday".into()), "invalid event"),
        (with("custom_details", "x".into()), "invalid event"),
    ] {
        assert_eq!(post(&body).await["status"], status, "{body}");
    }
    assert_eq!(desk.open_alerts(), 1);
    assert_eq!(post(&event("resolve", Value::Null)).await["dedup_key"], "g");
    assert_eq!(desk.open_alerts(), 0);
    let old = format!("{}/generic/2010-04-15/create_event.json", simulator.url());
    let body = json!({"service_key": KEY, "event_type": "trigger", "incident_key": "h", "description": "x"});
    assert_eq!(
        json_of(client.post(&old).json(&body)).await["incident_key"],
        "h"
    );
    for _ in 3..super::pagerduty::PER_MINUTE {
        assert_eq!(
            post(&event("acknowledge", Value::Null)).await["status"],
            "success"
        );
    }
    let reply = client
        .post(desk.url())
        .json(&event("resolve", Value::Null))
        .send()
        .await;
    assert_eq!(reply.expect("an answer").status(), 429);
}

#[tokio::test]
async fn opsgenie_checks_the_key_and_every_length() {
    let (simulator, client) = started().await;
    let desk = &simulator.incidents().opsgenie;
    let url = format!("{}/v2/alerts", simulator.url());
    let post = |key: &str, body: &Value| {
        let key = format!("GenieKey {key}");
        let request = client.post(&url).header("authorization", key);
        let request = request.json(body).send();
        async move { request.await.expect("an answer").status().as_u16() }
    };
    let good = json!({"message": "x", "alias": "g"});
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    for (body, status) in [
        (good.clone(), 202),
        (with("message", "".into()), 422),
        (with("message", "x".repeat(131).into()), 422),
        (with("description", "x".repeat(15_001).into()), 422),
        (with("priority", "P6".into()), 422),
        (with("tags", json!(["x".repeat(51)])), 422),
        (with("details", json!({"a": 1})), 422),
        (
            with("responders", json!([{"type": "teams", "name": "a"}])),
            422,
        ),
        (with("source", "x".repeat(101).into()), 422),
    ] {
        assert_eq!(post(desk.key(), &body).await, status, "{body}");
    }
    assert_eq!(post("short", &good).await, 422);
    assert_eq!(
        post("00000000-0000-0000-0000-000000000000", &good).await,
        401
    );
    assert_eq!(desk.open_alerts(), 1);
}
