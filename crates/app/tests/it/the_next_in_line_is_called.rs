//! Escalations by the built binary: nobody answers and the next in line is paged, an answer stops it, a kill -9 in the
//! middle goes on, and whoever answers the telephone has the incident.

use std::path::PathBuf;

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};
use tokio::process::Command;

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

/// Ada is paged, then Bob, each by WeCom; then Cai is called by a telephone. Nobody waits for a digest, which would come
/// a minute later.
fn document(sim: &Simulator, wait: &str) -> String {
    let accounts = accounts(sim);
    format!(
        "{accounts}
storm: {{at_once: 0}}
people:
  ada: {{name: 艾达, wecom: ada}}
  bob: {{wecom: bob}}
  cai: {{name: 蔡, phone: \"13800138003\"}}
legacy: {{autocall: {{}}, apptools: {{escalation: ops}}}}
escalations:
  ops:
    steps:
    - {{notify: [{{person: ada}}], by: [wecom], wait: {wait}}}
    - {{notify: [{{person: bob}}], by: [wecom], wait: {wait}}}
    - {{notify: [{{person: cai}}], by: [autocall], wait: 1h}}
receivers: [{{name: ops, webhook_configs: [{{account: hook}}], escalation: ops}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
"
    )
}

async fn fire(node: &Node, name: &str) {
    let alert = json!([{"labels": {"alertname": name, "severity": "critical"}}]);
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_string()).await,
        Some(200)
    );
}

/// Who was reached by WeCom, in order.
fn reached(sim: &Simulator) -> Vec<String> {
    let received = sim.wecom_app().received().into_iter();
    let whom = received.filter_map(|one| one.json()["touser"].as_str().map(str::to_owned));
    whom.collect()
}

async fn incident(node: &Node, id: u64) -> Option<Value> {
    let request = node
        .client
        .get(node.url(&format!("/api/v1/incidents/{id}")));
    let (status, body) = ask::answer(request).await;
    (status == 200).then_some(body)
}

/// The kinds of a timeline's entries, in order.
fn kinds(incident: &Value) -> Vec<&str> {
    let timeline = incident["timeline"].as_array().expect("a list");
    timeline
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .collect()
}

pub(crate) async fn answers_the_telephone(node: &Node, number: &str) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/autocall.py");
    let url = node.url("/alert/phone");
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .args([&url, "--until", "answered", "--answers", number])
        .kill_on_drop(true)
        .output()
        .await
        .expect("python");
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_and_the_next_in_line_is_called_until_somebody_does() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "5s")).await;
    fire(&node, "DiskFull").await;
    ask::becomes(
        "both by WeCom",
        &vec!["ada".to_owned(), "bob".to_owned()],
        async || reached(&sim),
    )
    .await;
    eventually("a call", async || {
        let page = ask::get(&node, "/api/v1/calls?limit=1").await;
        (page["calls"][0]["state"] == "waiting").then_some(())
    })
    .await;
    answers_the_telephone(&node, "13800138003").await;
    let held = eventually("an answer", async || {
        let incident = incident(&node, 1).await?;
        (incident["escalation"]["state"] == "acknowledged").then_some(incident)
    })
    .await;
    assert_eq!(held["acknowledgedBy"], "cai");
    // Those who were paged hear who has it.
    ask::becomes("four by WeCom", &4, async || reached(&sim).len()).await;
    let told = sim.wecom_app().received();
    let last = told.last().expect("one").text();
    assert!(last.contains("蔡 has it"), "{last}");
    let shown = balefire(&node.url(""), &["incident", "show", "1"])
        .await
        .exits(0)
        .data;
    for words in [
        "ops acknowledged",
        "ada: wecom (ops step 1)",
        "cai: autocall",
    ] {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    let page = ask::answer(node.client.get(node.url("/incidents/1")))
        .await
        .1;
    assert!(page.to_string().contains("Reassign"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_nine_in_the_middle_goes_on_and_an_answer_stops_it() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let document = document(&sim, "5s");
    let node = Node::start(folder.path(), &document).await;
    fire(&node, "DiskFull").await;
    ask::becomes("Ada", &vec!["ada".to_owned()], async || reached(&sim)).await;
    node.kill().await;

    let node = Node::start(folder.path(), &document).await;
    ask::becomes(
        "Bob, and Ada once",
        &vec!["ada".to_owned(), "bob".to_owned()],
        async || reached(&sim),
    )
    .await;
    balefire(&node.url(""), &["incident", "ack", "1", "--by", "bob"])
        .await
        .exits(0);
    node.kill().await;

    let node = Node::start(folder.path(), &document).await;
    let held = eventually("acknowledged", async || {
        let incident = incident(&node, 1).await?;
        (incident["escalation"]["state"] == "acknowledged").then_some(incident)
    })
    .await;
    assert_eq!(held["escalation"]["nextStep"], Value::Null);
    let calls = ask::get(&node, "/api/v1/calls").await;
    assert_eq!(calls["calls"], json!([]), "nobody was called");
    assert!(!kinds(&held).contains(&"escalation_exhausted"), "{held}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_put_off_given_to_others_and_escalated_by_hand() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "1h")).await;
    let url = node.url("");
    let run = async |arguments: &[&str]| balefire(&url, arguments).await;
    run(&["incident", "open", "disk", "--escalation", "ops"])
        .await
        .exits(0);
    run(&["incident", "open", "disk", "--escalation", "opz"])
        .await
        .exits(6);
    ask::becomes("Ada", &vec!["ada".to_owned()], async || reached(&sim)).await;
    run(&["incident", "snooze", "1", "--for", "2h"])
        .await
        .exits(0);
    run(&["incident", "snooze", "1", "--for", "9d"])
        .await
        .exits(6);
    let stands = async |state: &str| {
        eventually(state, async || {
            let incident = incident(&node, 1).await?;
            (incident["escalation"]["state"] == state).then_some(incident)
        })
        .await
    };
    let snoozed = stands("snoozed").await;
    assert!(
        snoozed["escalation"]["snoozedUntil"].is_string(),
        "{snoozed}"
    );
    run(&["incident", "reassign", "1", "bob", "--text", "yours"])
        .await
        .exits(0);
    ask::becomes("Bob", &2, async || reached(&sim).len()).await;
    run(&["incident", "reassign", "1", "bobby"]).await.exits(6);
    run(&["incident", "escalate", "1"]).await.exits(0);
    let running = eventually("the next step", async || {
        let incident = incident(&node, 1).await?;
        let paged = kinds(&incident)
            .iter()
            .filter(|kind| **kind == "paged")
            .count();
        (paged == 3).then_some(incident)
    })
    .await;
    assert_eq!(running["state"], "open");
    // The page of the console does the same.
    let given = node.client.post(node.url("/console/incidents/1/reassign"));
    let given = given
        .header("content-type", "application/x-www-form-urlencoded")
        .body("to=person%3Abob");
    let (status, _) = ask::answer(given).await;
    assert_eq!(status, 200, "back on the page");
    eventually("given", async || {
        let incident = incident(&node, 1).await?;
        let last = kinds(&incident)
            .iter()
            .rposition(|kind| *kind == "reassigned");
        last.filter(|last| *last > 6).map(|_| ())
    })
    .await;
    run(&["incident", "open", "plain"]).await.exits(0);
    run(&["incident", "escalate", "2"]).await.exits(5);
    run(&["incident", "escalate", "2", "--escalation", "ops"])
        .await
        .exits(0);
    // What an older client reports is looked after, too.
    let fault = json!({
        "fault_name": "db", "fault_level": 1, "fault_state": 1, "fault_penson": "陈敏",
        "fault_start_time": "2018-11-22 10:00:00", "fault_end_time": "2018-11-22 11:00:00",
    });
    let (_, answer) = ask::post(&node, "/fault", JSON, fault.to_string()).await;
    assert_eq!(answer["status"], 0, "{answer}");
    eventually("the fault's page", async || {
        let incident = incident(&node, 3).await?;
        kinds(&incident).contains(&"page_delivered").then_some(())
    })
    .await;
}
