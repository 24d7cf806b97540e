//! What waits for the end of an account's quiet hours says so wherever somebody looks, and `check` warns of pages that
//! will not wait.

use serde_json::json;

use super::command::{balefire, command, finish};
use super::node::{Node, eventually};
use super::providers::simulator;

fn document(hook: &str) -> String {
    format!(
        "accounts:
  robot:
    kind: webhook
    url: \"{hook}\"
    quiet: {{timezone: Asia/Shanghai, hours: [{{from: '00:00', to: '12:00'}}, {{from: '12:00', to: '00:00'}}]}}
receivers: [{{name: ops, webhook_configs: [{{account: robot}}]}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s}}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_says_until_when() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim.webhook().url("q"))).await;
    let alert = |name: &str, severity: &str| {
        json!([{"labels": {"alertname": name, "severity": severity}}]).to_string()
    };
    assert_eq!(
        node.post("/api/v2/alerts", alert("Disk", "warning")).await,
        Some(200)
    );
    let words = "by the account's quiet hours";
    let shown = eventually("it is held", async || {
        let ran = balefire(&node.url(""), &["deliveries", "show", "1"]).await;
        ran.data.contains(words).then_some(ran.data)
    })
    .await;
    assert!(shown.contains("held until "), "{shown}");
    assert!(shown.contains("(Asia/Shanghai)"), "{shown}");
    let why = balefire(&node.url(""), &["explain", "alertname=Disk"]).await;
    assert!(
        why.data.contains("ops has not been told yet: held until"),
        "{}",
        why.data
    );
    assert!(sim.webhook().received().is_empty());
    assert_eq!(
        node.post("/api/v2/alerts", alert("Fire", "critical")).await,
        Some(200)
    );
    eventually("what is critical is told", async || {
        (sim.webhook().received().len() == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn check_warns_of_pages_that_do_not_wait() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("balefire.yml");
    let document = format!(
        "{}people: {{li: {{ways: {{push: {{account: robot}}}}}}}}
escalations: {{ops: {{steps: [{{notify: [{{person: li}}]}}]}}}}
",
        document("http://127.0.0.1:1/")
    );
    std::fs::write(&path, document).expect("a document");
    let path = path.display().to_string();
    let ran = finish(command(&["check", &path]), "").await;
    assert_eq!(ran.exit, Some(0), "{}{}", ran.data, ran.words);
    let said = format!("{}{}", ran.data, ran.words);
    assert!(
        said.contains("pages of escalations go through this account by push"),
        "{said}"
    );
}
