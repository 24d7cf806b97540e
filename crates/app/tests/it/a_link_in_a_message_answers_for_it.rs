//! A message holds a link by which its reader has the incident, without logging in and without an incident before:
//! whatever follows links for them changes nothing, and a kill -9 changes nothing about the link.

use balefire_testkit::smtp::{Mail, Security, SmtpSim};
use serde_json::{Value, json};

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::simulator;

const AWAY: &str = "https://alerts.example.com";

fn document(port: u16, hook: &str, slack: &str) -> String {
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  mail: {{kind: smtp, host: 127.0.0.1, port: {port}, tls: none_loopback, from: Ops <ops@example.com>}}
  hook: {{kind: webhook, url: \"{hook}\"}}
  slack: {{kind: slack_webhook, url: \"{slack}\"}}
people:
  chen-min: {{name: 陈敏, email: chen@example.com}}
messages:
  short: {{text: 'ack {{{{ acknowledge_url }}}}'}}
receivers:
- name: ops
  email_configs: [{{account: mail, to: chen@example.com}}]
  slack_configs: [{{account: slack, message: short}}]
  webhook_configs: [{{account: hook}}]
route: {{receiver: ops, group_by: [alertname], group_wait: 0s}}
"
    )
}

/// The path of the first link in a text.
fn link(text: &str) -> String {
    let start = text
        .find("/a/")
        .unwrap_or_else(|| panic!("no link: {text}"));
    let token = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let rest: String = text[start + 3..].chars().take_while(token).collect();
    format!("/a/{rest}")
}

async fn incident(node: &Node) -> Value {
    ask::get(node, "/api/v1/incidents").await["incidents"][0].clone()
}

/// A scanner follows links with whatever method reads.
async fn a_scanner_looks_at(node: &Node, page: &str) {
    for _ in 0..3 {
        let seen = node
            .client
            .get(node.url(page))
            .send()
            .await
            .expect("a page");
        assert_eq!(seen.status(), 200);
        let head = node
            .client
            .head(node.url(page))
            .send()
            .await
            .expect("a head");
        assert_eq!(head.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_acknowledges_from_the_mail_and_a_scanner_does_not() {
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let document = document(
        mail.port(),
        &sim.webhook().url("told"),
        &sim.slack_hook().url(),
    );
    let node = Node::start(folder.path(), &document).await;
    let alert =
        json!([{"labels": {"alertname": "DiskFull", "instance": "db-1", "severity": "critical"}}]);
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_string()).await,
        Some(200)
    );
    mail.wait_for(1).await;
    let letter: Mail = mail.received().remove(0);
    let text = letter.text("text/plain").expect("a text");
    assert!(
        text.contains(&format!("Acknowledge: {AWAY}/a/")) || text.contains(AWAY),
        "{text}"
    );
    let page = link(&text);
    let shown = eventually("slack is told", async || {
        let told = sim.slack_hook().received();
        told.first().map(balefire_testkit::Received::text)
    })
    .await;
    assert!(
        shown.contains("ack https"),
        "the operator's own words: {shown}"
    );
    let of_slack = link(&shown);
    assert_ne!(page, of_slack, "one is made for a person");

    a_scanner_looks_at(&node, &page).await;
    assert_eq!(incident(&node).await, Value::Null);
    node.kill().await;

    let node = Node::start(folder.path(), &document).await;
    let form = "application/x-www-form-urlencoded";
    let answers = |path: String, body: &'static str| {
        let request = node.client.post(node.url(&path));
        let request = request.header("content-type", form).header("origin", AWAY);
        async move { request.body(body).send().await.expect("an answer").status() }
    };
    // The client follows the answer to the page, which says who has it.
    for _ in 0..2 {
        assert_eq!(answers(page.clone(), "deed=acknowledge").await, 200);
    }
    answers(of_slack.clone(), "deed=acknowledge&name=Li").await;
    let held = incident(&node).await;
    assert_eq!(held["acknowledgedBy"], "chen-min", "{held}");
    let timeline = ask::get(&node, "/api/v1/incidents/1").await["timeline"].clone();
    let kinds: Vec<&str> = timeline
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|e| e["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["opened", "acknowledged", "also_acknowledged"]);

    let made = balefire(
        &node.url(""),
        &["incident", "link", "1", "--person", "chen-min"],
    )
    .await;
    let by_hand = link(&made.exits(0).data);
    balefire(&node.url(""), &["incident", "call-back-links"])
        .await
        .exits(0);
    for path in [page, of_slack, by_hand] {
        let seen = node
            .client
            .get(node.url(&path))
            .send()
            .await
            .expect("a page");
        assert_eq!(seen.status(), 404);
    }
    let webhook = sim.webhook().received();
    assert!(!webhook[0].text().contains("/a/"), "{}", webhook[0].text());
    node.kill().await;
}
