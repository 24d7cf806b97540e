//! Reminders by our own interface, by the older one, and on their page.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const DOCUMENT: &str = "server: {timezone: Asia/Shanghai}
accounts:
  hook: {kind: webhook, url: http://127.0.0.1:1/}
people: {li: {name: Li, timezone: America/New_York}}
receivers: [{name: ops, webhook_configs: [{account: hook}]}]
route: {receiver: ops}
legacy: {apptools: {}}
";

async fn start(document: &str) -> Site {
    Site::with(document, Arc::new(SystemClock)).await
}

async fn send(site: &Site, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    site.ask(request, &body.to_string()).await
}

fn sample(name: &str) -> Value {
    json!({
        "name": name, "content": "<script>alert(1)</script>", "email": "ops@example.com",
        "advanceDays": 30, "expiresAt": "2098-12-31",
    })
}

async fn add(site: &Site, body: &Value) -> Value {
    let made = send(site, "POST", "/api/v1/reminders", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

#[tokio::test]
async fn a_date_without_a_zone_is_one_where_the_owner_lives() {
    let site = start(DOCUMENT).await;
    let plain = add(&site, &sample("a")).await;
    assert_eq!(plain["expiresAt"], "2098-12-30T16:00:00.000Z");
    let mut owned = sample("b");
    owned["owner"] = "li".into();
    let owned = add(&site, &owned).await;
    assert_eq!(owned["expiresAt"], "2098-12-31T05:00:00.000Z");
    let path = format!("/api/v1/reminders/{}", owned["id"]);
    let edit = json!({"owner": "", "expiresAt": "2098-12-31 08:00"});
    let edited = send(&site, "PATCH", &path, &edit).await.json();
    assert_eq!(edited["expiresAt"], "2098-12-31T00:00:00.000Z");
    assert_eq!(edited["owner"], Value::Null);
    assert_eq!(edited["content"], owned["content"]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_name_and_changes_nothing() {
    let site = start(DOCUMENT).await;
    let made = add(&site, &sample("a")).await;
    let path = format!("/api/v1/reminders/{}", made["id"]);
    for (status, code, change) in [
        (409, "name_taken", json!({"name": "a"})),
        (422, "invalid", json!({"name": "x".repeat(101)})),
        (422, "invalid", json!({"email": "nobody"})),
        (422, "invalid", json!({"advanceDays": 3_651})),
        (422, "unknown_person", json!({"owner": "lii"})),
        (
            422,
            "unknown_account",
            json!({"ways": [{"account": "hok"}]}),
        ),
        (
            422,
            "unknown_receiver",
            json!({"ways": [{"receiver": "opps"}]}),
        ),
        (
            422,
            "options",
            json!({"ways": [{"account": "hook", "options": {"url": "http://10.0.0.1"}}]}),
        ),
        (400, "bad_request", json!({"ways": [{}]})),
        (
            400,
            "bad_request",
            json!({"ways": [{"receiver": "ops", "url": "x"}]}),
        ),
        (400, "bad_request", json!({"expiresAt": "soon"})),
        (400, "bad_request", json!({"advanceDays": "7"})),
        (400, "bad_request", json!({"id": 9})),
        (
            400,
            "bad_request",
            json!({"handledAt": "2020-01-01T00:00:00Z"}),
        ),
        (400, "bad_request", json!([])),
    ] {
        let mut whole = sample("b");
        if let (Some(whole), Some(change)) = (whole.as_object_mut(), change.as_object()) {
            whole.extend(change.clone());
        } else {
            whole = change.clone();
        }
        let refused = send(&site, "POST", "/api/v1/reminders", &whole).await;
        assert_eq!(refused.status, status, "{change}: {}", refused.text);
        assert_eq!(refused.json()["code"], code, "{change}: {}", refused.text);
        if code != "name_taken" {
            let refused = send(&site, "PATCH", &path, &change).await;
            assert_eq!(refused.status, status, "{change}: {}", refused.text);
        }
    }
    for field in ["name", "advanceDays", "expiresAt"] {
        let mut lacking = sample("b");
        lacking.as_object_mut().expect("an object").remove(field);
        let refused = send(&site, "POST", "/api/v1/reminders", &lacking).await;
        assert_eq!(refused.json()["detail"], format!("{field} is missing"));
    }
    let listed = site.get("/api/v1/reminders").await.json();
    assert_eq!(
        (&listed["total"], &listed["reminders"][0]["name"]),
        (&1.into(), &"a".into())
    );
}

#[tokio::test]
async fn an_unknown_order_or_number_is_refused() {
    let site = start(DOCUMENT).await;
    for query in [
        "sort=name;DROP",
        "sort=id",
        "handled=maybe",
        "limit=0",
        "where=1",
    ] {
        let refused = site.get(&format!("/api/v1/reminders?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
    }
    for (method, path) in [
        ("GET", "/api/v1/reminders/99"),
        ("DELETE", "/api/v1/reminders/99"),
        ("PATCH", "/api/v1/reminders/99"),
        ("POST", "/api/v1/reminders/99/handled"),
        ("DELETE", "/api/v1/reminders/99/handled"),
        ("POST", "/api/v1/reminders/99/test"),
    ] {
        assert_eq!(
            send(&site, method, path, &json!({})).await.status,
            404,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let site = start(DOCUMENT).await;
    for name in ["a", "b", "c"] {
        add(&site, &sample(name)).await;
    }
    let page = site
        .get("/api/v1/reminders?sort=-name&limit=2")
        .await
        .json();
    assert_eq!(
        (&page["reminders"][0]["name"], &page["next"]),
        (&"c".into(), &2.into())
    );
    let rest = site
        .get("/api/v1/reminders?sort=-name&limit=2&offset=2")
        .await
        .json();
    assert_eq!(
        (&rest["reminders"][0]["name"], &rest["next"]),
        (&"a".into(), &Value::Null)
    );
    let none = site.get("/api/v1/reminders?search=%25").await.json();
    assert_eq!(none["total"], 0);
}

#[tokio::test]
async fn the_page_lists_what_nobody_has_seen_to_and_escapes_it_in_both_languages() {
    let site = start(DOCUMENT).await;
    let empty = site.get("/reminders?lang=en").await;
    assert!(empty.text.contains("Nothing expires"), "{}", empty.text);
    add(&site, &sample("<b>SSL</b>")).await;
    let seen = add(&site, &sample("seen to")).await;
    let handled = format!("/api/v1/reminders/{}/handled", seen["id"]);
    assert_eq!(
        send(&site, "POST", &handled, &json!({"by": "li"}))
            .await
            .status,
        200
    );
    let english = site.get("/reminders?lang=en").await;
    assert_eq!(english.status, 200, "{}", english.text);
    assert!(
        english.text.contains("&lt;b&gt;SSL&lt;&#x2f;b&gt;"),
        "{}",
        english.text
    );
    assert!(!english.text.contains("<script>") && !english.text.contains("seen to"));
    let chinese = site.get("/reminders?lang=zh").await;
    assert!(
        chinese.text.contains("过期时间") && chinese.text.contains("还有"),
        "{}",
        chinese.text
    );
}

#[tokio::test]
async fn the_older_interface_is_there_only_when_it_is_configured() {
    let site = start(&DOCUMENT.replace("legacy: {apptools: {}}", "")).await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        assert_eq!(
            send(&site, method, "/event_reminder", &json!({}))
                .await
                .status,
            404
        );
    }
    let site = start(DOCUMENT).await;
    // No text holds a NUL, however it is written.
    let written = "{\"name\": \"a\\u0000b\"}";
    for body in ["", "[]", "name=x", "{\"name\": \"\u{0}\"}", written] {
        let refused = site.ask(Request::post("/event_reminder"), body).await;
        assert_eq!(refused.status, 400, "{body}");
    }
}
