//! Jobs that say with curl that they have run: one that falls silent is told of across kill -9, one whose signal was
//! answered is not.

use balefire_testkit::simulator::Simulator;
use serde_json::Value;
use tokio::process::Command;

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually};

const TOKEN: &str = "canary-0123456789abcdef";

fn document(sim: &Simulator, grace: &str) -> String {
    format!(
        "receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\n\
         route: {{receiver: hook, group_by: [heartbeat], group_wait: 0s, group_interval: 1s}}\n\
         heartbeats:\n  backup: {{token: {TOKEN}, period: 1s, grace: {grace}, labels: {{team: db}}, description: look at db-1}}\n\
           \x20 nightly: {{token: {TOKEN}-2, cron: \"0 2 * * *\", grace: 2h}}\n",
        sim.webhook().url("hb")
    )
}

/// What curl says of a request: the status, and the body.
async fn curl(node: &Node, arguments: &[&str], path: &str) -> (String, String) {
    let output = Command::new("curl")
        .args(["-sS", "-m", "10", "-w", "\n%{http_code}"])
        .args(arguments)
        .arg(node.url(path))
        .output()
        .await
        .expect("curl");
    let said = String::from_utf8(output.stdout).expect("text");
    let (body, status) = said.rsplit_once('\n').expect("a status");
    (status.to_owned(), body.to_owned())
}

async fn show(node: &Node, name: &str) -> Value {
    ask::get(node, &format!("/api/v1/heartbeats/{name}")).await
}

/// The statuses that the webhook was told, in order.
fn told(sim: &Simulator) -> Vec<String> {
    let requests = sim.webhook().received().into_iter();
    let alerts = requests.flat_map(|request| {
        let body = request.json();
        body["alerts"].as_array().cloned().unwrap_or_default()
    });
    alerts
        .map(|alert| {
            assert_eq!(alert["labels"]["alertname"], "HeartbeatMissed");
            assert_eq!(alert["labels"]["team"], "db");
            alert["status"].as_str().unwrap_or_default().to_owned()
        })
        .collect()
}

