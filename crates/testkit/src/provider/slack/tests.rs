//! Hook and bot against the limits of Block Kit and the vendor's error names.

use std::time::Duration;

use reqwest::Client;
use serde_json::json;

use super::*;
use crate::mode::Mode;
use crate::received::Verdict;
use crate::simulator::Simulator;
use crate::tests::{json_of, started, text_of};

fn section(words: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": words}})
}

async fn hook(client: &Client, url: &str, body: &Value) -> (u16, String) {
    text_of(client.post(url).json(body)).await
}

async fn call(simulator: &Simulator, client: &Client, method: &str, body: &Value) -> Value {
    let bot = simulator.slack_bot();
    let url = format!("{}/{method}", bot.api_url());
    json_of(client.post(url).bearer_auth(bot.token()).json(body)).await
}

#[tokio::test]
async fn a_hook_answers_ok_in_plain_text_and_takes_forms_too() {
    let (simulator, client) = started().await;
    let url = simulator.slack_hook().url();
    assert_eq!(
        hook(&client, &url, &json!({"text": "x"})).await,
        (200, "ok".into())
    );
    let form = client
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded");
    let form = form.body("payload=%7B%22text%22%3A%22%E5%91%8A%E8%AD%A6%22%7D");
    assert_eq!(text_of(form).await, (200, "ok".into()));
    assert_eq!(simulator.slack_hook().counts().accepted, 2);
}

#[tokio::test]
async fn a_hook_refuses_with_slacks_words() {
    let (simulator, client) = started().await;
    let hooks = simulator.slack_hook();
    let url = hooks.url();
    let refused = |status, name: &str| (status, name.to_owned());
    let attachment = json!({"text": "x"});
    for (body, expected) in [
        (json!({}), refused(400, "no_text")),
        (json!({"text": " "}), refused(400, "no_text")),
        (json!(["x"]), refused(400, "invalid_payload")),
        (json!({"text": 5}), refused(400, "invalid_payload")),
        (json!({"blocks": {}}), refused(400, "invalid_blocks_format")),
        (
            json!({"blocks": [{"type": "poem"}]}),
            refused(400, "invalid_blocks"),
        ),
        (
            json!({"attachments": vec![&attachment; 100]}),
            refused(200, "ok"),
        ),
        (
            json!({"attachments": vec![&attachment; 101]}),
            refused(400, "too_many_attachments"),
        ),
    ] {
        assert_eq!(hook(&client, &url, &body).await, expected, "{body}");
    }
    let broken = client
        .post(&url)
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(text_of(broken).await, refused(400, "invalid_payload"));
    let text = json!({"text": "x"});
    let wrong_secret = hooks.hook_url("T0SIM00001/B0SIM00001/another");
    assert_eq!(
        hook(&client, &wrong_secret, &text).await,
        refused(403, "invalid_token")
    );
    let removed = hooks.hook_url("T0SIM00001/B0SIM00009/another");
    assert_eq!(
        hook(&client, &removed, &text).await,
        refused(404, "no_service")
    );
}

#[tokio::test]
async fn after_a_burst_a_hook_asks_to_wait() {
    let (simulator, client) = started().await;
    let url = simulator.slack_hook().url();
    let text = json!({"text": "x"});
    for _ in 0..BURST {
        assert_eq!(hook(&client, &url, &text).await.0, 200);
    }
    let reply = client
        .post(&url)
        .json(&text)
        .send()
        .await
        .expect("an answer");
    assert_eq!(reply.status(), 429);
    assert_eq!(reply.headers()["retry-after"], "1");
    simulator
        .clock()
        .expect("its own")
        .advance(Duration::from_secs(1));
    assert_eq!(hook(&client, &url, &text).await.0, 200);
    assert_eq!(hook(&client, &url, &text).await.0, 429);
}

