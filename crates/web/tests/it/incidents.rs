//! Incidents by our own interface: opened once, acknowledged by one, with everything that happened on record.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use balefire_testkit::ManualClock;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const TOKENS: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
access:
  tokens:
    reader: {token: reader-token-0001, scopes: [read]}
    chen: {token: writer-token-0001, scopes: [write]}
";

async fn at(site: &Site, path: &str, body: Value) -> Answer {
    site.post_json(&format!("/api/v1/incidents{path}"), &body)
        .await
}

fn told(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let timeline = answer.json()["timeline"].as_array().cloned();
    let entries = timeline.expect("a timeline").into_iter();
    entries
        .map(|entry| (text(&entry["kind"]), text(&entry["by"])))
        .collect()
}

#[tokio::test]
async fn an_incident_is_worked_on_from_its_opening_to_its_end() {
    let clock = ManualClock::at(Time::from_secs(1_000_000));
    let site = Site::with(balefire_config::default_document(), Arc::new(clock.clone())).await;
    let opened = at(
        &site,
        "",
        json!({"key": "group/db", "title": "db is down 🔥", "severity": "critical", "by": "chen"}),
    )
    .await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let incident = opened.json();
    assert_eq!(incident["state"], "open");
    assert_eq!(incident["startedAt"], "1970-01-12T13:46:40.000Z");
    assert_eq!(incident["durationSeconds"], Value::Null);
    let again = at(&site, "", json!({"key": "group/db", "title": "x"})).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, incident));

    clock.advance(Duration::from_mins(1));
    let held = at(&site, "/1/acknowledge", json!({"by": "chen"})).await;
    assert_eq!(held.status, 200, "{}", held.text);
    assert_eq!(held.json()["acknowledgedBy"], "chen");
    let also = at(
        &site,
        "/1/acknowledge",
        json!({"by": "li", "text": "me too"}),
    )
    .await;
    assert_eq!(also.json()["acknowledgedBy"], "chen");
    at(&site, "/1/notes", json!({"by": "li", "text": "换磁盘"})).await;
    let request = Request::patch("/api/v1/incidents/1").header("content-type", "application/json");
    let body = json!({"worker": "li", "cause": "disk", "summary": null, "by": "li"});
    let edited = site.ask(request, &body.to_string()).await;
    assert_eq!(edited.json()["worker"], "li");
    clock.advance(Duration::from_mins(29));
    let over = at(
        &site,
        "/1/resolve",
        json!({"text": "new disk", "by": "chen"}),
    )
    .await;
    assert_eq!(over.json()["durationSeconds"], 1800);
    let reopened = at(&site, "/1/reopen", json!({"by": "wang"})).await;
    assert_eq!(reopened.json()["acknowledgedBy"], Value::Null);
    let bare = site
        .ask(Request::post("/api/v1/incidents/1/resolve"), "")
        .await;
    assert_eq!(bare.status, 200, "{}", bare.text);

    let shown = site.get("/api/v1/incidents/1").await;
    let words = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(pair).collect()
    };
    assert_eq!(
        told(&shown),
        words(&[
            ("opened", "chen"),
            ("acknowledged", "chen"),
            ("also_acknowledged", "li"),
            ("noted", "li"),
            ("edited", "li"),
            ("resolved", "chen"),
            ("reopened", "wang"),
            ("resolved", "api"),
        ])
    );
    assert_eq!(shown.json()["timeline"][4]["changes"][0]["to"], "li");
    let rest = site.get("/api/v1/incidents/1?after=6").await;
    assert_eq!(rest.json()["timeline"][0]["number"], 7);
}

