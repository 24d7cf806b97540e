//! `balefire what-if`, its path and its page: whom another document would have told.

use super::command::{Ran, balefire};
use super::node::{Node, eventually};

const DOCUMENT: &str = "accounts:
  hook: {kind: webhook, url: \"http://127.0.0.1:9/\"}
people:
  ada: {ways: {hook: {account: hook}}}
  bob: {ways: {hook: {account: hook}}}
escalations:
  ops: {steps: [{notify: [person: ada], by: [hook], wait: 1h}]}
receivers: [{name: ops, escalation: ops}, {name: other, inbox_configs: [{}]}]
route: {receiver: ops, group_by: [alertname], group_wait: 0s}
";

#[tokio::test(flavor = "multi_thread")]
async fn whom_another_document_would_have_told_is_answered_by_command_and_on_a_page() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let alerts = r#"[{"labels": {"alertname": "Disk", "severity": "critical"}}]"#;
    let posted = node.client.post(node.url("/api/v2/alerts"));
    let posted = posted
        .header("content-type", "application/json")
        .body(alerts)
        .send()
        .await
        .expect("an answer");
    assert_eq!(posted.status(), 200);
    eventually("an incident", async || {
        let incidents = node.client.get(node.url("/api/v1/incidents")).send().await;
        let text = incidents.expect("an answer").text().await.expect("a body");
        text.contains("Disk").then_some(())
    })
    .await;
    let file = folder.path().join("new.yml");
    let path = file.to_str().expect("a path").to_owned();
    let ask = async |document: &str, more: &[&str]| -> Ran {
        std::fs::write(&file, document).expect("write the document");
        let mut arguments = vec!["what-if", "--config", &path, "--last", "1h"];
        arguments.extend(more);
        balefire(&node.url(""), &arguments).await
    };
    let same = ask(DOCUMENT, &["--json"]).await.exits(0).json();
    assert_eq!(same["count"], 0, "{same}");
    let ada = serde_json::json!({"name": "ada", "before": 1, "after": 1});
    assert_eq!(same["people"], serde_json::json!([ada]));

    let other = DOCUMENT.replace("[person: ada]", "[person: bob]");
    let found = ask(&other, &["--json"]).await.exits(0).json();
    assert_eq!(found["count"], 2, "{found}");
    let hows: Vec<&str> = found["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["how"].as_str())
        .collect();
    assert!(hows.contains(&"only_before") && hows.contains(&"only_after"));
    let table = ask(&other, &[]).await.exits(0);
    assert!(table.data.contains("only after") && table.data.contains("alertname=Disk"));
    assert!(
        table
            .words
            .contains("answers of people are taken as they came")
    );

    let broken = ask("route: {receiver: nobody}\n", &[]).await;
    assert_ne!(broken.exit, Some(0));
    assert!(broken.words.contains("receiver"), "{}", broken.words);

    let page = node.client.get(node.url("/what-if")).send().await;
    let page = page.expect("an answer").text().await.expect("a body");
    assert!(page.contains("<textarea") && page.contains("ada"), "{page}");
    let form = [("config", other.as_str()), ("last", "24h")];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let answer = node.client.post(node.url("/what-if"));
    let answer = answer
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let page = answer.text().await.expect("a body");
    assert!(page.contains("only with this document"), "{page}");
    assert!(page.contains("alertname=Disk"), "{page}");
}
