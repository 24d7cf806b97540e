//! Providers that drip, never end, promise more than they send, or refuse with a friendly 200: each costs itself
//! alone, within its time and with little of its answer read (reliability tests R24 and R26).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_testkit::mode::Mode;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::ask::{self, becomes};
use super::memory::{MIB, most_memory};
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

/// A whole call may take 10 s; the rest is for a busy machine.
const CALL_WITHIN: Duration = Duration::from_secs(15);
/// Long before the others' calls end.
const AT_ONCE: Duration = Duration::from_secs(5);
/// After a retry or two.
const SOON: Duration = Duration::from_secs(20);

const EVERYBODY: &str = r"
receivers:
- {name: drips, dingtalk_configs: [{account: ding}]}
- {name: never-ends, wecom_robot_configs: [{account: robot}]}
- {name: is-huge, feishu_configs: [{account: feishu}]}
- {name: breaks-off, slack_configs: [{account: slack}]}
- {name: is-well, webhook_configs: [{account: hook}]}
route:
  receiver: is-well
  group_by: [alertname]
  group_wait: 0s
  routes:
  - {receiver: drips, continue: true}
  - {receiver: never-ends, continue: true}
  - {receiver: is-huge, continue: true}
  - {receiver: breaks-off, continue: true}
  - {receiver: is-well}
";

const FALLING_BACK: &str = r#"
receivers:
- {name: refused, dingtalk_configs: [{account: ding}], fallback: mop-up}
- {name: busy, wecom_robot_configs: [{account: robot}], fallback: mop-up}
- {name: partly, wechat_configs: [{account: app, to_user: "chenmin|ghost"}], fallback: mop-up}
- {name: mop-up, webhook_configs: [{account: hook}]}
route:
  receiver: mop-up
  group_by: [alertname]
  group_wait: 0s
  routes:
  - {matchers: [alertname="refused"], receiver: refused}
  - {matchers: [alertname="busy"], receiver: busy}
  - {matchers: [alertname="partly"], receiver: partly}
"#;

/// Everything that was or is to be told, by receiver.
async fn notifications(node: &Node) -> BTreeMap<String, Value> {
    let page = ask::get(node, "/api/v1/notifications").await;
    let rows = page["notifications"].as_array().expect("notifications");
    let by_receiver = |row: &Value| {
        let receiver = row["receiver"].as_str().expect("a receiver");
        (receiver.to_owned(), row.clone())
    };
    // The newest comes first; of those of one receiver the oldest stays.
    rows.iter().map(by_receiver).collect()
}

/// What became of each, as `receiver: state after attempts`.
async fn outcomes(node: &Node) -> BTreeSet<String> {
    let page = ask::get(node, "/api/v1/notifications").await;
    let rows = page["notifications"]
        .as_array()
        .expect("notifications")
        .iter();
    let outcome = |row: &Value| {
        let word = |key: &str| row[key].as_str().expect("a text").to_owned();
        format!(
            "{}: {} after {}",
            word("receiver"),
            word("state"),
            row["attempts"]
        )
    };
    rows.map(outcome).collect()
}

/// Posts an alert of this name.
async fn alert(node: &Node, name: &str) {
    let body = json!([{"labels": {"alertname": name, "severity": "critical"}}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", body).await, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_that_misbehave_are_bounded() {
    let sim = simulator().await;
    sim.dingtalk().fail_with(Mode::Drip { bytes_per_sec: 1 });
    sim.wecom_robot().fail_with(Mode::EndlessBody);
    sim.feishu().fail_with(Mode::HugeBody);
    sim.slack_hook().fail_with(Mode::HalfReply);
    let document = format!("{}{EVERYBODY}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    let before = most_memory(&node);
    let began = Instant::now();
    alert(&node, "first").await;
    let told = timeout(AT_ONCE, sim.webhook().wait_for(1)).await;
    told.expect("the healthy one is told at once");
    let all = eventually("every first try ends", async || {
        let all = notifications(&node).await;
        let tried = all.values().filter(|row| row["attempts"] != 0);
        (tried.count() == 5).then_some(all)
    })
    .await;
    assert!(began.elapsed() < CALL_WITHIN, "{:?}", began.elapsed());
    for (receiver, row) in all {
        if receiver == "is-well" {
            assert_eq!(row["state"], "delivered", "{row}");
            continue;
        }
        // Nobody can know whether they took it, so it is tried again.
        assert_eq!(row["state"], "pending", "{row}");
        let error = row["lastError"].as_str().expect("an error");
        assert!(
            error.starts_with("unknown_outcome: "),
            "{receiver}: {error}"
        );
        assert!(error.len() < 500, "{receiver}: {error}");
    }
    // A single answer of 64 MiB, read to its end, would show.
    let after = most_memory(&node);
    assert!(after < before + 48 * MIB, "{before} became {after}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_friendly_answer_is_one() {
    let sim = simulator().await;
    let refusal = "keywords not in content".to_owned();
    sim.dingtalk().fail_with(Mode::ErrCode(310_000, refusal));
    sim.wecom_robot()
        .fail_times(Mode::ErrCode(-1, "system busy".to_owned()), 1);
    sim.wecom_app().set_members(&["chenmin"]);
    let document = format!("{}{FALLING_BACK}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    for name in ["refused", "busy", "partly"] {
        alert(&node, name).await;
    }
    // Whom the first way out will never reach is told by the second, and nobody else is.
    let told = timeout(SOON, sim.webhook().wait_for(2))
        .await
        .expect("two are handed over");
    let names = told
        .iter()
        .map(|request| request.json()["groupLabels"]["alertname"].clone());
    let names: BTreeSet<String> = names
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["partly", "refused"].map(str::to_owned))
    );
    assert_eq!(
        sim.dingtalk().counts().requests,
        1,
        "a refusal is not asked for again"
    );
    // What passes is tried again.
    timeout(SOON, sim.wecom_robot().wait_for(1))
        .await
        .expect("it is told in the end");
    assert_eq!(sim.wecom_robot().counts().requests, 2);
    // Who got it does not get it again because somebody else could not.
    let app = sim.wecom_app().received();
    assert_eq!(app.len(), 1, "{app:?}");
    let expected = [
        "busy: delivered after 2",
        "mop-up: delivered after 1",
        "partly: delivered after 1",
        "partly: handed_over after 1",
        "refused: handed_over after 1",
    ];
    let expected = BTreeSet::from(expected.map(str::to_owned));
    becomes("what became of all", &expected, async || {
        outcomes(&node).await
    })
    .await;
    assert_eq!(sim.webhook().counts().requests, 2);
    node.kill().await;
}
