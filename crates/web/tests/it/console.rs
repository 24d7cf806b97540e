//! The pages, told as stories.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use balefire_engine::clock::SystemClock;
use balefire_testkit::{Mode, Simulator};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt;
use http::Request;
use serde_json::json;

use crate::site::{Answer, Site};

const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// The elements our templates use.
const OURS: [&str; 47] = [
    "!doctype", "a", "article", "b", "body", "button", "code", "dd", "details", "div", "dl", "dt",
    "form", "h1", "h2", "h3", "head", "header", "html", "li", "link", "main", "meta", "nav", "ol",
    "p", "pre", "q", "script", "section", "small", "span", "strong", "summary", "time", "title",
    "ul", "tr", "td", "th", "table", "thead", "tbody", "input", "label", "datalist", "option",
];

/// Only our own elements, no handlers, no inline styles or scripts, links to web addresses only.
fn assert_harmless(answer: &Answer) {
    for tag in answer.text.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or(tag);
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n'])
            .next()
            .unwrap_or(tag);
        assert!(OURS.contains(&name), "<{tag}>");
        assert!(
            name != "script" || tag.contains(" src=\"/assets/console.js?") || tag == "/script",
            "<{tag}>"
        );
        assert!(!tag.contains(" on") && !tag.contains(" style="), "<{tag}>");
        if let Some(link) = tag.split(" href=\"").nth(1) {
            let inside =
                link.starts_with("&#x2f;") || link.starts_with('/') || link.starts_with('#');
            assert!(inside || link.starts_with("http"), "<{tag}>");
        }
    }
    let policy = answer.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
}

#[tokio::test]
async fn an_empty_inbox_says_how_to_fill_it_in_both_languages() {
    let site = Site::start().await;
    let english = site.get("/").await;
    assert_eq!(english.status, 200, "{}", english.text);
    assert!(english.text.contains("All quiet") && english.text.contains("lang=\"en\""));
    let curl =
        "curl -d &#x27;disk full on web-1&#x27; http:&#x2f;&#x2f;127.0.0.1:9119&#x2f;in&#x2f;inbox";
    assert!(english.text.contains(curl), "{}", english.text);
    let asked = Request::get("/").header("accept-language", "zh-CN,zh;q=0.9");
    let chinese = site.ask(asked, "").await;
    assert!(chinese.text.contains("一切安好") && chinese.text.contains("lang=\"zh-CN\""));
    let chosen = Request::get("/?lang=en").header("accept-language", "zh-CN");
    assert!(site.ask(chosen, "").await.text.contains("All quiet"));
    for file in ["console.css", "console.js", "icon.svg"] {
        assert_eq!(site.get(&format!("/assets/{file}")).await.status, 200);
    }
}

#[tokio::test]
async fn the_test_button_brings_an_alert_to_the_inbox() {
    let site = Site::start().await;
    let answer = site
        .ask(Request::post("/console/test-alert?lang=en"), "")
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["location"]),
        (303, &"/?lang=en".parse().expect("a value"))
    );
    let delivered = |answer: &Answer| answer.text.contains("class=\"delivered\"");
    let page = site.until("/", delivered).await;
    assert!(page.text.contains("Test alert from the console"));
    let foreign = Request::post("/console/test-alert").header("origin", "http://evil.example.com");
    assert_eq!(site.ask(foreign, "").await.status, 403);
}

