//! What a client of Opsgenie's does with an alert is done with it here: what it says is changed, who is to have it is paged, put off
//! and asked again.

use reqwest::Method;
use serde_json::{Value, json};

use super::an_opsgenie_client_finds_its_alerts::{KEY, call, get, post, with_two};
use super::ask;
use super::node::{Node, eventually};

/// A document with somebody to page.
fn with_people() -> String {
    format!(
        "sources: {{og: {{kind: opsgenie, token: {KEY}}}}}
people: {{chen-min: {{name: 陈敏, email: chen@example.com}}, li-wei: {{name: Li Wei, email: li@example.com}}}}
teams: {{dba: {{people: [li-wei]}}}}
escalations: {{first: {{steps: [{{notify: [receiver: ops], wait: 5m}}, {{notify: [receiver: ops]}}]}}}}
receivers: [{{name: ops, inbox_configs: [{{}}]}}, {{name: paged, escalation: first, inbox_configs: [{{}}]}}]
route: {{receiver: paged, group_wait: 0s, group_by: [alertname]}}
"
    )
}

/// The words of a timeline, by what happened.
async fn timeline(node: &Node, incident: &Value) -> Vec<(String, String)> {
    let shown = ask::get(node, &format!("/api/v1/incidents/{}", incident["id"])).await;
    let entries = shown["timeline"].as_array().cloned().unwrap_or_default();
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| (word(entry, "kind"), word(entry, "text")))
        .collect()
}

