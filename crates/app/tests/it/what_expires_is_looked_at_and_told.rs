//! Monitors: a certificate on the loopback and a domain at a registry of our own, told by their reminders.

use std::sync::{Arc, Mutex};

use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::{Security, SmtpSim};
use balefire_testkit::whois::WhoisSim;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_servers_certificate_and_a_domain_without_rdap_are_seen() {
    let sim = Simulator::builder().unlimited().start().await.expect("sim");
    let mail = SmtpSim::start(Security::StartTls).await.expect("a server");
    let said = "Domain Name: example.cn\r\nSponsoring Registrar: 示例\r\nExpiration Time: 2037-03-17 12:20:05\r\n";
    let whois = WhoisSim::start([("example.cn", said)]).await;
    let whois = whois.expect("a service");
    let folder = tempfile::tempdir().expect("folder");
    let document = format!(
        "receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\nroute: {{receiver: hook}}\n\
         monitors:\n  mx: {{kind: certificate, host: \"127.0.0.1:{port}\", server_name: mail.example.com, starttls: smtp, receivers: [hook]}}\n\
           \x20 db: {{kind: certificate, host: \"127.0.0.1:{port}\", starttls: postgres, receivers: [hook]}}\n\
           \x20 cn: {{kind: domain, name: example.cn, whois: \"127.0.0.1:{}\", receivers: [hook]}}\n",
        sim.webhook().url("monitors"),
        whois.port(),
        port = mail.port(),
    );
    let node = Node::start(folder.path(), &document).await;
    let run = async |arguments: &[&str]| balefire(&node.url(""), arguments).await;
    let looked = run(&["monitor", "look", "mx", "--json"])
        .await
        .exits(0)
        .json();
    // The machine's own roots may be none at all.
    assert_ne!(looked["certificate"]["trust"], "trusted", "{looked}");
    assert_eq!(looked["certificate"]["shown"], 1);
    let shown = run(&["monitor", "show", "mx"]).await.exits(0);
    for words in ["smtp", "names ", "certificate(s), not trusted here"] {
        assert!(
            shown.data.contains(words),
            "{words} is not in {}",
            shown.data
        );
    }
    let looked = run(&["monitor", "look", "cn", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        (&looked["expiresAt"], &looked["detail"]),
        (&"2037-03-17T04:20:05.000Z".into(), &"示例".into())
    );
    let failed = run(&["monitor", "look", "db", "--json"])
        .await
        .exits(1)
        .json();
    let why = failed["error"].as_str().unwrap_or_default();
    assert!(
        why.contains("postgres: it is no PostgreSQL server"),
        "{why}"
    );
    let metrics = node.client.get(node.url("/metrics")).send().await;
    let metrics = metrics.expect("metrics").text().await.expect("text");
    for line in [
        "balefire_monitor_look_success{monitor=\"mx\",kind=\"certificate\"} 1",
        "balefire_monitor_look_success{monitor=\"db\",kind=\"certificate\"} 0",
        "balefire_monitor_expiry_timestamp_seconds{monitor=\"cn\",kind=\"domain\"} 2120876405",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    node.kill().await;
}
