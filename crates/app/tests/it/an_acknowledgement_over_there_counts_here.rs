//! Somebody acknowledges where the alert comes from (PagerDuty's Events API, Zabbix, JSON of one's own): they have the incident here.

use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};

const DOCUMENT: &str = "
sources: {pd: {kind: pagerduty_events}, zb: {kind: zabbix}, own: {kind: generic}}
escalations: {first: {steps: [{notify: [receiver: ops], wait: 5m}]}}
receivers: [{name: ops, inbox_configs: [{}]}, {name: paged, escalation: first, inbox_configs: [{}]}]
route: {receiver: paged, group_wait: 0s, group_by: [alertname]}
";

async fn send(node: &Node, path: &str, body: Value) -> ask::Answer {
    ask::post(node, path, ask::JSON, body.to_string()).await
}

/// Waits for the incident of the only group.
async fn opened(node: &Node) {
    eventually("an incident is opened for the group", async || {
        let incidents = ask::get(node, "/api/v1/incidents").await;
        (incidents["total"] == 1).then_some(())
    })
    .await;
}

async fn holder(node: &Node) -> Value {
    ask::get(node, "/api/v1/incidents").await["incidents"][0]["acknowledgedBy"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_of_pagerduty_s_goes_to_the_incident() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let send = async |event: Value| send(&node, "/in/pd/v2/enqueue", event).await;
    let key = "0123456789abcdef0123456789abcdef";
    let event = |action: &str| {
        json!({"routing_key": key, "event_action": action, "dedup_key": "disk", "client": "monit",
            "payload": {"summary": "Disk full", "source": "db-1", "severity": "critical",
                "custom_details": {"free": {"data": 3, "log": [1, 2]}, "up": true, "none": null}},
            "images": [{"src": "https://example.com/a.png", "alt": "the curve"}, {"src": "https://example.com/b.png"}]})
    };
    let taken = json!({"status": "success", "message": "Event processed", "dedup_key": "disk"});
    assert_eq!(send(event("trigger")).await, (202, taken.clone()));
    opened(&node).await;
    let mut unknown = event("acknowledge");
    unknown["dedup_key"] = json!("unknown");
    assert_eq!(
        send(unknown).await.0,
        202,
        "taken, as over there, and nothing"
    );
    assert_eq!(send(event("acknowledge")).await, (202, taken));
    let incidents = ask::get(&node, "/api/v1/incidents").await;
    assert_eq!(
        incidents["incidents"][0]["acknowledgedBy"], "monit",
        "{incidents}"
    );
    let alerts = ask::get(&node, "/api/v2/alerts").await;
    let says = &alerts[0]["annotations"];
    assert_eq!(
        (&says["up"], &says["image_url"]),
        (&json!("true"), &json!("https://example.com/a.png"))
    );
    assert!(
        says["free"]
            .as_str()
            .is_some_and(|free| free.contains("data: 3\n") && free.contains("- 2")),
        "{says}"
    );
    assert!(
        says["images"]
            .as_str()
            .is_some_and(|images| images.starts_with("the curve: ")),
        "{says}"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_zabbix_problem_is_an_acknowledgement_where_it_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let problem = |update: &str, action: &str| {
        json!({"event_source": "0", "event_value": "1", "event_update_status": update, "event_id": "4711", "event_name": "Disk full",
            "event_nseverity": "4", "host_name": "db-1", "event_update_action": action, "user_fullname": "Chen Min",
            "event_update_message": "looking"})
    };
    assert_eq!(send(&node, "/in/zb", problem("0", "")).await.0, 200);
    opened(&node).await;
    assert_eq!(
        send(
            &node,
            "/in/zb",
            problem("1", "changed severity from High to Disaster")
        )
        .await
        .0,
        200
    );
    assert_eq!(holder(&node).await, Value::Null);
    assert_eq!(
        send(&node, "/in/zb", problem("1", "acknowledged, commented"))
            .await
            .0,
        200
    );
    assert_eq!(holder(&node).await, "Chen Min");
    assert_eq!(
        send(&node, "/in/zb", problem("1", "unacknowledged"))
            .await
            .0,
        200
    );
    assert_eq!(holder(&node).await, Value::Null, "given back");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_json_acknowledges_by_its_key() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let item = |status: &str, key: &str| json!({"id": key, "title": "Disk full", "status": status, "user": "liwei"});
    assert_eq!(send(&node, "/in/own", item("firing", "k-1")).await.0, 200);
    opened(&node).await;
    for other in [
        item("acknowledged", "k-2"),
        json!({"title": "Disk full", "status": "acknowledged"}),
    ] {
        assert_eq!(send(&node, "/in/own", other).await.0, 200);
        assert_eq!(holder(&node).await, Value::Null);
    }
    assert_eq!(
        send(&node, "/in/own", item("acknowledged", "k-1")).await.0,
        200
    );
    assert_eq!(holder(&node).await, "liwei");
    node.kill().await;
}
