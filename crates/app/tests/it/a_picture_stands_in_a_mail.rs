//! A picture of an alert is fetched and stands in the mail: from where the document lets it be fetched, and only what
//! its first bytes say is a picture. What does not come in time, or may not be fetched, stays an address.

use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::json;

use super::gallery::gallery;
use super::node::Node;

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
