//! Heartbeats that people make while the node runs: by command, by the interface and on the console; they outlive kill -9, and
//! their badges tell how they stand.

use std::path::Path;

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask;
use super::command::{Ran, balefire};
use super::node::{Node, eventually};

/// A document with one heartbeat of its own.
fn document(sim: &Simulator, more: &str) -> String {
    format!(
        "receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\n\
         route: {{receiver: hook, group_by: [heartbeat], group_wait: 0s, group_interval: 1s}}\n\
         heartbeats:\n  written: {{token: canary-0123456789abcdef, period: 1h, labels: {{team: db}}}}\n{more}",
        sim.webhook().url("hb")
    )
}

async fn ping(node: &Node, url: &str) -> u16 {
    let reply = node.client.get(url).send().await;
    reply.expect("an answer").status().as_u16()
}

async fn fetch(node: &Node, url: &str) -> (u16, String, String) {
    let reply = node.client.get(url).send().await.expect("an answer");
    let status = reply.status().as_u16();
    let header = |name: &str| {
        let value = reply.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let headers = format!("{} {}", header("content-type"), header("cache-control"));
    (status, headers, reply.text().await.expect("text"))
}

/// Where an address that was told is on this node.
fn at(node: &Node, told: &Value, key: &str) -> String {
    let address = told[key].as_str().expect("an address");
    let begin = address.find("/hb/").or_else(|| address.find("/badge/"));
    node.url(&address[begin.expect("a path of ours")..])
}

/// Puts another document in force.
async fn reload(node: &Node, folder: &Path, text: &str) {
    std::fs::write(folder.join("balefire.yml"), text).expect("written");
    let (status, said) = ask::answer(node.client.post(node.url("/-/reload"))).await;
    assert_eq!(status, 200, "{said}");
}

/// Runs a command that no argument of has blanks.
async fn run(node: &Node, line: &str) -> Ran {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    balefire(&node.url(""), &arguments).await
}

/// How the heartbeat `backup` stands.
async fn backup(node: &Node) -> Value {
    ask::get(node, "/api/v1/heartbeats/backup").await
}

const CREATE: &str =
    "heartbeat create backup --period 1h --grace 1h --severity error --label team=db --json";

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_waited_for_by_command_and_its_runs_outlive_a_crash() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let text = document(&sim, "");
    let node = Node::start(folder.path(), &text).await;
    let made = run(&node, CREATE).await.exits(0).json();
    assert_eq!(made["labels"]["severity"], "error");
    let stands = (&made["inDocument"], &made["status"]);
    assert_eq!(stands, (&json!(false), &json!("new")));
    let url = at(&node, &made, "url");
    run(&node, CREATE).await.exits(5);
    let taken = run(&node, "heartbeat create written --period 1h").await;
    let taken = taken.exits(5).words;
    assert!(taken.contains("document"), "{taken}");
    let wrong = run(&node, "heartbeat create x --period 1ms").await;
    let wrong = wrong.exits(6).words;
    assert!(
        wrong.contains("period: 1ms is not within 1s to 366d"),
        "{wrong}"
    );

    // Two runs at once, each measured from its own begin.
    let rid = |n: u8| format!("?rid=00000000-0000-4000-8000-00000000000{n}");
    assert_eq!(ping(&node, &format!("{url}/start{}", rid(1))).await, 200);
    assert_eq!(ping(&node, &format!("{url}/start{}", rid(2))).await, 200);
    assert_eq!(ping(&node, &format!("{url}{}", rid(1))).await, 200);
    assert_eq!(
        backup(&node).await["running"],
        true,
        "the other is under way"
    );
    node.kill().await;

    let node = Node::start(folder.path(), &text).await;
    let url = at(&node, &made, "url");
    let shown = backup(&node).await;
    let signals = (&shown["pings"], &shown["running"]);
    assert_eq!(signals, (&json!(3), &json!(true)));
    assert_eq!(shown["madeBy"], shown["changedBy"]);
    let secret = url.rsplit('/').next().expect("a token");
    assert!(!shown.to_string().contains(secret));
    assert_eq!(ping(&node, &format!("{url}/0{}", rid(2))).await, 200);
    assert_eq!(backup(&node).await["running"], false);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_changed_and_taken_away_and_the_document_counts_before_it() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let text = document(&sim, "");
    let node = Node::start(folder.path(), &text).await;
    let made = run(&node, CREATE).await.exits(0).json();
    let url = at(&node, &made, "url");
    assert_eq!(ping(&node, &url).await, 200);
    let edit = [
        "heartbeat",
        "edit",
        "backup",
        "--cron",
        "0 2 * * *",
        "--json",
    ];
    let edited = balefire(&node.url(""), &edit).await.exits(0).json();
    let stands = (&edited["period"], &edited["pings"]);
    assert_eq!(stands, (&Value::Null, &json!(1)));
    run(&node, "heartbeat edit written --grace 2h")
        .await
        .exits(5);
    let renewed = run(&node, "heartbeat new-token backup --json").await;
    let renewed = renewed.exits(0).json();
    assert_eq!(ping(&node, &url).await, 404, "the old address is nobody's");
    let url = at(&node, &renewed, "url");
    assert_eq!(ping(&node, &format!("{url}/fail")).await, 200);
    let told = async || ask::names(&node).await.contains("HeartbeatMissed");
    ask::becomes("it is told", &true, told).await;
    run(&node, "heartbeat delete written").await.exits(5);
    run(&node, "heartbeat delete backup").await.exits(0);
    let over = async || ask::names(&node).await.is_empty();
    ask::becomes("its alert ends", &true, over).await;
    assert_eq!(ping(&node, &url).await, 404);
    run(&node, "heartbeat show backup").await.exits(3);
    let told = eventually("its end is told", async || {
        let told = sim.webhook().received();
        let last = told.last()?.json();
        (last["status"] == "resolved").then_some(last)
    })
    .await;
    assert_eq!(told["alerts"][0]["labels"]["team"], "db");

    // Another of its name begins anew.
    let again = run(&node, CREATE).await.exits(0).json();
    let stands = (&again["pings"], &again["status"]);
    assert_eq!(stands, (&json!(0), &json!("new")));
    // The document's counts, and the other comes back when it is taken out.
    let more = "  backup: {token: canary-0123456789abcdef-2, period: 5m}\n";
    reload(&node, folder.path(), &document(&sim, more)).await;
    assert_eq!(backup(&node).await["inDocument"], true);
    assert_eq!(ping(&node, &at(&node, &again, "url")).await, 404);
    reload(&node, folder.path(), &text).await;
    assert_eq!(ping(&node, &at(&node, &again, "url")).await, 200);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_heartbeats_come_in_pages() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let many = (0..149)
        .map(|n| format!("  job-{n:03}: {{token: canary-0123456789-{n:03}, period: 1h}}\n"));
    let node = Node::start(folder.path(), &document(&sim, &many.collect::<String>())).await;
    let page = async |query: &str| {
        let page = ask::get(&node, &format!("/api/v1/heartbeats{query}")).await;
        let names = page["heartbeats"].as_array().expect("a list").iter();
        let names = names.map(|one| one["name"].as_str().expect("a name").to_owned());
        let rest = (page["total"].clone(), page["next"].clone());
        (names.collect::<Vec<_>>(), rest)
    };
    let (mut names, rest) = page("").await;
    assert_eq!((names.len(), rest), (100, (json!(150), json!(100))));
    let (last, rest) = page("?offset=100&status=new").await;
    assert_eq!((last.len(), rest), (50, (json!(150), Value::Null)));
    names.extend(last);
    let mut expected: Vec<String> = (0..149).map(|n| format!("job-{n:03}")).collect();
    expected.push("written".to_owned());
    assert_eq!(names, expected);
    assert_eq!(page("?limit=2&offset=149").await.0, ["written"]);
    assert_eq!(page("?offset=150").await.0.len(), 0);
    let listed = run(&node, "heartbeat list --json").await.exits(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(150), "all of them");
    node.kill().await;
}