#[test]
fn blocks_are_limited_at_n_and_not_at_n_plus_one() {
    let button = |words: &str, value: &str| json!({"type": "button", "text": {"type": "plain_text", "text": words}, "value": value});
    let actions =
        |count: usize| json!({"type": "actions", "elements": vec![button("a", "v"); count]});
    let words = |count: usize| "告".repeat(count);
    let header =
        |count| json!({"type": "header", "text": {"type": "plain_text", "text": words(count)}});
    let field = |count| json!({"type": "mrkdwn", "text": words(count)});
    let fields =
        |count: usize, length| json!({"type": "section", "fields": vec![field(length); count]});
    let context = |count: usize| json!({"type": "context", "elements": vec![field(1); count]});
    let labelled =
        |words: &str, value: &str| json!({"type": "actions", "elements": [button(words, value)]});
    let markdown = |count| json!({"type": "markdown", "text": words(count)});
    let named = |count: usize| json!({"type": "divider", "block_id": "b".repeat(count)});
    for (fits, over) in [
        (header(150), header(151)),
        (section(&words(3_000)), section(&words(3_001))),
        (fields(10, 2_000), fields(11, 2_000)),
        (fields(1, 2_000), fields(1, 2_001)),
        (context(10), context(11)),
        (actions(25), actions(26)),
        (labelled(&words(75), "v"), labelled(&words(76), "v")),
        (labelled("a", &words(2_000)), labelled("a", &words(2_001))),
        (markdown(12_000), markdown(12_001)),
        (named(255), named(256)),
    ] {
        assert_eq!(
            blocks::check(std::slice::from_ref(&fits)),
            Ok(()),
            "{}",
            fits["type"]
        );
        assert!(blocks::check(&[over]).is_err(), "{}", fits["type"]);
    }
    assert_eq!(blocks::check(&vec![section("x"); 50]), Ok(()));
    let why = blocks::check(&vec![section("x"); 51]).expect_err("too many");
    assert_eq!(why, "no more than 50 items allowed [json-pointer:/blocks]");
}

#[test]
fn blocks_need_their_fields() {
    for bad in [
        json!({}),
        json!({"type": "section"}),
        section(""),
        json!({"type": "section", "text": "x"}),
        json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        json!({"type": "actions", "elements": []}),
        json!({"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "a"}, "style": "red"}]}),
        json!({"type": "image", "image_url": "https://a.example/x.png"}),
        json!({"type": "context"}),
    ] {
        assert!(blocks::check(std::slice::from_ref(&bad)).is_err(), "{bad}");
    }
    let twice = json!({"type": "divider", "block_id": "b"});
    assert!(blocks::check(&[twice.clone(), twice]).is_err());
}

#[tokio::test]
async fn a_bot_posts_updates_and_answers_in_a_thread() {
    let (simulator, client) = started().await;
    let posted = call(
        &simulator,
        &client,
        "chat.postMessage",
        &json!({"channel": "C1", "text": "x", "blocks": [section("x")]}),
    )
    .await;
    assert_eq!(
        (&posted["ok"], &posted["channel"]),
        (&json!(true), &json!("C1"))
    );
    let ts = posted["ts"].as_str().expect("a ts");
    assert_eq!(ts, "1795249800.000001");
    let thread = json!({"channel": "C1", "text": "y", "thread_ts": ts});
    assert_eq!(
        call(&simulator, &client, "chat.postMessage", &thread).await["ok"],
        true
    );
    let update = json!({"channel": "C1", "ts": ts, "text": "z", "blocks": [], "attachments": []});
    assert_eq!(
        call(&simulator, &client, "chat.update", &update).await["ok"],
        true
    );
    for (method, body, error) in [
        (
            "chat.update",
            json!({"channel": "C1", "ts": "1.000001", "text": "z"}),
            "message_not_found",
        ),
        (
            "chat.update",
            json!({"channel": "U1", "ts": ts, "text": "z"}),
            "channel_not_found",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C1", "text": "y", "thread_ts": "1.5"}),
            "cannot_reply_to_message",
        ),
    ] {
        assert_eq!(
            call(&simulator, &client, method, &body).await["error"],
            error
        );
    }
    let identity = call(&simulator, &client, "auth.test", &json!({})).await;
    assert_eq!(
        (&identity["ok"], &identity["bot_id"]),
        (&json!(true), &json!("B0SIM00001"))
    );
    assert_eq!(simulator.slack_bot().counts().accepted, 3);
}

#[tokio::test]
async fn a_bots_refusals_come_as_ok_false_in_a_200() {
    let (simulator, client) = started().await;
    simulator.slack_bot().set_channels(&["C1"]);
    for (method, body, error) in [
        (
            "chat.postMessage",
            json!({"channel": "C2", "text": "x"}),
            "channel_not_found",
        ),
        (
            "chat.postMessage",
            json!({"text": "x"}),
            "invalid_arguments",
        ),
        ("chat.postMessage", json!({"channel": "C1"}), "no_text"),
        (
            "chat.postMessage",
            json!({"channel": "C1", "blocks": [{"type": "section"}]}),
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C1", "text": "x", "markdown_text": "y"}),
            "markdown_text_conflict",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C1", "markdown_text": "y".repeat(12_001)}),
            "msg_too_long",
        ),
        ("chat.dance", json!({}), "unknown_method"),
    ] {
        let reply = call(&simulator, &client, method, &body).await;
        assert_eq!(
            (&reply["ok"], reply["error"].as_str()),
            (&json!(false), Some(error)),
            "{body}"
        );
    }
    let invalid = &simulator.slack_bot().requests()[3];
    assert!(matches!(&invalid.verdict, Verdict::Refused(why) if why.contains("/blocks/0")));
}

#[tokio::test]
async fn a_bots_token_belongs_into_the_header() {
    let (simulator, client) = started().await;
    let bot = simulator.slack_bot();
    let url = format!("{}/auth.test", bot.api_url());
    let error = async |request: reqwest::RequestBuilder| json_of(request).await["error"].clone();
    assert_eq!(error(client.post(&url)).await, "not_authed");
    assert_eq!(
        error(client.post(&url).bearer_auth("xoxb-wrong")).await,
        "invalid_auth"
    );
    assert_eq!(
        error(client.post(format!("{url}?token={}", bot.token()))).await,
        "not_authed"
    );
    bot.fail_times(Mode::ExpiredToken, 1);
    assert_eq!(
        error(client.post(&url).bearer_auth(bot.token())).await,
        "token_expired"
    );
}

#[tokio::test]
async fn each_channel_of_a_bot_has_its_own_pace() {
    let (simulator, client) = started().await;
    let bot = simulator.slack_bot();
    let url = format!("{}/chat.postMessage", bot.api_url());
    let post = |channel: &str| {
        let body = json!({"channel": channel, "text": "x"});
        let request = client.post(&url).bearer_auth(bot.token()).json(&body);
        async { request.send().await.expect("an answer") }
    };
    for _ in 0..BURST {
        assert_eq!(post("C1").await.status(), 200);
    }
    let reply = post("C1").await;
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["retry-after"]),
        (429, &"1".parse().expect("a value"))
    );
    assert_eq!(
        reply.json::<Value>().await.expect("JSON"),
        json!({"ok": false, "error": "ratelimited"})
    );
    assert_eq!(post("C2").await.status(), 200);
}

