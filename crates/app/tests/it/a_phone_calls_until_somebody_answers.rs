//! The Android app, written in Python from the description of what it does, places calls for the built binary: round
//! after round until somebody answers, through kills and stops, and whatever it is answered keeps it alive.

use std::path::{Path, PathBuf};
use std::time::Duration;

use balefire_testkit::simulator::Simulator;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use super::ask::{self, JSON};
use super::command::balefire;
use super::node::{self, Node, eventually};
use super::providers::{accounts, simulator};

const TOKEN: &str = "0123456789abcdef0123";

/// Chen Min is called, then Li Wei; `hook` is the fallback of what nobody answers.
fn document(sim: &Simulator, service: &str, receiver: &str) -> String {
    let accounts = accounts(sim);
    format!(
        "{accounts}
people:
  chen-min: {{name: 陈敏, phone: \"+8613800138000\"}}
  li-wei: {{name: 李伟, phone: 13900139000}}
legacy: {{autocall: {service}}}
receivers:
- {{name: ops, {receiver} autocall_configs: [{{people: [chen-min, li-wei]}}]}}
- {{name: hook, webhook_configs: [{{account: hook}}]}}
route: {{receiver: ops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
"
    )
}

fn app(url: &str, more: &[&str]) -> Command {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/autocall.py");
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).arg(url).args(more).kill_on_drop(true);
    command
}

/// Runs the app to its end; what it did.
async fn run(url: &str, more: &[&str]) -> Vec<Value> {
    let output = app(url, more).output().await.expect("python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the app died: {said} {:?}",
        String::from_utf8_lossy(&output.stdout)
    );
    let lines = String::from_utf8(output.stdout).expect("text");
    let line = |line| serde_json::from_str(line).expect("a line of JSON");
    lines.lines().map(line).collect()
}

/// What it did, without its pauses: `dial 138…`, `nobody`, `answered 138…`.
fn deeds(lines: &[Value]) -> Vec<String> {
    let deed = |line: &Value| {
        let did = line["did"].as_str().expect("a word");
        let number = line["number"].as_str().unwrap_or_default();
        (did != "idle").then(|| format!("{did} {number}").trim_end().to_owned())
    };
    lines.iter().filter_map(deed).collect()
}

async fn fire(node: &Node, name: &str) {
    let alert = json!([{"labels": {"alertname": name, "severity": "error"}}]);
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_string()).await,
        Some(200)
    );
}

/// The only alert is over.
async fn resolve(node: &Node) {
    let mut alert = ask::get(node, "/api/v2/alerts").await[0].clone();
    alert["endsAt"] = alert["updatedAt"].clone();
    let alert = json!([{"labels": alert["labels"], "startsAt": alert["startsAt"], "endsAt": alert["endsAt"]}]);
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_string()).await,
        Some(200)
    );
}

/// The newest call, once it stands so.
async fn call(node: &Node, state: &str) -> Value {
    eventually(state, async || {
        let page = ask::get(node, "/api/v1/calls?limit=1").await;
        let call = page["calls"][0].clone();
        (call["state"] == state).then_some(call)
    })
    .await
}

async fn states(node: &Node) -> Vec<String> {
    let page = ask::get(node, "/api/v1/notifications").await;
    let rows = page["notifications"].as_array().expect("a list").iter();
    rows.map(|row| row["state"].as_str().expect("a state").to_owned())
        .collect()
}

