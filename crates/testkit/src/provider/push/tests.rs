//! The services against what their pages say.

use serde_json::{Value, json};

use crate::tests::{json_of, started};

#[tokio::test]
async fn ntfy_checks_topic_priority_and_length_and_counts_the_burst() {
    let (simulator, client) = started().await;
    let post = |body: Value| json_of(client.post(simulator.url()).json(&body));
    simulator.push().ntfy.protect("closed", "tk_1");
    for (body, code) in [
        (json!({"topic": "ops", "message": "x"}), Value::Null),
        (json!({"topic": "a b", "message": "x"}), json!(40_009)),
        (json!({"message": "x"}), json!(40_009)),
        (json!({"topic": "ops", "priority": 6}), json!(40_007)),
        (json!({"topic": "ops", "tags": "a"}), json!(40_024)),
        (
            json!({"topic": "ops", "message": "x".repeat(4_097)}),
            json!(41_301),
        ),
        (json!({"topic": "closed", "message": "x"}), json!(40_301)),
    ] {
        assert_eq!(post(body.clone()).await["code"], code, "{body}");
    }
    for _ in 1..super::ntfy::BURST {
        assert!(post(json!({"topic": "ops", "message": "x"})).await["id"].is_string());
    }
    let answer = post(json!({"topic": "ops", "message": "x"})).await;
    assert_eq!(answer["code"], 42_901);
}

#[tokio::test]
async fn gotify_wants_the_applications_token_and_a_message() {
    let (simulator, client) = started().await;
    let url = format!("{}/message", simulator.url());
    let post = |token: &str, body: Value| {
        json_of(client.post(&url).header("x-gotify-key", token).json(&body))
    };
    let token = simulator.push().gotify.token();
    assert_eq!(post(token, json!({"message": "x"})).await["id"], 25);
    assert_eq!(post("C1", json!({"message": "x"})).await["errorCode"], 401);
    assert_eq!(post(token, json!({"message": ""})).await["errorCode"], 400);
    let body = json!({"message": "x", "priority": "high"});
    assert_eq!(post(token, body).await["errorCode"], 400);
}

#[tokio::test]
async fn pushover_checks_keys_lengths_and_what_priority_2_needs() {
    let (simulator, client) = started().await;
    let desk = &simulator.push().pushover;
    let url = format!("{}/1/messages.json", simulator.url());
    let good = json!({"token": desk.token(), "user": desk.user(), "message": "x"});
    let with = |more: Value| {
        let mut body = good.clone();
        for (key, value) in more.as_object().expect("an object") {
            body[key] = value.clone();
        }
        body
    };
    for (body, status) in [
        (good.clone(), 1),
        (with(json!({"token": "x"})), 0),
        (with(json!({"user": "x"})), 0),
        (with(json!({"message": ""})), 0),
        (with(json!({"message": "x".repeat(1_025)})), 0),
        (with(json!({"title": "x".repeat(251)})), 0),
        (with(json!({"url": "x".repeat(513)})), 0),
        (with(json!({"priority": 3})), 0),
        (with(json!({"priority": 2})), 0),
        (with(json!({"priority": 2, "retry": 29, "expire": 60})), 0),
        (
            with(json!({"priority": 2, "retry": 30, "expire": 10_801})),
            0,
        ),
        (
            with(json!({"priority": 2, "retry": 30, "expire": 10_800})),
            1,
        ),
        (with(json!({"html": 1, "monospace": 1})), 0),
    ] {
        let answer = json_of(client.post(&url).json(&body)).await;
        assert_eq!(answer["status"], status, "{body}: {answer}");
    }
}

#[tokio::test]
async fn bark_checks_the_device_the_level_and_apples_size() {
    let (simulator, client) = started().await;
    let device = simulator.push().bark.device();
    let url = format!("{}/push", simulator.url());
    for (body, code) in [
        (json!({"device_key": device, "body": "x"}), 200),
        (json!({"body": "x"}), 400),
        (json!({"device_key": "x", "body": "x"}), 400),
        (json!({"device_key": device}), 400),
        (
            json!({"device_key": device, "body": "x", "level": "loud"}),
            400,
        ),
        (
            json!({"device_key": device, "body": "x", "volume": 11}),
            400,
        ),
        (
            json!({"device_key": device, "body": "x".repeat(4_000)}),
            500,
        ),
    ] {
        let answer = json_of(client.post(&url).json(&body)).await;
        assert_eq!(answer["code"], code, "{body}");
    }
}
