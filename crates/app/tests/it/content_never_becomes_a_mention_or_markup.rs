//! What strangers write into labels, annotations and links is shown as text everywhere: it calls nobody, leads
//! nowhere, is not run as a template, and is no markup (security tests S05, S06, S28 and S48).

use std::time::Duration;

use balefire_testkit::received::Verdict;
use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::ask;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

const WAYS: &str = r"
sources: {graf: {kind: grafana}, gen: {kind: generic}}
receivers:
- name: everybody
  inbox_configs: [{}]
  dingtalk_configs: [{account: ding}]
  wecom_robot_configs: [{account: robot}]
  wechat_configs: [{account: app, to_user: chenmin}]
  feishu_configs: [{account: feishu}]
  slack_configs: [{account: slack}]
  email_configs: [{account: mail, to: ops@example.com}]
route: {receiver: everybody, group_by: [alertname], group_wait: 0s}
";

/// Markup, mentions, links and characters that hide or pretend.
const HOSTILE: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "<script>alert(1)</script>",
    "@all",
    "@所有人",
    "<!channel>",
    "<!here>",
    "<@U0AB12CD3>",
    "<at user_id=\"all\"></at>",
    "[good](http://evil.example)",
    "<http://evil.example|good>",
    "\u{202e}drow",
    "\u{1b}]0;x\u{7}",
    "\n2026-03-04 ERROR fake",
];
/// What some template engine or other would run.
const TEMPLATES: &[&str] = &[
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "{{ self.__class__ }}",
    "${jndi:ldap://x/a}",
    "%s%n",
    "#{1+1}",
];
/// What must not become a link or a picture.
const LINKS: &[&str] = &[
    "javascript:alert(1)",
    "&#x6a;avascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "gopher://evil.example/x",
];

/// Everybody is told within this time.
const SOON: Duration = Duration::from_secs(20);
/// What [`pour`] posts.
const ALERTS: u64 = 1 + 2 * LINKS.len() as u64;

async fn post(node: &Node, path: &str, body: &Value) {
    let (status, said) = ask::post(node, path, ask::JSON, body.to_string()).await;
    assert_eq!(status, 200, "{path}: {said}");
}

/// Posts it all in every field there is.
async fn pour(node: &Node) {
    let all = [HOSTILE, TEMPLATES].concat().join(" | ");
    let alert = json!([{
        "labels": {"alertname": all, "instance": all, "severity": "critical"},
        "annotations": {"summary": all, "description": all, "runbook_url": LINKS[0], "dashboard_url": LINKS[1]},
        "generatorURL": LINKS[0],
    }]);
    post(node, "/api/v2/alerts", &alert).await;
    for (index, link) in LINKS.iter().enumerate() {
        let graf = json!({"orgId": 1, "externalURL": link, "alerts": [{
            "status": "firing",
            "labels": {"alertname": format!("graf-{index}"), "host": all},
            "annotations": {"summary": all},
            "generatorURL": link, "silenceURL": link, "dashboardURL": link, "panelURL": link, "imageURL": link,
            "valueString": all,
            "fingerprint": link,
        }]});
        post(node, "/in/graf", &graf).await;
        let generic = json!({"title": format!("gen-{index}"), "text": all, "status": "firing", "url": link, "image_url": link, "host": all});
        post(node, "/in/gen", &generic).await;
    }
}

/// Every text in a body, but for those that their provider never reads as markup.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(fields) if fields.get("tag") != Some(&json!("plain_text")) => {
            let markup = |name: &str| !["title", "fallback"].contains(&name);
            let fields = fields.iter().filter(|(name, _)| markup(name));
            fields.for_each(|(_, field)| texts(field, out));
        }
        _ => {}
    }
}

