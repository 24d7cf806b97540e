//! A document is read again on SIGHUP and on `POST /-/reload`: a broken one changes nothing and is told, a good one
//! takes effect, and the same one as before tells nobody anything again (reliability test R47).

use std::path::Path;

use balefire_testkit::simulator::Simulator;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::ask::{self, answer};
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

/// `told` hears of an alert once; `pulse` hears of its own every second, which shows that time goes on.
const WAYS: &str = r#"
meta: {receiver: meta}
receivers:
- {name: told, dingtalk_configs: [{account: ding}]}
- {name: pulse, webhook_configs: [{account: hook}]}
- {name: meta, feishu_configs: [{account: feishu}]}
route:
  receiver: told
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes: [{matchers: [alertname="Pulse"], receiver: pulse, repeat_interval: 1s}]
"#;

/// The line and column of what is wrong with it is known.
const UNKNOWN_KEY: &str =
    "route: {receiver: told}\nreceivers: [{name: told, inbox_configs: [{}], fellback: x}]\n";

struct Stage {
    sim: Simulator,
    node: Node,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn new() -> (Self, String) {
        let sim = simulator().await;
        let folder = tempfile::tempdir().expect("folder");
        let document = format!("{}{WAYS}", accounts(&sim));
        let node = Node::start(folder.path(), &document).await;
        let stage = Self { sim, node, folder };
        stage.alert("Pulse").await;
        stage.pulses(1).await;
        (stage, document)
    }

    fn write(&self, document: &[u8]) {
        std::fs::write(self.config(), document).expect("write the document");
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join(Path::new("balefire.yml"))
    }

    fn hang_up(&self) {
        let pid = Pid::from_raw(self.node.pid().cast_signed()).expect("a process");
        kill_process(pid, Signal::HUP).expect("SIGHUP");
    }

    async fn alert(&self, name: &str) {
        let body = json!([{"labels": {"alertname": name}, "endsAt": "2099-01-01T00:00:00Z"}]);
        assert_eq!(
            self.node.post("/api/v2/alerts", body.to_string()).await,
            Some(200)
        );
    }

    /// Waits until the pulse has been told so many times more.
    async fn pulses(&self, more: u64) {
        let told = self.sim.webhook().counts().accepted;
        let pulses = self.sim.webhook().wait_for(told + more);
        let pulses = tokio::time::timeout(std::time::Duration::from_secs(20), pulses);
        pulses.await.expect("the pulse goes on");
    }

    /// What the last reload came to, as Alertmanager's metric says it: 1 or 0.
    async fn reloaded(&self, expected: u8) {
        let line = format!("alertmanager_config_last_reload_successful {expected}");
        eventually(&line, async || {
            let request = self.node.client.get(self.node.url("/metrics"));
            let metrics = request
                .send()
                .await
                .expect("metrics")
                .text()
                .await
                .expect("text");
            metrics.lines().any(|found| found == line).then_some(())
        })
        .await;
    }

    async fn version(&self) -> String {
        let status = ask::get(&self.node, "/api/v1/status").await;
        status["configVersion"]
            .as_str()
            .expect("a version")
            .to_owned()
    }

    /// Reloads by HTTP; the status and what is said.
    async fn reload(&self) -> (u16, String) {
        let (status, said) = answer(self.node.client.post(self.node.url("/-/reload"))).await;
        (status, said.as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_document_again_tells_nobody_again() {
    let (stage, document) = Stage::new().await;
    stage.alert("Once").await;
    stage.sim.dingtalk().wait_for(1).await;
    let version = stage.version().await;
    assert_eq!(stage.reload().await.0, 200);
    stage.hang_up();
    // Other words for the same: a version of its own, and no news for anybody.
    stage.write(format!("# a comment\n{document}").as_bytes());
    for _ in 0..3 {
        assert_eq!(stage.reload().await.0, 200);
        stage.pulses(1).await;
    }
    assert_ne!(stage.version().await, version);
    assert_eq!(stage.sim.dingtalk().counts().requests, 1, "told again");
    stage.node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_document_changes_nothing_and_is_told() {
    let (stage, document) = Stage::new().await;
    stage.alert("Once").await;
    stage.sim.dingtalk().wait_for(1).await;
    let version = stage.version().await;
    let half = &document.as_bytes()[..document.len() * 2 / 3];
    let huge = "# nothing but words\n".repeat(4 << 20);
    let broken: [(&[u8], &str); 6] = [
        (
            UNKNOWN_KEY.as_bytes(),
            "balefire.yml:2:47: receivers[0].fellback: unknown key",
        ),
        (half, "balefire.yml:"),
        (b"", "balefire.yml"),
        (b"route: [\xff\xfe]", "balefire.yml"),
        (huge.as_bytes(), "balefire.yml"),
        (b"{{{{{{", "balefire.yml:1:"),
    ];
    for (document, words) in broken {
        stage.write(document);
        let (status, said) = stage.reload().await;
        let shown = String::from_utf8_lossy(&document[..document.len().min(40)]);
        assert_eq!(status, 500, "{shown}: {said}");
        assert!(said.contains(words), "{shown}: {said}");
        stage.reloaded(0).await;
        assert_eq!(stage.version().await, version, "{shown}");
    }
    std::fs::remove_file(stage.config()).expect("removed");
    stage.hang_up();
    assert_eq!(stage.reload().await.0, 500);
    // The old one is in force: who was told is not told again, and new alerts go where they went.
    stage.pulses(2).await;
    assert_eq!(stage.sim.dingtalk().counts().requests, 1);
    stage.alert("Another").await;
    stage.sim.dingtalk().wait_for(2).await;
    let told = eventually("the meta-alert", async || {
        stage.sim.feishu().received().pop()
    })
    .await;
    assert!(
        told.text().contains("the old configuration stays"),
        "{}",
        told.text()
    );
    // Mended, it takes effect again.
    stage.write(document.as_bytes());
    stage.hang_up();
    stage.reloaded(1).await;
    stage.node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_document_takes_effect_on_a_signal() {
    let (stage, document) = Stage::new().await;
    stage.alert("Once").await;
    stage.sim.dingtalk().wait_for(1).await;
    let before = stage.version().await;
    let more = "- {name: more, slack_configs: [{account: slack}]}\nroute:";
    let changed = document.replacen("route:", more, 1).replacen(
        "routes: [",
        r#"routes: [{matchers: [alertname="New"], receiver: more}, "#,
        1,
    );
    stage.write(changed.as_bytes());
    stage.hang_up();
    eventually("another version is in force", async || {
        (stage.version().await != before).then_some(())
    })
    .await;
    stage.alert("New").await;
    stage.sim.slack_hook().wait_for(1).await;
    stage.pulses(2).await;
    assert_eq!(stage.sim.dingtalk().counts().requests, 1, "told again");
    stage.node.kill().await;
}
