//! The robot against the wire contract's vectors and the vendor's limits.

use reqwest::Client;

use super::*;
use crate::mode::Mode;
use crate::simulator::Simulator;
use crate::tests::{json_of, started};

/// Secret, milliseconds and signature from the wire contract's vectors.
const VECTORS: [(&str, i64, &str); 3] = [
    (
        "this is secret",
        1_577_262_236_757,
        "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=",
    ),
    (
        DEFAULT_SECRET,
        1_795_249_800_000,
        "I3aHqI9Aw7XKWLNmCw0hxcNeJ9WAbEShFIhtu34KPfY=",
    ),
    (
        DEFAULT_SECRET,
        1_795_249_800_004,
        "LR33pisZOvw+3YJkzud+YC+XlR/wUzES2CjkMpewYZY=",
    ),
];

/// An unsigned robot, so that a test sees one rule at a time.
fn open_robot(simulator: &Simulator) -> String {
    simulator.dingtalk().add_robot(Robot {
        token: "open".into(),
        ..Robot::default()
    });
    simulator.dingtalk().robot_url("open")
}

async fn code_of(client: &Client, url: &str, body: &Value) -> i64 {
    json_of(client.post(url).json(body)).await["errcode"]
        .as_i64()
        .expect("a code")
}

fn text(content: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": content}})
}

#[tokio::test]
async fn the_vectors_signatures_are_accepted_and_any_other_is_not() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    for (index, (secret, millis, sign)) in VECTORS.into_iter().enumerate() {
        clock.set(Time::from_millis(millis));
        let token = format!("vector-{index}");
        let robot = Robot {
            token: token.clone(),
            secret: Some(secret.into()),
            keywords: vec![],
        };
        simulator.dingtalk().add_robot(robot);
        let url = simulator.dingtalk().robot_url(&token);
        let encoded: String = url::form_urlencoded::byte_serialize(sign.as_bytes()).collect();
        let signed = format!("{url}&timestamp={millis}&sign={encoded}");
        assert_eq!(code_of(&client, &signed, &text("x")).await, 0);
        let other = format!("{url}&timestamp={}&sign={encoded}", millis + 1);
        assert_eq!(code_of(&client, &other, &text("x")).await, 310_000);
        let twice = format!("{signed}&timestamp={millis}&sign={encoded}");
        assert_eq!(
            code_of(&client, &twice, &text("x")).await,
            310_000,
            "signed twice"
        );
        // An unescaped plus is a blank, as in every query.
        if sign.contains('+') {
            let raw = format!("{url}&timestamp={millis}&sign={sign}");
            assert_eq!(
                code_of(&client, &raw, &text("x")).await,
                310_000,
                "not escaped"
            );
        }
    }
    let unsigned = simulator.dingtalk().url();
    assert_eq!(code_of(&client, &unsigned, &text("x")).await, 310_000);
}

#[tokio::test]
async fn a_signature_is_good_for_an_hour_either_way() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let (_, millis, sign) = VECTORS[1];
    let encoded: String = url::form_urlencoded::byte_serialize(sign.as_bytes()).collect();
    let url = format!(
        "{}&timestamp={millis}&sign={encoded}",
        simulator.dingtalk().url()
    );
    for (offset, code) in [
        (3_600_000, 0),
        (3_600_001, 310_000),
        (-3_600_000, 0),
        (-3_600_001, 310_000),
    ] {
        clock.set(Time::from_millis(millis + offset));
        let reply = json_of(client.post(&url).json(&text("x"))).await;
        assert_eq!(reply["errcode"], code, "{offset} ms later: {reply}");
    }
    let refused = &simulator.dingtalk().requests()[1];
    assert_eq!(
        refused.verdict,
        Verdict::Refused("310000 invalid timestamp".into())
    );
}

#[tokio::test]
async fn the_twenty_first_message_of_a_minute_shuts_the_robot_for_ten_minutes() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let url = open_robot(&simulator);
    for _ in 0..MESSAGES_PER_MINUTE {
        assert_eq!(code_of(&client, &url, &text("x")).await, 0);
    }
    assert_eq!(code_of(&client, &url, &text("x")).await, 130_101);
    clock.advance(Duration::from_secs(599));
    assert_eq!(code_of(&client, &url, &text("x")).await, 130_101);
    clock.advance(Duration::from_secs(1));
    assert_eq!(code_of(&client, &url, &text("x")).await, 0);
    assert_eq!(simulator.dingtalk().counts().accepted, 21);
}

#[tokio::test]
async fn a_body_may_have_20000_bytes_and_not_one_more() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    let empty = text("").to_string().len();
    let fits = text(&"告".repeat((MAX_BODY_BYTES - empty) / 3));
    let pad = "x".repeat(MAX_BODY_BYTES - fits.to_string().len());
    let exact = text(&format!(
        "{}{pad}",
        fits["text"]["content"].as_str().expect("a text")
    ));
    assert_eq!(exact.to_string().len(), MAX_BODY_BYTES);
    assert_eq!(code_of(&client, &url, &exact).await, 0);
    let over = text(&format!(
        "{}x",
        exact["text"]["content"].as_str().expect("a text")
    ));
    assert_eq!(code_of(&client, &url, &over).await, 460_101);
}