#[tokio::test]
async fn a_silent_notification_and_a_cut_text_are_noted() {
    let (simulator, client) = started().await;
    let url = simulator.slack_hook().url();
    assert_eq!(
        hook(&client, &url, &json!({"blocks": [section("x")]}))
            .await
            .0,
        200
    );
    assert_eq!(
        hook(&client, &url, &json!({"text": "x".repeat(40_000)}))
            .await
            .0,
        200
    );
    assert_eq!(
        hook(&client, &url, &json!({"text": "x".repeat(40_001)}))
            .await
            .0,
        200
    );
    let notes: Vec<usize> = simulator
        .slack_hook()
        .received()
        .iter()
        .map(|received| received.notes.len())
        .collect();
    assert_eq!(notes, [1, 0, 1]);
}

#[tokio::test]
async fn an_upload_takes_the_bytes_that_were_announced_and_is_shared_below_a_parent() {
    let (simulator, client) = started().await;
    let announced = json!({"filename": "a.png", "length": "3"});
    let answer = call(
        &simulator,
        &client,
        "files.getUploadURLExternal",
        &announced,
    )
    .await;
    let url = answer["upload_url"].as_str().expect("an address");
    let sent = json!({"channel": "C1", "text": "x"});
    let sent = call(&simulator, &client, "chat.postMessage", &sent).await;
    let below = json!({"channel": "C1", "text": "x", "thread_ts": sent["ts"]});
    let below = call(&simulator, &client, "chat.postMessage", &below).await;
    let share = |ts: &Value| json!({"files": [{"id": answer["file_id"]}], "channel_id": "C1", "thread_ts": ts});
    let method = "files.completeUploadExternal";
    let refused = call(&simulator, &client, method, &share(&sent["ts"])).await;
    assert_eq!(refused["error"], "file_not_found", "it has no bytes");
    assert_eq!(text_of(client.post(url).body("xx")).await.0, 400);
    let named = client.post(url).bearer_auth("xoxb").body("xxx");
    assert_eq!(
        text_of(named).await.0,
        400,
        "the token has no business there"
    );
    assert_eq!(text_of(client.post(url).body("xxx")).await.0, 200);
    let refused = call(&simulator, &client, method, &share(&below["ts"])).await;
    assert_eq!(
        refused["error"], "thread_not_found",
        "an answer is no parent"
    );
    let shared = call(&simulator, &client, method, &share(&sent["ts"])).await;
    assert_eq!(shared["ok"], true, "{shared}");
    assert_eq!(simulator.slack_bot().files().len(), 1);
}
