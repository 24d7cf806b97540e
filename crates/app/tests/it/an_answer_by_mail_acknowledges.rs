//! A page by mail asks to be answered: whoever writes back from their own address has the incident; robots, strangers
//! and addresses that somebody made up acknowledge nothing.

use std::path::Path;

use balefire_testkit::smtp::{Mail, Security, SmtpSim};
use serde_json::{Value, json};
use tokio::process::Command;

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually, free_port};

fn document(out: u16, port: u16) -> String {
    format!(
        "server:
  external_url: https://alerts.example.com
  smtp: {{listen: '127.0.0.1:{port}', reply_domain: Alerts.Example.com}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  mail: {{kind: smtp, host: 127.0.0.1, port: {out}, tls: none_loopback, from: Ops <ops@example.com>}}
people:
  ada: {{name: Ada, email: ada@example.com}}
  bob: {{name: Bob, email: bob@example.com}}
storm: {{at_once: 0}}
escalations: {{ops: {{steps: [{{notify: [{{person: ada}}], by: [email], wait: 1h}}]}}}}
receivers: [{{name: team, email_configs: [{{to: team@example.com, send_resolved: true}}]}}]
route: {{receiver: team, group_wait: 0s}}
"
    )
}

/// Sends a mail as a relay does; whether it was taken.
async fn answer(folder: &Path, port: u16, envelope: &str, to: &str, mail: &str) -> bool {
    let file = folder.join("answer.eml");
    std::fs::write(&file, mail).expect("written");
    let output = Command::new("/usr/bin/curl")
        .args(["-sS", "--url", &format!("smtp://127.0.0.1:{port}")])
        .args(["--mail-from", envelope, "--mail-rcpt", to, "--upload-file"])
        .arg(&file)
        .output()
        .await
        .expect("curl");
    output.status.success()
}

async fn incident(node: &Node, id: u64) -> Value {
    ask::get(node, &format!("/api/v1/incidents/{id}")).await
}

async fn refusal(node: &Node, words: &str) {
    let last = ask::last_refusal(node).await;
    let reason = last["reason"].as_str().unwrap_or_default();
    assert!(
        last["source"] == "mail reply" && reason.contains(words),
        "{words}: {last}"
    );
}

async fn mail_with(mail: &SmtpSim, subject: &str) -> Mail {
    eventually(subject, async || {
        let received = mail.received().into_iter();
        received
            .filter(|mail| mail.subject().contains(subject))
            .last()
    })
    .await
}

async fn a_team_is_answered_for(node: &Node, sim: &SmtpSim, (here, port): (&Path, u16)) {
    // What a team was told is answered by whoever of the document writes.
    let alert = json!([{"labels": {"alertname": "DbDown", "severity": "critical"}}]);
    assert_eq!(
        node.post("/api/v2/alerts", alert.to_string()).await,
        Some(200)
    );
    let told = mail_with(sim, "DbDown").await;
    let to = told.header("Reply-To").expect("an address");
    let body = "\r\n\r\nOn my way\r\n";
    let bob = format!("From: bob@example.com\r\nSubject: Re: db{body}");
    let carl = format!("From: carl@example.com\r\nSubject: Re: db{body}");
    assert!(!answer(here, port, "carl@example.com", &to, &carl).await);
    assert!(answer(here, port, "bob@example.com", &to, &bob).await);
    let held = incident(node, 2).await;
    assert_eq!(held["acknowledgedBy"], "bob", "{held}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_by_mail_acknowledges_unless_a_robot_wrote_it() {
    let sim = SmtpSim::start(Security::Plain).await.expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let node = Node::start(folder.path(), &document(sim.port(), port)).await;
    let arguments = ["incident", "open", "disk is full", "--escalation", "ops"];
    balefire(&node.url(""), &arguments).await.exits(0);
    let page = mail_with(&sim, "disk is full").await;
    let mailbox = page.header("Reply-To").expect("an address");
    assert!(
        mailbox.starts_with("ack+") && mailbox.ends_with("@alerts.example.com"),
        "{mailbox}"
    );
    let text = page.text("text/plain").expect("a text");
    assert!(
        text.contains("Reply to this mail to acknowledge."),
        "{text}"
    );

    let (here, to) = (folder.path(), mailbox.as_str());
    let ada = "From: Ada <ADA@example.com>\r\nSubject: Re: disk\r\n";
    let body = "\r\n\r\nOn my way\r\n> quoted\r\n";
    let away = format!("{ada}Auto-Submitted: auto-replied{body}");
    assert!(
        answer(here, port, "ada@example.com", to, &away).await,
        "not sent back"
    );
    refusal(&node, "Auto-Submitted").await;
    assert!(answer(here, port, "", to, &format!("{ada}{body}")).await);
    refusal(&node, "bounces").await;
    let bob = format!("From: bob@example.com\r\nSubject: Re: disk{body}");
    assert!(!answer(here, port, "bob@example.com", to, &bob).await);
    refusal(&node, "no address of ada").await;
    let (token, domain) = mailbox.split_once('@').expect("an address");
    let other = if token.ends_with('a') { 'b' } else { 'a' };
    for wrong in [
        format!("{}{other}@{domain}", &token[..token.len() - 1]),
        format!("{token}@elsewhere.example.com"),
        format!("ack@{domain}"),
    ] {
        let said = answer(
            here,
            port,
            "ada@example.com",
            &wrong,
            &format!("{ada}{body}"),
        )
        .await;
        assert!(!said, "{wrong}");
    }
    assert_eq!(incident(&node, 1).await["state"], "open");

    let said = answer(
        here,
        port,
        "ada@example.com",
        &mailbox.to_uppercase(),
        &format!("{ada}{body}"),
    )
    .await;
    assert!(said, "capitals do not matter");
    let held = incident(&node, 1).await;
    assert_eq!(
        (&held["state"], &held["acknowledgedBy"]),
        (&json!("acknowledged"), &json!("ada"))
    );
    let mut timeline = held["timeline"].as_array().expect("a list").iter();
    let words = timeline.rfind(|entry| entry["kind"] == "acknowledged");
    assert_eq!(words.expect("an entry")["text"], "mail: On my way");

    a_team_is_answered_for(&node, &sim, (here, port)).await;
    node.kill().await;
}
