//! Robot, application and tokens against the vendor's limits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use serde_json::Value;

use super::app::{AGENT_ID, MEMBER_PER_MINUTE};
use super::token::{CORP_ID, CORP_SECRET};
use super::*;
use crate::mode::Mode;
use crate::simulator::Simulator;
use crate::tests::{json_of, started};

mod application;

fn text(words: &str) -> Value {
    json!({"msgtype": "text", "text": {"content": words}})
}

async fn code_of(client: &Client, url: &str, body: &Value) -> i64 {
    json_of(client.post(url).json(body)).await["errcode"]
        .as_i64()
        .expect("a code")
}

#[tokio::test]
async fn a_robot_takes_twenty_messages_a_minute() {
    let (simulator, client) = started().await;
    let url = simulator.wecom_robot().url();
    for _ in 0..20 {
        assert_eq!(code_of(&client, &url, &text("x")).await, 0);
    }
    let refused = json_of(client.post(&url).json(&text("x"))).await;
    assert_eq!(refused["errcode"], 45_009);
    let words = refused["errmsg"].as_str().expect("words");
    assert!(
        words.starts_with("api freq out of limit, hint: ["),
        "{words}"
    );
    assert!(words.ends_with("devtool/query?e=45009"), "{words}");
    simulator
        .clock()
        .expect("its own")
        .advance(Duration::from_mins(1));
    assert_eq!(code_of(&client, &url, &text("x")).await, 0);
}

#[tokio::test]
async fn a_robots_texts_are_limited_in_bytes() {
    let (simulator, client) = started().await;
    let url = simulator.wecom_robot().url();
    let of = |kind: &str, bytes: usize| {
        let words = format!("{}{}", "告".repeat(bytes / 3), "x".repeat(bytes % 3));
        json!({"msgtype": kind, kind: {"content": words}})
    };
    for (kind, most) in [("text", 2_048), ("markdown", 4_096), ("markdown_v2", 4_096)] {
        assert_eq!(code_of(&client, &url, &of(kind, most)).await, 0, "{kind}");
        let refused = json_of(client.post(&url).json(&of(kind, most + 1))).await;
        assert_eq!(refused["errcode"], 40_058);
        let words = refused["errmsg"].as_str().expect("words");
        assert!(
            words.starts_with(&format!("{kind}.content exceed max length {most}")),
            "{words}"
        );
    }
    assert_eq!(code_of(&client, &url, &of("text", 0)).await, 44_004);
}

#[tokio::test]
async fn a_robots_key_type_and_fields_are_checked() {
    let (simulator, client) = started().await;
    let robot = simulator.wecom_robot();
    let url = robot.url();
    assert_eq!(
        code_of(&client, &robot.robot_url("nobody"), &text("x")).await,
        93_000
    );
    let broken = json_of(client.post(&url).body("{'msgtype':'text'}")).await;
    assert_eq!(broken["errcode"], 40_008);
    assert!(
        broken["errmsg"]
            .as_str()
            .expect("words")
            .contains("wrong json format")
    );
    let article = json!({"title": "t", "url": "https://a.example"});
    let card = json!({"card_type": "text_notice", "main_title": {"title": "t"},
        "card_action": {"type": 1, "url": "https://a.example"}});
    let interactive = json!({"card_type": "button_interaction", "main_title": {"title": "t"},
        "task_id": "a", "button_list": [{"text": "Ack", "key": "ack"}]});
    for (body, code) in [
        (
            json!({"msgtype": "news", "news": {"articles": [article]}}),
            0,
        ),
        (
            json!({"msgtype": "news", "news": {"articles": vec![&article; 9]}}),
            40_058,
        ),
        (json!({"msgtype": "news", "news": {"articles": []}}), 40_058),
        (
            json!({"msgtype": "template_card", "template_card": card}),
            0,
        ),
        (
            json!({"msgtype": "template_card", "template_card": {"card_type": "text_notice"}}),
            40_063,
        ),
        (
            json!({"msgtype": "template_card", "template_card": interactive}),
            40_035,
        ),
        (json!({"msgtype": "textcard", "textcard": {}}), 40_008),
        (json!({"msgtype": "text"}), 40_063),
        (
            json!({"msgtype": "text", "text": {"content": "x", "mentioned_list": "u1"}}),
            40_035,
        ),
        (
            json!({"msgtype": "text", "text": {"content": "x", "mentioned_mobile_list": ["@all"]}}),
            0,
        ),
    ] {
        assert_eq!(code_of(&client, &url, &body).await, code, "{body}");
    }
}

