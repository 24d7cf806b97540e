//! The vendors' own clients, as PyPI has them, with nothing changed but the address and the key: what they send becomes
//! alerts, and what they make of our answers is what they make of the vendors'.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use super::node::{Node, client_builder, eventually};

const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/tools/peers/bin/python"
);
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients/official.py");
const SOURCES: &str = "sources:
  pd: {kind: pagerduty_events}
  og: {kind: opsgenie, token: genie-0123456789abcdef}
  slack: {kind: slack_incoming, token: slack-0123456789abcdef}
  apprise: {kind: apprise_api, token: apprise-0123456789abcdef}
  gotify: {kind: gotify, token: gotify-0123456789abcdef}
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
";

/// A node that speaks TLS, as PagerDuty's client wants it.
struct Server {
    node: Node,
    certificate: PathBuf,
    client: reqwest::Client,
}

impl Server {
    async fn start(folder: &Path) -> Self {
        let names = vec!["127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let certificate = folder.join("cert.pem");
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        let key = folder.join("key.pem");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let document = format!(
            "server: {{tls: {{cert_file: \"{}\", key_file: \"{}\"}}}}\n{SOURCES}",
            certificate.display(),
            key.display()
        );
        let trusted = reqwest::Certificate::from_pem(made.cert.pem().as_bytes());
        let builder = client_builder().tls_certs_only([trusted.expect("PEM")]);
        Self {
            node: Node::start(folder, &document).await,
            certificate,
            client: builder.build().expect("a client"),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.node.address)
    }

    /// What a vendor's client made of our answers.
    async fn run(&self, client: &str, key: &str) -> Value {
        let output = Command::new(PYTHON)
            .args([SCRIPT, client, &self.url(""), key])
            .env("SSL_CERT_FILE", &self.certificate)
            .env("REQUESTS_CA_BUNDLE", &self.certificate)
            .env("NO_PROXY", "*")
            .output();
        let output = output
            .await
            .unwrap_or_else(|error| panic!("{PYTHON}: {error}; run `cargo xtask test --install`"));
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{client}: {words}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// What the inbox was told that holds these words.
    async fn told(&self, words: &str) -> Value {
        let path = self.url("/api/v1/alerts?limit=1000");
        eventually(words, async || {
            let answer = self.client.get(&path).send().await.ok()?;
            let page: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
            let alerts = page["alerts"].as_array()?.iter();
            let mut found = alerts.filter(|alert| alert.to_string().contains(words));
            found.next().cloned()
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pagerdutys_client_triggers_acknowledges_and_resolves() {
    let folder = tempfile::tempdir().expect("folder");
    let server = Server::start(folder.path()).await;
    let said = server
        .run("pagerduty", "0123456789abcdef0123456789abcdef")
        .await;
    assert_eq!(said, json!({"named": "disk/db-1", "made_up": true}));
    let alert = server.told("disk full on db-1").await;
    assert!(alert.to_string().contains("/data"), "its details: {alert}");
}

#[tokio::test(flavor = "multi_thread")]
async fn opsgenies_client_finds_and_closes_what_it_created() {
    let folder = tempfile::tempdir().expect("folder");
    let server = Server::start(folder.path()).await;
    let said = server.run("opsgenie", "genie-0123456789abcdef").await;
    let expected = json!({
        "success": true, "message": "Disk full", "priority": "P1", "tags": ["db"], "owner": "chenmin",
        "acknowledged": true, "open": 1, "status": "closed",
    });
    assert_eq!(said, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_slack_apprise_and_gotify_are_answered_as_over_there() {
    let folder = tempfile::tempdir().expect("folder");
    let server = Server::start(folder.path()).await;
    let slack = server.run("slack", "slack-0123456789abcdef").await;
    assert_eq!(slack, json!({"status": 200, "body": "ok"}));
    server.told("disk full on db-1").await;
    let apprise = server.run("apprise", "apprise-0123456789abcdef").await;
    assert_eq!(apprise, json!({"told": true}));
    let gotify = server.run("gotify", "gotify-0123456789abcdef").await;
    assert_eq!(
        gotify,
        json!({"title": "disk full", "priority": 8, "has_id": true})
    );
    server.told("db-1 is at 98 %").await;
}
