//! The bot against the wire contract's vectors and the vendor's limits.

use reqwest::Client;

use super::*;
use crate::clock::VECTOR_TIME;
use crate::mode::Mode;
use crate::simulator::Simulator;
use crate::tests::{json_of, started};

const VECTORS: [(&str, &str); 2] = [
    ("1599360473", "I14G+BylJBIS1VqI4nUg1mKqMAjMGZlFJGT36IJRUr8="),
    ("1795249800", "yvzAeVU18CwbKYnJagXDdoUr0+C08pd5g/FSETNXMJs="),
];
/// What DingTalk's construction gives for the second vector.
const WRONG: &str = "f0AWg9/c0rE5DQF8+7cq5brr2sHE8R31qQkQ9wmozDU=";

fn open_bot(simulator: &Simulator) -> String {
    simulator.feishu().add_bot(Bot {
        token: "open".into(),
        ..Bot::default()
    });
    simulator.feishu().bot_url("open")
}

async fn code_of(client: &Client, url: &str, body: &Value) -> i64 {
    json_of(client.post(url).json(body)).await["code"]
        .as_i64()
        .expect("a code")
}

fn text(words: &str) -> Value {
    json!({"msg_type": "text", "content": {"text": words}})
}

fn signed(stamp: Value, sign: &str) -> Value {
    let mut body = text("x");
    body["timestamp"] = stamp;
    body["sign"] = sign.into();
    body
}

#[tokio::test]
async fn the_vectors_signatures_are_accepted_and_dingtalks_construction_is_not() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let url = simulator.feishu().url();
    for (stamp, sign) in VECTORS {
        clock.set(Time::from_secs(stamp.parse().expect("seconds")));
        assert_eq!(code_of(&client, &url, &signed(stamp.into(), sign)).await, 0);
    }
    let (stamp, sign) = VECTORS[1];
    assert_eq!(
        code_of(&client, &url, &signed(stamp.into(), WRONG)).await,
        19_021
    );
    assert_eq!(
        code_of(&client, &url, &signed(json!(1_795_249_800), sign)).await,
        19_021,
        "a number"
    );
    assert_eq!(
        code_of(&client, &url, &text("x")).await,
        19_021,
        "no signature"
    );
    let in_query = format!("{url}?timestamp={stamp}&sign={sign}");
    assert_eq!(
        code_of(&client, &in_query, &text("x")).await,
        19_021,
        "in the query"
    );
}

#[tokio::test]
async fn a_signature_is_good_for_an_hour_either_way() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let body = signed(VECTORS[1].0.into(), VECTORS[1].1);
    for (time, code) in [
        (VECTOR_TIME.after(SIGN_TOLERANCE), 0),
        (
            VECTOR_TIME
                .after(SIGN_TOLERANCE)
                .after(Duration::from_secs(1)),
            19_021,
        ),
        (VECTOR_TIME.before(SIGN_TOLERANCE), 0),
        (
            VECTOR_TIME
                .before(SIGN_TOLERANCE)
                .before(Duration::from_secs(1)),
            19_021,
        ),
    ] {
        clock.set(time);
        assert_eq!(
            code_of(&client, &simulator.feishu().url(), &body).await,
            code,
            "at {time}"
        );
    }
}

#[tokio::test]
async fn five_a_second_and_a_hundred_a_minute_are_let_through() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let url = open_bot(&simulator);
    let mut refused = Vec::new();
    for second in 0..25 {
        for _ in 0..5 {
            if code_of(&client, &url, &text("x")).await == 11_232 {
                refused.push(second);
            }
        }
        if second == 0 {
            assert_eq!(
                code_of(&client, &url, &text("x")).await,
                11_232,
                "the sixth of a second"
            );
        }
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(
        refused,
        [[20; 5], [21; 5], [22; 5], [23; 5], [24; 5]].concat()
    );
    clock.advance(Duration::from_secs(40));
    assert_eq!(code_of(&client, &url, &text("x")).await, 0);
}

#[tokio::test]
async fn a_body_may_have_twenty_kilobytes_and_not_one_byte_more() {
    let (simulator, client) = started().await;
    let url = open_bot(&simulator);
    let room = MAX_BODY_BYTES - text("").to_string().len();
    assert_eq!(code_of(&client, &url, &text(&"x".repeat(room))).await, 0);
    assert_eq!(
        code_of(&client, &url, &text(&"x".repeat(room + 1))).await,
        9_499
    );
}

