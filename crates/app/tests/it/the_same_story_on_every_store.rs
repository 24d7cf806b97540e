//! SQLite, PostgreSQL and MariaDB hold the same story: an alert is told, the node is killed, the silence and
//! the alert are still there, and nobody is told twice.

use std::time::Duration;

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::database::Database;
use super::node::{Node, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn the_story_on_sqlite() {
    story(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_story_on_postgresql() {
    let database = Database::postgres();
    story(Some(database.url.as_str())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_story_on_mariadb() {
    let database = Database::mariadb();
    story(Some(database.url.as_str())).await;
}

async fn get(node: &Node, path: &str) -> Value {
    let reply = node
        .client
        .get(node.url(path))
        .send()
        .await
        .expect("answer");
    assert_eq!(reply.status(), 200, "{path}");
    serde_json::from_slice(&reply.bytes().await.expect("body")).expect("JSON")
}

async fn story(store: Option<&str>) {
    let sim = Simulator::builder()
        .unlimited()
        .start()
        .await
        .expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let document = format!(
        "route: {{receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}}\n\
         receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\n",
        sim.webhook().url("story")
    );
    let more: Vec<&str> = store.map(|url| vec!["--store", url]).unwrap_or_default();
    let node = Node::start_with(folder.path(), &document, &more).await;
    let alert = |name: &str| json!([{"labels": {"alertname": name, "城市": "北京"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", alert("First")).await, Some(200));
    sim.webhook().wait_for(1).await;
    // A kill between the receiver's answer and our record of it may tell it twice; this story is not about that.
    eventually("the record of the delivery", async || {
        let delivered = get(&node, "/api/v1/notifications?state=delivered").await;
        delivered.to_string().contains("delivered").then_some(())
    })
    .await;
    let silence = json!({
        "matchers": [{"name": "alertname", "value": "Quiet", "isRegex": false, "isEqual": true}],
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "chenmin",
        "comment": "数据库升级",
    });
    assert_eq!(
        node.post("/api/v2/silences", silence.to_string()).await,
        Some(200)
    );
    node.kill().await;

    let node = Node::start_with(folder.path(), &document, &more).await;
    let alerts = get(&node, "/api/v2/alerts").await;
    assert_eq!(alerts[0]["labels"]["城市"], "北京");
    let silences = get(&node, "/api/v2/silences").await;
    assert_eq!(silences[0]["comment"], "数据库升级");
    assert_eq!(node.post("/api/v2/alerts", alert("Quiet")).await, Some(200));
    assert_eq!(
        node.post("/api/v2/alerts", alert("Second")).await,
        Some(200)
    );
    let told = tokio::time::timeout(Duration::from_secs(30), sim.webhook().wait_for(2)).await;
    let names: Vec<Value> = told
        .expect("the second alert is told")
        .iter()
        .map(|request| request.json()["groupLabels"]["alertname"].clone())
        .collect();
    assert_eq!(
        names,
        ["First", "Second"],
        "told twice, or in spite of the silence"
    );
    node.kill().await;
}
