//! A button below a message in Slack or Telegram acknowledges for whoever pressed it, if the document knows them: the
//! message says who did what. Forged, stale, repeated and foreign presses change nothing.

use aws_lc_rs::hmac;
use balefire_testkit::Received;
use balefire_testkit::simulator::Simulator;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};
use super::providers::simulator;

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const TOKEN: &str = "0123456789abcdef0123";
const OTHER: &str = "abcdef0123456789abcd";

fn document(sim: &Simulator) -> String {
    let telegram = &sim.chats().telegram;
    format!(
        "server: {{external_url: 'https://alerts.example.com'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  slack: {{kind: slack_bot, base_url: \"{}\", token: {}, signing_secret: {SECRET}, callback_token: {TOKEN}}}
  bare: {{kind: slack_bot, base_url: \"{}\", token: {}, callback_token: {OTHER}}}
  tg: {{kind: telegram, base_url: \"{}\", bot_token: \"{}\", webhook_secret: {SECRET}, callback_token: {TOKEN}, clicks: anyone}}
people: {{chen-min: {{name: 陈敏, slack: U0CHEN001}}}}
receivers:
- name: ops
  slack_configs: [{{account: slack, channel: C0OPS0001}}, {{account: bare, channel: C0OPS0002}}]
  telegram_configs: [{{account: tg, chat_id: -1001}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s}}
",
        sim.slack_bot().api_url(),
        sim.slack_bot().token(),
        sim.slack_bot().api_url(),
        sim.slack_bot().token(),
        sim.url(),
        telegram.token(),
    )
}

#[expect(clippy::disallowed_methods, reason = "a test's own clock")]
fn now() -> i64 {
    Timestamp::now().as_second()
}

/// What Slack posts when somebody presses a button of a message that it showed.
fn press(sent: &Value, deed: &str, user: &str, at: &str) -> String {
    let rows = sent["attachments"][0]["blocks"].as_array();
    let row = rows.and_then(|blocks| blocks.iter().find(|block| block["type"] == "actions"));
    let button = row
        .and_then(|row| row["elements"].as_array())
        .and_then(|buttons| {
            let id = format!("balefire_{deed}");
            buttons
                .iter()
                .find(|button| button["action_id"] == id.as_str())
        });
    let button = button.unwrap_or_else(|| panic!("no button {deed}: {sent}"));
    let payload = json!({
        "type": "block_actions",
        "user": {"id": user, "name": "somebody"},
        "container": {"channel_id": "C0OPS0001", "message_ts": sent["ts"]},
        "message": {"ts": sent["ts"], "text": sent["text"], "attachments": sent["attachments"]},
        "actions": [{"action_id": button["action_id"], "value": button["value"], "action_ts": at}],
        "response_url": "http://127.0.0.1:1/never",
    });
    let mut url = reqwest::Url::parse("http://127.0.0.1/").expect("an address");
    url.query_pairs_mut()
        .append_pair("payload", &payload.to_string());
    url.query().expect("a form").to_owned()
}

async fn post(node: &Node, path: &str, body: &str, stamp: i64, secret: &str) -> u16 {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{stamp}:{body}").as_bytes());
    let hex = tag
        .as_ref()
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let request = node
        .client
        .post(node.url(path))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-slack-request-timestamp", stamp.to_string())
        .header("x-slack-signature", format!("v0={hex}"))
        .body(body.to_owned());
    request.send().await.expect("an answer").status().as_u16()
}

async fn incidents(node: &Node) -> Value {
    ask::get(node, "/api/v1/incidents").await["incidents"].clone()
}

/// The message that the bot posted in this channel, with the id that Slack gave it.
async fn posted(sim: &Simulator, node: &Node, channel: &str) -> Value {
    let mut sent = eventually("slack is told", async || {
        let posts = sim.slack_bot().received();
        posts
            .iter()
            .map(Received::json)
            .find(|body| body["channel"] == channel)
    })
    .await;
    let account = if channel == "C0OPS0001" {
        "slack"
    } else {
        "bare"
    };
    let path = format!("/api/v1/notifications?account={account}&state=delivered");
    let seq = eventually("it is delivered", async || {
        ask::get(node, &path).await["notifications"][0]["seq"].as_u64()
    })
    .await;
    let shown = ask::get(node, &format!("/api/v1/notifications/{seq}")).await;
    sent["ts"] = shown["tries"][0]["providerId"].clone();
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_slack_acknowledges_for_a_person_of_the_document() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let alert = json!([{"labels": {"alertname": "DiskFull", "instance": "db-1"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", alert).await, Some(200));
    let sent = posted(&sim, &node, "C0OPS0001").await;
    let bare = posted(&sim, &node, "C0OPS0002").await;
    assert!(
        !bare.to_string().contains("balefire_"),
        "no secret, no buttons: {bare}"
    );

    let path = format!("/callback/slack/{TOKEN}");
    let body = press(&sent, "acknowledge", "U0CHEN001", "1.1");
    let wrong = "0f1e2d3c4b5a69788796a5b4c3d2e1f1";
    assert_eq!(post(&node, &path, &body, now(), wrong).await, 403, "forged");
    assert_eq!(
        post(&node, &path, &body, now() - 600, SECRET).await,
        403,
        "stale"
    );
    assert_eq!(
        post(
            &node,
            &format!("/callback/slack/{OTHER}"),
            &body,
            now(),
            SECRET
        )
        .await,
        401
    );
    assert_eq!(
        post(
            &node,
            &format!("/callback/bare/{OTHER}"),
            &body,
            now(),
            SECRET
        )
        .await,
        403
    );
    let huge = "x".repeat(600 * 1024);
    assert_eq!(post(&node, &path, &huge, now(), SECRET).await, 413);
    let stranger = press(&sent, "acknowledge", "U0STRANGER", "1.2");
    assert_eq!(post(&node, &path, &stranger, now(), SECRET).await, 200);
    assert_eq!(incidents(&node).await, json!([]), "nothing of this counts");

    for _ in 0..3 {
        assert_eq!(post(&node, &path, &body, now(), SECRET).await, 200);
    }
    let held = incidents(&node).await[0].clone();
    assert_eq!(held["acknowledgedBy"], "chen-min", "{held}");
    let edits = async || {
        let calls = sim.slack_bot().received();
        let paths = calls.iter().map(|call| call.target.clone());
        let count = |method: &str| paths.clone().filter(|path| path.ends_with(method)).count();
        (count("chat.update"), count("chat.postEphemeral"))
    };
    ask::becomes(
        "the message says who, once, and the stranger hears why not",
        &(1, 1),
        edits,
    )
    .await;
    let calls = sim.slack_bot().received();
    let edit = calls
        .iter()
        .find(|call| call.target.ends_with("chat.update"))
        .expect("an edit");
    let edit = edit.json();
    assert!(edit.to_string().contains("Acknowledged by 陈敏"), "{edit}");
    assert!(!edit.to_string().contains("balefire_acknowledge"), "{edit}");
    assert!(edit.to_string().contains("balefire_resolve"), "{edit}");
    let over = press(&sent, "resolve", "U0CHEN001", "1.3");
    assert_eq!(post(&node, &path, &over, now(), SECRET).await, 200);
    assert_eq!(incidents(&node).await[0]["state"], "resolved");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_telegram_answers_and_the_message_says_so() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let alert = json!([{"labels": {"alertname": "DiskFull", "instance": "db-1"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", alert).await, Some(200));
    let sent = eventually("telegram is told", async || {
        sim.chats().telegram.received().first().map(Received::json)
    })
    .await;
    let row = &sent["reply_markup"]["inline_keyboard"][0];
    let data = row[1]["callback_data"]
        .as_str()
        .expect("a button")
        .to_owned();
    assert!(data.starts_with("s:") && data.len() <= 64, "{data}");
    let update = json!({"update_id": 7, "callback_query": {
        "id": "438", "from": {"id": 10_001, "is_bot": false, "first_name": "Alice"}, "data": data,
        "message": {"message_id": 1, "date": 1, "chat": {"id": -1001}, "text": "DiskFull", "reply_markup": sent["reply_markup"]},
    }});
    let press_with = async |secret: &str| {
        let request = node.client.post(node.url(&format!("/callback/tg/{TOKEN}")));
        let request = request.header("x-telegram-bot-api-secret-token", secret);
        ask::answer(
            request
                .header("content-type", ask::JSON)
                .body(update.to_string()),
        )
        .await
    };
    assert_eq!(press_with("0f1e2d3c4b5a69788796a5b4c3d2e1f1").await.0, 403);
    for _ in 0..2 {
        let (status, answer) = press_with(SECRET).await;
        assert_eq!(
            (status, &answer["method"]),
            (200, &json!("answerCallbackQuery")),
            "{answer}"
        );
    }
    let silences = ask::get(&node, "/api/v2/silences").await;
    assert_eq!(silences.as_array().map(Vec::len), Some(1), "{silences}");
    assert_eq!(silences[0]["createdBy"], "telegram:10001");
    let edit = eventually("the message says so", async || {
        let calls = sim.chats().telegram.received();
        let edit = calls
            .iter()
            .find(|call| call.target.ends_with("editMessageText"));
        edit.map(Received::json)
    })
    .await;
    let text = edit["text"].as_str().expect("a text");
    assert!(
        text.contains("Silenced for 1 hour by telegram:10001"),
        "{text}"
    );
    node.kill().await;
}
