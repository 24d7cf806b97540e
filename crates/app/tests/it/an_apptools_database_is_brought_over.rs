//! `balefire import apptools`: what the older service's database holds comes over, row by row; what cannot is named.

use serde_json::Value;

use super::ask;
use super::command::{balefire, command, finish};
use super::database::Database;
use super::node::Node;

const DOCUMENT: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
server: {timezone: Asia/Shanghai}
legacy: {apptools: {}}
";
const TABLES: &str = include_str!("../apptools/schema.sql");

/// Kind, name and outcome of each line of a report.
fn outcomes(report: &Value) -> Vec<(String, String, String)> {
    let text = |line: &Value, key: &str| line[key].as_str().expect("a text").to_owned();
    let lines = report.as_array().expect("lines").iter();
    lines
        .map(|line| {
            (
                text(line, "kind"),
                text(line, "name"),
                text(line, "outcome"),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_and_reminders_come_over_once_and_what_cannot_is_named() {
    let database = Database::mariadb();
    database.fill(TABLES);
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let (url, from) = (node.url(""), database.url.as_str());

    let dry = ["import", "apptools", from, "--dry-run", "--json"];
    let dry = balefire(&url, &dry).await.exits(6);
    let expected = |fine: &str| {
        [
            ("fault", "数据库主从延迟", fine),
            ("fault", "支付 '超时' <b>", fine),
            ("fault", "倒着走", "refused"),
            ("fault", "第五级", "refused"),
            ("reminder", "SSL 证书", fine),
            ("reminder", "只有名字", "refused"),
            ("reminder", "", "refused"),
        ]
        .map(|(kind, name, outcome)| (kind.to_owned(), name.to_owned(), outcome.to_owned()))
    };
    assert_eq!(outcomes(&dry.json()), expected("would_add"));
    assert_eq!(
        dry.json()[2]["why"],
        "fault_end_time: 2018-12-01T00:00:00 is before its start, 2018-12-03T00:00:00"
    );
    assert_eq!(
        dry.json()[5]["why"],
        "content, email, advance_at, expire_at: empty; fill it in there and import again"
    );
    let untouched = ask::get(&node, "/api/v1/incidents").await;
    assert_eq!(untouched["total"], 0, "a dry run changes nothing");

    // The address with its password need not stand in the list of processes.
    let mut import = command(&["import", "apptools", "-", "--json"]);
    import.env("BALEFIRE_URL", &url);
    let done = finish(import, &format!("{from}\n")).await.exits(6);
    assert_eq!(outcomes(&done.json()), expected("added"));
    let again = ["import", "apptools", from, "--json"];
    let again = balefire(&url, &again).await.exits(6);
    assert_eq!(outcomes(&again.json()), expected("known"));

    let incidents = ask::get(&node, "/api/v1/incidents?sort=id").await;
    assert_eq!(incidents["total"], 2, "{incidents}");
    let first = ask::get(&node, "/api/v1/incidents/1").await;
    assert_eq!(first["title"], "数据库主从延迟");
    assert_eq!(first["startedAt"], "2018-11-22T02:00:00.000Z", "{first}");
    assert_eq!(first["durationSeconds"], 5405);
    let reminders = ask::get(&node, "/api/v1/reminders").await;
    assert_eq!(reminders["reminders"][0]["name"], "SSL 证书");
    assert_eq!(reminders["reminders"][0]["advanceDays"], 30);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_apptools_database_is_said() {
    let database = Database::mariadb();
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let ran = balefire(
        &node.url(""),
        &["import", "apptools", database.url.as_str()],
    )
    .await;
    let ran = ran.exits(3);
    assert!(ran.words.contains("itsm_fault_info"), "{}", ran.words);
    let wrong = ["import", "apptools", "postgres://u:hunter2@127.0.0.1/x"];
    let ran = balefire(&node.url(""), &wrong).await;
    assert_ne!(ran.exit, Some(0));
    assert!(!ran.words.contains("hunter2"), "{}", ran.words);
    node.kill().await;
}
