//! A stop is asked for while a provider holds its calls and a client its request: the node ends within ten seconds,
//! and what was owed is told by the next one (reliability test R46).

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_testkit::mode::Mode;
use balefire_testkit::simulator::Simulator;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::ask;
use super::node::Node;
use super::providers::{accounts, simulator};

/// A stop takes no longer.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// A restarted node tells what was owed long before a back-off would be over.
const TOLD_WITHIN: Duration = Duration::from_secs(20);
/// Alerts, each a notification of its own.
const ALERTS: usize = 20;

const WAYS: &str = r"
receivers:
- {name: hangs, webhook_configs: [{account: hook}]}
- {name: is-well, dingtalk_configs: [{account: ding}]}
route:
  receiver: hangs
  group_by: [alertname]
  group_wait: 0s
  routes: [{receiver: is-well, continue: true}, {receiver: hangs}]
";

/// How often each alert was shown by the hook.
fn shown(sim: &Simulator) -> BTreeMap<String, usize> {
    let mut shown = BTreeMap::new();
    for request in sim.webhook().received() {
        let name = request.json()["groupLabels"]["alertname"].clone();
        *shown
            .entry(name.as_str().expect("a name").to_owned())
            .or_default() += 1;
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_a_hung_provider_loses_nothing() {
    let sim = simulator().await;
    sim.webhook().fail_with(Mode::Hang);
    let document = format!("{}{WAYS}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let mut node = Node::start(folder.path(), &document).await;
    let names: Vec<String> = (0..ALERTS).map(|i| format!("owed-{i}")).collect();
    for name in &names {
        let body = json!([{"labels": {"alertname": name}}]).to_string();
        assert_eq!(node.post("/api/v2/alerts", body).await, Some(200));
    }
    // The calls are under way, and the healthy provider has been told everything.
    timeout(TOLD_WITHIN, sim.webhook().wait_for_requests(1))
        .await
        .expect("a call that hangs");
    timeout(TOLD_WITHIN, sim.dingtalk().wait_for(1))
        .await
        .expect("the other is told");
    // A client that never ends its request, and a page that listens for news.
    let mut slow = TcpStream::connect(node.address).await.expect("connect");
    let head = format!(
        "POST /in/inbox HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n{{",
        node.address
    );
    slow.write_all(head.as_bytes())
        .await
        .expect("a request without an end");
    let page = node
        .client
        .get(node.url("/console/events"))
        .send()
        .await
        .expect("a page that stays open");
    let began = Instant::now();
    let pid = Pid::from_raw(node.pid().cast_signed()).expect("a process");
    kill_process(pid, Signal::TERM).expect("SIGTERM");
    let ended = timeout(STOP_WITHIN, node.ended()).await;
    assert_eq!(
        ended.expect("an end within 10 s"),
        Some(0),
        "{:?}",
        began.elapsed()
    );
    drop((slow, page));

    // The provider shows what it took and never answered; that may come twice, and nothing else may.
    let under_way = shown(&sim);
    assert!(under_way.len() < ALERTS, "{under_way:?}");
    sim.webhook().heal();
    sim.webhook().clear();
    let node = Node::start(folder.path(), &document).await;
    let told = timeout(TOLD_WITHIN, sim.webhook().wait_for(ALERTS as u64)).await;
    told.unwrap_or_else(|_| panic!("not told: {:?}", shown(&sim)));
    let once: BTreeMap<String, usize> = names.into_iter().map(|name| (name, 1)).collect();
    assert_eq!(shown(&sim), once);
    let dead: Value = ask::get(&node, "/api/v1/notifications?state=dead_lettered").await;
    assert_eq!(dead["notifications"], json!([]));
    node.kill().await;
}
