//! A picture of an alert is fetched and stands in the mail: from where the document lets it be fetched, and only what
//! its first bytes say is a picture. What does not come in time, or may not be fetched, stays an address.

use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::node::Node;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

/// Serves a picture at /a.png, a page that calls itself one at /b.png, and nothing ever at /c.png.
async fn gallery() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 4_096];
                let read = stream.read(&mut request).await.unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let body: &[u8] = if request.starts_with("GET /a.png") {
                    PNG
                } else if request.starts_with("GET /b.png") {
                    b"<script>alert(1)</script>"
                } else {
                    return std::future::pending().await;
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(body).await;
            });
        }
    });
    format!("http://{address}")
}

fn document(mail: &SmtpSim, egress: &str) -> String {
    let port = mail.port();
    format!(
        "{egress}
accounts:
  mail: {{kind: smtp, host: 127.0.0.1, port: {port}, tls: none_loopback, from: ops@example.com}}
receivers: [{{name: ops, email_configs: [{{account: mail, to: li@example.com, images: true}}]}}]
route: {{receiver: ops, group_by: [n], group_wait: 0s}}
"
    )
}

async fn mailed(egress: &str, pictures: &[&str]) -> String {
    let mail = SmtpSim::builder(Security::Plain)
        .start()
        .await
        .expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&mail, egress)).await;
    let base = gallery().await;
    let alerts: Vec<_> = pictures
        .iter()
        .map(|path| {
            json!({
                "labels": {"alertname": "Cpu", "instance": path},
                "annotations": {"image": format!("{base}{path}")},
            })
        })
        .collect();
    let posted = node.post("/api/v2/alerts", json!(alerts).to_string()).await;
    assert_eq!(posted, Some(200));
    let sent = mail.wait_for(1).await;
    sent[0].text("text/html").expect("a page")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_may_be_fetched_is_a_part_of_the_mail() {
    let open = "access: {egress: {strict: true, allow: [loopback]}}";
    let mail = mailed(open, &["/a.png", "/b.png"]).await;
    assert!(mail.contains("cid:p1."), "{mail}");
    assert!(!mail.contains("cid:p2."), "a page is no picture: {mail}");
    assert!(mail.contains("/b.png"), "it stays an address: {mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_out_of_an_alert_is_not_called() {
    let mail = mailed("", &["/a.png"]).await;
    assert!(!mail.contains("cid:"), "{mail}");
    assert!(mail.contains("/a.png"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_does_not_come_keeps_no_words_away() {
    let open = "access: {egress: {strict: true, allow: [loopback]}}";
    let mail = mailed(open, &["/a.png", "/c.png"]).await;
    assert!(mail.contains("cid:p1."), "the other came: {mail}");
    assert!(mail.contains("/c.png"), "{mail}");
}