async fn change(node: &Node, method: Method, path: &str, body: Value) {
    let (status, answer) = call(node, method, path, body).await;
    assert_eq!(
        (status, &answer["result"]),
        (202, &json!("Request will be processed")),
        "{path}: {answer}"
    );
    let id = answer["requestId"].as_str().expect("a request id");
    assert_eq!(
        get(node, &format!("/requests/{id}")).await["isSuccess"],
        true,
        "{path}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_alert_says_is_changed_and_its_labels_stay() {
    let folder = tempfile::tempdir().expect("folder");
    let (node, id) = with_two(folder.path()).await;
    let at = |word: &str| format!("/{id}/{word}");
    let deed = async |method: Method, word: &str, body: Value| {
        change(&node, method, &at(word), body).await;
    };
    let tags = async || get(&node, &format!("/{id}")).await["tags"].clone();
    deed(Method::POST, "tags", json!({"tags": ["night", "db"]})).await;
    assert_eq!(tags().await, json!(["db", "disk", "night"]));
    deed(Method::DELETE, "tags?tags=db,disk&user=li", Value::Null).await;
    assert_eq!(tags().await, json!(["night"]));
    assert_eq!(get(&node, "/count?query=tag%3Anight").await["count"], 1);
    assert_eq!(get(&node, "/count?query=tag%3Adisk").await["count"], 0);
    deed(Method::DELETE, "tags?tags=night", Value::Null).await;
    assert_eq!(tags().await, json!([]));
    deed(
        Method::POST,
        "details",
        json!({"details": {"runbook": "r-7", "n": 3}}),
    )
    .await;
    deed(Method::DELETE, "details?keys=n", Value::Null).await;
    deed(Method::PUT, "message", json!({"message": "Disk is full"})).await;
    deed(Method::PATCH, "description", json!({"description": "99 %"})).await;
    let now = get(&node, &format!("/{id}")).await;
    assert_eq!(
        (&now["message"], &now["description"]),
        (&json!("Disk is full"), &json!("99 %"))
    );
    assert_eq!(now["details"]["runbook"], "r-7");
    assert!(
        now["details"].get("n").is_none() && now["details"].get("tags").is_none(),
        "{now}"
    );
    deed(Method::PUT, "priority", json!({"priority": "P4"})).await;
    let by_alias = get(&node, "/disk%2Fdb-1?identifierType=alias").await;
    assert_eq!(
        (&by_alias["priority"], &by_alias["status"]),
        (&json!("P5"), &json!("open"))
    );
    assert_eq!(
        get(&node, "/count?query=status%3Aopen").await["count"],
        2,
        "one alert went for it"
    );
    assert_eq!(get(&node, &at("attachments")).await, json!([]));
    assert_eq!(
        call(&node, Method::GET, "/nobody/attachments", Value::Null)
            .await
            .0,
        404
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_made_is_refused_by_field_and_what_is_over_stays_over() {
    let folder = tempfile::tempdir().expect("folder");
    let (node, id) = with_two(folder.path()).await;
    let at = |word: &str| format!("/{id}/{word}");
    for (method, path, body) in [
        (Method::POST, "tags", json!({})),
        (Method::DELETE, "tags", Value::Null),
        (Method::POST, "details", json!({"details": []})),
        (Method::PUT, "message", json!({"message": " "})),
        (Method::PUT, "priority", json!({"priority": "P9"})),
        (
            Method::POST,
            "snooze",
            json!({"endTime": "2020-01-01T00:00:00Z"}),
        ),
        (Method::POST, "assign", json!({"owner": {}})),
    ] {
        let (status, said) = call(&node, method, &at(path), body).await;
        assert_eq!(
            (status, said["errors"].is_object()),
            (422, true),
            "{path}: {said}"
        );
    }
    // What is over is not begun anew by a word about it.
    change(&node, Method::POST, &at("close"), json!({})).await;
    let status = async || get(&node, &format!("/{id}")).await["status"].clone();
    ask::becomes("it is closed", &json!("closed"), async || status().await).await;
    change(&node, Method::POST, &at("tags"), json!({"tags": ["late"]})).await;
    assert_eq!(status().await, "closed");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_have_an_alert_is_paged_put_off_and_asked_again() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &with_people()).await;
    post(&node, "", json!({"message": "Disk full", "alias": "disk"})).await;
    let incident = async || ask::get(&node, "/api/v1/incidents").await["incidents"][0].clone();
    eventually("an incident is opened for the group", async || {
        incident().await.is_object().then_some(())
    })
    .await;
    let deed = async |word: &str, body: Value| {
        let path = format!("/disk/{word}?identifierType=alias");
        change(&node, Method::POST, &path, body).await;
    };
    let alert = async || get(&node, "/disk?identifierType=alias").await;
    deed("acknowledge", json!({"user": "chen-min"})).await;
    assert_eq!(alert().await["acknowledged"], true);
    deed("unacknowledge", json!({"user": "chen-min"})).await;
    assert_eq!(
        (
            alert().await["acknowledged"].clone(),
            incident().await["state"].clone()
        ),
        (json!(false), json!("open"))
    );
    deed(
        "assign",
        json!({"owner": {"username": "LI@example.com"}, "note": "yours"}),
    )
    .await;
    assert_eq!(alert().await["owner"], "li-wei");
    deed("teams", json!({"team": {"name": "dba"}})).await;
    deed(
        "responders",
        json!({"responder": {"type": "user", "username": "nobody@example.com"}}),
    )
    .await;
    let responders = alert().await["responders"].clone();
    let expected = json!([{"type": "team", "id": "dba", "name": "dba"},
        {"type": "user", "id": "nobody@example.com", "username": "nobody@example.com"}]);
    assert_eq!(responders, expected);
    deed("escalate", json!({"escalation": {"name": "first"}})).await;
    deed("snooze", json!({"endTime": "2099-01-01T00:00:00Z"})).await;
    ask::becomes("it is put off", &json!(true), async || {
        alert().await["snoozed"].clone()
    })
    .await;
    let told = timeline(&node, &incident().await).await;
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    for kind in ["acknowledged", "snoozed", "reassigned", "escalated"] {
        assert!(kinds.contains(&kind), "{kind}: {told:?}");
    }
    assert!(
        told.iter()
            .any(|(_, text)| text.contains("nobody@example.com, whom nobody here is")),
        "{told:?}"
    );
    node.kill().await;
}
