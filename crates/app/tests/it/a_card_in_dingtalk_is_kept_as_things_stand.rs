//! A live card in DingTalk, in a group and with a person who is named by a number: what somebody answers below the one
//! stands in the other, what is added and what ends is shown in place, before and after a crash, and a card that was taken
//! back gives way to a new one.

use balefire_testkit::Received;
use balefire_testkit::provider::dingtalk_app::robot::DingTalkRobotSim;
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::dingtalk_says_who_has_read_it as dingtalk;
use super::node::{Node, eventually};
use super::providers::simulator;

const AWAY: &str = "https://alerts.example.com";
const SECRET: &str = "card-api-secret";

fn document(sim: &Simulator) -> String {
    let app = sim.dingtalk_app();
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  corp: {{kind: dingtalk_app, base_url: \"{}\", client_id: {}, client_secret: {}, agent_id: {}, card_template_id: tpl.schema,
    card_secret: {SECRET}, callback_token: 0123456789abcdef0123}}
  robot: {{kind: webhook, url: \"{}\"}}
escalations: {{ops: {{steps: [{{notify: [{{receiver: robot}}], wait: 1h}}]}}}}
people: {{chen-min: {{name: 陈敏, dingtalk: u1}}}}
receivers:
- name: ops
  escalation: ops
  dingtalk_app_configs: [{{account: corp, via: card, conversation_id: cid-ops, to_mobile: '13800138000', live: true}}]
- {{name: robot, webhook_configs: [{{account: robot}}]}}
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
",
        sim.url(),
        app.token.client_id(),
        app.token.client_secret(),
        app.notice.agent_id(),
        sim.webhook().url("robot"),
    )
}

async fn report(node: &Node, instance: &str, is_over: bool) {
    let labels = json!({"alertname": "DiskFull", "instance": instance, "severity": "warning"});
    let mut alert = json!({"labels": labels});
    if is_over {
        alert["startsAt"] = "2026-01-01T00:00:00Z".into();
        alert["endsAt"] = "2026-01-01T00:01:00Z".into();
    }
    let posted = node
        .post("/api/v2/alerts", json!([alert]).to_string())
        .await;
    assert_eq!(posted, Some(200));
}

/// The cards that were delivered, in their order.
fn made(robot: &DingTalkRobotSim) -> Vec<Value> {
    let calls = robot.received().into_iter();
    let made = calls.filter(|call| call.target.ends_with("/createAndDeliver"));
    made.map(|call| Received::json(&call)).collect()
}

async fn cards(robot: &DingTalkRobotSim, number: usize) -> Vec<Value> {
    eventually("the cards are delivered", async || {
        let made = made(robot);
        (made.len() >= number).then_some(made)
    })
    .await
}

/// Waits until both cards show it in this variable.
async fn both_show(robot: &DingTalkRobotSim, cards: &[Value], variable: &str, what: &str) {
    eventually(what, async || {
        let mut shown = cards.iter().map(|card| {
            let id = card["outTrackId"].as_str().expect("an id");
            robot.card(id)?.get(variable).cloned()
        });
        let says = |value: Option<String>| value.is_some_and(|value| value.contains(what));
        shown.all(says).then_some(())
    })
    .await;
}

/// Somebody presses a card's button, and DingTalk takes over what is answered.
async fn press(node: &Node, robot: &DingTalkRobotSim, card: &Value, user: &str, deed: &str) {
    let key = card["callbackRouteKey"].as_str().expect("a route");
    let (url, secret) = robot.card_route(key).expect("registered");
    let path = url.strip_prefix(AWAY).expect("ours");
    let event = dingtalk::event(card, user, deed);
    let (status, answer) = dingtalk::press(node, path, &secret, dingtalk::now(), &event).await;
    assert_eq!(status, 200, "{answer}");
    robot.answer_press(card["outTrackId"].as_str().expect("an id"), &answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_below_one_card_and_what_ends_stands_in_all() {
    let sim = simulator().await;
    let robot = &sim.dingtalk_app().robot;
    robot.add_group("cid-ops");
    sim.dingtalk_app().org.set_mobile("13800138000", "u2");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    report(&node, "db-1", false).await;
    let first = cards(robot, 2).await;
    both_show(robot, &first, "state", "open").await;

    press(&node, robot, &first[0], "u1", "acknowledge").await;
    both_show(robot, &first, "status", "陈敏").await;
    both_show(robot, &first, "state", "acknowledged").await;
    report(&node, "db-2", false).await;
    both_show(robot, &first, "text", "db-2").await;
    both_show(robot, &first, "state", "acknowledged").await;
    assert_eq!(made(robot).len(), 2, "nobody was called again");

    // The end, which another process tells: the same cards show it, and nothing rings, as nobody asked for that.
    node.kill().await;
    let node = Node::start(folder.path(), &document(&sim)).await;
    report(&node, "db-1", true).await;
    report(&node, "db-2", true).await;
    both_show(robot, &first, "state", "resolved").await;
    assert_eq!(made(robot).len(), 2);

    // What fires then begins anew, and so does what was to be shown in a card that somebody took back.
    report(&node, "db-3", false).await;
    let second = cards(robot, 4).await.split_off(2);
    both_show(robot, &second, "state", "open").await;
    both_show(robot, &first, "state", "resolved").await;
    robot.take_cards_back();
    report(&node, "db-4", false).await;
    let third = cards(robot, 6).await.split_off(4);
    both_show(robot, &third, "text", "db-4").await;
    press(&node, robot, &third[1], "u1", "silence").await;
    both_show(robot, &third, "state", "silenced").await;
    both_show(robot, &third, "status", "silenced by 陈敏 until").await;
    node.kill().await;
}
