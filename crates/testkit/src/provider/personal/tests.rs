//! The three services against what is known of their fields and limits.

use serde_json::json;

use super::*;
use crate::received::Verdict;
use crate::tests::{json_of, started};

#[tokio::test]
async fn serverchan_knows_its_keys_and_counts_the_day() {
    let (simulator, client) = started().await;
    let desk = &simulator.personal().serverchan;
    desk.add_key("SCT1");
    desk.add_key("sctp7tx");
    let send = |path: &str, body: Value| {
        let request = client.post(format!("{}/{path}", simulator.url()));
        json_of(request.json(&body))
    };
    let good = json!({"title": "t", "desp": "x"});
    for (path, body, code) in [
        ("SCT1.send", good.clone(), 0),
        ("send/sctp7tx.send", good.clone(), 0),
        ("sctp7tx.send", good.clone(), 40_001),
        ("SCT2.send", good.clone(), 40_001),
        ("SCT1.send", json!({"desp": "x"}), 40_010),
        ("SCT1.send", json!({"title": "长".repeat(33)}), 40_010),
        (
            "SCT1.send",
            json!({"title": "t", "desp": "x".repeat(32_769)}),
            40_011,
        ),
        (
            "send/sctp7tx.send",
            json!({"title": "t", "noip": 1}),
            40_012,
        ),
    ] {
        assert_eq!(send(path, body).await["code"], code, "{path}");
    }
    for _ in 1..serverchan::MESSAGES_PER_DAY {
        assert_eq!(send("SCT1.send", good.clone()).await["code"], 0);
    }
    let refused = send("SCT1.send", good.clone()).await;
    assert!(
        refused["message"].to_string().contains("发送次数"),
        "{refused}"
    );
    let clock = simulator.clock().expect("its own");
    clock.advance(Duration::from_hours(24));
    assert_eq!(send("SCT1.send", good).await["code"], 0);
}

#[tokio::test]
async fn pushplus_answers_in_its_own_code() {
    let (simulator, client) = started().await;
    let desk = &simulator.personal().pushplus;
    desk.add_token("T");
    let url = format!("{}/send", simulator.url());
    for (body, code) in [
        (
            json!({"token": "T", "content": "x", "template": "markdown"}),
            200,
        ),
        (json!({"token": "U", "content": "x"}), 903),
        (json!({"token": "T", "content": " "}), 600),
        (
            json!({"token": "T", "content": "x", "template": "poem"}),
            999,
        ),
        (
            json!({"token": "T", "content": "x", "channel": "radio"}),
            999,
        ),
    ] {
        assert_eq!(
            json_of(client.post(&url).json(&body)).await["code"],
            code,
            "{body}"
        );
    }
    let body = json!({"token": "T", "content": "x"});
    for _ in 1..pushplus::MESSAGES_PER_DAY {
        assert_eq!(json_of(client.post(&url).json(&body)).await["code"], 200);
    }
    assert_eq!(json_of(client.post(&url).json(&body)).await["code"], 900);
}

#[tokio::test]
async fn wxpusher_has_a_code_for_each_reader() {
    let (simulator, client) = started().await;
    let desk = &simulator.personal().wxpusher;
    desk.add_token("AT_1");
    desk.set_gone(&["UID_2"]);
    let url = format!("{}/api/send/message", simulator.url());
    let good = json!({"appToken": "AT_1", "content": "x", "contentType": 3,
        "uids": ["UID_1", "UID_2"], "topicIds": [7]});
    let told = json_of(client.post(&url).json(&good)).await;
    let codes: Vec<&Value> = told["data"]
        .as_array()
        .expect("readers")
        .iter()
        .map(|entry| &entry["code"])
        .collect();
    assert_eq!(codes, [1_000, 1_004, 1_000]);
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, code) in [
        (with("appToken", Value::Null), 1_001),
        (with("appToken", "AT_2".into()), 1_002),
        (with("content", "".into()), 1_003),
        (with("content", "x".repeat(40_001).into()), 1_007),
        (with("summary", "x".repeat(101).into()), 1_007),
        (with("contentType", 4.into()), 1_005),
        (with("topicIds", json!(["7"])), 1_005),
        (with("topicIds", json!([1, 2, 3, 4, 5, 6])), 1_005),
    ] {
        assert_eq!(
            json_of(client.post(&url).json(&body)).await["code"],
            code,
            "{body}"
        );
    }
    for _ in 1..wxpusher::CALLS_PER_TEN_SECONDS {
        assert_eq!(json_of(client.post(&url).json(&good)).await["code"], 1_000);
    }
    assert_eq!(json_of(client.post(&url).json(&good)).await["code"], 1_008);
    let last = desk.requests().pop().expect("a request");
    assert!(matches!(last.verdict, Verdict::Refused(_)));
}