#[tokio::test]
async fn every_type_needs_its_fields() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    let link = json!({"title": "t", "text": "x", "messageUrl": "https://a.example"});
    let card =
        json!({"title": "t", "text": "x", "singleTitle": "o", "singleURL": "https://a.example"});
    let good = [
        json!({"msgtype": "markdown", "markdown": {"title": "t", "text": "x"}}),
        json!({"msgtype": "link", "link": link}),
        json!({"msgtype": "actionCard", "actionCard": card}),
        json!({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x", "btns": [
            {"title": "a", "actionURL": "https://a.example"}]}}),
        json!({"msgtype": "feedCard", "feedCard": {"links": [
            {"title": "t", "messageURL": "https://a.example", "picURL": "https://a.example/p"}]}}),
    ];
    for body in &good {
        assert_eq!(code_of(&client, &url, body).await, 0, "{body}");
    }
    let bad = [
        (
            json!({"msgtype": "markdown", "markdown": {"text": "x"}}),
            40_035,
        ),
        (
            json!({"msgtype": "text", "text": {"content": "  "}}),
            40_035,
        ),
        (
            json!({"msgtype": "link", "link": {"title": "t", "text": "x", "messageURL": "u"}}),
            40_035,
        ),
        (
            json!({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "x"}}),
            40_035,
        ),
        (
            json!({"msgtype": "feedCard", "feedCard": {"links": []}}),
            40_035,
        ),
        (json!({"msgtype": "image", "image": {}}), 400_105),
        (json!({}), 400_105),
        (json!([1]), 40_035),
    ];
    for (body, code) in &bad {
        assert_eq!(code_of(&client, &url, body).await, *code, "{body}");
    }
    assert_eq!(simulator.dingtalk().counts().accepted, good.len() as u64);
}

#[tokio::test]
async fn fifty_people_can_be_mentioned_and_a_markdown_text_must_name_them() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    let phones = |count: usize| -> Vec<String> {
        (0..count).map(|index| format!("138{index:08}")).collect()
    };
    let with = |at: Value, words: &str| json!({"msgtype": "markdown", "markdown": {"title": "t", "text": words}, "at": at});
    let fifty = with(json!({"atMobiles": phones(50)}), "x");
    assert_eq!(code_of(&client, &url, &fifty).await, 0);
    let fifty_one = with(json!({"atMobiles": phones(50), "atUserIds": ["u1"]}), "x");
    assert_eq!(code_of(&client, &url, &fifty_one).await, 40_035);
    let number = with(json!({"atMobiles": [13_800_000_000_u64]}), "x");
    assert_eq!(code_of(&client, &url, &number).await, 40_035);
    let named = with(
        json!({"atMobiles": ["13812345678"], "isAtAll": false}),
        "see @13812345678",
    );
    assert_eq!(code_of(&client, &url, &named).await, 0);
    let received = simulator.dingtalk().received();
    assert_eq!(received[0].notes.len(), 50, "nobody lights up");
    assert!(received[1].notes.is_empty(), "{:?}", received[1].notes);
}

#[tokio::test]
async fn a_keyword_must_be_in_title_or_text() {
    let (simulator, client) = started().await;
    let robot = Robot {
        token: "kw".into(),
        secret: None,
        keywords: vec!["告警".into(), "alert".into()],
    };
    simulator.dingtalk().add_robot(robot);
    let url = simulator.dingtalk().robot_url("kw");
    let title = json!({"msgtype": "markdown", "markdown": {"title": "[告警] x", "text": "y"}});
    assert_eq!(code_of(&client, &url, &title).await, 0);
    let reply = json_of(client.post(&url).json(&text("恢复"))).await;
    assert_eq!(
        reply,
        json!({"errcode": 310_000, "errmsg": "keywords not in content"})
    );
}

#[tokio::test]
async fn a_repeated_msg_uuid_is_answered_well_and_shown_once() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    let mut body = text("x");
    body["msgUuid"] = "n-1".into();
    simulator.dingtalk().fail_times(Mode::ResetAfterBody, 1);
    client
        .post(&url)
        .json(&body)
        .send()
        .await
        .expect_err("the answer is lost");
    assert_eq!(code_of(&client, &url, &body).await, 0);
    let verdicts: Vec<Verdict> = simulator
        .dingtalk()
        .requests()
        .into_iter()
        .map(|request| request.verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Repeated]);
}

#[tokio::test]
async fn token_type_and_json_are_checked_first() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    let code = async |request: reqwest::RequestBuilder| json_of(request).await["errcode"].clone();
    assert_eq!(
        code(client.post(&url).body(text("x").to_string())).await,
        43_004
    );
    assert_eq!(code(client.get(&url)).await, 43_002);
    let broken = client
        .post(&url)
        .header("content-type", "application/json")
        .body("{\"msgtype\":");
    assert_eq!(code(broken).await, 40_035);
    let stranger = simulator.dingtalk().robot_url("nobody");
    assert_eq!(code_of(&client, &stranger, &text("x")).await, 400_101);
}

#[tokio::test]
async fn scripted_refusals_have_dingtalks_own_form() {
    let (simulator, client) = started().await;
    let url = open_robot(&simulator);
    simulator
        .dingtalk()
        .fail_times(Mode::ErrCode(-1, "system busy".into()), 1);
    simulator.dingtalk().fail_times(Mode::RateLimited(600), 1);
    let busy = json_of(client.post(&url).json(&text("x"))).await;
    assert_eq!(busy, json!({"errcode": -1, "errmsg": "system busy"}));
    assert_eq!(code_of(&client, &url, &text("x")).await, 130_101);
    assert_eq!(code_of(&client, &url, &text("x")).await, 0);
}