#[tokio::test]
async fn hostile_labels_are_text_on_every_page() {
    let site = Site::start().await;
    site.tell(&format!("{HOSTILE} as a text")).await;
    site.report(
        &json!({"alertname": HOSTILE, "severity": "critical", "a": "\"><svg/onload=alert(1)>", "url": "javascript:alert(1)"}),
        false,
    )
    .await;
    let two = |answer: &Answer| answer.text.matches("class=\"delivered\"").count() == 2;
    for path in ["/", "/?lang=zh", "/console/inbox"] {
        let page = site.until(path, two).await;
        assert_harmless(&page);
        assert!(
            page.text.contains("&lt;img src=x onerror=alert(1)&gt;"),
            "{}",
            page.text
        );
    }
    let alerts = site.get("/api/v1/alerts").await.json();
    for alert in alerts["alerts"].as_array().expect("alerts") {
        let fingerprint = alert["fingerprint"].as_str().expect("text");
        for lang in ["en", "zh"] {
            let page = site
                .get(&format!("/alerts/{fingerprint}?lang={lang}"))
                .await;
            assert_harmless(&page);
        }
    }
    let filter = site
        .get("/?group=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
        .await;
    assert_harmless(&filter);
}

#[tokio::test]
async fn a_card_tells_where_it_went_and_why() {
    let simulator = Simulator::start().await.expect("a simulator");
    let refusing = Mode::Status(401, Vec::new(), "this robot was removed".to_owned());
    simulator.webhook().fail_times(refusing, 1);
    let document = format!(
        "accounts:\n  hook: {{kind: webhook, url: \"{}\"}}\n\
         receivers:\n- name: ops\n  webhook_configs: [{{account: hook}}]\n  fallback: inbox\n- name: inbox\n  inbox_configs: [{{}}]\n\
         route:\n  receiver: inbox\n  group_wait: 0s\n  routes:\n  - matchers: [env=\"prod\"]\n    receiver: ops\n    group_by: [alertname]\n",
        simulator.webhook().url("ops")
    );
    let site = Site::with(&document, Arc::new(SystemClock)).await;
    site.report(
        &json!({"alertname": "HighLatency", "env": "prod", "instance": "web-1", "severity": "critical"}),
        false,
    )
    .await;
    let told = |answer: &Answer| answer.text.contains("class=\"delivered\"");
    let page = site.until("/", told).await;
    assert_eq!(page.text.matches("<article").count(), 1, "{}", page.text);
    for part in [
        "critical firing",
        "this robot was removed; fix: the credential is missing or wrong",
        "handed to the fallback",
        "it is the first word of this group",
        "group_wait 0s",
        "&#x2f;{env=&quot;prod&quot;} → ops",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }

    let group = balefire_template::compose::group_page(
        "http://h",
        "{}/{env=\"prod\"}:{alertname=\"HighLatency\"}",
    );
    let path = group.expect("an address").replace("http://h", "");
    assert_eq!(site.get(&path).await.text.matches("<article").count(), 1);
    let none = site.get("/?group=%7B%7D%3A%7B%7D").await;
    assert_eq!(none.text.matches("<article").count(), 0);

    let alerts = site.get("/api/v1/alerts").await.json();
    let fingerprint = alerts["alerts"][0]["fingerprint"].as_str().expect("text");
    let alert = site.get(&format!("/alerts/{fingerprint}")).await;
    for part in [
        "HighLatency",
        "reported by prometheus",
        "to be told:",
        "this robot was removed; fix: the credential is missing or wrong",
        "taken: to ops",
    ] {
        assert!(alert.text.contains(part), "{part}: {}", alert.text);
    }
    assert_eq!(site.get("/alerts/0123456789abcdef").await.status, 404);
    assert_eq!(site.get("/alerts/..%2f..%2fdb").await.status, 404);
}

#[tokio::test]
async fn a_resolved_group_is_shown_as_over() {
    let site = Site::with(
        "route: {receiver: inbox, group_wait: 0s, group_interval: 1s}\nreceivers:\n- name: inbox\n  inbox_configs: [{}]\n",
        Arc::new(SystemClock),
    )
    .await;
    let labels = json!({"alertname": "A"});
    site.report(&labels, false).await;
    site.notification("state=delivered").await;
    site.report(&labels, true).await;
    let both = |answer: &Answer| answer.text.matches("class=\"delivered\"").count() == 2;
    let page = site.until("/", both).await;
    assert!(page.text.contains("over by now"), "{}", page.text);
    assert!(page.text.contains("all alerts of the group are over"));
    assert!(page.text.contains("0 firing"));
}

#[tokio::test]
async fn a_full_inbox_stays_small_and_leads_on_to_older_cards() {
    let site = Site::start().await;
    for number in 0..40 {
        let labels = json!({
            "alertname": format!("HighLatency{number}"), "env": "prod", "instance": "web-1:9100",
            "job": "node", "severity": "warning", "team": "payments",
        });
        site.report(&labels, false).await;
    }
    let all = |answer: &Answer| {
        answer.json()["notifications"]
            .as_array()
            .is_some_and(|all| all.len() == 40)
    };
    site.until("/api/v1/notifications?state=delivered", all)
        .await;
    let page = site.get("/").await.text;
    assert_eq!(page.matches("<article").count(), 25);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(page.as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed").len();
    assert!(
        packed < 30 * 1024 && page.len() < 120 * 1024,
        "{packed} of {} bytes",
        page.len()
    );
    let older = page
        .split("rel=\"next\" href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let older = older
        .expect("a link")
        .replace("&#x2f;", "/")
        .replace("&amp;", "&");
    let rest = site.get(&older).await.text;
    assert_eq!(rest.matches("<article").count(), 15);
}

#[tokio::test]
async fn looking_changes_nothing() {
    let site = Site::start().await;
    site.tell("disk full").await;
    site.notification("state=delivered").await;
    let events = site.engine.store().last_event();
    let decisions = site.engine.store().last_decision().await.expect("a store");
    for path in [
        "/",
        "/console/inbox",
        "/api/v1/events",
        "/api/v1/alerts",
        "/api/v1/groups",
        "/api/v1/notifications",
        "/api/v1/notifications/1",
        "/api/v1/notifications/1/redrive",
        "/api/v1/silences",
        "/api/v1/rejected",
        "/api/v1/config",
        "/api/v1/status",
        "/api/v1/openapi.json",
        "/console/test-alert",
    ] {
        site.get(path).await;
    }
    assert_eq!(site.engine.store().last_event(), events);
    assert_eq!(
        site.engine.store().last_decision().await.expect("a store"),
        decisions
    );
}

#[tokio::test]
async fn pages_below_a_prefix_link_below_it() {
    let document = format!(
        "server: {{route_prefix: /fire}}\n{}",
        balefire_config::default_document()
    );
    let site = Site::with(&document, Arc::new(SystemClock)).await;
    let page = site.get("/fire/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "href=\"&#x2f;fire/assets",
        "data-from=\"&#x2f;fire/console/inbox\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(site.get("/fire/assets/console.css").await.status, 200);
}

#[tokio::test]
async fn an_open_page_hears_of_a_change_and_the_stream_ends_with_the_node() {
    let site = Site::start().await;
    let mut stream = site.open("/console/events").await.into_data_stream();
    site.tell("disk full").await;
    let heard = stream.next().await.expect("a tick").expect("a chunk");
    // Browsers pass over an event without data.
    assert_eq!(heard, "event: changed\ndata: changed\n\n");
    site.engine.stop(Duration::from_secs(5)).await;
    while let Some(chunk) = stream.next().await {
        assert!(chunk.is_ok());
    }
}

#[tokio::test]
async fn an_incident_is_listed_shown_and_worked_on_without_a_script() {
    let site = Site::start().await;
    let empty = site.get("/incidents").await;
    assert!(empty.text.contains("None here"), "{}", empty.text);
    let opened = json!({"title": HOSTILE, "severity": "critical", "worker": HOSTILE, "report": "a\nb", "key": "group/db"});
    let answer = site.post_json("/api/v1/incidents", &opened).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let note = json!({"text": HOSTILE, "by": HOSTILE});
    site.post_json("/api/v1/incidents/1/notes", &note).await;
    for path in [
        "/incidents",
        "/incidents?lang=zh",
        "/incidents/1",
        "/incidents/1?lang=zh",
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_harmless(&page);
        assert!(
            page.text.contains("&lt;img src=x onerror=alert(1)&gt;"),
            "{}",
            page.text
        );
    }
    let acknowledge = Request::post("/console/incidents/1/acknowledge?lang=zh");
    let done = site.ask(acknowledge, "").await;
    assert_eq!(
        (done.status.as_u16(), &done.headers["location"]),
        (303, &"/incidents/1?lang=zh".parse().expect("a value"))
    );
    let page = site.get("/incidents/1?lang=zh").await;
    assert!(
        page.text.contains("console 认领") && page.text.contains("标为已解决"),
        "{}",
        page.text
    );
    for deed in ["acknowledge", "resolve", "resolve"] {
        let path = format!("/console/incidents/1/{deed}");
        assert_eq!(
            site.ask(Request::post(path), "").await.status,
            303,
            "{deed}"
        );
    }
    assert!(site.get("/incidents").await.text.contains("None here"));
    let all = site.get("/incidents?state=all").await;
    assert!(
        all.text.contains("href=\"&#x2f;incidents&#x2f;1\""),
        "{}",
        all.text
    );
    let foreign =
        Request::post("/console/incidents/1/reopen").header("origin", "http://evil.example.com");
    assert_eq!(site.ask(foreign, "").await.status, 403);
    for path in ["/incidents/9", "/incidents/x"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
    let nothing = site
        .ask(Request::post("/console/incidents/1/delete"), "")
        .await;
    assert_eq!(nothing.status, 404);
}
