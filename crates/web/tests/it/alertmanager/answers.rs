//! What the transcript does not show: 0.34's additions, times, lists in parts, and limits.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::clock::Clock;
use balefire_testkit::ManualClock;
use http::Request;
use serde_json::{Value, json};

use super::settled;
use crate::site::{Answer, Site};

const DOCUMENT: &str = "
route:
  receiver: night
  group_by: [alertname]
  routes:
  - {receiver: owned, matchers: [team=db], labels: {tier: gold}, continue: true}
  - {receiver: quiet, matchers: [team=db], mute_time_intervals: [always]}
time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
receivers:
- {name: night}
- {name: owned, labels: {owner: db}}
- {name: quiet, labels: {owner: nobody}}
sources:
  zabbix: {kind: generic}
";

async fn site() -> (Site, ManualClock) {
    let clock = ManualClock::default();
    (Site::with(DOCUMENT, Arc::new(clock.clone())).await, clock)
}

async fn post(site: &Site, alerts: Value) -> Answer {
    let answer = site.post_json("/api/v2/alerts", &alerts).await;
    settled(site).await;
    answer
}

/// The values at a pointer of every item.
fn each<'a>(answer: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let items = answer.as_array().expect("a list");
    items
        .iter()
        .map(|item| item.pointer(pointer).unwrap_or(&Value::Null))
        .collect()
}

#[tokio::test]
async fn receivers_have_labels_and_can_be_found_by_them() {
    let (site, _) = site().await;
    let all = site.get("/api/v2/receivers").await.json();
    assert_eq!(
        all,
        json!([{"name": "night"}, {"labels": {"owner": "db"}, "name": "owned"},
            {"labels": {"owner": "nobody"}, "name": "quiet"}])
    );
    let one = site
        .get("/api/v2/receivers?receiver_matchers=owner%3Ddb")
        .await
        .json();
    assert_eq!(each(&one, "/name"), ["owned"]);
    let bad = site.get("/api/v2/receivers?receiver_matchers=%7B").await;
    assert_eq!(bad.status, 400);
    post(
        &site,
        json!([{"labels": {"a": "x"}}, {"labels": {"team": "db"}}]),
    )
    .await;
    for (query, found) in [
        ("receiver_matchers=owner%3Ddb", 1),
        ("receiver_matchers=owner%3D%22%22", 1),
        ("receiver_matchers=owner!%3D%22%22", 1),
        ("receiver=night", 1),
        ("receiver=night%7Cowned", 2),
        ("receiver=nigh", 0),
        // One receiver has the name, another the label: enough for a list, not for a group.
        ("receiver=quiet&receiver_matchers=owner%3Ddb", 1),
    ] {
        let alerts = site.get(&format!("/api/v2/alerts?{query}")).await.json();
        assert_eq!(
            alerts.as_array().map(Vec::len),
            Some(found),
            "{query}: {alerts}"
        );
    }
    let path = "/api/v2/alerts/groups?receiver=quiet&receiver_matchers=owner%3Ddb";
    assert_eq!(site.get(path).await.json(), json!([]));
}

#[tokio::test]
async fn a_muted_group_says_so_and_can_be_left_out() {
    let (site, _) = site().await;
    post(&site, json!([{"labels": {"alertname": "A", "team": "db"}}])).await;
    let groups = site.get("/api/v2/alerts/groups").await.json();
    assert_eq!(each(&groups, "/receiver/name"), ["owned", "quiet"]);
    assert_eq!(
        each(&groups, "/routeLabels"),
        [&json!({"tier": "gold"}), &json!({})]
    );
    assert_eq!(
        each(&groups, "/alerts/0/status/state"),
        ["active", "suppressed"]
    );
    assert_eq!(
        each(&groups, "/alerts/0/status/mutedBy"),
        [&json!([]), &json!(["always"])]
    );
    let groups = site.get("/api/v2/alerts/groups?muted=false").await.json();
    assert_eq!(each(&groups, "/receiver/name"), ["owned"]);
    let alerts = site.get("/api/v2/alerts").await.json();
    assert_eq!(alerts[0]["status"]["mutedBy"], json!([]));
}

