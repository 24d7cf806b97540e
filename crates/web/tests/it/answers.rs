//! Links in messages: looking changes nothing, a form answers once, and what is not ours opens nothing.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use balefire_engine::link::Subject;
use balefire_testkit::ManualClock;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const DOCUMENT: &str = "
server: {external_url: 'https://alerts.example.com/'}
people: {chen-min: {name: 陈敏, email: chen@example.com}, li-wei: {name: Li Wei}}
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox, group_by: [alertname]}
access:
  tokens:
    writer: {token: writer-token-0001, scopes: [write]}
    admin: {token: admin-token-00001, scopes: [admin]}
    sender: {token: sender-token-0001, scopes: [ingest]}
";

/// A site behind whose door nobody gets without a token, and its clock.
async fn start() -> (Site, ManualClock) {
    let clock = ManualClock::at(Time::from_secs(1_795_342_445));
    let site = Site::with(DOCUMENT, Arc::new(clock.clone())).await;
    (site, clock)
}

async fn told(site: &Site) -> u64 {
    let ends_at = site.engine.now().after(Duration::from_hours(100));
    let alert = json!([{"endsAt": ends_at.to_string(), "labels": {"alertname": "DiskFull", "instance": "<web-1>", "severity": "critical"}}]);
    let request = authorized(Request::post("/api/v2/alerts"), "sender-token-0001");
    let request = request.header("content-type", "application/json");
    let answer = site.ask(request, &alert.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut changes = site.engine.changes();
    loop {
        let group = site
            .engine
            .state()
            .groups()
            .next()
            .map(|group| group.id().0);
        if let Some(group) = group {
            return group;
        }
        changes.changed().await.expect("a running engine");
    }
}

fn authorized(request: http::request::Builder, token: &str) -> http::request::Builder {
    request.header("authorization", format!("Bearer {token}"))
}

fn path(site: &Site, subject: Subject, person: Option<&str>) -> String {
    let link = site.engine.link(subject, person.map(Into::into));
    let (url, _) = link.expect("a link");
    let path = url.strip_prefix("https://alerts.example.com");
    path.expect("the address that the document names")
        .to_owned()
}

/// From outside, as a phone in a chat's browser would.
async fn ask(site: &Site, request: http::request::Builder, body: &str) -> Answer {
    let request = request.header("x-forwarded-for", "198.51.100.7");
    site.ask(request, body).await
}

async fn answer(site: &Site, path: &str, form: &str) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://alerts.example.com");
    ask(site, request, form).await
}

async fn incident(site: &Site, id: u64) -> Value {
    let request = authorized(
        Request::get(format!("/api/v1/incidents/{id}")),
        "writer-token-0001",
    );
    site.ask(request, "").await.json()
}

fn kinds(incident: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = incident["timeline"].as_array().cloned().unwrap_or_default();
    let entry = |entry: &Value| (text(&entry["kind"]), text(&entry["by"]));
    entries.iter().map(entry).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    pairs.iter().map(pair).collect()
}

#[tokio::test]
async fn looking_at_a_link_changes_nothing_and_a_form_acknowledges_once() {
    let (site, clock) = start().await;
    let group = told(&site).await;
    let link = path(&site, Subject::Group(group), Some("chen-min"));
    for method in ["GET", "HEAD", "GET"] {
        let request = Request::builder().method(method).uri(&link);
        let seen = ask(&site, request, "").await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        assert_eq!(seen.headers["referrer-policy"], "same-origin");
        assert_eq!(seen.headers["cache-control"], "no-store");
    }
    assert_eq!(incident(&site, 1).await["status"], 404);
    let page = ask(
        &site,
        Request::get(&link).header("accept-language", "zh-CN"),
        "",
    )
    .await;
    assert!(
        page.text.contains("陈敏") && page.text.contains("还没有人认领"),
        "{}",
        page.text
    );
    assert!(page.text.contains("&lt;web-1&gt;") && !page.text.contains("<web-1>"));
    assert!(!page.text.contains("/incidents"), "it leads nowhere else");

    let done = answer(&site, &link, "deed=acknowledge").await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(done.headers["location"], link.as_str());
    let held = incident(&site, 1).await;
    assert_eq!(held["acknowledgedBy"], "chen-min", "{held}");
    assert_eq!(held["severity"], "critical");
    let once = pairs(&[("opened", "chen-min"), ("acknowledged", "chen-min")]);
    assert_eq!(kinds(&held), once);

    clock.advance(Duration::from_mins(3));
    let again = answer(&site, &link, "deed=acknowledge").await;
    assert_eq!(again.status, 303);
    assert_eq!(
        kinds(&incident(&site, 1).await),
        once,
        "a replay changes nothing"
    );
    let page = ask(&site, Request::get(&link), "").await;
    assert!(
        page.text.contains("Acknowledged by chen-min, 3m ago."),
        "{}",
        page.text
    );
    assert!(!page.text.contains("value=\"acknowledge\""));

    let other = path(&site, Subject::Group(group), None);
    answer(&site, &other, "deed=acknowledge&name=%E6%9D%8E%E9%9B%B7").await;
    let also = incident(&site, 1).await;
    assert_eq!(also["acknowledgedBy"], "chen-min", "the first keeps it");
    assert_eq!(
        kinds(&also)[2],
        ("also_acknowledged".to_owned(), "李雷 (link)".to_owned())
    );
    let over = answer(&site, &other, "deed=resolve").await;
    assert_eq!(over.status, 303);
    assert_eq!(incident(&site, 1).await["state"], "resolved");
    let late = answer(&site, &link, "deed=acknowledge").await;
    assert_eq!(late.status, 303, "who is late sees how it stands");
    assert_eq!(incident(&site, 1).await["state"], "resolved");
    assert_eq!(incident(&site, 2).await["status"], 404);
}