/// The text as people see it: characters that only look like others are taken for those.
fn seen(text: &str) -> String {
    let pairs = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#42;", "*"),
        ("&#95;", "_"),
        ("&#36;", "$"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
        ("∗", "*"),
        ("＿", "_"),
        ("＜", "<"),
        ("＠", "@"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What `before` in a page is followed by, up to the quotation mark.
fn attributes<'t>(page: &'t str, before: &'t str) -> impl Iterator<Item = &'t str> {
    page.match_indices(before)
        .filter_map(move |(at, _)| page[at + before.len()..].split('"').next())
}

/// A message to a chat.
fn is_harmless_in_a_chat(provider: &str, body: &Value) {
    let mut all = Vec::new();
    texts(body, &mut all);
    for text in &all {
        let small = text.to_lowercase();
        for word in [
            "@all",
            "@所有人",
            "<!",
            "<@",
            "<at ",
            "<img",
            "<svg",
            "<script",
            "](http://evil",
            "<http://evil",
            "](javascript:",
        ] {
            assert!(!small.contains(word), "{provider}: {word:?} in {text}");
        }
        assert!(
            !text.contains(['\u{202e}', '\u{1b}', '\u{7}']),
            "{provider}: {text}"
        );
        // A text of its own that is one of the links would be a link.
        assert!(!LINKS.contains(&text.as_str()), "{provider}: {text}");
    }
    let all = seen(&all.join("\n"));
    for text in TEMPLATES {
        assert!(
            all.contains(text),
            "{provider}: {text:?} is not there as it was in {all}"
        );
    }
    assert_ne!(body["at"]["isAtAll"], true, "{provider}");
    for list in ["mentioned_list", "mentioned_mobile_list"] {
        assert!(
            body["markdown"][list].as_array().is_none_or(Vec::is_empty),
            "{provider}"
        );
    }
}

/// A page of ours, as a mail or in the browser.
fn is_harmless_in_a_page(what: &str, page: &str) {
    for word in ["<img src=x", "<svg", "<script>", "\u{202e}", "\u{1b}"] {
        assert!(!page.contains(word), "{what}: {word:?} in {page}");
    }
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{what}: {page}"
    );
    assert!(page.contains("{{7*7}}"), "{what}: {page}");
    // Every link and picture is ours or of the web; none is named by the alert.
    for link in attributes(page, "href=\"").chain(attributes(page, "src=\"")) {
        let link = seen(link);
        let ours = link.starts_with('/') || link.starts_with('#') || link.starts_with('?');
        assert!(
            ours || link.starts_with("http://127.0.0.1:"),
            "{what}: {link}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_never_becomes_a_mention_or_markup() {
    let sim = simulator().await;
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let account = format!(
        "  mail: {{kind: smtp, host: 127.0.0.1, port: {}, tls: none_loopback, from: balefire@example.com}}\n",
        mail.port()
    );
    let document = format!("{}{account}{WAYS}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    pour(&node).await;
    // The worst one comes first; some ways are slower than others.
    let arrive = async {
        sim.dingtalk().wait_for(ALERTS).await;
        sim.wecom_robot().wait_for(ALERTS).await;
        sim.wecom_app().wait_for(ALERTS).await;
        sim.feishu().wait_for(2).await;
        sim.slack_hook().wait_for(2).await;
        mail.wait_for(ALERTS).await;
    };
    timeout(SOON, arrive).await.expect("everybody is told");
    for request in sim.requests() {
        if request.verdict == Verdict::Accepted {
            is_harmless_in_a_chat(request.provider, &request.json());
        }
    }
    for mail in mail.received() {
        let page = mail.text("text/html").expect("a page");
        is_harmless_in_a_page("mail", &page);
        assert!(
            !mail.subject().contains(['\n', '\r', '\u{202e}', '\u{1b}']),
            "{}",
            mail.subject()
        );
        assert!(
            mail.text("text/plain")
                .is_some_and(|text| TEMPLATES.iter().all(|t| text.contains(t)))
        );
    }
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_shows_content_as_text() {
    let folder = tempfile::tempdir().expect("folder");
    let document = "\
sources: {graf: {kind: grafana}, gen: {kind: generic}}
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox, group_by: [alertname], group_wait: 0s}
";
    let node = Node::start(folder.path(), document).await;
    pour(&node).await;
    let read = async |path: &str| {
        let answer = node
            .client
            .get(node.url(path))
            .send()
            .await
            .expect("a page");
        let policy = answer.headers().get("content-security-policy").cloned();
        let policy = policy.expect("a policy");
        let policy = policy.to_str().expect("text").to_owned();
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        answer.text().await.expect("text")
    };
    let inbox = eventually("all are on the page", async || {
        let page = read("/").await;
        let named =
            |i: usize| page.contains(&format!("graf-{i}")) && page.contains(&format!("gen-{i}"));
        (0..LINKS.len()).all(named).then_some(page)
    })
    .await;
    is_harmless_in_a_page("/", &inbox);
    let alerts = ask::get(&node, "/api/v2/alerts").await;
    for alert in alerts.as_array().expect("alerts") {
        let path = format!(
            "/alerts/{}",
            alert["fingerprint"].as_str().expect("a fingerprint")
        );
        is_harmless_in_a_page(&path, &read(&path).await);
        // What was no web link is kept nowhere as one.
        for name in [
            "generatorURL",
            "image_url",
            "dashboard_url",
            "panel_url",
            "silence_url",
        ] {
            let link = alert.get(name).or(alert["annotations"].get(name));
            let given = alert["annotations"]["runbook_url"] == LINKS[0] && name == "dashboard_url";
            let link = link.and_then(Value::as_str).unwrap_or_default();
            assert!(given || !LINKS.contains(&link), "{name}: {link}");
        }
    }
    // The trace says that pictures and links were dropped.
    let page = ask::get(&node, "/api/v1/rejected").await;
    let noted = page["rejected"].to_string();
    assert!(
        noted.contains("image_url") && noted.contains("was dropped"),
        "{noted}"
    );
    node.kill().await;
}
