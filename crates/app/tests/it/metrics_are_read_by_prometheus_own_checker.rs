//! What a node says of itself is read by Prometheus' own checker, in the older format; whoever asks for OpenMetrics gets that.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use super::ask;
use super::node::Node;

const DOCUMENT: &str = "
receivers: [{name: ops, inbox_configs: [{}]}]
route: {receiver: ops, group_wait: 0s}
heartbeats: {backup: {token: canary-0123456789abcdef, period: 1h}}
";

/// What the checker says, and whether it is content.
fn checked(metrics: &str) -> (bool, String) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool of the package prometheus");
    let mut input = promtool.stdin.take().expect("piped");
    input.write_all(metrics.as_bytes()).expect("read");
    drop(input);
    let done = promtool.wait_with_output().expect("an end");
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (done.status.success(), said)
}

async fn metrics(node: &Node, accept: &str) -> (String, String) {
    let request = node.client.get(node.url("/metrics"));
    let reply = request.header("accept", accept).send().await;
    let reply = reply.expect("an answer");
    let kind = reply.headers()["content-type"].to_str().expect("a kind");
    let kind = kind.to_owned();
    (kind, reply.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_read_by_prometheus_own_checker() {
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let (status, _) = ask::post(&node, "/in/inbox", "text/plain", "disk full".to_owned()).await;
    assert_eq!(status, 200);
    let (kind, text) = metrics(&node, "*/*").await;
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    assert!(
        text.contains("# TYPE alertmanager_build_info gauge"),
        "{text}"
    );
    assert_eq!(checked(&text), (true, String::new()));

    let (kind, open) = metrics(&node, "application/openmetrics-text;version=1.0.0").await;
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(open.ends_with("# EOF\n"));
    // The node goes on between the two; what it had said it says again.
    let names = |text: &str| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let names = samples.filter_map(|line| line.split([' ', '{']).next());
        names.map(ToOwned::to_owned).collect()
    };
    let (before, after) = (names(&text), names(&open));
    assert!(
        before.is_subset(&after) && before.len() > 10,
        "{before:?} {after:?}"
    );
    node.kill().await;
}