async fn told_in_all(sim: &Simulator, count: usize) -> Vec<String> {
    eventually("alerts are told", async || {
        let told = told(sim);
        (told.len() >= count).then_some(told)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_falls_silent_is_told_and_so_is_its_return() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let document = document(&sim, "1s");
    let node = Node::start(folder.path(), &document).await;
    let hb = format!("/hb/{TOKEN}");
    assert_eq!(show(&node, "backup").await["status"], "new");
    let ok = ("200".to_owned(), "OK".to_owned());
    assert_eq!(
        curl(&node, &["--data-raw", "begin"], &format!("{hb}/start")).await,
        ok
    );
    assert_eq!(show(&node, "backup").await["running"], true);
    assert_eq!(curl(&node, &[], &hb).await, ok);
    assert_eq!(curl(&node, &["-I"], &hb).await.0, "200");
    assert_eq!(
        curl(&node, &["--data-raw", "备份完成"], &format!("{hb}/0")).await,
        ok
    );
    let shown = show(&node, "backup").await;
    assert_eq!(shown["body"], "备份完成");
    assert_eq!(shown["pings"], 4);
    assert_eq!(shown["last"]["sender"], "127.0.0.1");
    assert!(shown["tookSeconds"].is_f64(), "{shown}");

    assert_eq!(told_in_all(&sim, 1).await, ["firing"]);
    assert_eq!(show(&node, "backup").await["down"]["why"], "late");
    node.kill().await;
    let node = Node::start(folder.path(), &document).await;
    assert_eq!(show(&node, "backup").await["status"], "down");
    // It fails before it is back: that is the same alert.
    assert_eq!(curl(&node, &[], &format!("{hb}/3")).await, ok);
    assert_eq!(show(&node, "backup").await["down"]["exitCode"], 3);
    assert_eq!(curl(&node, &[], &hb).await, ok);
    let told = told_in_all(&sim, 2).await;
    assert_eq!(
        told.last().map(String::as_str),
        Some("resolved"),
        "{told:?}"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_was_answered_survives_kill_nine_and_nobody_is_told() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let document = document(&sim, "1h");
    let mut heard = 0;
    for round in 0..5 {
        let node = Node::start(folder.path(), &document).await;
        assert_eq!(show(&node, "backup").await["pings"], heard);
        let signal = ["/start", "", "/log", "/start", ""][round];
        let (status, _) = curl(&node, &[], &format!("/hb/{TOKEN}{signal}")).await;
        assert_eq!(status, "200");
        heard += 1;
        node.kill().await;
    }
    let node = Node::start(folder.path(), &document).await;
    let shown = show(&node, "backup").await;
    assert_eq!(
        (&shown["pings"], &shown["running"]),
        (&heard.into(), &false.into())
    );
    assert!(ask::names(&node).await.is_empty());
    assert_eq!(sim.webhook().counts().requests, 0);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_not_guessed_bodies_are_bounded_and_the_command_line_shows_all() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "1h")).await;
    for path in [
        "/hb/canary-0123456789abcde",
        "/hb/x",
        "/hb/x/start",
        "/hb/%2e%2e",
    ] {
        let (status, body) = curl(&node, &["-X", "POST"], path).await;
        assert_eq!(status, "404", "{body}");
        assert!(!body.contains("canary"), "{body}");
    }
    let refusal = ask::last_refusal(&node).await;
    assert_eq!(refusal["source"], "heartbeat", "{refusal}");
    assert!(!refusal.to_string().contains("canary"), "{refusal}");
    for (path, status) in [("/256", "404"), ("/begin", "404"), ("/fail/x", "404")] {
        let path = format!("/hb/{TOKEN}{path}");
        assert_eq!(curl(&node, &[], &path).await.0, status, "{path}");
    }
    let delete = curl(&node, &["-X", "DELETE"], &format!("/hb/{TOKEN}")).await;
    assert_eq!(delete.0, "405");
    let long = folder.path().join("long");
    std::fs::write(&long, "x".repeat(900_000)).expect("written");
    let data = format!("@{}", long.display());
    let (status, _) = curl(
        &node,
        &["--data-binary", &data],
        &format!("/hb/{TOKEN}-2/1"),
    )
    .await;
    assert_eq!(status, "200");
    let shown = show(&node, "nightly").await;
    assert_eq!(shown["body"].as_str().map(str::len), Some(10 * 1024));
    assert_eq!(shown["down"]["why"], "failed");

    let run = async |arguments: &[&str]| balefire(&node.url(""), arguments).await;
    let list = run(&["heartbeat", "list"]).await.exits(0);
    assert!(list.data.contains("down (failed 1)"), "{}", list.data);
    assert!(list.data.contains("0 2 * * * UTC"), "{}", list.data);
    let paused = run(&["heartbeat", "pause", "nightly", "--json"])
        .await
        .exits(0);
    assert_eq!(paused.json()["status"], "paused");
    let resumed = run(&["heartbeat", "resume", "nightly", "--json"])
        .await
        .exits(0);
    assert_eq!(resumed.json()["status"], "new");
    let show = run(&["heartbeat", "show", "backup"]).await.exits(0);
    assert!(show.data.contains("look at db-1"), "{}", show.data);
    run(&["heartbeat", "show", "nightli"]).await.exits(3);
    run(&["heartbeat", "show", "a/b"]).await.exits(3);
    let late = run(&["heartbeat", "list", "--status", "late"])
        .await
        .exits(0);
    assert_eq!(late.data, "");
    let (_, page) = curl(&node, &[], "/heartbeats?lang=zh").await;
    assert!(
        page.contains("nightly") && page.contains("从未上报"),
        "{page}"
    );
    assert!(!page.contains("canary"), "{page}");
    // Often is too often; the rest of the second is not.
    let mut refused = 0;
    for _ in 0..80 {
        let reply = node.client.get(node.url(&format!("/hb/{TOKEN}"))).send();
        refused += u32::from(reply.await.expect("an answer").status().as_u16() == 429);
    }
    assert!((1..=20).contains(&refused), "{refused}");
    node.kill().await;
}
