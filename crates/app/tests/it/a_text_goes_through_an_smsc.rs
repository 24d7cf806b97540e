//! A text message goes through an operator's SMSC over one session; what became of it stands beside the notification once
//! it is on disk, a text that did not get there goes to the fallback, and a session that broke is bound anew. What was said while
//! Balefire was away comes with the first bind after it, before any text.

use std::time::Duration;

use balefire_testkit::SmscSim;
use balefire_testkit::simulator::Simulator;
use balefire_testkit::smsc::{PASSWORD, SYSTEM_ID};
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};
use super::providers::simulator;

fn document(smsc: &SmscSim, sim: &Simulator) -> String {
    protected(smsc, sim, "tls: private")
}

fn protected(smsc: &SmscSim, sim: &Simulator, tls: &str) -> String {
    format!(
        "access: {{rules: [{{path: /, token: false}}]}}
accounts:
  smsc: {{kind: smpp, host: 127.0.0.1, port: {}, {tls}, system_id: {SYSTEM_ID}, password: {PASSWORD}, from: ALERTS}}
  hook: {{kind: webhook, url: \"{}\"}}
receivers:
- name: texts
  fallback: others
  smpp_configs: [{{account: smsc, phones: ['+8613800138000']}}]
- name: others
  webhook_configs: [{{account: hook}}]
route: {{receiver: texts, group_wait: 0s, group_by: [alertname]}}
",
        smsc.port(),
        sim.webhook().url("fallback"),
    )
}

async fn fire(node: &Node, name: &str) {
    let body = json!([{"labels": {"alertname": name, "host": "数据库一号"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", body).await, Some(200));
}

/// States of the receipts of the newest notification through the SMSC.
async fn receipts(node: &Node) -> Vec<Value> {
    let listed = ask::get(node, "/api/v1/notifications?account=smsc").await;
    let newest = listed["notifications"].as_array().into_iter().flatten();
    let newest = newest.filter_map(|row| row["seq"].as_u64()).max();
    let Some(seq) = newest else {
        return Vec::new();
    };
    let shown = ask::get(node, &format!("/api/v1/notifications/{seq}")).await;
    let receipts = shown["receipts"].as_array().cloned().unwrap_or_default();
    receipts
        .into_iter()
        .map(|receipt| receipt["state"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_sent_its_receipt_is_kept_and_a_broken_session_is_bound_anew() {
    let (sim, smsc) = (simulator().await, SmscSim::start().await.expect("an SMSC"));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&smsc, &sim)).await;
    let soon = Duration::from_secs(30);
    fire(&node, "DiskFull").await;
    let sent = tokio::time::timeout(soon, smsc.wait_for(1))
        .await
        .expect("a text");
    let text: String = sent
        .iter()
        .map(balefire_testkit::smsc::SmscSubmit::shown)
        .collect();
    assert!(text.contains("DiskFull"), "{text}");
    eventually("every part is there", async || {
        smsc.submits()
            .last()
            .filter(|part| part.receipt == 1)
            .map(|_| ())
    })
    .await;
    // In another base than the answer had it, as some do.
    let last = u64::from_str_radix(&SmscSim::id(smsc.submits().len() - 1), 16).expect("a number");
    smsc.say(&last.to_string(), "DELIVRD");
    let answers = tokio::time::timeout(soon, smsc.answers(1))
        .await
        .expect("an answer");
    assert_eq!(answers, [0]);
    assert_eq!(
        receipts(&node).await,
        ["delivered"],
        "on disk before it was answered"
    );

    smsc.hang_up();
    let before = smsc.submits().len();
    fire(&node, "LinkDown").await;
    eventually("a new session brings the next text", async || {
        let new = smsc.submits().split_off(before);
        new.last().filter(|part| part.receipt == 1).map(|_| ())
    })
    .await;
    assert_eq!(smsc.binds(), 2);
    smsc.say(&SmscSim::id(smsc.submits().len() - 1), "UNDELIV");
    let told = eventually("the fallback tells it", async || {
        sim.webhook()
            .received()
            .first()
            .map(balefire_testkit::Received::json)
    })
    .await;
    assert!(told.to_string().contains("LinkDown"), "{told}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_waited_for_us_comes_before_the_first_text_over_tls_and_apart() {
    let sim = simulator().await;
    let smsc = SmscSim::start_tls().await.expect("an SMSC");
    smsc.refuse_transceivers();
    let folder = tempfile::tempdir().expect("folder");
    let authority = folder.path().join("smsc-ca.pem");
    std::fs::write(&authority, smsc.authority()).expect("a certificate");
    let tls = format!(
        "http_config: {{tls_config: {{ca_file: '{}'}}}}",
        authority.display()
    );
    let document = protected(&smsc, &sim, &tls);
    let node = Node::start(folder.path(), &document).await;
    fire(&node, "DiskFull").await;
    let soon = Duration::from_secs(30);
    let sent = eventually("every part is there", async || {
        let sent = smsc.submits();
        let is_whole = sent.last().is_some_and(|part| part.receipt == 1);
        is_whole.then_some(sent.len())
    })
    .await;
    let listed = "/api/v1/notifications?account=smsc&state=delivered";
    ask::becomes("the text is taken", &1, async || {
        let listed = ask::get(&node, listed).await;
        listed["notifications"].as_array().map_or(0, Vec::len)
    })
    .await;
    node.kill().await;
    ask::becomes("the SMSC sees that nobody hears", &0, async || {
        smsc.hearers()
    })
    .await;
    smsc.say(&SmscSim::id(sent - 1), "DELIVRD");

    let node = Node::start(folder.path(), &document).await;
    let answers = tokio::time::timeout(soon, smsc.answers(1)).await;
    assert_eq!(answers.expect("an answer"), [0]);
    assert_eq!(receipts(&node).await, ["delivered"]);
    assert_eq!(smsc.submits().len(), sent, "nothing was sent for it");
    node.kill().await;
}
