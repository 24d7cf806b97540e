//! Monitors: a certificate on the loopback and a domain at a registry of our own, told by their reminders.

use std::sync::{Arc, Mutex};

use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::{Security, SmtpSim};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually};

/// A registry that says one date of every domain, or nothing; its address.
async fn registry(date: Arc<Mutex<Option<Timestamp>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let date = *date.lock().expect("a date");
            let events = date.map(|at| json!([{"eventAction": "expiration", "eventDate": at}]));
            let body = json!({"events": events.unwrap_or_default()}).to_string();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the registry goes by the real time"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn monitor(node: &Node, name: &str) -> Value {
    ask::get(node, &format!("/api/v1/monitors/{name}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_is_looked_at_and_told() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let tls = SmtpSim::start(Security::Implicit).await.expect("a server");
    let soon = now() + 50.hours();
    let date = Arc::new(Mutex::new(Some(soon)));
    let rdap = registry(Arc::clone(&date)).await;
    let folder = tempfile::tempdir().expect("folder");
    let document = format!(
        "receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\nroute: {{receiver: hook}}\n\
         legacy: {{apptools: {{reminders: {{from: 0, to: 24, interval: 1s}}}}}}\n\
         monitors:\n  mx: {{kind: certificate, host: \"127.0.0.1:{}\", server_name: mail.example.com, receivers: [hook]}}\n\
           \x20 domain: {{kind: domain, name: example.com, rdap: \"{rdap}\", receivers: [hook]}}\n\
           \x20 gone: {{kind: certificate, host: \"127.0.0.1:1\", receivers: [hook]}}\n",
        sim.webhook().url("monitors"),
        tls.port(),
    );
    let node = Node::start(folder.path(), &document).await;
    let told = eventually("the domain's reminder is told", async || {
        let told = sim.webhook().received();
        told.first().map(balefire_testkit::Received::json)
    })
    .await;
    assert!(told.to_string().contains("domain expires in"), "{told}");
    let seen = monitor(&node, "domain").await;
    assert_eq!(
        (&seen["status"], &seen["daysLeft"]),
        (&"seen".into(), &2.into())
    );
    ask::becomes(
        "the certificate is seen",
        &Value::from("seen"),
        async || monitor(&node, "mx").await["status"].clone(),
    )
    .await;
    assert!(monitor(&node, "mx").await["daysLeft"].as_i64() > Some(0));
    let gone = monitor(&node, "gone").await;
    assert_eq!(gone["status"], "failing");
    assert!(
        gone["error"]
            .as_str()
            .is_some_and(|why| why.contains("127.0.0.1:1")),
        "{gone}"
    );

    // Renewed: the date moves, and with it the reminder.
    let later = soon + (24 * 365_i64).hours();
    *date.lock().expect("a date") = Some(later);
    let run = async |arguments: &[&str]| balefire(&node.url(""), arguments).await;
    let looked = run(&["monitor", "look", "domain", "--json"]).await.exits(0);
    assert_eq!(looked.json()["daysLeft"], 367);
    let reminders = ask::get(&node, "/api/v1/reminders?search=domain").await;
    let expires: Timestamp = reminders["reminders"][0]["expiresAt"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("a time");
    assert_eq!(expires.as_second(), later.as_second());
    // What says nothing keeps what was seen.
    *date.lock().expect("a date") = None;
    let failed = run(&["monitor", "look", "domain", "--json"]).await.exits(1);
    assert_eq!(
        (&failed.json()["status"], &failed.json()["daysLeft"]),
        (&"failing".into(), &367.into())
    );
    let list = run(&["monitor", "list"]).await.exits(0);
    assert!(list.data.contains("mail.example.com"), "{}", list.data);
    run(&["monitor", "show", "domian"]).await.exits(3);
    node.kill().await;
    let node = Node::start(folder.path(), &document).await;
    assert_eq!(monitor(&node, "domain").await["daysLeft"], 367);
    let page = node
        .client
        .get(node.url("/reminders"))
        .send()
        .await
        .expect("a page");
    assert!(
        page.text()
            .await
            .expect("text")
            .contains("mail.example.com")
    );
    node.kill().await;
}
