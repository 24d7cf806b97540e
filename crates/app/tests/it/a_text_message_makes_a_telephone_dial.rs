//! A telephone that dials when a text message says so: one command for each person, none for what is over, and call
//! forwarding by a message sent by hand.

use balefire_testkit::provider::aliyun::{
    COMMAND, COMMAND_TEMPLATE, KEY_ID, KEY_SECRET, SIGN_NAME,
};
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};
use super::providers::{commands, simulator};

const AGENT: &str = "+8618700000000";

/// Chen Min and Li Wei are dialled; `hook` hears of the end.
fn document(sim: &Simulator) -> String {
    format!(
        "
accounts:
  sms: {{kind: aliyun_sms, api_url: \"{}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    sign_name: {SIGN_NAME}, template_code: {COMMAND_TEMPLATE}, template_params: {{{COMMAND}: title}}}}
  hook: {{kind: webhook, url: \"{}\"}}
receivers:
- name: ops
  aliyun_sms_configs: [{{account: sms, phones: [\"+8613800138000\", \"13900139000\"], dial: {{agent: \"{AGENT}\"}}}}]
  webhook_configs: [{{account: hook}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
",
        sim.aliyun().api_url(),
        sim.webhook().url("told"),
    )
}

async fn states(node: &Node) -> Vec<(String, String)> {
    let page = ask::get(node, "/api/v1/notifications").await;
    let rows = page["notifications"].as_array().expect("a list").iter();
    let text = |row: &Value, key: &str| row[key].as_str().expect("a text").to_owned();
    rows.map(|row| (text(row, "target"), text(row, "state")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_makes_a_telephone_dial() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let mut alert = json!([{
        "labels": {"alertname": "Disk|911|autocall", "severity": "error"},
        "startsAt": "2026-01-01T00:00:00Z",
    }]);
    let sent = node.post("/api/v2/alerts", alert.to_string()).await;
    assert_eq!(sent, Some(200));
    let told = eventually("two commands", async || {
        let told = commands(&sim);
        (told.len() == 2).then_some(told)
    })
    .await;
    for ((to, command), number) in told.iter().zip(["13800138000", "13900139000"]) {
        assert_eq!(to, "18700000000");
        let parts: Vec<&str> = command.split('|').collect();
        assert_eq!(parts[..3], ["", number, "autocall"], "{command}");
        assert_eq!(parts.len(), 4, "{command}");
    }
    for number in ["13800138000", "13900139000"] {
        let row = (number.to_owned(), "delivered".to_owned());
        eventually("a record for each person", async || {
            states(&node).await.contains(&row).then_some(())
        })
        .await;
    }

    // The end is told to the hook, and nobody is dialled for it.
    alert[0]["endsAt"] = "2026-01-01T00:05:00Z".into();
    let sent = node.post("/api/v2/alerts", alert.to_string()).await;
    assert_eq!(sent, Some(200));
    eventually("the end", async || {
        let told = sim.webhook().requests();
        told.iter()
            .any(|request| request.text().contains("\"status\":\"resolved\""))
            .then_some(())
    })
    .await;
    assert_eq!(commands(&sim).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_forwarded_by_a_message_sent_by_hand() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let options = json!({"phones": ["*7218712345678"], "dial": {"agent": AGENT}});
    let mut body =
        json!({"account": "sms", "options": options, "title": "change of shift", "wait": "10s"});
    let (status, said) = by_hand(&node, &body).await;
    assert_eq!(
        (status, &said["state"]),
        (200, &json!("delivered")),
        "{said}"
    );
    let forwarded = (
        "18700000000".to_owned(),
        "|*7218712345678|autocall|change of…".to_owned(),
    );
    assert_eq!(commands(&sim), [forwarded]);
    body["options"]["dial"]["agent"] = "nobody".into();
    let (status, said) = by_hand(&node, &body).await;
    assert_eq!(status, 422, "{said}");
    assert!(
        said["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("dial.agent")),
        "{said}"
    );
    assert_eq!(commands(&sim).len(), 1);
}

async fn by_hand(node: &Node, body: &Value) -> ask::Answer {
    let request = node.client.post(node.url("/api/v1/messages"));
    ask::answer(request.json(body)).await
}