async fn start(folder: &Path, document: &str) -> (Node, String) {
    let node = Node::start(folder, document).await;
    let url = node.url("/alert/phone");
    (node, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_calls_until_somebody_answers() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let (node, url) = start(folder.path(), &document(&sim, "{}", "")).await;
    let idle = run(&url, &["--polls", "1"]).await;
    assert_eq!(idle[0]["body"], json!({"code": 1, "msg": "无告警"}));

    fire(&node, "DiskFull").await;
    call(&node, "waiting").await;
    // Nobody answers in the first round; then Li Wei does, at the second number of the second round.
    let first = run(&url, &["--until", "nobody"]).await;
    assert_eq!(
        deeds(&first),
        ["dial 13800138000", "dial 13900139000", "nobody"]
    );
    let waiting = call(&node, "waiting").await;
    assert_eq!(
        (&waiting["done"], &waiting["rounds"]),
        (&json!(1), &json!(2))
    );
    let second = run(&url, &["--until", "answered", "--answers", "13900139000"]).await;
    assert_eq!(
        deeds(&second),
        [
            "dial 13800138000",
            "dial 13900139000",
            "answered 13900139000"
        ]
    );
    let answered = call(&node, "answered").await;
    assert_eq!(answered["person"], "li-wei");
    assert_eq!(answered["agent"], "Mi 10");
    assert!(
        answered["title"]
            .as_str()
            .is_some_and(|title| title.contains("DiskFull"))
    );
    ask::becomes("the record", &json!("answered by li-wei"), async || {
        let seq = &answered["notification"];
        let row = ask::get(&node, &format!("/api/v1/notifications/{seq}")).await;
        row["tries"][0]["answer"].clone()
    })
    .await;
    assert_eq!(states(&node).await, ["delivered"]);
    let after = run(&url, &["--polls", "3", "--answers", "13900139000"]).await;
    assert_eq!(deeds(&after), Vec::<String>::new());
    let phones = ask::get(&node, "/api/v1/phones").await;
    assert_eq!(phones["phones"][0]["name"], "Mi 10");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_alert_is_over_nobody_is_called_any_more() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let (node, url) = start(folder.path(), &document(&sim, "{}", "")).await;
    fire(&node, "DiskFull").await;
    call(&node, "waiting").await;
    let begun = run(&url, &["--until", "dial"]).await;
    assert_eq!(deeds(&begun), ["dial 13800138000"]);
    resolve(&node).await;
    call(&node, "withdrawn").await;
    let after = run(&url, &["--polls", "3"]).await;
    assert_eq!(deeds(&after), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_and_a_stop_in_the_middle_lose_no_call() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let document = document(&sim, "{}", "");
    let (node, url) = start(folder.path(), &document).await;
    fire(&node, "DiskFull").await;
    let before = call(&node, "waiting").await;
    let first = run(&url, &["--until", "nobody"]).await;
    assert_eq!(deeds(&first).len(), 3);
    node.kill().await;

    let (mut node, url) = start(folder.path(), &document).await;
    let again = run(&url, &["--until", "dial"]).await;
    assert_eq!(deeds(&again), ["dial 13800138000"]);
    let after = call(&node, "waiting").await;
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["done"], 1, "its first round counts");
    let begun = Instant::now();
    let pid = i32::try_from(node.pid()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a process"), Signal::TERM).expect("a signal");
    let ended = timeout(Duration::from_secs(10), node.ended()).await;
    assert_eq!(ended.expect("an end"), Some(0));
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "it waited for the call"
    );

    let (node, url) = start(folder.path(), &document).await;
    let last = run(&url, &["--until", "answered", "--answers", "13800138000"]).await;
    assert_eq!(deeds(&last), ["dial 13800138000", "answered 13800138000"]);
    // What was answered is on disk before the app hears of it.
    node.kill().await;
    let (node, url) = start(folder.path(), &document).await;
    let answered = call(&node, "answered").await;
    assert_eq!(
        (&answered["id"], &answered["person"]),
        (&before["id"], &json!("chen-min"))
    );
    ask::becomes("the record", &vec!["delivered".to_owned()], async || {
        states(&node).await
    })
    .await;
    let after = run(&url, &["--polls", "3", "--answers", "13800138000"]).await;
    assert_eq!(deeds(&after), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_share_the_calls_and_a_fallback_takes_what_nobody_answers() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let receiver = "fallback: hook, deliver_within: 1h,";
    let (node, url) = start(folder.path(), &document(&sim, "{rounds: 1}", receiver)).await;
    fire(&node, "DiskFull").await;
    fire(&node, "NodeDown").await;
    ask::becomes("two calls", &2, async || {
        let page = ask::get(&node, "/api/v1/calls?state=waiting").await;
        page["calls"].as_array().expect("a list").len()
    })
    .await;
    let (one, two) = tokio::join!(
        run(&url, &["--until", "nobody"]),
        run(&url, &["--until", "nobody", "--model", "P30"]),
    );
    let mid = |lines: &[Value]| lines.last().expect("a line")["mid"].clone();
    assert_ne!(mid(&one), mid(&two));
    let whole = ["dial 13800138000", "dial 13900139000", "nobody"];
    assert_eq!(deeds(&one), whole);
    assert_eq!(deeds(&two), whole);
    ask::becomes("the fallback", &2, async || sim.webhook().received().len()).await;
}

/// Every answer must be an object with a code other than 0.
async fn refused(request: reqwest::RequestBuilder, status: u16, what: &str) {
    let (given, body) = ask::answer(request).await;
    assert_eq!(given, status, "{what}: {body}");
    assert_eq!(body["code"], 1, "{what}: {body}");
    assert!(
        body["msg"].as_str().is_some_and(|words| !words.is_empty()),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_a_code_and_no_answer_ends_the_app() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let service = format!("{{tokens: {{desk: {{token: {TOKEN}}}}}}}");
    let (node, url) = start(folder.path(), &document(&sim, &service, "")).await;
    let client = &node.client;
    refused(client.get(&url), 401, "no token").await;
    refused(
        client.get(format!("{url}/")),
        401,
        "no token behind a slash",
    )
    .await;
    let guess = format!("{url}/0123456789abcdef0124");
    refused(client.get(&guess), 401, "a wrong token").await;
    refused(client.post(&guess), 401, "a wrong token").await;
    refused(client.get(format!("{url}/{TOKEN}/x")), 404, "below").await;
    refused(client.put(format!("{url}/{TOKEN}")), 405, "another method").await;
    let evil = client
        .get(format!("{url}/{TOKEN}"))
        .header("origin", "http://evil.example");
    refused(evil, 403, "another site").await;
    // Its connection ends with the answer.
    let large = node::client()
        .post(format!("{url}/{TOKEN}"))
        .body("x".repeat(100_000));
    refused(large, 413, "a large body").await;
    let seen = ask::get(&node, "/api/v1/rejected").await.to_string();
    assert!(
        !seen.contains(TOKEN) && !seen.contains("0123456789abcdef0124"),
        "{seen}"
    );
    let mut last = 0;
    for _ in 0..40 {
        let (status, body) = ask::answer(client.get(&guess)).await;
        assert_eq!(body["code"], 1, "{status}: {body}");
        last = status;
    }
    assert_eq!(last, 429, "guesses are counted");
    let died = app(&url, &["--polls", "3"]).status().await.expect("python");
    assert!(died.success(), "errors leave the app alive");

    // The right token goes on: the byte form of the app, and stranger ones.
    let right = format!("{url}/{TOKEN}");
    for (query, form) in [
        ("?resp=13800138000&mid=bf_unknown", ""),
        ("?mid=%27%20OR%201=1", ""),
        ("", ""),
        ("", "mid=bf_unknown&resp=13800138000"),
        ("?resp=", "mid="),
    ] {
        let request = client.post(format!("{right}{query}")).body(form);
        assert_eq!(
            ask::answer(request).await,
            (200, json!({"code": 0})),
            "{query} {form}"
        );
    }
    let curl = Command::new("curl")
        .args([
            "-s",
            "-X",
            "POST",
            "-H",
            "Content-Length: 0",
            "-H",
            "Content-Type:",
        ])
        .arg(format!("{right}?resp=13800138000&mid=bf_unknown"))
        .output()
        .await
        .expect("curl");
    assert_eq!(String::from_utf8_lossy(&curl.stdout), r#"{"code":0}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_off_leaves_the_app_alive() {
    let folder = tempfile::tempdir().expect("folder");
    let plain = "receivers: [{name: a, inbox_configs: [{}]}]\nroute: {receiver: a}\n";
    let (node, url) = start(folder.path(), plain).await;
    refused(node.client.get(&url), 404, "off").await;
    refused(node.client.post(&url), 404, "off").await;
    let (status, body) = ask::post(
        &node,
        "/api/v1/calls",
        JSON,
        r#"{"phones": ["66123"], "title": "x"}"#,
    )
    .await;
    assert_eq!(
        (status, &body["code"]),
        (422, &json!("no_target")),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_asked_for_and_taken_back_by_hand() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let (node, url) = start(folder.path(), &document(&sim, "{}", "")).await;
    let place = async |body: Value| ask::post(&node, "/api/v1/calls", JSON, body.to_string()).await;
    for (body, status) in [
        (json!({"title": "x"}), 400),
        (json!({"phones": ["66123"]}), 400),
        (json!({"people": ["chen-mni"], "title": "x"}), 422),
        (json!({"phones": ["12"], "title": "x"}), 422),
        (
            json!({"phones": ["66123"], "title": "x", "rounds": 11}),
            400,
        ),
        (
            json!({"phones": ["66123"], "title": "x", "maxAge": "2d"}),
            422,
        ),
        (
            json!({"phones": ["66123"], "alert": "0000000000000000"}),
            422,
        ),
        (json!({"phones": ["66123"], "titel": "x"}), 400),
    ] {
        let (given, said) = place(body.clone()).await;
        assert_eq!(given, status, "{body}: {said}");
        assert!(said["detail"].is_string());
    }
    let forward =
        json!({"phones": ["*7213800138000"], "people": ["li-wei"], "title": "今天你值班"});
    let (status, body) = place(forward).await;
    assert_eq!(status, 202, "{body}");
    let path = format!("/api/v1/calls/{}", body["id"].as_str().expect("an id"));
    let call = ask::get(&node, &path).await;
    assert_eq!(call["phones"], json!(["13900139000", "*7213800138000"]));
    assert_eq!(call["state"], "waiting");
    let begun = run(&url, &["--until", "dial", "--answers", "13900139000"]).await;
    assert_eq!(deeds(&begun), ["dial 13900139000"]);
    let back = async || ask::answer(node.client.delete(node.url(&path))).await.0;
    assert_eq!(back().await, 204);
    assert_eq!(back().await, 409);
    let call = ask::get(&node, &path).await;
    assert_eq!(
        (&call["state"], &call["why"]),
        (&json!("withdrawn"), &json!("taken back by hand"))
    );
    let unknown = node.client.delete(node.url("/api/v1/calls/bf_none"));
    assert_eq!(ask::answer(unknown).await.0, 404);
    ask::becomes("the record", &vec!["cancelled".to_owned()], async || {
        states(&node).await
    })
    .await;
    let base = node.url("");
    let said = balefire(&base, &["phone", "call", "again", "--person", "chen-min"]).await;
    let id = said.exits(0).data.trim().to_owned();
    let list = balefire(&base, &["phone", "list", "--state", "waiting"]).await;
    let list = list.exits(0).data;
    assert!(list.contains(&id) && list.contains("13800138000"), "{list}");
    let agents = balefire(&base, &["phone", "agents"]).await.exits(0).data;
    assert!(agents.contains("Mi 10"), "{agents}");
    balefire(&base, &["phone", "call", "x", "--person", "nobody"])
        .await
        .exits(6);
}
