//! Mails that real clients send over SMTP become alerts; what is not on disk was never answered 250, and what a mail
//! smuggles stays part of its text.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::ask::{self, becomes, names};
use super::node::{Node, client_builder, free_port};

const TOKEN: &str = "mail-0123456789abcdef";

fn document(port: u16, more: &str) -> String {
    format!(
        "server: {{smtp: {{listen: \"127.0.0.1:{port}\"}}{more}}}\n\
         sources:\n\
         \x20 ops-mail: {{kind: mail, token: {TOKEN}, resolved: [\"all quiet on\"], firing: [\"trouble on\"]}}\n\
         \x20 open-mail: {{kind: mail, labels: {{via: mail}}}}\n\
         \x20 hook: {{kind: generic}}\n\
         receivers: [{{name: ops, inbox_configs: [{{}}]}}]\nroute: {{receiver: ops}}\n"
    )
}

/// Has the Python client send mails; what it heard of each.
async fn send(port: u16, steps: &Value) -> Vec<Value> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/mail.py");
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .args([port.to_string(), steps.to_string()])
        .output()
        .await
        .expect("python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8(output.stdout).expect("text");
    let line = |line: &str| serde_json::from_str(line).expect("a line of JSON");
    lines.lines().map(line).collect()
}

fn mail(id: u32, to: &str, subject: &str) -> Value {
    json!({"id": format!("<{id}@mon-1.example.com>"), "to": [to], "subject": subject})
}

fn ops() -> String {
    format!("ops-mail+{TOKEN}@balefire.example.com")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_opens_its_recovery_closes_and_a_repeat_opens_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let node = Node::start(folder.path(), &document(port, "")).await;
    let problem = mail(
        1,
        &ops(),
        "** PROBLEM Service Alert: db-1/Disk is CRITICAL **",
    );
    let said = send(
        port,
        &json!([
            problem,
            mail(2, "open-mail@x", "【告警】磁盘已满"),
            mail(3, &ops(), "trouble on db-9"),
        ]),
    )
    .await;
    assert_eq!(said, vec![json!({"refused": {}}); 3]);
    let disk = "Service Alert: db-1/Disk is CRITICAL".to_owned();
    let all = [disk.clone(), "磁盘已满".to_owned(), "db-9".to_owned()].into();
    becomes("all three", &all, async || names(&node).await).await;
    let alerts = ask::get(&node, "/api/v2/alerts?filter=severity%3D%22critical%22").await;
    let text = alerts[0]["annotations"]["description"].as_str();
    assert_eq!(
        text,
        Some("disk full\n.\n..two dots"),
        "dots are as they were written"
    );
    assert_eq!(alerts[0]["startsAt"], "2026-03-04T02:15:00.000Z");

    let recovery = mail(4, &ops(), "** RECOVERY Service Alert: db-1/Disk is OK **");
    let quiet = mail(5, &ops(), "all quiet on db-9");
    let said = send(port, &json!([recovery, quiet, problem])).await;
    assert_eq!(
        said,
        vec![json!({"refused": {}}); 3],
        "a repeat is taken, too"
    );
    let left = ["磁盘已满".to_owned()].into();
    becomes("the one that is left", &left, async || names(&node).await).await;
    let again = mail(
        6,
        &ops(),
        "** PROBLEM Service Alert: db-1/Disk is WARNING **",
    );
    let mut again = again;
    again["date"] = json!("Wed, 04 Mar 2026 10:45:00 +0800");
    send(port, &json!([again])).await;
    let now = [
        "磁盘已满".to_owned(),
        "Service Alert: db-1/Disk is WARNING".to_owned(),
    ]
    .into();
    becomes("a new one", &now, async || names(&node).await).await;
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_sends_too_and_nobody_else_is_a_recipient() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let node = Node::start(folder.path(), &document(port, "")).await;
    let file = folder.path().join("mail.eml");
    std::fs::write(
        &file,
        "Subject: [FIRING:1] curl\r\nFrom: a@b.c\r\n\r\nhello\r\n",
    )
    .expect("written");
    let status = Command::new("/usr/bin/curl")
        .args([
            "-sS",
            "--url",
            &format!("smtp://127.0.0.1:{port}"),
            "--mail-from",
            "a@b.c",
        ])
        .args(["--mail-rcpt", &ops(), "--upload-file"])
        .arg(&file)
        .status()
        .await
        .expect("curl");
    assert!(status.success());
    becomes("the mail", &["curl".to_owned()].into(), async || {
        names(&node).await
    })
    .await;

    let wrong = |to: &str| mail(7, to, "PROBLEM: x");
    let to = [
        "ops-mail@x",
        "ops-mail+wrong-0123456789abcdef@x",
        "hook@x",
        "nobody@x",
        "inbox@x",
    ];
    let said = send(port, &Value::from_iter(to.map(wrong))).await;
    let expected: Vec<Value> = to.iter().map(|to| json!({"refused": {*to: 550}})).collect();
    assert_eq!(said, expected);
    let refusal = ask::last_refusal(&node).await;
    assert_eq!(refusal["source"], "smtp", "{refusal}");

    // A mail to somebody and to nobody reaches the one; the same over HTTP, as a mail server's pipe would send it.
    let mut both = mail(8, &ops(), "PROBLEM: both");
    both["to"] = json!([ops(), "nobody@x"]);
    assert_eq!(
        send(port, &json!([both])).await,
        [json!({"refused": {"nobody@x": 550}})]
    );
    let raw = "Subject: PROBLEM: posted\r\nFrom: a@b.c\r\n\r\nhello\r\n";
    let path = format!("/in/ops-mail/{TOKEN}");
    assert_eq!(ask::post(&node, &path, "message/rfc822", raw).await.0, 200);
    let all = ["curl", "both", "posted"].map(ToOwned::to_owned).into();
    becomes("all", &all, async || names(&node).await).await;
    node.kill().await;
}

