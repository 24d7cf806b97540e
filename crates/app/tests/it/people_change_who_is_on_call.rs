//! People put others on call while the node runs; it holds at once, through a crash and a reload, and when somebody
//! leaves.

use std::path::Path;

use serde_json::Value;

use super::ask;
use super::command::{Ran, balefire};
use super::node::{Node, eventually};
use super::providers::{self, simulator};

const LAYER: &str = "rotation: daily, starts: 2020-01-06T00:00";

fn document(accounts: &str, people: &str) -> String {
    format!(
        "{accounts}
people: {{{people}}}
schedules:
  ops: {{timezone: UTC, layers: [{{{LAYER}, people: [ada]}}]}}
receivers: [{{name: ops, slack_configs: [{{account: slack, mention: oncall}}]}}]
route: {{receiver: ops, group_wait: 0s, group_by: [alertname, summary]}}
"
    )
}

async fn run(node: &Node, arguments: &[&str]) -> Ran {
    balefire(&node.url(""), arguments).await
}

async fn there(node: &Node) -> String {
    let one = run(node, &["oncall", "ops", "--json"])
        .await
        .exits(0)
        .json();
    let people = one["onCall"]["people"].as_array().expect("people");
    let keys = people.iter().map(|one| one["key"].as_str().expect("a key"));
    keys.collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_called_at_once_and_survives_a_crash_and_a_reload() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let accounts = providers::accounts(&sim);
    let everybody = "ada: {slack: U0ADA00001}, bob: {slack: U0B0B00001}, cai: {slack: U0CA100001}";
    let node = Node::start(folder.path(), &document(&accounts, everybody)).await;
    assert_eq!(there(&node).await, "ada");
    let book = [
        "oncall",
        "override",
        "ops",
        "--from",
        "2020-01-01T00:00",
        "--to",
        "2090-01-01T00:00",
        "--people",
        "bob",
        "--id",
        "long",
        "--reason",
        "ada is ill",
    ];
    let made = run(&node, &book).await.exits(0);
    assert_eq!(made.data.trim(), "long");
    assert!(made.words.contains("cover under way"), "{}", made.words);
    assert_eq!(there(&node).await, "bob");
    run(&node, &book).await.exits(0);

    let told = ask::post(&node, "/in/inbox", "text/plain", "disk full").await;
    assert_eq!(told.0, 200, "{}", told.1);
    let told = eventually("the chat is told", async || sim.requests().pop()).await;
    let told = told.json().to_string();
    assert!(
        told.contains("<@U0B0B00001>") && !told.contains("<@U0ADA00001>"),
        "{told}"
    );

    node.kill().await;
    let node = Node::start(folder.path(), &document(&accounts, everybody)).await;
    assert_eq!(there(&node).await, "bob", "after a crash");
    let listed = run(&node, &["oncall", "overrides", "ops"])
        .await
        .exits(0)
        .data;
    assert!(
        listed.contains("long") && listed.contains("chenmin") && listed.contains("ada is ill"),
        "{listed}"
    );

    a_swap_is_booked(&node).await;
    bob_leaves(&node, folder.path(), &accounts).await;
}

async fn a_swap_is_booked(node: &Node) {
    let swap = [
        "oncall",
        "swap",
        "ops",
        "--person",
        "ada",
        "--from",
        "2095-01-01T00:00",
        "--to",
        "2095-01-02T00:00",
        "--with",
        "cai",
        "--their-from",
        "2095-02-01T00:00",
        "--their-to",
        "2095-02-02T00:00",
        "--json",
    ];
    let made = run(node, &swap).await.exits(0).json();
    assert_eq!(
        (&made["kind"], &made["state"]),
        (&"swap".into(), &"coming".into())
    );
    let late = ["oncall", "ops", "--at", "2095-01-01T12:00:00Z"];
    let late = run(node, &late).await.exits(0).data;
    assert!(late.contains("cai") && late.contains("override"), "{late}");
    let zoe = [
        "oncall",
        "override",
        "ops",
        "--from",
        "2090-01-01T00:00",
        "--to",
        "2091-01-01T00:00",
        "--people",
        "zoe",
    ];
    let refused = run(node, &zoe).await;
    assert_eq!(refused.exit, Some(6), "{}", refused.words);
    assert!(
        refused.words.contains("nobody is called"),
        "{}",
        refused.words
    );
}

