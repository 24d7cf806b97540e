//! A live message in Slack, Telegram and Discord is changed when something ends or somebody takes it over, also by what
//! happened on the command line and while the node was down; what must ring is posted as an answer.

use balefire_testkit::Received;
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::simulator;

fn document(sim: &Simulator) -> String {
    let chats = sim.chats();
    format!(
        "accounts:
  slack: {{kind: slack_bot, base_url: \"{}\", token: {}}}
  tg: {{kind: telegram, base_url: \"{}\", bot_token: \"{}\"}}
  guild: {{kind: discord, url: \"{}\"}}
  robot: {{kind: webhook, url: \"{}\"}}
people: {{chen-min: {{name: 陈敏}}}}
escalations: {{ops: {{steps: [{{notify: [{{receiver: robot}}], wait: 1h}}]}}}}
receivers:
- name: ops
  escalation: ops
  slack_configs: [{{account: slack, channel: C0OPS0001, live: true, send_resolved: true}}]
  telegram_configs: [{{account: tg, chat_id: -1001, live: true, send_resolved: false}}]
  discord_configs: [{{account: guild, live: true}}]
- {{name: robot, webhook_configs: [{{account: robot}}]}}
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
",
        sim.slack_bot().api_url(),
        sim.slack_bot().token(),
        sim.url(),
        chats.telegram.token(),
        chats.discord.url(),
        sim.webhook().url("robot"),
    )
}

async fn report(node: &Node, instance: &str, severity: &str, ends: Option<&str>) {
    let labels = json!({"alertname": "DiskFull", "instance": instance, "severity": severity});
    let mut alert = json!({"labels": labels});
    if let Some(ends) = ends {
        alert["startsAt"] = "2026-01-01T00:00:00Z".into();
        alert["endsAt"] = ends.into();
    }
    let posted = node
        .post("/api/v2/alerts", json!([alert]).to_string())
        .await;
    assert_eq!(posted, Some(200));
}

fn bodies(received: &[Received]) -> Vec<(String, Value)> {
    let one = |received: &Received| (received.target.clone(), received.json());
    received.iter().map(one).collect()
}

/// The last change of each platform that says this.
async fn all_say(sim: &Simulator, what: &str) {
    let says = |received: Vec<Received>, path: &str| {
        let changed = bodies(&received).into_iter();
        let mut changed = changed.filter(|(target, _)| target.contains(path));
        changed.any(|(_, body)| body.to_string().contains(what))
    };
    eventually(what, async || {
        let slack = says(sim.slack_bot().received(), "chat.update");
        let telegram = says(sim.chats().telegram.received(), "editMessageText");
        let discord = says(sim.chats().discord.received(), "/messages/");
        (slack && telegram && discord).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_and_what_ends_stands_in_the_first_message() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    report(&node, "db-1", "warning", None).await;
    eventually("all are told", async || {
        let told = sim.slack_bot().received().len()
            + sim.chats().telegram.received().len()
            + sim.chats().discord.received().len();
        (told == 3).then_some(())
    })
    .await;

    // Somebody takes it over on the command line.
    eventually("the incident is open", async || {
        let ran = balefire(&node.url(""), &["incident", "ack", "1", "--by", "chen-min"]).await;
        (ran.exit == Some(0)).then_some(())
    })
    .await;
    all_say(&sim, "acknowledged by 陈敏").await;

    // One more that is no worse is shown, and nobody is called for it.
    report(&node, "db-2", "warning", None).await;
    all_say(&sim, "db-2").await;
    let posts = |received: Vec<Received>, path: &str| {
        let all = bodies(&received).into_iter();
        all.filter(|(target, _)| target.contains(path))
            .collect::<Vec<_>>()
    };
    let slack = posts(sim.slack_bot().received(), "");
    let posted = slack.iter().filter(|(path, _)| path.contains("post"));
    assert_eq!(posted.count(), 1, "{slack:#?}");
    assert_eq!(
        posts(sim.chats().telegram.received(), "sendMessage").len(),
        1
    );

    // What is critical rings, below the first message, after a crash too.
    node.kill().await;
    let node = Node::start(folder.path(), &document(&sim)).await;
    report(&node, "db-3", "critical", None).await;
    let rang = eventually("it rings", async || {
        posts(sim.slack_bot().received(), "postMessage")
            .get(1)
            .cloned()
    })
    .await;
    assert!(rang.1["thread_ts"].is_string(), "{rang:?}");
    all_say(&sim, "db-3").await;

    // The end: Telegram asked for no notice, and its message says so all the same.
    for (instance, severity) in [
        ("db-1", "warning"),
        ("db-2", "warning"),
        ("db-3", "critical"),
    ] {
        report(&node, instance, severity, Some("2026-01-01T00:01:00Z")).await;
    }
    all_say(&sim, "RESOLVED").await;
    let over = eventually("Slack is told", async || {
        posts(sim.slack_bot().received(), "postMessage")
            .get(2)
            .cloned()
    })
    .await;
    assert_eq!(over.1["thread_ts"], rang.1["thread_ts"]);
    let telegram = posts(sim.chats().telegram.received(), "sendMessage");
    assert_eq!(telegram.len(), 2, "the first, and what was critical");
}
