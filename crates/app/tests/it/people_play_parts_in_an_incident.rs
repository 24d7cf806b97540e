//! Who commands, who writes down, who tells the others: given, taken and given back, on the timeline, in the report and in
//! what people are told.

use serde_json::{Value, json};

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::Node;

const DOCUMENT: &str = "
people: {chen-min: {name: 陈敏}, li-wei: {name: 李伟}}
receivers: [{name: ops, inbox_configs: [{}]}]
route: {receiver: ops}
";

fn roles(incident: &Value) -> Vec<(String, String)> {
    let roles = incident["roles"].as_array().expect("a list").iter();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    roles
        .map(|one| (text(one, "role"), text(one, "who")))
        .collect()
}

fn kinds(incident: &Value) -> Vec<&str> {
    let timeline = incident["timeline"].as_array().expect("a list").iter();
    timeline
        .filter_map(|entry| entry["kind"].as_str())
        .collect()
}

fn held(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let list = list.iter();
    list.map(|(role, who)| ((*role).to_owned(), (*who).to_owned()))
        .collect()
}

/// The console's form and the interface.
async fn passed_on_and_given_back(node: &Node) {
    // It passes to another by the console, and is given back by API.
    let form = node.client.post(node.url("/console/incidents/1/role"));
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let (status, page) = ask::answer(form.body("role=Commander&to=li-wei")).await;
    let page = page.to_string();
    assert!(
        status == 200 && page.contains("Commander") && page.contains("李伟"),
        "{page}"
    );
    let back = node
        .client
        .delete(node.url("/api/v1/incidents/1/roles/scribe"));
    let (status, left) = ask::answer(back).await;
    assert_eq!(status, 200, "{left}");
    assert_eq!(
        roles(&left),
        held(&[("commander", "li-wei"), ("dba lead", "王工")])
    );
    let back = node
        .client
        .delete(node.url("/api/v1/incidents/1/roles/scribe"));
    assert_eq!(ask::answer(back).await.0, 409, "nobody has it");
    let bad = node.client.put(node.url("/api/v1/incidents/1/roles/a:b"));
    let bad = bad.header("content-type", JSON).body("{}");
    assert_eq!(ask::answer(bad).await.0, 422);
    let bad = node
        .client
        .put(node.url("/api/v1/incidents/9/roles/scribe"));
    let bad = bad
        .header("content-type", JSON)
        .body(json!({"to": "li"}).to_string());
    assert_eq!(ask::answer(bad).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_taken_and_given_back() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let url = node.url("");
    let run = async |arguments: &[&str]| balefire(&url, arguments).await;
    run(&["incident", "open", "db is down", "--severity", "critical"])
        .await
        .exits(0);
    let given = [
        "incident", "role", "1", "指挥", "chen-min", "--by", "li-wei",
    ];
    run(&given).await.exits(0);
    run(&["incident", "role", "1", "scribe", "--by", "li-wei"])
        .await
        .exits(0);
    run(&[
        "incident", "role", "1", "DBA lead", "王工", "--by", "li-wei",
    ])
    .await
    .exits(0);
    let incident = ask::get(&node, "/api/v1/incidents/1").await;
    let expected = held(&[
        ("commander", "chen-min"),
        ("dba lead", "王工"),
        ("scribe", "li-wei"),
    ]);
    assert_eq!(roles(&incident), expected);
    assert_eq!(
        kinds(&incident),
        ["opened", "role_given", "role_given", "role_given"]
    );
    let change = &incident["timeline"][1]["changes"][0];
    assert_eq!(change["field"], "role:commander");

    passed_on_and_given_back(&node).await;
    node.kill().await;

    let node = Node::start(folder.path(), DOCUMENT).await;
    let url = node.url("");
    let shown = balefire(&url, &["incident", "show", "1"])
        .await
        .exits(0)
        .data;
    assert!(
        shown.contains("commander: li-wei; dba lead: 王工"),
        "{shown}"
    );
    assert!(shown.contains("role_returned"), "{shown}");
    let report = balefire(&url, &["incident", "report", "1"])
        .await
        .exits(0)
        .data;
    for words in [
        "**Commander**: li-wei",
        "Commander: chen-min → li-wei",
        "role given back",
    ] {
        assert!(report.contains(words), "{words} is missing:\n{report}");
    }
    let back = ["incident", "role", "1", "commander", "--give-back"];
    balefire(&url, &back).await.exits(0);
    balefire(&url, &back).await.exits(5);
    node.kill().await;
}