async fn bob_leaves(node: &Node, folder: &Path, accounts: &str) {
    // Bob leaves: what the schedule says holds again, and it is said.
    let without = "ada: {slack: U0ADA00001}, cai: {slack: U0CA100001}";
    std::fs::write(folder.join("balefire.yml"), document(accounts, without)).expect("a document");
    run(node, &["reload"]).await.exits(0);
    assert_eq!(there(node).await, "ada", "at once");
    let listed = run(node, &["oncall", "overrides", "ops", "--json"])
        .await
        .exits(0)
        .json();
    let long = listed
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["id"] == "long");
    let problem = long.expect("still there")["problem"].as_str().expect("why");
    assert!(problem.contains("nobody is called \"bob\""), "{problem}");
    let doctor = run(node, &["doctor", "--json"]).await.json();
    let said = doctor
        .as_array()
        .expect("findings")
        .iter()
        .find(|one| one["verdict"] == "problem" && one["check"] == "on_call");
    let fix = said.expect("a finding")["fix"].as_str().expect("words");
    assert!(fix.contains("balefire oncall cancel ops long"), "{fix}");
    run(node, &["oncall", "cancel", "ops", "long"])
        .await
        .exits(0);
    run(node, &["oncall", "cancel", "ops", "nothing"])
        .await
        .exits(3);
    let past = run(node, &["oncall", "overrides", "ops", "--past", "--json"])
        .await
        .exits(0)
        .json();
    let gone: Vec<&Value> = past
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["state"] == "cancelled")
        .collect();
    assert_eq!(
        (gone.len(), &gone[0]["cancelledBy"]),
        (1, &"chenmin".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_incidents_and_pages() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(
        folder.path(),
        "receivers: [{name: ops}]\nroute: {receiver: ops}\n",
    )
    .await;
    run(
        &node,
        &["incident", "open", "=disk full", "--severity", "critical"],
    )
    .await
    .exits(0);
    run(&node, &["incident", "ack", "1"]).await.exits(0);
    run(&node, &["incident", "resolve", "1"]).await.exits(0);
    run(&node, &["incident", "open", "net slow"]).await.exits(0);
    let json = run(&node, &["report", "--json"]).await.exits(0).json();
    let figures = &json["incidents"];
    assert_eq!(
        (
            &figures["opened"],
            &figures["acknowledged"],
            &figures["resolved"]
        ),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(json["bySeverity"][0]["severity"], "critical");
    assert_eq!(json["complete"], true);
    assert!(json["days"].as_array().expect("days").len() >= 30);
    let table = run(&node, &["report"]).await.exits(0).data;
    assert!(
        table.contains("MTTA") && table.contains("critical"),
        "{table}"
    );
    let csv = run(&node, &["report", "--csv", "incidents"])
        .await
        .exits(0)
        .data;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[1].starts_with("1,critical,'=disk full,"), "{csv}");
    run(&node, &["report", "--csv", "x"]).await.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_incidents_become_one_and_its_report_tells_so() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(
        folder.path(),
        "receivers: [{name: ops}]\nroute: {receiver: ops}\n",
    )
    .await;
    run(
        &node,
        &["incident", "open", "db *slow*", "--severity", "critical"],
    )
    .await
    .exits(0);
    run(
        &node,
        &["incident", "open", "disk full", "--severity", "warning"],
    )
    .await
    .exits(0);
    run(&node, &["incident", "ack", "2"]).await.exits(0);
    let merged = run(
        &node,
        &["incident", "merge", "1", "2", "--text", "same disk"],
    )
    .await
    .exits(0);
    assert!(merged.words.contains("goes on as 2"), "{}", merged.words);
    let kept = run(&node, &["incident", "show", "2", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        (&kept["severity"], &kept["acknowledgedBy"]),
        (&"critical".into(), &"chenmin".into())
    );
    let gone = run(&node, &["incident", "show", "1", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(gone["state"], "resolved");
    assert_eq!(gone["timeline"][1]["kind"], "merged_into");
    assert_eq!(gone["timeline"][1]["text"], "#2 disk full: same disk");
    run(&node, &["incident", "merge", "1", "2"]).await.exits(5);
    run(&node, &["incident", "merge", "2", "9"]).await.exits(3);
    run(&node, &["incident", "merge", "2", "2"]).await.exits(6);
    let report = run(&node, &["incident", "report", "1"]).await.exits(0).data;
    assert!(report.starts_with("# #1 db \\*slow\\*"), "{report}");
    assert!(
        report.contains("merged into another by chenmin"),
        "{report}"
    );
    run(&node, &["incident", "report", "9"]).await.exits(3);
}
