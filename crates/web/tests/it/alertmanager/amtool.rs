//! The real amtool against a node that listens.

use std::process::Output;
use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_web::listener::{Listener, serve};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::settled;
use crate::site::Site;

const DOCUMENT: &str = "
route:
  receiver: default
  group_by: [alertname]
  routes:
  - {receiver: pager, matchers: ['severity=\"critical\"']}
receivers:
- name: default
- name: pager
  webhook_configs: [{url: 'http://127.0.0.1:9/x', http_config: {basic_auth: {username: u, password: s3cr3t}}}]
- name: others
  pagerduty_configs: [{routing_key: s3cr3t, severity: critical, details: {env: prod}, links: [{href: 'http://x', text: x}], timeout: 10s}]
  opsgenie_configs: [{api_key: s3cr3t, responders: [{type: team, name: ops}], tags: a}]
  pushover_configs: [{user_key: s3cr3t, token: s3cr3t, priority: '1', retry: 1m, ttl: 1h}]
  telegram_configs: [{bot_token: '1:s3cr3t', chat_id: -1001, parse_mode: HTML, message_thread_id: 7}, {bot_token: '1:s3cr3t', chat_id: [-1, -2]}]
  discord_configs: [{webhook_url: 'https://discord.com/api/webhooks/1/s3cr3t', username: x}]
inhibit_rules:
- {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}
";

/// A listening node and the tool.
struct Tool {
    site: Site,
    url: String,
    home: TempDir,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Tool {
    async fn start() -> Self {
        let site = Site::with(DOCUMENT, Arc::new(SystemClock)).await;
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let listener = Listener {
            socket,
            tls: None,
            router: site.router.clone(),
        };
        let tasks = tokio_util::task::TaskTracker::new();
        let serving = tasks.spawn(serve(listener, stop.clone()));
        let home = tempfile::tempdir().expect("a folder");
        Self {
            site,
            url,
            home,
            stop,
            serving,
        }
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        Command::new("amtool")
            .arg("--alertmanager.url")
            .arg(&self.url)
            .args(arguments)
            .env("HOME", self.home.path())
            .kill_on_drop(true)
            .output()
            .await
            .expect("install amtool: apt-get install prometheus-alertmanager")
    }

    /// Runs the tool, which must succeed; answers what it printed.
    async fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    }

    /// Runs the tool, which must fail; answers what it complained of.
    async fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).expect("text")
    }

    /// What the tool prints as JSON.
    async fn json(&self, arguments: &[&str]) -> Value {
        let text = self.succeed(&[arguments, &["-o", "json"]].concat()).await;
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
    }

    async fn end(self) {
        self.stop.cancel();
        let served = self.serving.await.expect("no panic");
        assert!(served.is_ok(), "{served:?}");
    }
}

#[tokio::test]
async fn amtool_adds_and_finds_alerts() {
    let tool = Tool::start().await;
    let add = [
        "alert",
        "add",
        "Disk",
        "severity=critical",
        "host=db-1",
        "--annotation=summary=Disk is full",
        "--generator-url=http://p.example/g",
        "--end=2099-01-01T00:00:00Z",
    ];
    tool.succeed(&add).await;
    tool.succeed(&["alert", "add", "Disk", "severity=warning"])
        .await;
    settled(&tool.site).await;
    let active = tool.json(&["alert", "query", "--active"]).await;
    assert_eq!(
        active.as_array().map(Vec::len),
        Some(1),
        "the other one is inhibited: {active}"
    );
    assert_eq!(active[0]["labels"]["host"], "db-1");
    assert_eq!(active[0]["annotations"]["summary"], "Disk is full");
    assert_eq!(active[0]["generatorURL"], "http://p.example/g");
    assert_eq!(active[0]["endsAt"], "2099-01-01T00:00:00.000Z");
    assert_eq!(active[0]["receivers"][0]["name"], "pager");
    let inhibited = tool
        .json(&["alert", "query", "--inhibited", "severity=warning"])
        .await;
    assert_eq!(
        inhibited[0]["status"]["inhibitedBy"][0],
        active[0]["fingerprint"]
    );
    let other = tool
        .json(&["alert", "query", "Disk", "host=~db-[2-9]"])
        .await;
    assert_eq!(other, Value::Array(Vec::new()));
    let by_receiver = tool.json(&["alert", "query", "--receiver=pager"]).await;
    assert_eq!(by_receiver.as_array().map(Vec::len), Some(1));
    let table = tool.succeed(&["alert", "query", "-o", "extended"]).await;
    assert!(
        table.contains("Disk is full") && table.contains("http://p.example/g"),
        "{table}"
    );
    tool.end().await;
}

