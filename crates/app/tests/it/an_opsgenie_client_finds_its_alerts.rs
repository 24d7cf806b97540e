//! A client of Opsgenie's Alerts API begins alerts, finds them again by id, alias and short number, and what people do
//! with them over there goes to their incidents; a client of Alertmanager's first API is answered as it expects.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::ask;
use super::node::{Node, eventually};

pub(crate) const KEY: &str = "genie-0123456789abcdef";

fn document() -> String {
    format!(
        "sources: {{og: {{kind: opsgenie, token: {KEY}}}, other: {{kind: opsgenie, token: other-{KEY}}}, prom: {{kind: prometheus}}}}\n\
         receivers: [{{name: ops, inbox_configs: [{{}}]}}]\nroute: {{receiver: ops}}\n"
    )
}

/// As the vendor's client calls: its key in the header, a path below its host.
pub(crate) async fn call(node: &Node, method: Method, path: &str, body: Value) -> (u16, Value) {
    call_as(node, KEY, method, &format!("/in/og/v2/alerts{path}"), body).await
}

async fn call_as(node: &Node, key: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = node.client.request(method, node.url(path));
    let request = request.header("authorization", format!("GenieKey {key}"));
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    ask::answer(request).await
}

pub(crate) async fn get(node: &Node, path: &str) -> Value {
    let (status, body) = call(node, Method::GET, path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {body}");
    body["data"].clone()
}

pub(crate) async fn post(node: &Node, path: &str, body: Value) -> Value {
    let (status, answer) = call(node, Method::POST, path, body).await;
    assert_eq!(status, 202, "{path}: {answer}");
    let id = answer["requestId"].as_str().expect("a request id");
    get(node, &format!("/requests/{id}")).await
}

/// A node with two alerts; the id of the first.
pub(crate) async fn with_two(folder: &Path) -> (Node, String) {
    let node = Node::start(folder, &document()).await;
    let disk = json!({
        "message": "Disk full", "alias": "disk/db-1", "priority": "P1", "tags": ["db", "disk"], "entity": "db-1",
        "source": "monit", "description": "98 %", "details": {"mount": "/data"},
    });
    let done = post(&node, "", disk).await;
    assert_eq!(
        (&done["isSuccess"], &done["action"]),
        (&json!(true), &json!("create"))
    );
    post(&node, "", json!({"message": "CPU high", "priority": "P4"})).await;
    let id = done["alertId"].as_str().expect("an id").to_owned();
    (node, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_found_by_each_of_its_names() {
    let folder = tempfile::tempdir().expect("folder");
    let (node, id) = with_two(folder.path()).await;
    let found = get(&node, "/disk%2Fdb-1?identifierType=alias").await;
    assert_eq!(found["id"], *id);
    assert_eq!(get(&node, &format!("/{id}")).await["alias"], "disk/db-1");
    let tiny = found["tinyId"].as_str().expect("a number");
    let by_number = get(&node, &format!("/{tiny}?identifierType=tiny")).await;
    assert_eq!(by_number["id"], *id);
    let names = [
        "message",
        "status",
        "priority",
        "entity",
        "source",
        "description",
        "tags",
    ];
    let told: Vec<&Value> = names.iter().map(|name| &found[*name]).collect();
    let expected = json!([
        "Disk full",
        "open",
        "P1",
        "db-1",
        "monit",
        "98 %",
        ["db", "disk"]
    ]);
    assert_eq!(json!(told), expected);
    assert_eq!(found["details"]["mount"], "/data");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_listed_and_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let (node, _) = with_two(folder.path()).await;
    assert_eq!(get(&node, "/count").await, json!({"count": 2}));
    for (query, count) in [
        ("status%3Aopen", 2),
        ("status%3Aclosed", 0),
        ("tag%3Adb%20AND%20priority%3AP1", 1),
        ("cpu", 1),
        ("acknowledged%3Atrue", 0),
        ("alias%3Adisk%2Fdb-1", 1),
    ] {
        let found = get(&node, &format!("/count?query={query}")).await;
        assert_eq!(found["count"], count, "{query}");
        let list = get(&node, &format!("?query={query}")).await;
        assert_eq!(list.as_array().map(Vec::len), Some(count), "{query}");
    }
    let first = get(&node, "?limit=1&order=asc").await;
    let second = get(&node, "?limit=1&offset=1&order=asc").await;
    assert_eq!(
        (&first[0]["message"], &second[0]["message"]),
        (&json!("Disk full"), &json!("CPU high"))
    );
    for bad in [
        "?query=a%20OR%20b",
        "?limit=101",
        "?searchIdentifier=x",
        "/x?identifierType=name",
    ] {
        let (status, said) = call(&node, Method::GET, bad, Value::Null).await;
        assert_eq!(status, 422, "{bad}: {said}");
    }
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_with_an_alert_goes_to_its_incident() {
    let folder = tempfile::tempdir().expect("folder");
    let (node, id) = with_two(folder.path()).await;
    let tiny = get(&node, &format!("/{id}")).await["tinyId"].clone();
    let tiny = tiny.as_str().expect("a number");
    let word = json!({"user": "chenmin", "note": "looking"});
    let done = post(
        &node,
        &format!("/{tiny}/acknowledge?identifierType=tiny"),
        word,
    )
    .await;
    assert_eq!(done["isSuccess"], true);
    let now = get(&node, &format!("/{id}")).await;
    assert_eq!(
        (&now["acknowledged"], &now["owner"]),
        (&json!(true), &json!("chenmin"))
    );
    assert_eq!(now["report"]["acknowledgedBy"], "chenmin");
    let word = json!({"user": "liwei", "note": "disk ordered"});
    post(&node, &format!("/{id}/notes"), word).await;
    let notes = get(&node, &format!("/{id}/notes")).await;
    assert_eq!(
        (&notes[0]["note"], &notes[0]["owner"]),
        (&json!("disk ordered"), &json!("liwei"))
    );
    let count = get(&node, "/count?query=acknowledged%3Atrue").await;
    assert_eq!(count["count"], 1);
    let incidents = async || ask::get(&node, "/api/v1/incidents").await;
    let open = incidents().await;
    assert_eq!(
        (&open["total"], &open["incidents"][0]["state"]),
        (&json!(1), &json!("acknowledged"))
    );

    let close = format!("/{tiny}/close?identifierType=tiny");
    let done = post(&node, &close, json!({"user": "liwei"})).await;
    assert_eq!(done["isSuccess"], true);
    eventually("it is closed", async || {
        (get(&node, &format!("/{id}")).await["status"] == "closed").then_some(())
    })
    .await;
    assert_eq!(incidents().await["incidents"][0]["state"], "resolved");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_and_sources_do_not_see_each_other_s_alerts() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document()).await;
    let missing = "/00000000-0000-4000-8000-000000000000";
    assert_eq!(call(&node, Method::GET, missing, Value::Null).await.0, 404);
    assert_eq!(
        call(&node, Method::GET, &format!("{missing}/notes"), Value::Null)
            .await
            .0,
        404
    );
    let done = post(
        &node,
        &format!("{missing}/acknowledge"),
        json!({"user": "x"}),
    )
    .await;
    assert_eq!(
        (&done["isSuccess"], &done["status"]),
        (&json!(false), &json!("Alert does not exist"))
    );
    post(&node, "", json!({"message": "mine", "alias": "mine"})).await;
    assert_eq!(get(&node, "/count").await["count"], 1);
    let (status, other) = call_as(
        &node,
        &format!("other-{KEY}"),
        Method::GET,
        "/in/other/v2/alerts/count",
        Value::Null,
    )
    .await;
    assert_eq!((status, &other["data"]["count"]), (200, &json!(0)));
    let (status, _) = call_as(&node, KEY, Method::GET, "/in/other/v2/alerts", Value::Null).await;
    assert_eq!(status, 401);

    // Two that meet: both are taken, the first has it, and a restart forgets nothing of it.
    for user in ["chenmin", "liwei"] {
        post(
            &node,
            "/mine/acknowledge?identifierType=alias",
            json!({"user": user}),
        )
        .await;
    }
    node.kill().await;
    let node = Node::start(folder.path(), &document()).await;
    assert_eq!(
        get(&node, "/mine?identifierType=alias").await["owner"],
        "chenmin"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alertmanager_s_first_api_is_answered_in_its_own_words() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document()).await;
    let alerts = r#"[{"labels": {"alertname": "old"}, "generatorURL": "http://p/graph"}]"#;
    let path = "/in/prom/api/v1/alerts";
    assert_eq!(
        ask::post(&node, path, ask::JSON, alerts).await,
        (200, json!({"status": "success"}))
    );
    ask::becomes("it", &["old".to_owned()].into(), async || {
        ask::names(&node).await
    })
    .await;
    let (status, said) = ask::post(&node, path, ask::JSON, r#"[{"labels": {}}]"#).await;
    assert_eq!(
        (status, &said["status"], &said["errorType"]),
        (400, &json!("error"), &json!("bad_data"))
    );
    let (_, common) = ask::post(&node, "/in/prom/api/v2/alerts", ask::JSON, alerts).await;
    assert_eq!(common["accepted"], 1);
    node.kill().await;
}
