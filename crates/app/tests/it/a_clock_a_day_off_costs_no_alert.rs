//! Senders whose clocks are a day off: their alerts are taken, the operator is told, and "over" means now.

use std::collections::BTreeSet;
use std::time::Duration;

use balefire_core::clock::Clock;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask::{self, becomes};
use super::node::{Node, eventually};

const DAY: Duration = Duration::from_hours(24);

const DOCUMENT: &str = r#"
meta: {receiver: meta}
receivers:
- {name: inbox, inbox_configs: [{}]}
- {name: meta, webhook_configs: [{url: "HOOK"}]}
route: {receiver: inbox}
sources: {prom: {kind: prometheus}, graf: {kind: grafana}}
"#;

/// The alerts of a batch for each of the two sources.
fn batches(now: Time) -> [(&'static str, Value); 2] {
    let at = |time: Time| time.rfc3339_millis();
    let (ahead, later) = (at(now.after(DAY)), at(now.after(DAY + DAY)));
    let (behind, earlier) = (at(now.before(DAY)), at(now.before(DAY + DAY)));
    let alert = |name: &str| json!({"alertname": name});
    let prom = json!([
        {"labels": alert("no-end"), "startsAt": ahead},
        {"labels": alert("both"), "startsAt": ahead, "endsAt": later},
        {"labels": alert("over"), "startsAt": earlier, "endsAt": behind},
    ]);
    let graf = json!({"orgId": 1, "alerts": [
        {"status": "firing", "labels": alert("ends"), "startsAt": ahead, "fingerprint": "a"},
        {"status": "firing", "labels": alert("stays"), "startsAt": ahead, "fingerprint": "b"},
    ]});
    [("prom", prom), ("graf", graf)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_a_day_off_costs_no_alert_and_is_told() {
    let sim = Simulator::start().await.expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let document = DOCUMENT.replace("HOOK", &sim.webhook().url("meta"));
    let node = Node::start(folder.path(), &document).await;
    let now = SystemClock.now();
    for (source, batch) in batches(now) {
        let path = format!("/in/{source}");
        let (status, said) = ask::post(&node, &path, ask::JSON, batch.to_string()).await;
        assert_eq!(
            (status, &said["rejected"]),
            (200, &json!(0)),
            "{source}: {said}"
        );
        let notes = said["notes"].to_string();
        assert!(notes.contains("check both clocks"), "{source}: {said}");
        let told = eventually("the meta-alert", async || {
            let told = sim.webhook().received().into_iter();
            told.map(|request| request.text())
                .find(|text| text.contains(source))
        })
        .await;
        assert!(told.contains("check both clocks"), "{told}");
        let recorded = ask::last_refusal(&node).await;
        assert_eq!(recorded["source"], source, "{recorded}");
    }
    let active = ["both", "ends", "no-end", "stays"].map(str::to_owned);
    becomes("all are taken", &BTreeSet::from(active), async || {
        ask::names(&node).await
    })
    .await;
    // By the same clock it is over tomorrow.
    let over = json!({"orgId": 1, "alerts": [{
        "status": "resolved",
        "labels": {"alertname": "ends"},
        "startsAt": now.after(DAY).rfc3339_millis(),
        "endsAt": now.after(DAY + DAY).rfc3339_millis(),
        "fingerprint": "a",
    }]});
    let posted = ask::post(&node, "/in/graf", ask::JSON, over.to_string()).await;
    assert_eq!(posted.0, 200, "{posted:?}");
    let active = ["both", "no-end", "stays"].map(str::to_owned);
    becomes("over means now", &BTreeSet::from(active), async || {
        ask::names(&node).await
    })
    .await;
    node.kill().await;
}
