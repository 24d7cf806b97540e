//! What expires today is mailed once, whatever happens to the node, until somebody has seen to it.

use balefire_testkit::smtp::{Mail, Security, SmtpSim};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::ask;
use super::node::Node;

fn document(port: u16) -> String {
    format!(
        "server: {{locale: zh-CN, timezone: Asia/Shanghai}}
accounts:
  mail: {{kind: smtp, host: 127.0.0.1, port: {port}, tls: none_loopback, from: Ops <ops@example.com>}}
receivers: [{{name: inbox, inbox_configs: [{{}}]}}]
route: {{receiver: inbox}}
legacy: {{apptools: {{reminders: {{from: 0, to: 24, interval: 1s}}}}}}
"
    )
}

async fn add(node: &Node, name: &str, advance_days: u32) -> Value {
    // Two days from now, by the node's own clock.
    let now = ask::get(node, "/api/v1/status").await["now"].clone();
    let now: Timestamp = now.as_str().expect("a time").parse().expect("a time");
    let body = json!({
        "name": name, "content": "<b>www</b> & more", "email": "li@example.com, wang@example.com",
        "advanceDays": advance_days, "expiresAt": (now + 48.hours()).to_string(),
    });
    let (status, made) = ask::post(node, "/api/v1/reminders", ask::JSON, body.to_string()).await;
    assert_eq!(status, 201, "{made}");
    made
}

/// Makes another reminder and waits for its mail: whoever made it has then looked at those before it, too.
async fn look(node: &Node, mail: &SmtpSim, name: &str, mails: u64) -> Vec<String> {
    add(node, name, 30).await;
    mail.wait_for(mails).await;
    mail.received().iter().map(Mail::subject).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_is_mailed_once_across_a_crash_until_it_is_seen_to() {
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let folder = tempfile::tempdir().expect("folder");
    let document = document(mail.port());
    let node = Node::start(folder.path(), &document).await;
    let made = add(&node, "SSL <i>证书</i>", 30).await;
    mail.wait_for(1).await;
    let shown = ask::get(&node, &format!("/api/v1/reminders/{}", made["id"])).await;
    assert_eq!(shown["told"][0]["way"], "mail", "{shown}");
    // What was under way at a crash may be told twice; what was told may not.
    let pending = Value::from(0);
    ask::becomes("the mail is settled", &pending, async || {
        ask::get(&node, "/api/v1/status").await["pendingNotifications"].clone()
    })
    .await;
    node.kill().await;

    let node = Node::start(folder.path(), &document).await;
    let subjects = look(&node, &mail, "after the crash", 2).await;
    assert!(
        subjects[0].starts_with("[提醒] SSL <i>证书</i> 还有 "),
        "{subjects:?}"
    );
    assert!(
        subjects[1].starts_with("[提醒] after the crash "),
        "{subjects:?}"
    );
    let letter = mail.received().remove(0);
    let page = letter.text("text/html").expect("a page");
    assert!(page.contains("&lt;b&gt;www&lt;/b&gt; &amp; more"), "{page}");
    assert!(page.contains("SSL &lt;i&gt;证书&lt;/i&gt;"), "{page}");
    assert!(
        !page.contains("<i>证书") && !page.contains("<b>www"),
        "{page}"
    );
    let text = letter.text("text/plain").expect("a text");
    for words in ["事件名称", "事件内容", "过期时间", "<b>www</b> & more"] {
        assert!(text.contains(words), "{words}: {text}");
    }

    // Not yet to be told, seen to, and only then so far ahead that it would be told.
    let seen = add(&node, "seen to", 0).await;
    let path = format!("/api/v1/reminders/{}", seen["id"]);
    let by = r#"{"by": "chen"}"#;
    let (status, _) = ask::post(&node, &format!("{path}/handled"), ask::JSON, by).await;
    assert_eq!(status, 200);
    let change = node
        .client
        .patch(node.url(&path))
        .header("content-type", ask::JSON);
    let (status, shown) = ask::answer(change.body(r#"{"advanceDays": 30}"#)).await;
    assert_eq!(
        (status, &shown["handledBy"]),
        (200, &"chen".into()),
        "{shown}"
    );
    assert_eq!(shown["nextToldAt"], Value::Null);
    let subjects = look(&node, &mail, "last", 3).await;
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects[2].starts_with("[提醒] last "), "{subjects:?}");
    node.kill().await;
}
