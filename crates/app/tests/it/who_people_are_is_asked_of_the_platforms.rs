//! People without an id are looked up at their platform and paged by it; whoever has left is told of before a page breaks,
//! and whom the platform may not show is not taken for somebody who has left.

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

/// Ada and Eve have no id at WeCom, Bob has left, Dan may not be seen; Cai is all right.
fn document(sim: &Simulator, ada: &str) -> String {
    let accounts = accounts(sim);
    format!(
        "{accounts}
storm: {{at_once: 0}}
people:
  ada: {{name: 艾达, {ada}}}
  bob: {{name: 老鲍, wecom: bob}}
  cai: {{wecom: cai}}
  dan: {{wecom: dan}}
  eve: {{email: eve@example.com, phone: '13800138009'}}
teams: {{night: {{people: [bob, cai]}}}}
schedules:
  ops: {{timezone: Asia/Shanghai, layers: [{{rotation: weekly, starts: '2026-01-05T09:00', people: [bob, cai]}}]}}
escalations:
  ops:
    steps:
    - {{notify: [{{person: ada}}], by: [wecom], wait: 1h}}
    - {{notify: [{{person: bob}}, {{person: eve}}], by: [wecom], wait: 1h}}
receivers:
- {{name: ops, wecom_robot_configs: [{{account: robot, mention: ada}}], escalation: ops}}
- {{name: meta, webhook_configs: [{{account: hook}}]}}
meta: {{receiver: meta}}
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
"
    )
}

async fn person(node: &Node, key: &str) -> Value {
    let people = ask::get(node, "/api/v1/people").await;
    let mut people = people["people"].as_array().expect("a list").iter();
    let found = people.find(|person| person["key"] == key);
    found.expect("somebody").clone()
}

/// What is known of somebody at WeCom: the id, where it comes from, and how they stand.
async fn at_wecom(node: &Node, key: &str) -> (String, String, Value) {
    let person = person(node, key).await;
    let known = person["identities"].as_array().expect("a list").iter();
    let mut known = known.filter(|one| one["platform"] == "wecom");
    let one = known.next().expect("WeCom").clone();
    let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
    (text("id"), text("source"), one["standing"].clone())
}

async fn fire(node: &Node) {
    let alert = json!([{"labels": {"alertname": "DiskFull", "severity": "critical"}}]);
    let (status, _) = ask::post(node, "/api/v2/alerts", JSON, alert.to_string()).await;
    assert_eq!(status, 200);
}

fn questions(sim: &Simulator) -> usize {
    let received = sim.wecom_app().received().into_iter();
    received
        .filter(|one| one.json()["mobile"].is_string())
        .count()
}

async fn whoever_is_not_there_is_told_of(node: &Node, sim: &Simulator) {
    // Bob has left, and it is said where he is still named, before anybody pages him.
    let expected = ("bob".to_owned(), "document".to_owned(), json!("left"));
    ask::becomes("Bob", &expected, async || at_wecom(node, "bob").await).await;
    let told = eventually("it is told", async || {
        let received = sim.webhook().received().into_iter();
        let mut told = received.map(|one| one.text());
        told.find(|text| text.contains("bob"))
    })
    .await;
    for words in [
        "老鲍",
        "status 5",
        "schedule ops",
        "escalation ops step 2",
        "team night",
    ] {
        assert!(told.contains(words), "{words} is missing: {told}");
    }
    // Dan may not be seen, which says nothing of him.
    let dan = eventually("an answer about Dan", async || {
        let dan = person(node, "dan").await;
        let one = dan["identities"][0].clone();
        (one["failure"] != "").then_some(one)
    })
    .await;
    assert_eq!(
        (&dan["lost"], &dan["standing"]),
        (&json!(false), &Value::Null)
    );
    let why = dan["failure"].to_string();
    assert!(why.contains("60011") && why.contains("可见范围"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_id_is_looked_up_and_whoever_has_left_is_told_of() {
    let sim = simulator().await;
    sim.wecom_app().add_mobile("13800138001", "ada.liu");
    sim.wecom_contact().add_email("eve@example.com", "eve.wu");
    sim.wecom_contact().set_status("bob", 5);
    sim.wecom_contact().hide("dan");
    let folder = tempfile::tempdir().expect("folder");
    let by_phone = document(&sim, "phone: '+8613800138001'");
    let node = Node::start(folder.path(), &by_phone).await;
    let expected = ("ada.liu".to_owned(), "lookup".to_owned(), json!("active"));
    ask::becomes("Ada's id", &expected, async || at_wecom(&node, "ada").await).await;
    let expected = ("eve.wu".to_owned(), "lookup".to_owned(), json!("active"));
    ask::becomes("Eve's id", &expected, async || at_wecom(&node, "eve").await).await;

    // A way that is there by look-up alone is a way: pages reach her, mentions call her.
    fire(&node).await;
    eventually("a page to Ada", async || {
        let received = sim.wecom_app().received().into_iter();
        let mut pages = received.filter(|one| one.json()["touser"] == "ada.liu");
        pages.next().map(drop)
    })
    .await;
    eventually("a mention of Ada", async || {
        let received = sim.wecom_robot().received();
        let told = received.first()?.json().to_string();
        told.contains("ada.liu").then_some(())
    })
    .await;

    whoever_is_not_there_is_told_of(&node, &sim).await;
    let url = node.url("");
    let doctor = balefire(&url, &["doctor"]).await;
    for words in ["bob is not there at wecom", "dan at wecom"] {
        assert!(doctor.data.contains(words), "{words}: {}", doctor.data);
    }
    let shown = balefire(&url, &["people", "show", "ada"]).await.exits(0);
    for words in ["ada.liu", "looked up on 2"] {
        assert!(shown.data.contains(words), "{words}: {}", shown.data);
    }
    balefire(&url, &["people", "show", "nobody"]).await.exits(3);
    let (_, page) = ask::answer(node.client.get(node.url("/people"))).await;
    let page = page.to_string();
    for words in ["ada.liu", "looked up", "has left", "schedule ops"] {
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    let asked = questions(&sim);
    node.kill().await;

    // What was found is kept: a start asks for no number again.
    let node = Node::start(folder.path(), &by_phone).await;
    assert_eq!(at_wecom(&node, "ada").await.0, "ada.liu");
    node.kill().await;
    assert_eq!(questions(&sim), asked);

    // An id in the document always wins.
    let by_id = document(&sim, "phone: '+8613800138001', wecom: ada");
    let node = Node::start(folder.path(), &by_id).await;
    let expected = ("ada".to_owned(), "document".to_owned(), json!("active"));
    ask::becomes("the document's id", &expected, async || {
        at_wecom(&node, "ada").await
    })
    .await;
    node.kill().await;
}
