//! Two processes on one data folder would write over each other: the second one says who has it and ends.

use super::ask;
use super::command::{Ran, command, finish};
use super::node::{Node, free_port};

const DOCUMENT: &str = "\
route: {receiver: inbox}
receivers: [{name: inbox, inbox_configs: [{}]}]
";

/// The documented code for what something else holds.
const CONFLICT: i32 = 5;

/// Starts a second node with the first one's document and folder, and waits for its end.
async fn second(folder: &std::path::Path, listen: &str) -> Ran {
    let config = folder.join("balefire.yml").display().to_string();
    let data = folder.join("data").display().to_string();
    let arguments = [
        "serve", "--config", &config, "--data", &data, "--listen", listen,
    ];
    finish(command(&arguments), "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_with_the_pid_of_the_first() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let first = format!("is in use by process {}", node.pid());
    // Whether it is started by mistake with the very same words, or with another address.
    for listen in [
        node.address.to_string(),
        format!("127.0.0.1:{}", free_port()),
    ] {
        let ran = second(folder.path(), &listen).await.exits(CONFLICT);
        assert!(ran.words.contains(&first), "{}", ran.words);
    }
    // The first one has not noticed, and what it takes now is there after a restart.
    let alert = r#"[{"labels": {"alertname": "StillHere"}}]"#;
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_owned()).await,
        Some(200)
    );
    let other = tempfile::tempdir().expect("another folder");
    std::fs::write(other.path().join("balefire.yml"), DOCUMENT).expect("the document");
    let ran = second(other.path(), &node.address.to_string())
        .await
        .exits(CONFLICT);
    assert!(ran.words.contains("cannot listen"), "{}", ran.words);
    node.kill().await;
    let node = Node::start(folder.path(), DOCUMENT).await;
    let alerts = ask::get(&node, "/api/v2/alerts").await;
    assert_eq!(alerts[0]["labels"]["alertname"], "StillHere", "{alerts}");
    node.kill().await;
}
