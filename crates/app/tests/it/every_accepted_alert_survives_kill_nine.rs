//! Kill -9 at random moments under load: what was answered with 2xx reaches its receiver, and is told twice
//! at most where a call was under way.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use balefire_testkit::simulator::Simulator;

use super::node::Node;

/// Rounds in CI; `BALEFIRE_KILL_ROUNDS` for the long run.
const ROUNDS: usize = 50;
const SENDERS: usize = 8;
/// Calls of one lane under way at once, and records of calls not yet on disk.
const UNDER_WAY: usize = 64 + 2048;

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_alert_survives_kill_nine() {
    let rounds = std::env::var("BALEFIRE_KILL_ROUNDS").map_or(ROUNDS, |text| {
        text.parse().expect("BALEFIRE_KILL_ROUNDS is a number")
    });
    let sim = Simulator::builder()
        .unlimited()
        .keep(1_000_000)
        .start()
        .await
        .expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let document = format!(
        "route: {{receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 5m}}\n\
         receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\n",
        sim.webhook().url("kill")
    );
    let mut accepted = Vec::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..rounds {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let moment = Duration::from_millis(20 + random % 230);
        let node = Node::start(folder.path(), &document).await;
        accepted.extend(load_until_killed(node, round, moment).await);
    }
    assert!(
        accepted.len() > rounds,
        "the load was too small: {} alerts",
        accepted.len()
    );
    let node = Node::start(folder.path(), &document).await;
    let told = all_told(&sim, &accepted).await;
    let duplicates: usize = told.values().map(|times| times - 1).sum();
    assert!(
        duplicates <= rounds * UNDER_WAY,
        "{duplicates} duplicates are more than were under way in {rounds} kills"
    );
    node.kill().await;
    let figures = format!(
        "{rounds} kills: {} accepted, 0 lost, {duplicates} told twice",
        accepted.len()
    );
    writeln!(std::io::stderr(), "{figures}").expect("stderr");
}

/// Sends alerts from all senders until the node is killed; answers the names that were accepted.
async fn load_until_killed(node: Node, round: usize, moment: Duration) -> Vec<String> {
    let node = Arc::new(node);
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..SENDERS {
        let (node, next) = (Arc::clone(&node), Arc::clone(&next));
        senders.spawn(async move {
            let mut accepted = Vec::new();
            loop {
                let name = format!("r{round}n{}", next.fetch_add(1, Ordering::Relaxed));
                let body = format!(r#"[{{"labels":{{"alertname":"{name}"}}}}]"#);
                match node.post("/api/v2/alerts", body).await {
                    Some(200) => accepted.push(name),
                    Some(other) => panic!("answered {other}"),
                    None => return accepted,
                }
            }
        });
    }
    tokio::time::sleep(moment).await;
    kill(&node);
    let accepted = senders.join_all().await.into_iter().flatten().collect();
    Arc::into_inner(node)
        .expect("nobody else holds the node")
        .kill()
        .await;
    accepted
}

/// Waits until every accepted alert was told; answers how often each was.
async fn all_told(sim: &Simulator, accepted: &[String]) -> HashMap<String, usize> {
    let missing = |told: &HashMap<String, usize>| -> Vec<String> {
        accepted
            .iter()
            .filter(|name| !told.contains_key(*name))
            .cloned()
            .collect()
    };
    let waiting = async {
        loop {
            let arrived = sim.webhook().counts().requests;
            let told = told(sim);
            let missing = missing(&told).len() as u64;
            if missing == 0 {
                return told;
            }
            // Each alert is a group of its own, so as many requests are still to come at least.
            sim.webhook().wait_for_requests(arrived + missing).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), waiting)
        .await
        .unwrap_or_else(|_| {
            let missing = missing(&told(sim));
            let some = &missing[..missing.len().min(10)];
            panic!(
                "{} of {} accepted alerts never arrived: {some:?}",
                missing.len(),
                accepted.len()
            )
        })
}

fn kill(node: &Node) {
    let pid = rustix::process::Pid::from_raw(node.pid().cast_signed()).expect("pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("kill -9");
}

/// How often each alert's firing was told.
fn told(sim: &Simulator) -> HashMap<String, usize> {
    let mut told = HashMap::new();
    for request in sim.webhook().received() {
        for alert in request.json()["alerts"].as_array().into_iter().flatten() {
            if alert["status"] == "firing" {
                let name = alert["labels"]["alertname"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                *told.entry(name).or_default() += 1;
            }
        }
    }
    told
}
