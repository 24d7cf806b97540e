//! Every command against a running node: what it prints for programs keeps its keys, and each exit code
//! is provoked once at least.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::command::{balefire, command, finish};
use super::node::{Node, free_port};
use super::stage::{Stage, document, keys};

/// A server that answers everything with a web page.
async fn page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>";
            let mut request = [0; 4096];
            // Whoever hangs up early has seen enough.
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

const ALERT: &str = "fingerprint labels annotations severity startsAt endsAt updatedAt lifecycle generatorUrl state silencedBy inhibitedBy mutedBy receivers";
const SILENCE: &str =
    "id state matcherSets startsAt endsAt updatedAt createdBy comment annotations";

#[tokio::test(flavor = "multi_thread")]
async fn alerts_and_silences_go_in_and_are_shown() {
    let stage = Stage::new().await;
    let added = stage
        .run(&[
            "alert",
            "add",
            "DiskFull",
            "severity=critical",
            "--annotation",
            "summary=95 %",
            "--json",
        ])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&added), "fingerprint");
    let fingerprint = added["fingerprint"].as_str().expect("a text").to_owned();

    let wanted = [
        "silence",
        "add",
        "DiskFull",
        "severity=~crit.*",
        "-d",
        "2h",
        "-c",
        "why",
        "--json",
    ];
    let silence = stage.run(&wanted).await.exits(0).json();
    assert_eq!(keys(&silence), format!("{SILENCE} matches"));
    assert_eq!(silence["createdBy"], "chenmin");
    assert_eq!(silence["matches"], 1);
    let id = silence["id"].as_str().expect("a text").to_owned();

    let listed = stage
        .run(&["alert", "list", "alertname=DiskFull", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&listed[0]), ALERT);
    assert_eq!(listed[0]["state"], "suppressed");
    let none = stage
        .run(&["alert", "list", "--state", "active", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(none, Value::Array(Vec::new()));

    let shown = stage
        .run(&["alert", "show", &fingerprint, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&shown), format!("{ALERT} routes groups decisions"));
    let story = stage.run(&["explain", &fingerprint]).await.exits(0).data;
    assert!(story.contains(&format!("silenced by {id}")), "{story}");
    assert!(story.contains("taken, to ops"), "{story}");

    let in_force = stage
        .run(&["silence", "list", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&in_force[0]), SILENCE);
    let table = stage.run(&["silence", "list"]).await.exits(0).data;
    let head = table.lines().next().unwrap_or_default();
    assert!(
        head.starts_with("ID ") && !table.contains('\u{1b}'),
        "{table}"
    );
    stage.run(&["silence", "expire", &id]).await.exits(0);
    let in_force = stage
        .run(&["silence", "list", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(in_force, Value::Array(Vec::new()));
    let shown = stage
        .run(&["silence", "show", &id, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(shown["state"], "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_tells_of_itself_and_takes_a_new_document() {
    let stage = Stage::new().await;
    stage.run(&["alert", "add", "A", "--json"]).await.exits(0);
    let status = stage.run(&["status", "--json"]).await.exits(0).json();
    assert_eq!(
        keys(&status),
        "version node well now startedAt uptimeSeconds configVersion alerts groups pendingNotifications store recovered"
    );
    let events = stage.run(&["events", "--json"]).await.exits(0).data;
    let first: Value = serde_json::from_str(events.lines().next().expect("a line")).expect("JSON");
    assert_eq!(keys(&first), "seq at kind source alert");

    let good = stage
        .run(&["doctor", "--config", &stage.config(), "--json"])
        .await
        .exits(0)
        .json();
    let findings = good.as_array().expect("a list");
    assert!(
        findings
            .iter()
            .all(|finding| keys(finding) == "check verdict seen fix")
    );
    for check in [
        "document",
        "receivers",
        "account",
        "node",
        "store",
        "clock",
        "queue",
        "dead letters",
        "reload",
        "disk",
    ] {
        assert!(
            findings.iter().any(|finding| finding["check"] == check),
            "{check} is missing: {good}"
        );
    }

    let before = status["configVersion"]
        .as_str()
        .expect("a version")
        .to_owned();
    let changed = document(&stage.sim).replace("group_wait: 0s", "group_wait: 1s");
    std::fs::write(stage.config(), changed).expect("write");
    let reloaded = stage.run(&["reload", "--json"]).await.exits(0).json();
    assert_ne!(reloaded["configVersion"], before.as_str());
    let history = stage
        .run(&["config", "history", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&history[0]), "version at current");
    assert_eq!(history.as_array().map(Vec::len), Some(2));
    let document = stage
        .run(&["config", "history", &before])
        .await
        .exits(0)
        .data;
    assert!(document.contains("group_wait: 0s"), "{document}");

    std::fs::write(stage.config(), "route: {reciever: ops}\n").expect("write");
    let refused = stage.run(&["reload"]).await.exits(6);
    assert!(refused.words.contains("reciever"), "{}", refused.words);
    let doctor = stage.run(&["doctor", "--json"]).await.exits(9).json();
    let reload = doctor
        .as_array()
        .expect("a list")
        .iter()
        .find(|f| f["check"] == "reload");
    assert_eq!(reload.expect("a finding")["verdict"], "problem");
    stage.run(&["check", &stage.config()]).await.exits(6);
    stage
        .run(&["routes", "show", "--config", &stage.config()])
        .await
        .exits(6);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_else_answers_or_does_not_is_named() {
    // 1: something else answers there.
    let stranger = balefire(&page().await, &["status"]).await.exits(1);
    assert!(
        stranger
            .words
            .contains("does not answer as a Balefire node"),
        "{stranger:?}"
    );
    // 75: nobody answers, with what was tried and what to do.
    let url = format!("http://127.0.0.1:{}", free_port());
    let away = balefire(&url, &["status"]).await.exits(75);
    assert!(
        away.words.contains(&url) && away.words.contains("balefire serve"),
        "{}",
        away.words
    );
    let away = balefire(&url, &["doctor", "--json"]).await.exits(9).json();
    assert!(
        away.as_array()
            .is_some_and(|found| found.iter().any(|f| f["check"] == "node"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exit_code_says_what_to_do() {
    let stage = Stage::new().await;
    // 2: the command line is wrong, and the nearest right word is named.
    let typo = stage.run(&["silense", "list"]).await.exits(2);
    assert!(typo.words.contains("silence"), "{}", typo.words);
    stage.run(&["send", "x"]).await.exits(2);
    stage.run(&["send", "--to", "ops"]).await.exits(2);
    // 3: nothing of that name.
    stage
        .run(&["alert", "show", "0123456789abcdef"])
        .await
        .exits(3);
    stage.run(&["explain", "0123456789abcdef"]).await.exits(3);
    stage.run(&["deliveries", "show", "999"]).await.exits(3);
    stage
        .run(&["silence", "expire", "7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f"])
        .await
        .exits(3);
    stage.run(&["config", "history", "0123"]).await.exits(3);
    stage
        .run(&["send", "--test", "nobody", "--config", &stage.config()])
        .await
        .exits(3);
    let data = stage.folder.path().display().to_string();
    stage
        .run(&["shadow", "report", "--data", &data])
        .await
        .exits(3);
    // 6: the input breaks a rule.
    let unknown = stage.run(&["send", "x", "--to", "oops"]).await.exits(6);
    assert!(
        unknown.words.contains("there are: ops"),
        "{}",
        unknown.words
    );
    stage
        .run(&["silence", "add", "a=~(", "-c", "x"])
        .await
        .exits(6);
    stage.run(&["alert", "list", "a=~("]).await.exits(6);
    stage
        .run(&["deliveries", "redrive", "--account", "nobody"])
        .await
        .exits(6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_and_comes_from_a_file_or_the_environment() {
    let folder = tempfile::tempdir().expect("folder");
    let document = "receivers: [{name: ops, inbox_configs: [{}]}]\nroute: {receiver: ops}\n\
        access:\n  tokens:\n    reader: {token: the-reading-token, scopes: [read]}\n";
    let node = Node::start(folder.path(), document).await;
    let url = node.url("");
    let refused = balefire(&url, &["status"]).await.exits(4);
    assert!(refused.words.contains("--token-file"), "{}", refused.words);
    let file = folder.path().join("token");
    std::fs::write(&file, "the-reading-token\n").expect("write");
    let file = file.display().to_string();
    balefire(&url, &["status", "--token-file", &file])
        .await
        .exits(0);
    let mut with_variable = command(&["status", "--url", &url]);
    with_variable.env("BALEFIRE_TOKEN", "the-reading-token");
    finish(with_variable, "").await.exits(0);
    // It may read and nothing else.
    balefire(&url, &["send", "x", "--to", "ops", "--token-file", &file])
        .await
        .exits(4);
    balefire(&url, &["reload", "--token-file", &file])
        .await
        .exits(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_followed_line_by_line_until_ctrl_c() {
    let stage = Stage::new().await;
    stage.run(&["alert", "add", "Before"]).await.exits(0);
    let mut command = command(&["events", "--follow", "--json", "--limit", "1"]);
    let mut child = command
        .env("BALEFIRE_URL", stage.node.url(""))
        .spawn()
        .expect("start");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(20), lines.next_line());
        let line = line
            .await
            .expect("a line in time")
            .expect("read")
            .expect("a line");
        let event: Value = serde_json::from_str(&line).expect("JSON");
        event["alert"]["labels"]["alertname"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(next().await, "Before");
    stage.run(&["alert", "add", "After"]).await.exits(0);
    assert_eq!(next().await, "After");
    let pid = child.id().expect("running").cast_signed();
    let pid = rustix::process::Pid::from_raw(pid).expect("pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("Ctrl-C");
    let status = child.wait().await.expect("an end");
    // What shells show as 130.
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_help_are_there_for_every_command() {
    let nowhere = "http://127.0.0.1:1";
    for shell in ["bash", "zsh", "fish"] {
        let script = balefire(nowhere, &["completion", shell])
            .await
            .exits(0)
            .data;
        assert!(
            script.contains("balefire") && script.contains("redrive"),
            "{shell}"
        );
    }
    for command in commands(&[]).await {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = balefire(nowhere, &arguments).await.exits(0).data;
        let example = help.split("Example").nth(1).unwrap_or_default();
        assert!(
            example.contains("\n  balefire "),
            "{arguments:?} shows no example:\n{help}"
        );
    }
}

/// The command and all below it, as the help lists them.
async fn commands(path: &[String]) -> Vec<Vec<String>> {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = balefire("http://127.0.0.1:1", &arguments)
        .await
        .exits(0)
        .data;
    let mut found = vec![path.to_vec()];
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = listed.lines().take_while(|line| !line.trim().is_empty());
    for line in names.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap_or_default();
        if name != "help" {
            let below: Vec<String> = path.iter().cloned().chain([name.to_owned()]).collect();
            found.extend(Box::pin(commands(&below)).await);
        }
    }
    found
}