#[tokio::test]
async fn every_type_needs_its_fields() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let url = open_bot(&simulator);
    let post = |content: Value| json!({"msg_type": "post", "content": {"post": {"zh_cn": {"title": "t", "content": content}}}});
    let card = |element: Value| json!({"msg_type": "interactive", "card": {"elements": [element]}});
    let words = json!({"tag": "plain_text", "content": "w"});
    let button = |url: Value| json!({"tag": "action", "actions": [{"tag": "button", "text": words, "url": url}]});
    let good = [
        json!({"msg_type": "image", "content": {"image_key": "img_x"}}),
        json!({"msg_type": "share_chat", "content": {"share_chat_id": "oc_x"}}),
        post(
            json!([[{"tag": "text", "text": "a"}, {"tag": "a", "text": "o", "href": "https://a.example"}, {"tag": "at", "user_id": "all"}]]),
        ),
        card(json!({"tag": "markdown", "content": "**x**"})),
        card(button("https://a.example".into())),
        json!({"msg_type": "interactive", "card": {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "x"}]}}}),
    ];
    for body in &good {
        assert_eq!(code_of(&client, &url, body).await, 0, "{body}");
        clock.advance(Duration::from_secs(1));
    }
    let bad = [
        json!({"msg_type": "text", "content": {"text": ""}}),
        json!({"msg_type": "text", "content": "x"}),
        json!({"msg_type": "voice", "content": {}}),
        json!({"content": {"text": "x"}}),
        post(json!([])),
        post(json!([{"tag": "text", "text": "not in a paragraph"}])),
        post(json!([[{"tag": "bold", "text": "x"}]])),
        json!({"msg_type": "interactive", "content": {"elements": []}}),
        card(json!({"tag": "markdown"})),
        card(button(Value::Null)),
        json!({"msg_type": "interactive", "card": {"elements": [{"tag": "hr"}], "header": {"title": {"tag": "markdown", "content": "t"}}}}),
    ];
    for body in &bad {
        assert_eq!(code_of(&client, &url, body).await, 9_499, "{body}");
    }
}

#[tokio::test]
async fn tokens_keywords_and_scripted_refusals_have_feishus_codes() {
    let (simulator, client) = started().await;
    let bot = Bot {
        token: "kw".into(),
        secret: None,
        keywords: vec!["告警".into()],
    };
    simulator.feishu().add_bot(bot);
    let url = simulator.feishu().bot_url("kw");
    assert_eq!(code_of(&client, &url, &text("恢复")).await, 19_024);
    assert_eq!(code_of(&client, &url, &text("告警恢复")).await, 0);
    assert_eq!(
        code_of(&client, &simulator.feishu().bot_url("none"), &text("x")).await,
        19_001
    );
    simulator.feishu().fail_times(Mode::RateLimited(1), 1);
    simulator
        .feishu()
        .fail_times(Mode::ErrCode(11_233, "x".into()), 1);
    assert_eq!(code_of(&client, &url, &text("告警")).await, 11_232);
    assert_eq!(code_of(&client, &url, &text("告警")).await, 11_233);
    let well = json_of(client.post(&url).json(&text("告警"))).await;
    assert_eq!(
        (well["code"].clone(), well["StatusCode"].clone()),
        (json!(0), json!(0))
    );
}

#[tokio::test]
async fn an_application_sends_once_for_a_uuid_and_buzzes_its_own_messages() {
    let (simulator, client) = started().await;
    let desks = simulator.feishu_app();
    let base = format!("{}/open-apis", simulator.url());
    let ask = |id: &str, secret: &str| {
        let url = format!("{base}/auth/v3/tenant_access_token/internal");
        json_of(
            client
                .post(url)
                .json(&json!({"app_id": id, "app_secret": secret})),
        )
    };
    let (id, secret) = (desks.token.app_id(), desks.token.app_secret());
    assert_eq!(ask("cli_x", secret).await["code"], 10_003);
    assert_eq!(ask(id, "x").await["code"], 10_014);
    let token = ask(id, secret).await["tenant_access_token"].clone();
    let token = token.as_str().expect("a token");
    let post = |token: &str, kind: &str, body: &Value| {
        let url = format!("{base}/im/v1/messages?receive_id_type={kind}");
        json_of(client.post(url).bearer_auth(token).json(body))
    };
    let text = |id: &str, content: &str| json!({"receive_id": id, "msg_type": "text", "content": content, "uuid": "u"});
    let good = text("ou_demo1", "{\"text\":\"x\"}");
    for (token, kind, body, code) in [
        ("x", "open_id", good.clone(), 99_991_663),
        (token, "phone", good.clone(), 230_001),
        (token, "chat_id", good.clone(), 230_001),
        (token, "open_id", text("ou_demo1", "x"), 230_001),
        (token, "open_id", text("ou_demo1", "{}"), 230_099),
        (
            token,
            "open_id",
            text("ou_demo1", &format!("\"{}\"", "x".repeat(153_600))),
            230_025,
        ),
        (token, "open_id", good.clone(), 0),
    ] {
        assert_eq!(post(token, kind, &body).await["code"], code, "{kind}");
    }
    let sent = post(token, "open_id", &good).await;
    assert_eq!(
        desks.message.received().len(),
        1,
        "the same uuid is the same message"
    );
    let message = sent["data"]["message_id"].as_str().expect("an id");
    let buzz = |message: &str| {
        let url = format!("{base}/im/v1/messages/{message}/urgent_app?user_id_type=open_id");
        json_of(
            client
                .patch(url)
                .bearer_auth(token)
                .json(&json!({"user_id_list": ["ou_demo1"]})),
        )
    };
    assert_eq!(buzz("om_other").await["code"], 230_012);
    assert_eq!(buzz(message).await["code"], 0);
    assert_eq!(desks.message.buzzed(), ["app ou_demo1"]);
}