#[tokio::test]
async fn amtool_adds_edits_and_ends_silences() {
    let tool = Tool::start().await;
    let add = [
        "silence",
        "add",
        "Disk",
        "host=~db-.*",
        "-a",
        "chen",
        "-c",
        "new disk",
        "-d",
        "1h",
    ];
    let id = tool.succeed(&add).await;
    assert_eq!(id.len(), 36, "{id}");
    let found = tool.json(&["silence", "query", "Disk"]).await;
    assert_eq!(found[0]["comment"], "new disk");
    assert_eq!(found[0]["createdBy"], "chen");
    assert_eq!(found[0]["matchers"][1]["isRegex"], true);
    assert_eq!(tool.succeed(&["silence", "query", "-q"]).await, id);

    tool.succeed(&["alert", "add", "Disk", "host=db-1"]).await;
    settled(&tool.site).await;
    let silenced = tool.json(&["alert", "query", "--silenced"]).await;
    assert_eq!(silenced[0]["status"]["silencedBy"][0], id.as_str());

    let updated = tool
        .json(&["silence", "update", &id, "-c", "newer disk", "-d", "3h"])
        .await;
    assert_eq!(updated[0]["comment"], "newer disk");
    assert_eq!(
        updated[0]["id"],
        id.as_str(),
        "the matchers are the same, and so is the start"
    );

    tool.succeed(&["silence", "expire", &id]).await;
    assert_eq!(tool.succeed(&["silence", "query", "-q"]).await, "");
    assert_eq!(
        tool.succeed(&["silence", "query", "-q", "--expired", "--within", "1h"])
            .await,
        id
    );
    let unknown = "00000000-0000-4000-8000-000000000000";
    tool.fail(&["silence", "expire", unknown]).await;
    let complaint = tool
        .fail(&[
            "silence", "add", "a=~.*", "-a", "x", "-c", "all", "-d", "1h",
        ])
        .await;
    assert!(
        complaint.contains("must not match the empty string"),
        "{complaint}"
    );
    tool.end().await;
}

#[tokio::test]
async fn amtool_imports_silences_and_reads_cluster_and_configuration() {
    let tool = Tool::start().await;
    let file = tool.home.path().join("silences.json");
    let silences = r#"[{"matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":true}],
        "startsAt":"2026-01-01T00:00:00.000Z","endsAt":"2099-01-01T00:00:00.000Z",
        "createdBy":"x","comment":"imported","id":"7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f"}]"#;
    std::fs::write(&file, silences).expect("written");
    tool.succeed(&[
        "silence",
        "import",
        "--force",
        file.to_str().expect("a path"),
    ])
    .await;
    assert_eq!(
        tool.json(&["silence", "query"]).await[0]["comment"],
        "imported"
    );

    let cluster = tool.succeed(&["cluster", "show"]).await;
    assert!(cluster.contains("disabled"), "{cluster}");
    let document = tool.succeed(&["config", "show"]).await;
    assert!(
        document.contains("receiver: pager") && !document.contains("s3cr3t"),
        "{document}"
    );
    for kind in ["pagerduty", "opsgenie", "pushover", "telegram", "discord"] {
        let list = format!("{kind}_configs:");
        assert!(document.contains(&list), "{list} {document}");
    }
    let routed = tool
        .succeed(&["config", "routes", "test", "severity=critical"])
        .await;
    assert_eq!(routed, "pager");
    let tree = tool.succeed(&["config", "routes", "show"]).await;
    assert!(tree.contains("default") && tree.contains("pager"), "{tree}");
    let wrong = [
        "config",
        "routes",
        "test",
        "--verify.receivers=pager",
        "severity=warning",
    ];
    tool.fail(&wrong).await;
    tool.end().await;
}