#[tokio::test]
async fn what_does_not_fit_is_answered_with_what_would() {
    let site = Site::start().await;
    for (body, status, word) in [
        (json!({"title": ""}), 422, "title is empty"),
        (json!({"titel": "x"}), 400, "did you mean \"title\"?"),
        (json!({"title": "x", "key": "db"}), 422, "namespace"),
        (json!({"title": "x", "severity": "bad"}), 400, "critical"),
        (json!({"title": "长".repeat(301)}), 422, "300 characters"),
        (json!({"title": "a\u{0}b"}), 422, "NUL"),
        (
            json!({"title": "x", "startedAt": "2026-01-02T00:00:00Z", "endedAt": "2026-01-01T00:00:00Z"}),
            422,
            "ends before it starts",
        ),
    ] {
        let refused = at(&site, "", body.clone()).await;
        assert_eq!(refused.status, status, "{body}");
        let detail = refused.json()["detail"].to_string();
        assert!(detail.contains(&word.replace('"', "\\\"")), "{detail}");
    }
    assert_eq!(at(&site, "/7/acknowledge", json!({})).await.status, 404);
    at(&site, "", json!({"title": "x"})).await;
    assert_eq!(
        at(&site, "/1/notes", json!({"text": " "})).await.status,
        422
    );
    let reopened = at(&site, "/1/reopen", json!({})).await;
    assert_eq!(
        (reopened.status.as_u16(), &reopened.json()["code"]),
        (409, &json!("state"))
    );
    at(&site, "/1/resolve", json!({})).await;
    assert_eq!(at(&site, "/1/resolve", json!({})).await.status, 409);
    assert_eq!(at(&site, "/1/acknowledge", json!({})).await.status, 409);
    for query in ["sort=title", "state=odd", "serch=x", "limit=0"] {
        let refused = site.get(&format!("/api/v1/incidents?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_and_its_pages_join() {
    let site = Site::start().await;
    for (title, severity) in [("disk 1", "info"), ("net", "critical"), ("Disk 2", "error")] {
        at(&site, "", json!({"title": title, "severity": severity})).await;
    }
    at(&site, "/3/resolve", json!({})).await;
    let titles = async |query: &str| -> Vec<String> {
        let page = site.get(&format!("/api/v1/incidents?{query}")).await.json();
        let incidents = page["incidents"].as_array().cloned();
        let incidents = incidents.unwrap_or_else(|| panic!("{query}: {page}"));
        let title = |incident: &Value| incident["title"].as_str().map(str::to_owned);
        incidents.iter().filter_map(title).collect()
    };
    assert_eq!(titles("").await, ["Disk 2", "net", "disk 1"]);
    assert_eq!(titles("search=disk").await, ["Disk 2", "disk 1"]);
    assert_eq!(titles("search=%25").await, [""; 0]);
    assert_eq!(titles("state=unresolved").await, ["net", "disk 1"]);
    assert_eq!(titles("state=resolved").await, ["Disk 2"]);
    assert_eq!(titles("sort=-severity").await, ["net", "Disk 2", "disk 1"]);
    assert_eq!(titles("severity=info").await, ["disk 1"]);
    let first = site.get("/api/v1/incidents?limit=2").await.json();
    assert_eq!((&first["total"], &first["next"]), (&json!(3), &json!(2)));
    assert_eq!(titles("limit=2&offset=2").await, ["disk 1"]);
    let last = site.get("/api/v1/incidents?limit=2&offset=2").await.json();
    assert_eq!(last["next"], Value::Null);
}

#[tokio::test]
async fn what_somebody_does_is_on_record_under_the_name_they_have_shown() {
    let site = Site::with(TOKENS, Arc::new(balefire_engine::clock::SystemClock)).await;
    let ask = async |token: &str, path: &str, body: Value| {
        let request = Request::post(format!("/api/v1/incidents{path}"))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        site.ask(request, &body.to_string()).await
    };
    let refused = ask("reader-token-0001", "", json!({"title": "x"})).await;
    assert_eq!(refused.status, 403);
    let opened = ask("writer-token-0001", "", json!({"title": "x", "by": "li"})).await;
    assert_eq!(opened.json()["timeline"][0]["by"], "chen");
    let read = Request::get("/api/v1/incidents/1");
    let read = read.header("authorization", "Bearer reader-token-0001");
    assert_eq!(site.ask(read, "").await.status, 200);
}
