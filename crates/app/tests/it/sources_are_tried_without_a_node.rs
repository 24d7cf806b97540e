//! `balefire sources`: which kinds there are, and what one makes of a payload, before anything is set up.

use serde_json::{Value, json};

use super::command::{Ran, command, finish};
use super::stage::keys;

async fn run(arguments: &[&str], input: &str) -> Ran {
    finish(command(&[&["sources"], arguments].concat()), input).await
}

const ALERT: &str = "signal labels annotations identity key startsAt endsAt generatorUrl";

#[tokio::test]
async fn every_kind_is_listed_for_people_and_programs() {
    let kinds = run(&["--json"], "").await.exits(0).json();
    assert_eq!(
        keys(&kinds[0]),
        "kind title lifecycle bodyLimit setup options"
    );
    let kinds = kinds.as_array().expect("a list");
    assert_eq!(kinds.len(), balefire_sources::registry::SOURCES.len());
    let table = run(&[], "").await.exits(0).data;
    assert!(
        table
            .lines()
            .next()
            .is_some_and(|head| head.starts_with("KIND")),
        "{table}"
    );
    assert!(
        kinds
            .iter()
            .all(|kind| table.contains(kind["kind"].as_str().expect("a text")))
    );
}

#[tokio::test]
async fn what_to_paste_at_a_sender_s_side_has_the_address_of_the_source() {
    let text = run(&["setup", "uptime_kuma"], "").await.exits(0).data;
    assert!(
        text.contains("http://127.0.0.1:9119/in/NAME/TOKEN"),
        "{text}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("balefire.yml");
    let document = "server: {external_url: \"https://alerts.example.com\"}\nsources:\n  kuma: {kind: uptime_kuma}\nreceivers: [{name: ops}]\nroute: {receiver: ops}\n";
    std::fs::write(&file, document).expect("a document");
    let file = file.display().to_string();
    let arguments = ["setup", "kuma", "--config", &file, "--json"];
    let said = run(&arguments, "").await.exits(0).json();
    assert_eq!(said["address"], "https://alerts.example.com/in/kuma");
    let nothing = run(&["setup", "nope"], "").await.exits(3);
    assert!(
        nothing.words.contains("there are: prometheus"),
        "{}",
        nothing.words
    );
}

#[tokio::test]
async fn a_payload_is_read_as_its_source_would() {
    let body =
        json!({"title": "DiskFull", "host": "db-1", "status": "firing", "id": "7", "free": "3 %"});
    let text = run(&["try", "generic"], &body.to_string()).await.exits(0);
    assert!(
        text.data
            .starts_with("firing   {alertname=\"DiskFull\", host=\"db-1\"}\n"),
        "{}",
        text.data
    );
    assert!(text.data.contains("\n         free: 3 %"), "{}", text.data);
    assert!(
        text.words
            .contains("generic: 1 alert(s), 0 complaint(s), 0 note(s); lifecycle explicit"),
        "{}",
        text.words
    );

    let found = run(&["try", "inbox", "--json"], &body.to_string())
        .await
        .exits(0)
        .json();
    assert_eq!(
        keys(&found),
        "kind lifecycle refusal alerts complaints notes answer"
    );
    assert_eq!(keys(&found["alerts"][0]), ALERT);
    assert_eq!(
        (&found["alerts"][0]["identity"], &found["alerts"][0]["key"]),
        (&json!("key"), &json!("7"))
    );
}

#[tokio::test]
async fn path_query_headers_and_method_are_those_of_the_sender() {
    let mixed = json!([{"labels": {"alertname": "x"}}, 3]).to_string();
    let found = run(&["try", "prometheus", "--json"], &mixed)
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&found["complaints"][0]), "path problem");

    let message = json!({"message": "disk full", "alias": "d"}).to_string();
    let found = run(
        &["try", "opsgenie", "--path", "/v2/alerts", "--json"],
        &message,
    )
    .await;
    let found = found.exits(0).json();
    assert_eq!(keys(&found["answer"]), "status contentType body");
    assert_eq!(found["answer"]["status"], 202);

    let title = [
        "try",
        "ntfy",
        "--path",
        "ops",
        "-H",
        "Title: Disk full",
        "--json",
    ];
    let found = run(&title, "97 %").await.exits(0).json();
    assert_eq!(found["alerts"][0]["labels"]["alertname"], "Disk full");
    let get = [
        "try",
        "ntfy",
        "--method",
        "get",
        "--path",
        "ops/publish",
        "--query",
        "message=hi",
        "--json",
    ];
    let found = run(&get, "").await.exits(0).json();
    assert_eq!(
        found["alerts"][0]["labels"],
        json!({"alertname": "hi", "topic": "ops"})
    );
}

#[tokio::test]
async fn the_options_of_a_configured_source_are_tried_too() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("balefire.yml");
    let document = "{receivers: [{name: a, inbox_configs: [{}]}], route: {receiver: a}, \
        sources: {backup: {kind: generic, timezone: Asia/Shanghai, map: {title: /job, starts_at: /at}}}}";
    std::fs::write(&file, document).expect("write");
    let file = file.display().to_string();
    let body = json!({"job": "nightly", "at": "2026-03-04 10:15:00"}).to_string();
    let found = run(&["try", "backup", "--config", &file, "--json"], &body).await;
    let found = found.exits(0).json();
    assert_eq!(found["alerts"][0]["labels"]["alertname"], "nightly");
    assert_eq!(found["alerts"][0]["startsAt"], "2026-03-04T02:15:00.000Z");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place_and_ends_with_its_own_code() {
    let refused = run(&["try", "grafana"], "{").await.exits(6);
    assert!(
        refused.words.contains("refused: body: "),
        "{}",
        refused.words
    );
    let found = run(&["try", "generic", "--json"], "[{}]")
        .await
        .exits(6)
        .json();
    assert_eq!(
        (&found["refusal"], &found["alerts"]),
        (&Value::Null, &json!([]))
    );
    let nearest = run(&["try", "graphana"], "{}").await.exits(3);
    assert!(
        nearest.words.contains("there are: prometheus, "),
        "{}",
        nearest.words
    );
    let header = run(&["try", "text", "-H", "nonsense"], "x").await.exits(1);
    assert!(
        header.words.contains("write NAME: VALUE"),
        "{}",
        header.words
    );
    let large = "x".repeat(1_048_577);
    let refused = run(&["try", "text"], &large).await.exits(6);
    assert!(
        refused.words.contains("larger than the 1048576 bytes"),
        "{}",
        refused.words
    );
}
