//! A fault that an older client reports is an incident: it is there after a kill -9, the command line works on it,
//! and the older client sees what became of it.

use serde_json::{Value, json};

use super::ask;
use super::command::{Ran, balefire};
use super::node::Node;
use super::stage::keys;

const DOCUMENT: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
legacy: {apptools: {}}
";

fn fault(name: &str) -> String {
    json!({
        "fault_name": name, "fault_level": 1, "fault_state": 1, "fault_penson": "陈敏",
        "fault_start_time": "2018-11-22 10:00:00", "fault_end_time": "2018-11-22 11:00:00",
    })
    .to_string()
}

async fn run(node: &Node, arguments: &[&str]) -> Ran {
    balefire(&node.url(""), arguments).await
}

const INCIDENT: &str = "id key state severity title responsible worker startedAt endedAt durationSeconds cause summary acknowledgedBy acknowledgedAt roles openedAt changedAt";

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_was_accepted_is_there_after_kill_nine() {
    let folder = tempfile::tempdir().expect("folder");
    for round in 0..5 {
        let node = Node::start(folder.path(), DOCUMENT).await;
        let name = format!("磁盘 {round}");
        let (status, answer) = ask::post(&node, "/fault", ask::JSON, fault(&name)).await;
        assert_eq!((status, &answer["status"]), (200, &json!(0)), "{answer}");
        node.kill().await;
    }
    let node = Node::start(folder.path(), DOCUMENT).await;
    let faults = ask::get(&node, "/fault?format=json").await;
    let names: Vec<&str> = faults["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|fault| fault["fault_name"].as_str())
        .collect();
    assert_eq!(names, ["磁盘 0", "磁盘 1", "磁盘 2", "磁盘 3", "磁盘 4"]);
    for id in 1..=5 {
        let incident = ask::get(&node, &format!("/api/v1/incidents/{id}")).await;
        assert_eq!(incident["timeline"][0]["kind"], "opened", "{incident}");
    }
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_works_on_what_an_older_client_reported() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let (_, answer) = ask::post(&node, "/fault", ask::JSON, fault("db")).await;
    assert_eq!(answer["status"], 0, "{answer}");

    let listed = run(&node, &["incident", "list", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&listed[0]), INCIDENT);
    assert_eq!(listed[0]["key"], "fault/db");
    let held = run(&node, &["incident", "ack", "1", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        keys(&held),
        format!("{INCIDENT} report files escalation timeline next")
    );
    assert_eq!(held["acknowledgedBy"], "chenmin");
    let also = run(&node, &["incident", "ack", "1", "--by", "li"])
        .await
        .exits(0);
    assert!(
        also.words.contains("acknowledged by chenmin"),
        "{}",
        also.words
    );
    run(&node, &["incident", "note", "1", "换磁盘"])
        .await
        .exits(0);
    run(&node, &["incident", "resolve", "1", "--text", "new disk"])
        .await
        .exits(0);
    let shown = run(&node, &["incident", "show", "1"]).await.exits(0).data;
    for words in [
        "换磁盘",
        "new disk",
        "also_acknowledged",
        "chenmin",
        "fault/db",
    ] {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    let faults = ask::get(&node, "/fault?format=json").await;
    assert_eq!(faults["data"][0]["fault_state"], 0);
    assert_eq!(faults["data"][0]["fault_end_time"], "2018-11-22 11:00:00");
    run(&node, &["incident", "reopen", "1"]).await.exits(0);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_was_uploaded_is_put_on_a_faults_list() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let (_, answer) = ask::post(&node, "/fault", ask::JSON, fault("db")).await;
    assert_eq!(answer["status"], 0, "{answer}");
    let kind = "application/octet-stream";
    let (status, file) = ask::post(&node, "/api/v1/files?name=report.docx", kind, "bytes").await;
    assert_eq!(status, 201, "{file}");
    let id = file["id"].as_str().expect("an id").to_owned();
    let attach = |incident: u64, file: &str| {
        let path = format!("/api/v1/incidents/{incident}/files/{file}?by=chenmin");
        ask::answer(node.client.put(node.url(&path)))
    };
    for _ in 0..2 {
        let (status, incident) = attach(1, &id).await;
        assert_eq!(status, 200, "{incident}");
        assert_eq!(incident["files"], serde_json::json!([id]), "once");
    }
    let incident = ask::get(&node, "/api/v1/incidents/1").await;
    let last = incident["timeline"]
        .as_array()
        .and_then(|entries| entries.last());
    let last = last.expect("an entry");
    assert_eq!(
        (&last["kind"], &last["by"], &last["text"]),
        (&"attached".into(), &"chenmin".into(), &id.clone().into())
    );
    let unknown = "0".repeat(32);
    assert_eq!(attach(1, &unknown).await.0, 404, "no such file");
    assert_eq!(attach(9, &id).await.0, 404, "no such incident");
    let path = format!("/api/v1/incidents/1/files/{id}");
    let (status, incident) = ask::answer(node.client.delete(node.url(&path))).await;
    assert_eq!((status, &incident["files"]), (200, &serde_json::json!([])));
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_opened_by_hand_listed_and_ended() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let opened = [
        "incident",
        "open",
        "net is down",
        "--severity",
        "critical",
        "--key",
        "group/net",
    ];
    let id = run(&node, &opened).await.exits(0).data;
    assert_eq!(id.trim(), "1");
    assert_eq!(run(&node, &opened).await.exits(0).data.trim(), "1");
    let worst = [
        "incident",
        "list",
        "--state",
        "all",
        "--sort",
        "-severity",
        "--json",
        "--limit",
        "1",
    ];
    let worst = run(&node, &worst).await.exits(0).json();
    assert_eq!(worst.as_array().map(Vec::len), Some(1));
    let found = ["incident", "list", "--search", "net"];
    let table = run(&node, &found).await.exits(0).data;
    assert!(
        table.starts_with("ID ") && table.contains("net is down"),
        "{table}"
    );

    run(&node, &["incident", "show", "99"]).await.exits(3);
    run(&node, &["incident", "ack", "99"]).await.exits(3);
    run(&node, &["incident", "resolve", "1"]).await.exits(0);
    run(&node, &["incident", "resolve", "1"]).await.exits(5);
    run(&node, &["incident", "open", " "]).await.exits(6);
    run(&node, &["incident", "open", "x", "--key", "Net"])
        .await
        .exits(6);
    run(&node, &["incident", "list", "--state", "odd"])
        .await
        .exits(2);
    let empty = run(
        &node,
        &["incident", "list", "--search", "nothing", "--json"],
    )
    .await;
    assert_eq!(empty.exits(0).json(), Value::Array(Vec::new()));
    node.kill().await;
}
