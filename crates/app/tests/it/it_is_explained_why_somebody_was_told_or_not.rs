//! Explanations by the built binary: an alert that is silenced, one that went elsewhere, who was on call and answered, who
//! was not on call, and one that never arrived because its request was refused.

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

/// Ada is on call and paged by WeCom; Cai comes an hour later; Bob is in no turn.
fn document(sim: &Simulator) -> String {
    let accounts = accounts(sim);
    format!(
        "{accounts}
people: {{ada: {{name: 艾达, wecom: ada}}, bob: {{wecom: bob}}, cai: {{wecom: cai}}}}
schedules:
  rota: {{timezone: UTC, layers: [{{rotation: daily, starts: 2020-01-06T00:00, people: [ada]}}]}}
sources: {{prom: {{kind: prometheus, token: a-token-of-sixteen}}}}
escalations:
  ops:
    steps:
    - {{notify: [{{schedule: rota}}], by: [wecom], wait: 1h}}
    - {{notify: [{{person: cai}}], by: [wecom], wait: 1h}}
receivers:
- {{name: ops, webhook_configs: [{{account: hook}}], escalation: ops}}
- {{name: web, webhook_configs: [{{account: hook}}]}}
route:
  receiver: ops
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes: [{{receiver: web, matchers: [team=web]}}]
"
    )
}

async fn fire(node: &Node, name: &str, team: &str) {
    let alert = json!([{"labels": {"alertname": name, "team": team, "severity": "critical"}}]);
    let posted = node.post("/api/v2/alerts", alert.to_string()).await;
    assert_eq!(posted, Some(200));
}

/// The answer of the command line, once it comes to `verdict`.
async fn explained(node: &Node, arguments: &[&str], verdict: &str) -> Value {
    let all = [&["explain"], arguments, &["--json"]].concat();
    eventually(verdict, async || {
        let ran = balefire(&node.url(""), &all).await;
        let answer = ran.json();
        (answer["verdict"] == verdict).then_some(answer)
    })
    .await
}

fn sentence(answer: &Value) -> &str {
    answer["sentence"].as_str().expect("a sentence")
}

/// The rungs of a kind.
fn rungs<'a>(answer: &'a Value, kind: &str) -> Vec<&'a Value> {
    let ladder = answer["ladder"].as_array().expect("a list").iter();
    ladder.filter(|rung| rung["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_on_call_was_paged_and_answered_and_the_others_learn_why_they_were_not() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, "DiskFull", "db").await;
    let disk = "alertname=DiskFull";
    explained(&node, &[disk, "--person", "ada"], "reached").await;
    explained(&node, &[disk, "--person", "cai"], "not_yet").await;
    balefire(&node.url(""), &["incident", "ack", "1", "--by", "ada"])
        .await
        .exits(0);

    let ada = explained(&node, &[disk, "--person", "ada"], "reached").await;
    assert!(
        sentence(&ada).starts_with("ada was reached by wecom at "),
        "{ada}"
    );
    assert!(sentence(&ada).contains(" and acknowledged at "), "{ada}");
    let duty = rungs(&ada, "on-duty");
    assert_eq!(duty[0]["ok"], true, "{ada}");
    let text = duty[0]["text"].as_str().expect("a text");
    assert!(text.contains("rota: ada, by layer 1"), "{text}");
    assert!(!rungs(&ada, "delivered").is_empty(), "{ada}");
    assert!(
        rungs(&ada, "try").iter().all(|one| one["ok"] == true),
        "{ada}"
    );

    let bob = explained(&node, &[disk, "--person", "bob"], "not_on_call").await;
    assert_eq!(
        sentence(&bob),
        "bob was not on call in rota: ada was, by layer 1."
    );
    assert_eq!(rungs(&bob, "on-duty")[0]["ok"], false, "{bob}");
    let cai = explained(&node, &[disk, "--person", "cai"], "answered_first").await;
    assert!(sentence(&cai).contains("ada acknowledged at "), "{cai}");
    assert!(
        sentence(&cai).ends_with(" before their step was due."),
        "{cai}"
    );
    let alone = explained(&node, &[disk], "told").await;
    assert!(sentence(&alone).starts_with("ops was told at "), "{alone}");

    // In Chinese, for people, and before it began.
    let path = format!("/api/v1/explain?alert={disk}&person=bob&locale=zh-CN");
    let chinese = ask::get(&node, &path).await;
    assert!(sentence(&chinese).contains("值班的是 ada"), "{chinese}");
    let words = balefire(&node.url(""), &["explain", disk, "--person", "ada"])
        .await
        .exits(0)
        .data;
    assert!(words.starts_with("ada was reached by wecom"), "{words}");
    assert!(words.contains("\n  ✓ "), "{words}");
    // The name alone will do.
    explained(&node, &["DiskFull", "--person", "ada"], "reached").await;
    let before = ["explain", disk, "--at", "2020-01-01T00:00:00Z"];
    let before = balefire(&node.url(""), &before).await.exits(3);
    assert!(
        before.data.contains("No such alert has arrived"),
        "{before:?}"
    );
    let stranger = ["explain", disk, "--person", "adda"];
    let stranger = balefire(&node.url(""), &stranger).await.exits(6);
    assert!(
        stranger.words.contains("did you mean \"ada\"?"),
        "{stranger:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_another_route_and_a_refused_request_are_told_as_the_reason() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    let silence = [
        "silence",
        "add",
        "alertname=Noise",
        "-d",
        "2h",
        "-c",
        "db upgrade",
    ];
    balefire(&node.url(""), &silence).await.exits(0);
    fire(&node, "Noise", "db").await;
    fire(&node, "PageSlow", "web").await;

    let silenced = explained(&node, &["alertname=Noise", "--person", "ada"], "silenced").await;
    for words in [
        "by chenmin (db upgrade)",
        "matches {alertname=\"Noise\"} until ",
    ] {
        assert!(sentence(&silenced).contains(words), "{words}: {silenced}");
    }
    assert_eq!(rungs(&silenced, "silenced")[0]["ok"], false, "{silenced}");

    let elsewhere = ["alertname=PageSlow", "--person", "ada"];
    let elsewhere = explained(&node, &elsewhere, "routed_elsewhere").await;
    assert_eq!(
        sentence(&elsewhere),
        "ada is not concerned: it went to web, which pages nobody."
    );
    assert!(!rungs(&elsewhere, "owed").is_empty(), "{elsewhere}");

    let alert = json!({"alerts": [{"status": "firing", "labels": {"alertname": "Lost"}}]});
    let (status, _) = ask::post(&node, "/in/prom/wrong", JSON, alert.to_string()).await;
    assert_eq!(status, 401);
    let lost = explained(
        &node,
        &["alertname=Lost", "--person", "ada"],
        "never_arrived",
    )
    .await;
    assert!(
        sentence(&lost).contains("one request was refused"),
        "{lost}"
    );
    let refused = rungs(&lost, "refused");
    let text = refused[0]["text"].as_str().expect("a text");
    assert!(
        text.contains("prom was refused: the source's token"),
        "{text}"
    );
    let words = balefire(&node.url(""), &["explain", "alertname=Lost"])
        .await
        .exits(3);
    assert!(words.data.contains("✗"), "{words:?}");
}
