//! A telephone at the desk forwards its calls to whoever is on call: it is told by text message when that changes.

use balefire_testkit::provider::aliyun::{
    COMMAND, COMMAND_TEMPLATE, KEY_ID, KEY_SECRET, SIGN_NAME,
};
use balefire_testkit::simulator::Simulator;
use jiff::{Timestamp, ToSpan as _};

use super::ask;
use super::node::{Node, eventually};
use super::providers::{commands, simulator};

const AGENT: &str = "18700000000";
const CHEN: &str = "*7213800138000";
const LI: &str = "*7213900139000";

/// Li Wei is on call, but while Chen Min covers for them.
fn document(sim: &Simulator, covered_until: Timestamp) -> String {
    format!(
        "
people: {{chen-min: {{name: Chen, phone: \"+8613800138000\"}}, li-wei: {{name: Li, phone: \"13900139000\"}}}}
accounts:
  sms: {{kind: aliyun_sms, api_url: \"{}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    sign_name: {SIGN_NAME}, template_code: {COMMAND_TEMPLATE}, template_params: {{{COMMAND}: title}}}}
schedules:
  ops:
    timezone: UTC
    layers: [{{rotation: daily, starts: 2020-01-06T09:00, people: [li-wei]}}]
    overrides: [{{from: 2020-01-06T09:00, to: \"{covered_until}\", people: chen-min}}]
    forward: [{{account: sms, agent: \"+86{AGENT}\"}}]
receivers: [{{name: ops, inbox_configs: [{{}}]}}]
route: {{receiver: ops}}
",
        sim.aliyun().api_url(),
    )
}

#[expect(clippy::disallowed_methods, reason = "a test's own clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn told(sim: &Simulator) -> Vec<String> {
    let told = commands(sim).into_iter();
    told.map(|(to, command)| {
        assert_eq!(to, AGENT);
        let parts: Vec<&str> = command.split('|').collect();
        assert_eq!(
            (parts[0], parts[2], parts.len()),
            ("", "autocall", 4),
            "{command}"
        );
        parts[1].to_owned()
    })
    .collect()
}

async fn until_told(sim: &Simulator, numbers: &[&str]) {
    eventually("the telephone is told", async || {
        let told = told(sim);
        (told.len() >= numbers.len()).then_some(())
    })
    .await;
    assert_eq!(told(sim), numbers);
}

/// Waits until so many are recorded as delivered.
async fn until_on_record(node: &Node, count: usize) {
    eventually("what was told is on record", async || {
        let page = ask::get(node, "/api/v1/notifications").await;
        let rows = page["notifications"].as_array().expect("a list").iter();
        let delivered = rows.filter(|row| row["state"] == "delivered").count();
        (delivered == count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_forwarded_at_a_change_of_shift() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let plain = document(&sim, now() + 20.seconds());
    let node = Node::start(folder.path(), &plain).await;
    until_told(&sim, &[CHEN]).await;
    until_told(&sim, &[CHEN, LI]).await;
    // What is under way at a kill -9 may be told twice, so the end of both is on disk first.
    until_on_record(&node, 2).await;
    // A restart after kill -9 tells nobody again, and an override of a new document is told.
    node.kill().await;
    let node = Node::start(folder.path(), &plain).await;
    let covered = document(&sim, now() + 24.hours());
    std::fs::write(folder.path().join("balefire.yml"), covered).expect("write the document");
    assert_eq!(node.post("/-/reload", String::new()).await, Some(200));
    until_told(&sim, &[CHEN, LI, CHEN]).await;
    let page = ask::get(&node, "/api/v1/notifications").await;
    let rows = page["notifications"].as_array().expect("a list");
    assert_eq!(rows.len(), 3, "{page}");
}