/// Says everything at once and reads until the other side is done.
async fn dump(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("connected");
    stream.write_all(bytes).await.expect("said");
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard).await;
    String::from_utf8_lossy(&heard).into_owned()
}

fn codes(heard: &str) -> Vec<&str> {
    let lines = heard
        .lines()
        .filter(|line| line.as_bytes().get(3) == Some(&b' '));
    lines.filter_map(|line| line.get(..3)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mail_smuggles_stays_its_text_and_garbage_harms_nobody() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let node = Node::start(folder.path(), &document(port, "")).await;
    for (number, end) in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"]
        .iter()
        .enumerate()
    {
        // Pipelined as far as it goes, and with a second mail inside the first.
        let inner = "MAIL FROM:<x@y.z>\r\nRCPT TO:<open-mail@x>\r\nDATA\r\nSubject: PROBLEM: smuggled\r\n\r\n";
        let talk = format!(
            "EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<open-mail@x>\r\nDATA\r\n\
             Subject: PROBLEM: outer {number}\r\n\r\nhello{end}{inner}.\r\nQUIT\r\n"
        );
        let heard = dump(port, talk.as_bytes()).await;
        assert_eq!(
            codes(&heard),
            ["220", "250", "250", "250", "354", "250", "221"],
            "{end:?}: {heard}"
        );
    }
    let outer: std::collections::BTreeSet<String> = (0..5).map(|n| format!("outer {n}")).collect();
    becomes("the outer mails alone", &outer, async || names(&node).await).await;

    for (talk, last) in [
        (b"EHLO x\nMAIL FROM:<a@b.c>\n".to_vec(), "500"),
        (vec![b'x'; 1 << 20], "500"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\nQUIT\r\n".to_vec(), "221"),
        (b"EHLO x\r\nMAIL FROM:<a@b.c> SIZE=999999999\r\nQUIT\r\n".to_vec(), "221"),
        ((0..=255).collect(), "500"),
        (b"NOOP\r\n".repeat(1_000), "421"),
        (b"EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<open-mail@x>\r\nDATA\r\nno mail\r\n.\r\nQUIT\r\n".to_vec(), "221"),
    ] {
        let heard = dump(port, &talk).await;
        let codes = codes(&heard);
        assert_eq!(codes.last().copied().unwrap_or(last), last, "{heard}");
    }
    let said = send(
        port,
        &json!([mail(9, "open-mail@x", "PROBLEM: still here")]),
    )
    .await;
    assert_eq!(said, [json!({"refused": {}})]);
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_answered_250_survives_kill_nine() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let mut expected = std::collections::BTreeSet::new();
    for round in 0..5 {
        let node = Node::start(folder.path(), &document(port, "")).await;
        let many: Vec<Value> = (0..20)
            .map(|number| {
                mail(
                    round * 100 + number,
                    "open-mail@x",
                    &format!("PROBLEM: r{round} n{number}"),
                )
            })
            .collect();
        assert_eq!(
            send(port, &json!(many)).await,
            vec![json!({"refused": {}}); 20]
        );
        expected.extend((0..20).map(|number| format!("r{round} n{number}")));
        node.kill().await;
    }
    let node = Node::start(folder.path(), &document(port, "")).await;
    becomes("every mail", &expected, async || names(&node).await).await;
    node.kill().await;
}

/// A certificate for the loopback in a folder, and the key of `server` that names it.
fn certificate(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    let folder = folder.display();
    format!(", tls: {{cert_file: \"{folder}/cert.pem\", key_file: \"{folder}/key.pem\"}}")
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_mails_come_secured_and_nothing_is_carried_over() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let tls = certificate(folder.path());
    let document = document(port, &tls).replace("\"}, tls", "\", tls: required}, tls");
    let node = Node::start(folder.path(), &document).await;
    let one = mail(10, &ops(), "PROBLEM: secured");
    let file = folder.path().join("cert.pem");
    let said = send(port, &json!([one, {"starttls": file.to_str()}, one])).await;
    assert_eq!(said[0], json!({"code": 530}));
    assert_eq!(
        (&said[1], &said[2]),
        (&json!({"tls": "TLSv1.3"}), &json!({"refused": {}}))
    );
    let heard = dump(port, b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<evil@x.y>\r\n").await;
    assert_eq!(codes(&heard), ["220", "250", "501"], "{heard}");
    let pem = std::fs::read(&file).expect("readable");
    let trusted = reqwest::Certificate::from_pem(&pem).expect("a root");
    let client = client_builder()
        .tls_certs_only([trusted])
        .build()
        .expect("a client");
    let url = format!("https://{}/api/v2/alerts", node.address);
    becomes("the mail", &Some("secured".to_owned()), async || {
        let (_, alerts) = ask::answer(client.get(&url)).await;
        alerts[0]["labels"]["alertname"]
            .as_str()
            .map(ToOwned::to_owned)
    })
    .await;
    node.kill().await;
}
