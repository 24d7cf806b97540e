//! Departments of `/alarm_v2` are set, signed for and taken back without a reload; no answer and no record shows a secret.

use std::path::PathBuf;

use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::{Value, json};
use tokio::process::Command;

use super::ask;
use super::node::Node;

const TOKEN: &str = "write-token-write-token";

fn document(mail: &SmtpSim) -> String {
    format!(
        "
access:
  tokens:
    boss: {{token: {TOKEN}, scopes: [write]}}
    sender: {{token: ingest-token-ingest-token, scopes: [ingest]}}
accounts:
  mail: {{kind: smtp, host: 127.0.0.1, port: {}, tls: none_loopback, from: Ops <ops@example.com>}}
people: {{chen: {{name: 陈敏, email: chenmin@example.com}}}}
receivers: [{{name: inbox, inbox_configs: [{{}}]}}]
route: {{receiver: inbox}}
legacy:
  alarm_v2:
    access: {{token: false}}
    mail: mail
    departments: {{du-op: {{salt: balefire-test-salt}}}}
    groups: [{{owner: chenmin, level: 3, email_people: [chen]}}]
",
        mail.port(),
    )
}

async fn client(node: &Node) -> Vec<(String, Value)> {
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/alarm_departments.py");
    let ran = Command::new("/usr/bin/python3")
        .arg(script)
        .arg(node.url("").trim_end_matches('/'))
        .arg(TOKEN)
        .kill_on_drop(true)
        .output();
    let ran = ran.await.expect("python");
    let failed = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{failed}");
    let said = String::from_utf8(ran.stdout).expect("text");
    let read = |line: &str| {
        let said: Value = serde_json::from_str(line).expect("a line of JSON");
        let name = said["name"].as_str().expect("a name").to_owned();
        (name, said["outcome"].clone())
    };
    said.lines().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_of_alarm_v2_are_set_by_api() {
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&mail)).await;
    let said = client(&node).await;
    let expected = [
        ("unknown", json!(2002)),
        ("nobody could sign", json!(422)),
        ("published", json!(422)),
        ("empty", json!(422)),
        ("a short key", json!(422)),
        ("a wrong window", json!(422)),
        ("too long a window", json!(422)),
        ("a wrong key", json!(400)),
        ("with no right", json!(403)),
        ("new", json!([201, "网络", "1m30s", "api", "api", ["md5"]])),
        ("signed", json!(0)),
        ("wrongly signed", json!(2000)),
        (
            "changed",
            json!([
                200,
                "du-net",
                "api",
                "api",
                "1h",
                ["md5", "standard_webhooks"]
            ]),
        ),
        ("once", json!(0)),
        ("replayed", json!(1010)),
        ("replayed by another name", json!(1010)),
        ("another", json!(0)),
        ("salt taken back", json!([200, null, 2000])),
        ("of the document", json!(0)),
        ("before it", json!([201, "api", 0, 2000])),
        (
            "list",
            json!([["du-net", "api", null], ["du-op", "api", "api"]]),
        ),
        ("taken back", json!([204, 404, 0])),
        ("gone", json!([204, 2002])),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, outcome)| (name.to_owned(), outcome))
        .collect();
    assert_eq!(said, expected);
    // A replay is recorded.
    let request = node.client.get(node.url("/api/v1/rejected?limit=1000"));
    let (_, rejected) = ask::answer(request.bearer_auth(TOKEN)).await;
    let replays = rejected["rejected"].as_array().expect("a list").iter();
    let replays = replays.filter(|one| one["reason"].to_string().contains("replay_window"));
    assert_eq!(replays.count(), 2, "{rejected}");
    assert_eq!(mail.received().len(), 6, "told once each");
    node.kill().await;
}