#[tokio::test]
async fn an_answer_keeps_a_group_quiet_for_an_hour_and_no_longer() {
    let (site, clock) = start().await;
    let group = told(&site).await;
    let link = path(&site, Subject::Group(group), Some("li-wei"));
    for _ in 0..3 {
        assert_eq!(answer(&site, &link, "deed=silence").await.status, 303);
    }
    let silences = site.engine.state().silences().list(site.engine.now());
    assert_eq!(silences.len(), 1, "{silences:?}");
    let silence = &silences[0].1;
    assert_eq!(silence.created_by, "li-wei");
    assert_eq!(
        silence.ends_at.since(site.engine.now()),
        Duration::from_hours(1)
    );
    let matchers: Vec<String> = silence.matcher_sets[0]
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(matchers, [r#"alertname="DiskFull""#]);
    let page = ask(&site, Request::get(&link), "").await;
    assert!(page.text.contains("Silenced until"), "{}", page.text);
    clock.advance(Duration::from_mins(61));
    let page = ask(&site, Request::get(&link), "").await;
    assert!(page.text.contains("value=\"silence\""), "{}", page.text);
}

#[tokio::test]
async fn what_is_not_ours_opens_nothing_and_is_recorded() {
    let (site, clock) = start().await;
    let group = told(&site).await;
    let link = path(&site, Subject::Group(group), None);
    let mut forged = link.clone();
    let last = forged.pop();
    forged.push(if last == Some('A') { 'B' } else { 'A' });
    for bad in [
        forged.as_str(),
        "/a/x",
        "/a/%00",
        "/a/AQAA",
        &format!("/a/{}", "x".repeat(5_000)),
    ] {
        let seen = ask(&site, Request::get(bad), "").await;
        assert_eq!(seen.status, 404, "{bad}");
        let acted = answer(&site, bad, "deed=acknowledge").await;
        assert_eq!(acted.status, 404, "{bad}");
    }
    let refused = authorized(
        Request::get("/api/v1/rejected?limit=1"),
        "writer-token-0001",
    );
    let refused = site.ask(refused, "").await.json();
    assert_eq!(refused["rejected"][0]["source"], "link", "{refused}");
    let unknown = answer(&site, &link, "deed=reboot").await;
    assert_eq!(unknown.status, 400);
    let huge = answer(&site, &link, &"x".repeat(5_000)).await;
    assert_eq!(huge.status, 413);
    let foreign = Request::post(&link).header("origin", "https://evil.example.com");
    assert_eq!(ask(&site, foreign, "deed=acknowledge").await.status, 403);
    assert_eq!(
        incident(&site, 1).await["status"],
        404,
        "nothing was answered"
    );

    clock.advance(Duration::from_hours(73));
    let old = ask(&site, Request::get(&link), "").await;
    assert_eq!(old.status, 410);
    assert!(old.text.contains("three days"), "{}", old.text);
    assert_eq!(answer(&site, &link, "deed=acknowledge").await.status, 410);
}

#[tokio::test]
async fn links_are_made_by_hand_and_called_back_all_at_once() {
    let (site, _) = start().await;
    let ask_for = |body: Value| {
        let request = authorized(
            Request::post("/api/v1/incidents/1/link"),
            "writer-token-0001",
        );
        let request = request.header("content-type", "application/json");
        (request, body.to_string())
    };
    let (request, body) = ask_for(json!({}));
    assert_eq!(site.ask(request, &body).await.status, 404);
    let opened = authorized(Request::post("/api/v1/incidents"), "writer-token-0001");
    let opened = opened.header("content-type", "application/json");
    let opened = site
        .ask(opened, &json!({"title": "db is down"}).to_string())
        .await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let (request, body) = ask_for(json!({"person": "chen"}));
    let nobody = site.ask(request, &body).await;
    assert_eq!(nobody.status, 422);
    assert!(nobody.text.contains("chen-min"), "{}", nobody.text);
    let (request, body) = ask_for(json!({"person": "chen-min"}));
    let made = site.ask(request, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let url = made.json()["url"].as_str().expect("an address").to_owned();
    let link = url
        .strip_prefix("https://alerts.example.com")
        .expect("ours");
    assert!(
        ask(&site, Request::get(link), "")
            .await
            .text
            .contains("db is down")
    );

    let weak = authorized(Request::delete("/api/v1/links"), "writer-token-0001");
    assert_eq!(site.ask(weak, "").await.status, 403);
    let strong = authorized(Request::delete("/api/v1/links"), "admin-token-00001");
    assert_eq!(site.ask(strong, "").await.status, 204);
    assert_eq!(answer(&site, link, "deed=acknowledge").await.status, 404);
    let (request, body) = ask_for(json!({}));
    let fresh = site.ask(request, &body).await.json()["url"].clone();
    let fresh = fresh
        .as_str()
        .and_then(|url| url.strip_prefix("https://alerts.example.com"));
    let done = answer(&site, fresh.expect("ours"), "deed=acknowledge").await;
    assert_eq!(done.status, 303);
    assert_eq!(incident(&site, 1).await["acknowledgedBy"], "link");
}

#[tokio::test]
async fn without_an_address_of_ours_there_are_no_links() {
    let site = Site::start().await;
    assert!(site.engine.link(Subject::Group(1), None).is_none());
}
