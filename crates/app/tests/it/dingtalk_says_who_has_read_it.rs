//! DingTalk's application: a press below an interactive card acknowledges, and the card says so; a work notice is followed until it
//! is known who has read it, and whoever could not be told is told by the fallback.

use balefire_testkit::Received;
use balefire_testkit::provider::dingtalk_app::robot::DingTalkRobotSim;
use balefire_testkit::simulator::Simulator;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};
use super::providers::simulator;

const AWAY: &str = "https://alerts.example.com";
const TOKEN: &str = "0123456789abcdef0123";
const SECRET: &str = "card-api-secret";

fn document(sim: &Simulator) -> String {
    let app = sim.dingtalk_app();
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  corp: {{kind: dingtalk_app, base_url: \"{}\", client_id: {}, client_secret: {}, agent_id: {}, card_template_id: tpl.schema,
    card_secret: {SECRET}, callback_token: {TOKEN}}}
  hook: {{kind: webhook, url: \"{}\"}}
people: {{chen-min: {{name: 陈敏, dingtalk: u1}}}}
receivers:
- name: cards
  dingtalk_app_configs: [{{account: corp, via: card, conversation_id: cid-ops}}]
- name: notices
  fallback: others
  dingtalk_app_configs: [{{account: corp, to_user: [u1, u2, u3]}}]
- name: others
  webhook_configs: [{{account: hook}}]
route:
  receiver: cards
  group_wait: 0s
  group_by: [alertname]
  routes: [{{matchers: ['by=\"notice\"'], receiver: notices}}]
",
        sim.url(),
        app.token.client_id(),
        app.token.client_secret(),
        app.notice.agent_id(),
        sim.webhook().url("fallback"),
    )
}

async fn fire(node: &Node, labels: Value) {
    let body = json!([{"labels": labels}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", body).await, Some(200));
}

#[expect(clippy::disallowed_methods, reason = "a test's own clock")]
pub(super) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

async fn holder(node: &Node) -> Value {
    ask::get(node, "/api/v1/incidents").await["incidents"][0]["acknowledgedBy"].clone()
}

/// What DingTalk says of a press below a card.
pub(super) fn event(card: &Value, user: &str, action: &str) -> Value {
    let token = &card["cardData"]["cardParamMap"]["token"];
    let params = json!({"action": action, "token": token});
    let content = json!({"cardPrivateData": {"actionIds": ["1"], "params": params}}).to_string();
    json!({"type": "actionCallback", "outTrackId": card["outTrackId"], "corpId": "dingcorp", "userId": user,
        "content": content})
}

/// A press as DingTalk posts it to the address that the account registered.
pub(super) async fn press(
    node: &Node,
    path: &str,
    secret: &str,
    millis: i64,
    event: &Value,
) -> (u16, Value) {
    let mut request = node.client.post(node.url(path));
    for (name, value) in DingTalkRobotSim::signed(secret, &millis.to_string()) {
        request = request.header(name, value);
    }
    let body = event.to_string();
    ask::answer(request.header("content-type", ask::JSON).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_below_a_card_acknowledges_and_the_answer_changes_the_card() {
    let sim = simulator().await;
    let robot = &sim.dingtalk_app().robot;
    robot.add_group("cid-ops");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, json!({"alertname": "DiskFull"})).await;
    let card = eventually("a card is delivered", async || {
        let calls = robot.requests();
        let card = calls
            .iter()
            .find(|call| call.target.ends_with("/createAndDeliver"));
        card.map(Received::json)
    })
    .await;
    let shown = &card["cardData"]["cardParamMap"];
    assert_eq!(shown["state"], "open", "{card}");
    let key = card["callbackRouteKey"].as_str().expect("a route");
    let (url, secret) = robot.card_route(key).expect("registered before the card");
    assert_eq!(secret, SECRET);
    let path = url.strip_prefix(AWAY).expect("ours").to_owned();
    let event = |user: &str, action: &str| event(&card, user, action);
    let good = event("u1", "acknowledge");
    assert_eq!(
        press(&node, &path, "another", now(), &good).await.0,
        403,
        "forged"
    );
    assert_eq!(
        press(&node, &path, SECRET, now() - 600_000, &good).await.0,
        403,
        "played again later"
    );
    let elsewhere = path.replace(TOKEN, "0123456789abcdef0124");
    assert_eq!(press(&node, &elsewhere, SECRET, now(), &good).await.0, 401);
    let (status, answer) = press(
        &node,
        &path,
        SECRET,
        now(),
        &event("stranger", "acknowledge"),
    )
    .await;
    assert_eq!(
        (status, &answer["cardData"]),
        (200, &Value::Null),
        "only who pressed hears why not"
    );
    assert!(
        answer["userPrivateData"]["cardParamMap"]["status"].is_string(),
        "{answer}"
    );
    assert_eq!(holder(&node).await, Value::Null, "nothing of this counts");

    let at = now();
    for _ in 0..2 {
        let (status, answer) = press(&node, &path, SECRET, at, &good).await;
        let changed = &answer["cardData"]["cardParamMap"];
        assert_eq!(
            (status, &changed["state"]),
            (200, &json!("acknowledged")),
            "{answer}"
        );
        assert_eq!(answer["cardUpdateOptions"]["updateCardDataByKey"], true);
        let words = changed["status"].as_str().expect("words");
        assert!(words.contains("Acknowledged by 陈敏"), "{words}");
    }
    assert_eq!(holder(&node).await, "chen-min");
    let incidents = ask::get(&node, "/api/v1/incidents").await;
    assert_eq!(
        incidents["total"], 1,
        "played again at once it is the same press: {incidents}"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_notice_that_somebody_never_got_goes_to_the_fallback_for_them_alone() {
    let sim = simulator().await;
    let app = sim.dingtalk_app();
    app.notice.set_reading(&["u1"]);
    app.notice.set_shielded(&["u3"], 143_105);
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, json!({"alertname": "DbDown", "by": "notice"})).await;
    let listed = "/api/v1/notifications?account=corp";
    let rows = async || {
        let listed = ask::get(&node, listed).await["notifications"].clone();
        let mut rows = listed.as_array().cloned().unwrap_or_default();
        rows.sort_by_key(|row| row["seq"].as_u64());
        rows
    };
    ask::becomes("DingTalk says yes for all", &3, async || {
        let rows = rows().await;
        rows.iter()
            .filter(|row| row["state"] == "delivered")
            .count()
    })
    .await;
    let told = eventually("the fallback tells it", async || {
        sim.webhook().received().first().map(Received::json)
    })
    .await;
    assert!(told.to_string().contains("DbDown"), "{told}");
    assert_eq!(app.notice.questions(), 1);
    let expected = json!([
        ["delivered", "read", true],
        ["delivered", "delivered", true],
        ["handed_over", "refused", true]
    ]);
    ask::becomes("all of them are heard of", &expected, async || {
        let mut seen = Vec::new();
        for row in rows().await {
            let one = ask::get(&node, &format!("/api/v1/notifications/{}", row["seq"])).await;
            let receipt = &one["receipts"][0];
            let is_said = receipt["detail"].as_str().map(|said| said.len() > 3);
            seen.push(json!([one["state"], receipt["state"], is_said]));
        }
        json!(seen)
    })
    .await;
    assert_eq!(sim.webhook().received().len(), 1);
    node.kill().await;
}