#[tokio::test]
async fn an_alert_without_an_end_is_shown_with_one() {
    let (site, clock) = site().await;
    let answer = site
        .post_json("/in/zabbix", &json!({"title": "down", "status": "firing"}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    settled(&site).await;
    clock.advance(Duration::from_hours(240));
    let alerts = site.get("/api/v2/alerts").await.json();
    let end = clock.now().after(Duration::from_mins(5)).rfc3339_millis();
    assert_eq!(alerts[0]["endsAt"], end);
    assert_eq!(
        alerts[0]["endsAt"].as_str().map(str::len),
        Some("2026-12-01T08:35:00.000Z".len())
    );
}

#[tokio::test]
async fn a_resolved_alert_is_gone_from_both_lists() {
    let (site, clock) = site().await;
    let ends = |after| {
        clock
            .now()
            .after(Duration::from_secs(after))
            .rfc3339_millis()
    };
    post(
        &site,
        json!([{"labels": {"a": "x"}, "endsAt": ends(60)}, {"labels": {"a": "y"}}]),
    )
    .await;
    clock.advance(Duration::from_mins(1));
    for path in ["/api/v2/alerts", "/api/v2/alerts/groups"] {
        let list = site.get(path).await.text;
        assert!(
            list.contains("\"a\":\"y\"") && !list.contains("\"a\":\"x\""),
            "{list}"
        );
    }
}

#[tokio::test]
async fn the_usable_part_of_a_batch_is_stored_whatever_is_wrong_with_the_rest() {
    let (site, _) = site().await;
    for (number, bad, status, words) in [
        (
            1,
            json!({"labels": {}}),
            400,
            "\"at least one label pair required\"\n",
        ),
        (
            2,
            json!({"annotations": {}}),
            422,
            "{\"code\":602,\"message\":\"1.labels in body is required\"}",
        ),
        (3, json!({"labels": {"a": 1}}), 400, "{\"code\":400,"),
        (4, Value::Null, 400, "{\"code\":400,"),
        (
            5,
            json!({"labels": {"a": "b"}, "generatorURL": ":::"}),
            422,
            "{\"code\":601,",
        ),
        (
            6,
            json!({"labels": {"a": "b"}, "startsAt": "2026-02-01T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}),
            400,
            "\"start time must be before end time\"\n",
        ),
    ] {
        let answer = post(
            &site,
            json!([{"labels": {"good": number.to_string()}}, bad]),
        )
        .await;
        assert_eq!(answer.status, status, "{bad}: {}", answer.text);
        assert!(answer.text.starts_with(words), "{bad}: {}", answer.text);
        let path = format!("/api/v2/alerts?filter=good%3D%22{number}%22");
        let stored = site.get(&path).await.json();
        assert_eq!(stored.as_array().map(Vec::len), Some(1), "{bad}");
    }
    let several = post(&site, json!([{"labels": {}}, {"labels": {"x": ""}}])).await;
    let words = "at least one label pair required; at least one label pair required";
    assert_eq!(several.json(), words);
}

#[tokio::test]
async fn a_body_must_be_there_and_say_that_it_is_json() {
    let (site, _) = site().await;
    for (path, name, good) in [
        ("/api/v2/alerts", "alerts", "[]"),
        ("/api/v2/silences", "silence", "{}"),
    ] {
        let with = |media: Option<&'static str>| {
            let request = Request::post(path);
            match media {
                Some(media) => request.header("content-type", media),
                None => request,
            }
        };
        let none = site.ask(with(Some("application/json")), "").await;
        let message = format!("{{\"code\":602,\"message\":\"{name} in body is required\"}}");
        assert_eq!((none.status.as_u16(), none.text), (422, message));
        for (media, status) in [
            (Some("application/json"), None),
            (Some("Application/JSON; charset=utf-8"), None),
            (Some("text/plain"), Some("text/plain")),
            (None, Some("application/octet-stream")),
        ] {
            let answer = site.ask(with(media), good).await;
            assert_eq!(answer.status == 415, status.is_some(), "{path} {media:?}");
            let expected = status.unwrap_or_default();
            assert!(answer.text.contains(expected), "{}", answer.text);
        }
        let large = format!("[{}]", " ".repeat(9 << 20));
        let answer = site.ask(with(Some("application/json")), &large).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].clone()),
            (413, json!(413))
        );
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_named_with_what_there_is() {
    let (site, _) = site().await;
    for (method, path, status, allow) in [
        ("HEAD", "/api/v2/alerts", 405, Some("GET,POST")),
        ("DELETE", "/api/v2/silences", 405, Some("GET,POST")),
        ("POST", "/api/v2/status", 405, Some("GET")),
        (
            "PUT",
            "/api/v2/silence/00000000-0000-4000-8000-000000000000",
            405,
            Some("DELETE,GET"),
        ),
        ("OPTIONS", "/api/v2/alerts", 405, Some("GET,POST")),
        ("GET", "/api/v2", 404, None),
        ("POST", "/api/v2/x/y", 404, None),
    ] {
        let answer = site
            .ask(Request::builder().method(method).uri(path), "")
            .await;
        assert_eq!(answer.status, status, "{method} {path}");
        let found = answer
            .headers
            .get("allow")
            .and_then(|value| value.to_str().ok());
        assert_eq!(found, allow, "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/json");
        if method != "HEAD" {
            assert_eq!(answer.json()["code"], status, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_answer_forbids_caching_and_other_sites() {
    let (site, _) = site().await;
    for path in [
        "/api/v2/status",
        "/api/v2/alerts",
        "/api/v2/nope",
        "/-/healthy",
    ] {
        let request = Request::get(path).header("origin", "https://evil.example");
        let answer = site.ask(request, "").await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn silences_are_listed_by_state_and_by_their_very_matchers() {
    let (site, clock) = site().await;
    let at = |hours| {
        clock
            .now()
            .after(Duration::from_hours(hours))
            .rfc3339_millis()
    };
    let silence = |name: &str, starts: String| {
        json!({"matchers": [{"name": name, "value": "x|y", "isRegex": true}, {"name": "b", "value": "1", "isRegex": false}],
            "startsAt": starts, "endsAt": at(9), "createdBy": "me", "comment": name, "annotations": {"ticket": "1"}})
    };
    let mut ids = Vec::new();
    for (name, hours) in [("now", 0), ("over", 0), ("later", 4)] {
        let put = site
            .post_json("/api/v2/silences", &silence(name, at(hours)))
            .await;
        ids.push(put.json()["silenceID"].as_str().expect("an id").to_owned());
    }
    let path = format!("/api/v2/silence/{}", ids[1]);
    assert_eq!(site.ask(Request::delete(&path), "").await.status, 200);
    let listed = async |query: &str| {
        let list = site.get(&format!("/api/v2/silences?{query}")).await.json();
        each(&list, "/comment")
            .iter()
            .map(|c| c.as_str().unwrap_or("?").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ["now", "later", "over"]);
    assert_eq!(listed("active=false").await, ["later", "over"]);
    assert_eq!(listed("pending=false&expired=false").await, ["now"]);
    assert_eq!(
        listed("filter=now%3D~%22x%7Cy%22&filter=b%3D1").await,
        ["now"]
    );
    for other in [
        "filter=now%3Dx",
        "filter=now%3D%22x%7Cy%22",
        "filter=now%3D~%22x%7Cy%22&filter=c%3D1",
    ] {
        assert_eq!(listed(other).await, Vec::<String>::new(), "{other}");
    }
    let upper = site
        .get(&format!("/api/v2/silence/{}", ids[0].to_uppercase()))
        .await
        .json();
    assert_eq!(upper["annotations"], json!({"ticket": "1"}));
    assert_eq!(upper["status"], json!({"state": "active"}));
}

#[tokio::test]
async fn version_one_still_takes_alerts() {
    let (site, _) = site().await;
    let good = json!([{"labels": {"alertname": "Old"}}]);
    let answer = site.post_json("/api/v1/alerts", &good).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (200, json!({"status": "success"}))
    );
    settled(&site).await;
    let stored = site.get("/api/v2/alerts").await.json();
    assert_eq!(each(&stored, "/labels/alertname"), ["Old"]);
    let answer = site
        .ask(Request::post("/api/v1/alerts"), "[{\"labels\":{}}]")
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({"status": "error", "errorType": "bad_data", "error": "at least one label pair required"})
    );
}

#[tokio::test]
async fn the_status_names_the_interface_s_version_and_hides_secrets() {
    let document = format!(
        "{DOCUMENT}accounts: {{hook: {{kind: webhook, url: 'https://a.example/s3cr3t'}}}}\n"
    );
    let site = Site::with(&document, Arc::new(ManualClock::default())).await;
    let status = site.get("/api/v2/status").await;
    assert!(!status.text.contains("s3cr3t"), "{}", status.text);
    let status = status.json();
    assert_eq!(status["versionInfo"]["version"], "0.34.0");
    assert_eq!(
        status["versionInfo"].as_object().map(serde_json::Map::len),
        Some(6)
    );
    assert_eq!(status["uptime"], "2026-11-21T08:30:00.000Z");
    let metrics = site.get("/metrics").await.text;
    assert!(
        metrics.contains("alertmanager_build_info{version=\"0.34.0\""),
        "{metrics}"
    );
}
