//! A page by a way that nobody has verified is told of, or passed over where the person has a verified one; nobody goes
//! without a call for that.

use balefire_testkit::Received;
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};
use super::the_next_in_line_is_called::answers_the_telephone;

/// Ada has WeCom and a telephone; Bob has WeCom alone.
fn document(sim: &Simulator, unverified: &str) -> String {
    let accounts = accounts(sim);
    format!(
        "{accounts}
storm: {{at_once: 0}}
contacts: {{unverified: {unverified}}}
people:
  ada: {{wecom: ada, phone: '13800138001'}}
  bob: {{wecom: bob}}
legacy: {{autocall: {{}}}}
escalations:
  ops: {{steps: [{{notify: [{{person: ada}}, {{person: bob}}], by: [wecom], wait: 1h}}]}}
receivers:
- {{name: ops, inbox_configs: [{{}}], escalation: ops}}
- {{name: meta, webhook_configs: [{{account: hook}}]}}
meta: {{receiver: meta}}
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
"
    )
}

async fn fire(node: &Node, name: &str) {
    let alert = json!([{"labels": {"alertname": name, "severity": "critical"}}]);
    let (status, _) = ask::post(node, "/api/v2/alerts", JSON, alert.to_string()).await;
    assert_eq!(status, 200);
}

/// The doubts on an incident's timeline, once there are so many.
async fn doubts(node: &Node, id: u64, count: usize) -> Vec<String> {
    eventually("doubts", async || {
        let (_, incident) = ask::answer(
            node.client
                .get(node.url(&format!("/api/v1/incidents/{id}"))),
        )
        .await;
        let timeline = incident["timeline"].as_array()?.iter();
        let doubts = timeline.filter(|entry| entry["kind"] == "way_unverified");
        let doubts: Vec<String> = doubts
            .map(|entry| entry["text"].as_str().unwrap_or_default().to_owned())
            .collect();
        (doubts.len() == count).then_some(doubts)
    })
    .await
}

async fn is_verified(node: &Node, way: &str) -> bool {
    let people = ask::get(node, "/api/v1/people").await;
    let contacts = people["people"][0]["contacts"].as_array().expect("a list");
    let mut found = contacts.iter().filter(|contact| contact["way"] == way);
    found
        .next()
        .is_some_and(|contact| contact["verified"] == true)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_call_verifies_a_telephone_and_what_nobody_verified_is_passed_over() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "warn")).await;
    fire(&node, "First").await;
    let told = doubts(&node, 1, 2).await;
    let words = "ada: wecom was used, and nobody has verified that it reaches them";
    assert!(told.iter().any(|text| text == words), "{told:?}");
    eventually("it is told", async || {
        let received = sim.webhook().received().into_iter();
        let mut told = received.map(|one| one.text());
        told.find(|text| text.contains("balefire people verify bob wecom"))
    })
    .await;

    // Her telephone says no code; that she answers it is enough.
    let url = node.url("");
    balefire(&url, &["people", "verify", "ada", "autocall"])
        .await
        .exits(0);
    let confirm = "/api/v1/people/ada/contacts/autocall/confirm";
    let said = ask::post(&node, confirm, JSON, json!({"code": "123456"}).to_string()).await;
    assert_eq!(said.0, 422, "{}", said.1);
    eventually("a call", async || {
        let page = ask::get(&node, "/api/v1/calls?limit=1").await;
        (page["calls"][0]["state"] == "waiting").then_some(())
    })
    .await;
    answers_the_telephone(&node, "13800138001").await;
    ask::becomes("verified", &true, async || {
        is_verified(&node, "autocall").await
    })
    .await;
    assert!(!is_verified(&node, "wecom").await);
    node.kill().await;

    // Ada is called where she is known to be reached; Bob, who has nothing better, as before.
    let before = sim.wecom_app().received().len();
    let node = Node::start(folder.path(), &document(&sim, "refuse")).await;
    fire(&node, "Second").await;
    let told = doubts(&node, 2, 2).await;
    let words = "ada: wecom was passed over, as nobody has verified it; autocall was used";
    assert!(told.iter().any(|text| text == words), "{told:?}");
    let words = "bob: wecom was used, and nobody has verified that it reaches them";
    assert!(told.iter().any(|text| text == words), "{told:?}");
    eventually("a page to Bob", async || {
        let received = sim.wecom_app().received();
        let mut pages = received.iter().skip(before).map(Received::json);
        pages.find(|page: &Value| page["touser"] == "bob")
    })
    .await;
    let received = sim.wecom_app().received();
    let mut pages = received.iter().skip(before).map(Received::json);
    assert!(!pages.any(|page| page["touser"] == "ada"));
    let asked = "/api/v1/explain?alert=alertname%3D%22Second%22&person=ada";
    let (_, explained) = ask::answer(node.client.get(node.url(asked))).await;
    let explained = explained.to_string();
    assert!(explained.contains("passed over"), "{explained}");
    node.kill().await;
}
