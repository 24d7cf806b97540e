//! Buttons below messages in Feishu and WeCom, whose platforms seal and sign what they post, and in Mattermost: whoever
//! presses is looked up, the message says who did what, and forged, stale, repeated and foreign presses change nothing.

use balefire_testkit::Received;
use balefire_testkit::provider::feishu::app::callback as feishu;
use balefire_testkit::provider::wecom::callback::{Receiving, card_event};
use balefire_testkit::simulator::Simulator;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};
use super::providers::simulator;

const TOKEN: &str = "0123456789abcdef0123";
const KEY: &str = "Encrypt0Key0of0a0test";
const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

fn document(sim: &Simulator) -> String {
    let (feishu, wecom) = (&sim.feishu_app().token, sim.wecom_app());
    let base = sim.url();
    format!(
        "server: {{external_url: 'https://alerts.example.com'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  lark: {{kind: feishu_app, base_url: \"{base}\", app_id: {}, app_secret: {}, encrypt_key: {KEY}, verification_token: vt, callback_token: {TOKEN}}}
  com: {{kind: wecom_app, base_url: \"{base}\", corp_id: {}, secret: {}, agent_id: {}, receive_token: tok, encoding_aes_key: {AES_KEY}, callback_token: {TOKEN}}}
  mm: {{kind: mattermost_bot, base_url: \"{base}\", token: {}, callback_token: {TOKEN}}}
people: {{chen-min: {{name: 陈敏, feishu: ou_chen, wecom: ChenMin, mattermost: chen}}}}
receivers:
- name: ops
  feishu_app_configs: [{{account: lark, to_chat: oc_ops}}]
  wechat_configs: [{{account: com, to_user: ChenMin, message_type: card}}]
  mattermost_configs: [{{account: mm, channel: 4xp9fdt77pncbef59f4k1qe83o}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s}}
",
        feishu.app_id(),
        feishu.app_secret(),
        wecom.corp_id(),
        wecom.secret(),
        wecom.agent_id(),
        sim.chats().mattermost_bot.token(),
    )
}

#[expect(clippy::disallowed_methods, reason = "a test's own clock")]
fn now() -> i64 {
    Timestamp::now().as_second()
}

async fn fire(node: &Node) {
    let alert = json!([{"labels": {"alertname": "DiskFull", "instance": "db-1"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", alert).await, Some(200));
}

async fn holder(node: &Node) -> Value {
    ask::get(node, "/api/v1/incidents").await["incidents"][0]["acknowledgedBy"].clone()
}

/// What Feishu posts when a body is sealed and signed.
async fn lark(node: &Node, event: &Value, stamp: i64, key: &str) -> (u16, Value) {
    let body = feishu::sealed(key, event);
    let headers = feishu::headers(key, &stamp.to_string(), &body);
    let mut request = node
        .client
        .post(node.url(&format!("/callback/lark/{TOKEN}")));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    ask::answer(request.header("content-type", ask::JSON).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_feishu_acknowledges_and_the_answer_changes_the_card() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let asked = json!({"type": "url_verification", "challenge": "c-1", "token": "vt"});
    let challenge = (200, json!({"challenge": "c-1"}));
    assert_eq!(lark(&node, &asked, now(), KEY).await, challenge);
    fire(&node).await;
    let sent = eventually("feishu is told", async || {
        sim.feishu_app()
            .message
            .received()
            .first()
            .map(Received::json)
    })
    .await;
    let card: Value =
        serde_json::from_str(sent["content"].as_str().expect("a card")).expect("JSON");
    let row = card["elements"]
        .as_array()
        .and_then(|elements| elements.last());
    let buttons = &row.expect("buttons")["actions"];
    let event = |id: &str, user: &str, value: &Value| {
        json!({"schema": "2.0", "header": {"event_id": id, "token": "vt", "event_type": "card.action.trigger"},
            "event": {"operator": {"open_id": user}, "action": {"tag": "button", "value": value},
                "context": {"open_message_id": "om_sim00000001", "open_chat_id": "oc_ops"}}})
    };
    let press = event("e1", "ou_chen", &buttons[0]["value"]);
    assert_eq!(
        lark(&node, &press, now(), "another key").await.0,
        403,
        "forged"
    );
    assert_eq!(lark(&node, &press, now() - 600, KEY).await.0, 403, "stale");
    let stranger = event("e2", "ou_stranger", &buttons[0]["value"]);
    let (status, answer) = lark(&node, &stranger, now(), KEY).await;
    assert_eq!(
        (status, &answer["toast"]["type"]),
        (200, &json!("error")),
        "{answer}"
    );
    assert_eq!(holder(&node).await, Value::Null, "nothing of this counts");
    for _ in 0..2 {
        let (status, answer) = lark(&node, &press, now(), KEY).await;
        let card = answer["card"]["data"].to_string();
        assert_eq!(
            (status, &answer["toast"]["type"]),
            (200, &json!("success")),
            "{answer}"
        );
        assert!(
            card.contains("Acknowledged by 陈敏") && card.contains("DiskFull"),
            "{card}"
        );
        assert!(!card.contains("\"balefire\":\"acknowledge\""), "{card}");
    }
    assert_eq!(holder(&node).await, "chen-min");
    // The older kind is signed with the token, and its card is changed by a call.
    let old = json!({"open_id": "ou_chen", "open_message_id": "om_sim00000001", "token": "c-1",
        "action": {"tag": "button", "value": buttons[2]["value"]}})
    .to_string();
    let mut request = node
        .client
        .post(node.url(&format!("/callback/lark/{TOKEN}")));
    for (name, value) in feishu::older_headers("vt", &now().to_string(), &old) {
        request = request.header(name, value);
    }
    assert_eq!(ask::answer(request.body(old)).await, (200, json!({})));
    let edit = eventually("the card is changed", async || {
        let calls = sim.feishu_app().message.requests();
        let edit = calls
            .iter()
            .find(|call| call.target.ends_with("/om_sim00000001"));
        edit.map(|call| (call.verdict.clone(), call.json()["content"].to_string()))
    })
    .await;
    assert_eq!(edit.0, balefire_testkit::Verdict::Answered, "{}", edit.1);
    assert!(edit.1.contains("Resolved by 陈敏"), "{}", edit.1);
    node.kill().await;
}

/// The application's page 接收消息, as the document has it.
fn receiving(sim: &Simulator) -> Receiving {
    Receiving {
        token: "tok".to_owned(),
        key: AES_KEY.to_owned(),
        corp_id: sim.wecom_app().corp_id().to_owned(),
    }
}

/// The line that took the place of the buttons.
fn line(sim: &Simulator) -> String {
    let calls = sim.wecom_app().requests();
    let change = calls
        .iter()
        .find(|call| call.target.contains("update_template_card"));
    let change = change.expect("a change").json();
    change["button"]["replace_name"]
        .as_str()
        .expect("a line")
        .to_owned()
}

/// WeCom asks for an opened text when the address is entered; nothing else is answered to GET.
async fn answers_the_echo(node: &Node, page: &Receiving) {
    let at = |query: &str| node.url(&format!("/callback/com/{TOKEN}?{query}"));
    let (query, echo) = page.seal("1616140317555161061", &now().to_string(), "n");
    let mut url = reqwest::Url::parse(&at(&query)).expect("an address");
    url.query_pairs_mut().append_pair("echostr", &echo);
    let answer = node.client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.expect("a text"), "1616140317555161061");
    let bare = node.client.get(at("")).send().await.expect("an answer");
    assert_eq!(bare.status(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_wecom_acknowledges_and_the_buttons_become_a_line() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let page = receiving(&sim);
    let at = |query: &str| node.url(&format!("/callback/com/{TOKEN}?{query}"));
    answers_the_echo(&node, &page).await;

    fire(&node).await;
    let sent = eventually("wecom is told", async || {
        sim.wecom_app().received().first().map(Received::json)
    })
    .await;
    let card = &sent["template_card"];
    let key = card["button_list"][0]["key"].as_str().expect("a key");
    let task = card["task_id"].as_str().expect("a task");
    let event = |user: &str| {
        card_event(
            &page.corp_id,
            user,
            key,
            task,
            &sim.wecom_app().press(),
            now(),
        )
    };
    let post = async |page: &Receiving, event: &str, stamp: i64| {
        let (query, body) = page.post(event, &stamp.to_string(), "n");
        let request = node
            .client
            .post(at(&query))
            .header("content-type", "text/xml");
        request
            .body(body)
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    let press = event("ChenMin");
    let other = Receiving {
        token: "toq".to_owned(),
        ..page.clone()
    };
    assert_eq!(post(&other, &press, now()).await, 403, "forged");
    let other = Receiving {
        corp_id: "wwother".to_owned(),
        ..page.clone()
    };
    assert_eq!(post(&other, &press, now()).await, 403, "another company");
    assert_eq!(post(&page, &press, now() - 600).await, 403, "stale");
    assert_eq!(post(&page, &event("stranger"), now()).await, 200);
    assert_eq!(holder(&node).await, Value::Null, "nothing of this counts");
    for _ in 0..3 {
        assert_eq!(post(&page, &press, now()).await, 200);
    }
    assert_eq!(holder(&node).await, "chen-min");
    let said = async || {
        let calls = sim.wecom_app().requests();
        let changed = calls
            .iter()
            .filter(|call| call.target.contains("update_template_card"));
        let changed = changed.filter(|call| call.verdict == balefire_testkit::Verdict::Answered);
        let told = calls
            .iter()
            .map(Received::json)
            .filter(|body| body["touser"] == "stranger");
        (changed.count(), told.count())
    };
    ask::becomes(
        "the card is changed once, and the stranger hears why not",
        &(1, 1),
        said,
    )
    .await;
    let line = line(&sim);
    assert!(line.contains("Acknowledged by 陈敏"), "{line}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_mattermost_acknowledges_and_the_answer_changes_the_post() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node).await;
    let sent = eventually("mattermost is told", async || {
        sim.chats()
            .mattermost_bot
            .received()
            .first()
            .map(Received::json)
    })
    .await;
    let action = &sent["props"]["attachments"][0]["actions"][0];
    let url = action["integration"]["url"].as_str().expect("an address");
    let path = url
        .strip_prefix("https://alerts.example.com")
        .expect("ours")
        .to_owned();
    let press = |name: &str| {
        json!({"user_id": "u", "user_name": name, "channel_id": sent["channel_id"], "post_id": "p", "type": "button",
            "trigger_id": name, "context": action["integration"]["context"]})
        .to_string()
    };
    let post = async |path: &str, body: String| {
        ask::answer(
            node.client
                .post(node.url(path))
                .header("content-type", ask::JSON)
                .body(body),
        )
        .await
    };
    assert_eq!(post(&path.replace(TOKEN, "x"), press("chen")).await.0, 401);
    let (status, answer) = post(&path, press("eve")).await;
    assert_eq!(
        (status, answer["ephemeral_text"].is_string()),
        (200, true),
        "{answer}"
    );
    assert_eq!(holder(&node).await, Value::Null);
    let (status, answer) = post(&path, press("chen")).await;
    let text = answer["update"]["props"]["attachments"][0]["text"].to_string();
    assert!(
        status == 200 && text.contains("Acknowledged by 陈敏"),
        "{answer}"
    );
    assert_eq!(holder(&node).await, "chen-min");
    node.kill().await;
}