#[tokio::test]
async fn a_robots_picture_carries_the_md5_of_its_bytes() {
    let (simulator, client) = started().await;
    let url = simulator.wecom_robot().url();
    let picture = b"\x89PNG\r\n\x1a\nabc".as_slice();
    let image = |bytes: &[u8], md5: &str| json!({"msgtype": "image", "image": {"base64": STANDARD.encode(bytes), "md5": md5}});
    // As md5sum prints it.
    let sum = "39b2b80fc1a01520918bcf1d75702832";
    assert_eq!(code_of(&client, &url, &image(picture, sum)).await, 0);
    assert_eq!(
        code_of(&client, &url, &image(picture, &sum.replace('a', "b"))).await,
        301_019
    );
    assert_eq!(code_of(&client, &url, &image(b"GIF89a", sum)).await, 40_009);
    let mut large = picture.to_vec();
    large.resize((2 << 20) + 1, 0);
    assert_eq!(code_of(&client, &url, &image(&large, sum)).await, 40_009);
}

#[tokio::test]
async fn a_robots_file_must_have_been_uploaded_with_its_key() {
    let (simulator, client) = started().await;
    let robot = simulator.wecom_robot();
    let upload = |kind: &str, field: &'static str, bytes: &[u8]| {
        let url = robot
            .url()
            .replace("/send?", &format!("/upload_media?type={kind}&"));
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name("alerts.json");
        client
            .post(url)
            .multipart(reqwest::multipart::Form::new().part(field, part))
    };
    let uploaded = json_of(upload("file", "media", b"{\"alerts\":[]}")).await;
    assert_eq!(uploaded["errcode"], 0);
    assert!(uploaded["created_at"].is_string());
    assert_eq!(
        json_of(upload("file", "file", b"123456")).await["errcode"],
        44_001
    );
    assert_eq!(
        json_of(upload("file", "media", b"12345")).await["errcode"],
        40_006
    );
    assert_eq!(
        json_of(upload("movie", "media", b"123456")).await["errcode"],
        40_004
    );
    let file = |id: &Value| json!({"msgtype": "file", "file": {"media_id": id}});
    let id = &uploaded["media_id"];
    assert_eq!(code_of(&client, &robot.url(), &file(id)).await, 0);
    assert_eq!(
        code_of(&client, &robot.url(), &file(&"other".into())).await,
        40_007
    );
    robot.add_robot("second");
    assert_eq!(
        code_of(&client, &robot.robot_url("second"), &file(id)).await,
        40_007
    );
    simulator
        .clock()
        .expect("its own")
        .advance(Duration::from_hours(72));
    assert_eq!(code_of(&client, &robot.url(), &file(id)).await, 40_007);
    assert_eq!(robot.counts().accepted, 1, "uploads are no messages");
}

#[tokio::test]
async fn mentions_that_do_nothing_are_noted() {
    let (simulator, client) = started().await;
    let body = json!({"msgtype": "markdown_v2", "markdown_v2": {"content": "hi <@zhangsan>"}});
    assert_eq!(
        code_of(&client, &simulator.wecom_robot().url(), &body).await,
        0
    );
    assert_eq!(
        simulator.wecom_robot().received()[0].notes,
        ["markdown_v2 mentions nobody"]
    );
}

#[tokio::test]
async fn scripted_refusals_of_a_robot_have_wecoms_codes() {
    let (simulator, client) = started().await;
    let robot = simulator.wecom_robot();
    robot.fail_times(Mode::RateLimited(60), 1);
    robot.fail_times(Mode::ExpiredToken, 1);
    robot.fail_times(Mode::ErrCode(-1, "system busy".into()), 1);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(code_of(&client, &robot.url(), &text("x")).await);
    }
    assert_eq!(codes, [45_009, 93_000, -1, 0]);
}