/// Sends a form, and reads the page it leads to.
async fn form(node: &Node, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(fields).finish();
    let kind = "application/x-www-form-urlencoded";
    let request = node.client.post(node.url(path));
    let request = request.header("content-type", kind).body(body);
    let reply = request.send().await.expect("an answer");
    (reply.status().as_u16(), reply.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_makes_changes_and_takes_one_away() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "")).await;
    let fields = [
        ("name", "queue"),
        ("period", "30s"),
        ("labels", "team=web, env=prod"),
        ("severity", "warning"),
    ];
    let (status, page) = form(&node, "/console/heartbeats?lang=zh", &fields).await;
    assert_eq!(status, 200, "{page}");
    let told = page
        .split("hb&#x2f;")
        .nth(1)
        .and_then(|rest| rest.get(..48));
    let token = told.expect("a token");
    assert_eq!(ping(&node, &node.url(&format!("/hb/{token}"))).await, 200);
    let (_, _, page) = fetch(&node, &node.url("/heartbeats?lang=zh")).await;
    assert!(!page.contains(token), "{page}");
    assert!(page.contains("env=prod, team=web"), "{page}");
    for (name, labels, status, words) in [
        ("a/b", "", 422, "stands in URLs"),
        ("written", "", 409, "stands in the document"),
        ("x", "team", 422, "write team=db"),
    ] {
        let fields = [("name", name), ("period", "30s"), ("labels", labels)];
        let (got, page) = form(&node, "/console/heartbeats", &fields).await;
        assert!(got == status && page.contains(words), "{page}");
    }
    let deed = async |deed: &str, fields: &[(&str, &str)]| {
        let path = format!("/console/heartbeats/queue/{deed}");
        form(&node, &path, fields).await
    };
    assert_eq!(deed("pause", &[]).await.0, 200, "back on the page");
    let fields = [("period", "45s"), ("grace", "1m")];
    assert_eq!(deed("edit", &fields).await.0, 200);
    let shown = ask::get(&node, "/api/v1/heartbeats/queue").await;
    let stands = (&shown["period"], &shown["status"]);
    assert_eq!(stands, (&json!("45s"), &json!("paused")));
    let labels = shown["labels"].as_object().map(serde_json::Map::len);
    assert_eq!(labels, Some(3), "only its own: {shown}");
    let (status, page) = deed("token", &[]).await;
    assert!(status == 200 && !page.contains(token), "{page}");
    assert_eq!(deed("delete", &[]).await.0, 200);
    assert_eq!(deed("delete", &[]).await.0, 404);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_refused_with_its_field() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "")).await;
    let zone = r#"{"name": "a", "cron": "0 2 * * *", "timezone": "Asia/Shanhai"}"#;
    for (body, status, words) in [
        (r#"{"name": "a", "perod": "5m"}"#, 400, "did you mean"),
        (r#"{"name": "a"}"#, 422, "neither a period nor a cron"),
        (r#"{"name": "a", "cron": "0 0 31 2 *"}"#, 422, "never comes"),
        (zone, 422, "not a time zone"),
        (
            r#"{"name": "written", "period": "5m"}"#,
            409,
            "heartbeats.written",
        ),
    ] {
        let (got, answer) = ask::post(&node, "/api/v1/heartbeats", ask::JSON, body).await;
        assert_eq!(got, status, "{answer}");
        let detail = answer["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(words), "{answer}");
    }
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_tell_how_heartbeats_stand_at_addresses_that_can_be_renewed() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "")).await;
    let badge = async |subject: &str, renew: bool| {
        let mut arguments = vec!["heartbeat", "badge", subject, "--json"];
        arguments.extend(renew.then_some("--renew"));
        balefire(&node.url(""), &arguments).await
    };
    let one = badge("written", false).await.exits(0).json();
    let (status, headers, picture) = fetch(&node, &at(&node, &one, "svg")).await;
    assert_eq!(
        (status, headers.as_str()),
        (200, "image/svg+xml; charset=utf-8 no-cache, max-age=0")
    );
    assert!(
        picture.starts_with("<svg ") && picture.contains("written: never heard"),
        "{picture}"
    );
    assert!(!picture.contains("canary"));
    assert_eq!(
        ping(&node, &node.url("/hb/canary-0123456789abcdef/fail")).await,
        200
    );
    let label = badge("team=db", false).await.exits(0).json();
    let (_, _, told) = fetch(&node, &at(&node, &label, "json")).await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        told,
        json!({"subject": "team=db", "status": "down", "total": 1, "late": 0, "down": 1})
    );
    let all = badge("*", false).await.exits(0).json();
    let (_, _, told) = fetch(&node, &at(&node, &all, "shields")).await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["schemaVersion"], &told["message"], &told["color"]),
        (&json!(1), &json!("down"), &json!("red"))
    );
    // A token tells of nothing else, and not after it was renewed.
    let mixed = at(&node, &one, "svg").replace("written", "*");
    assert_eq!(fetch(&node, &mixed).await.0, 404);
    let renewed = badge("written", true).await.exits(0).json();
    assert_eq!(fetch(&node, &at(&node, &one, "svg")).await.0, 404);
    assert_eq!(fetch(&node, &at(&node, &renewed, "svg")).await.0, 200);
    assert_eq!(
        fetch(&node, &at(&node, &all, "svg")).await.0,
        200,
        "others stay"
    );
    badge("nobody", false).await.exits(3);
    badge("team=web", true).await.exits(3);
    let (_, _, metrics) = fetch(&node, &node.url("/metrics")).await;
    for line in [
        "balefire_heartbeats{status=\"down\"} 1",
        "balefire_heartbeat_up{heartbeat=\"written\"} 0",
        "balefire_incidents{state=\"open\",severity=\"critical\"} 0",
        "balefire_reminders{state=\"due\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    node.kill().await;
}
