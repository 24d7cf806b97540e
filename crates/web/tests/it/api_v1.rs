//! Our own interface, told as stories.

use std::sync::Arc;
use std::time::Duration;

use balefire_engine::clock::SystemClock;
use balefire_testkit::{ManualClock, Mode, Simulator};
use http::Request;
use serde_json::{Value, json};

use crate::site::Site;

fn webhook_document(simulator: &Simulator) -> String {
    format!(
        "accounts:\n  hook: {{kind: webhook, url: \"{}\"}}\n\
         receivers:\n- name: hooked\n  webhook_configs: [{{account: hook}}]\n- name: inbox\n  inbox_configs: [{{}}]\n\
         route: {{receiver: inbox, group_by: [alertname], group_wait: 0s}}\n",
        simulator.webhook().url("ops")
    )
}

#[tokio::test]
async fn a_text_posted_to_the_inbox_is_delivered_and_explained() {
    let site = Site::start().await;
    site.tell("disk full on web-1").await;
    let told = site.notification("state=delivered&receiver=inbox").await;
    assert_eq!(told["target"], "inbox");
    assert_eq!(told["reason"], "first notification");
    assert!(
        told["title"]
            .as_str()
            .is_some_and(|title| title.contains("disk full on web-1"))
    );

    let detail = site
        .get(&format!("/api/v1/notifications/{}", told["seq"]))
        .await
        .json();
    assert_eq!(detail["tries"][0]["kind"], "ok");
    assert_eq!(detail["tries"][0]["answer"], "kept in the inbox");
    assert_eq!(detail["decided"]["seq"], told["decision"]);
    let judged = &detail["decided"]["flushes"][0]["alerts"][0];
    assert_eq!(judged["verdict"], "passed");

    let events = site.get("/api/v1/events").await.json();
    let event = events["events"]
        .as_array()
        .and_then(|events| events.iter().find(|event| event["kind"] == "alert"))
        .expect("the alert's event")
        .clone();
    assert_eq!(event["source"], "inbox");
    assert_eq!(event["alert"]["fingerprint"], judged["fingerprint"]);
    let one = site.get(&format!("/api/v1/events/{}", event["seq"])).await;
    assert_eq!(one.json(), event);

    let path = format!(
        "/api/v1/alerts/{}",
        judged["fingerprint"].as_str().expect("text")
    );
    let alert = site.get(&path).await.json();
    assert_eq!(alert["routes"][0]["verdict"], "taken");
    assert_eq!(alert["receivers"], json!(["inbox"]));
    assert_eq!(alert["decisions"][0]["seq"], told["decision"]);
}

#[tokio::test]
async fn lists_are_pages_that_join_without_gap() {
    let site = Site::start().await;
    for number in 0..5 {
        site.report(&json!({"alertname": format!("A{number}")}), false)
            .await;
    }
    let five = |answer: &crate::site::Answer| {
        answer.json()["notifications"]
            .as_array()
            .is_some_and(|all| all.len() == 5)
    };
    let all = site
        .until("/api/v1/notifications?state=delivered", five)
        .await
        .json();

    for (path, list, cursor) in [
        ("/api/v1/notifications", "notifications", "before"),
        ("/api/v1/alerts", "alerts", "after"),
        ("/api/v1/groups", "groups", "after"),
    ] {
        let whole = site.get(path).await.json()[list].clone();
        let mut pages = Vec::new();
        let mut next = String::new();
        loop {
            let page = site.get(&format!("{path}?limit=2{next}")).await.json();
            pages.extend(page[list].as_array().expect("a list").clone());
            match &page["next"] {
                Value::Null => break,
                Value::String(text) => next = format!("&{cursor}={text}"),
                number => next = format!("&{cursor}={number}"),
            }
        }
        assert_eq!(Value::Array(pages), whole, "{path}");
    }
    assert_eq!(all["notifications"][0]["occasion"], "firing");
}

#[tokio::test]
async fn unknown_keys_are_refused_and_the_nearest_one_named() {
    let site = Site::start().await;
    let answer = site.get("/api/v1/notifications?acount=x").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(
        answer.json()["detail"],
        "unknown query key \"acount\", did you mean \"account\"?"
    );
    let message = json!({"receiver": "inbox", "titel": "x"});
    let answer = site.post_json("/api/v1/messages", &message).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["detail"],
        "unknown field \"titel\", did you mean \"title\"?"
    );
    let large = json!({"receiver": "inbox", "text": "x".repeat(256 * 1024)});
    assert_eq!(site.post_json("/api/v1/messages", &large).await.status, 413);
    let plain = Request::post("/api/v1/messages").header("content-type", "text/plain");
    let answer = site
        .ask(plain, r#"{"receiver": "inbox", "title": "x"}"#)
        .await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn a_message_waits_for_its_end_when_asked_to() {
    let site = Site::start().await;
    let message = json!({"receiver": "inbox", "title": "hello", "wait": "10s"});
    let answer = site.post_json("/api/v1/messages", &message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    assert_eq!(answer["state"], "delivered");
    assert_eq!(answer["notifications"][0]["state"], "delivered");

    let at_once = json!({"receiver": "inbox", "title": "hello"});
    let answer = site.post_json("/api/v1/messages", &at_once).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["state"].clone()),
        (202, json!("pending"))
    );
    let seq = answer.json()["notifications"][0]["seq"].clone();
    let path = format!("/api/v1/notifications/{seq}");
    let delivered = |answer: &crate::site::Answer| answer.json()["state"] == "delivered";
    assert_eq!(
        site.until(&path, delivered).await.json()["occasion"],
        "direct"
    );
}

#[tokio::test]
async fn a_message_to_nobody_known_is_refused_with_the_names_there_are() {
    let simulator = Simulator::start().await.expect("a simulator");
    let site = Site::with(&webhook_document(&simulator), Arc::new(SystemClock)).await;
    let ask = async |body: Value| {
        let answer = site.post_json("/api/v1/messages", &body).await;
        let json = answer.json();
        let words = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        (answer.status.as_u16(), words("code"), words("detail"))
    };
    let (status, code, detail) = ask(json!({"account": "hok", "title": "x"})).await;
    assert_eq!((status, &*code), (422, "unknown_account"));
    assert!(detail.contains("hook"), "{detail}");
    let (status, code, detail) = ask(json!({"receiver": "nobody", "title": "x"})).await;
    assert_eq!((status, &*code), (422, "unknown_receiver"));
    assert!(detail.contains("hooked, inbox"), "{detail}");
    let elsewhere =
        json!({"account": "hook", "options": {"url": "http://10.0.0.1/"}, "title": "x"});
    let (status, code, _) = ask(elsewhere).await;
    assert_eq!((status, &*code), (422, "options"));
    let (status, ..) = ask(json!({"account": "hook", "receiver": "inbox", "title": "x"})).await;
    assert_eq!(status, 400);
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn the_same_key_gets_the_first_answer_and_sends_nothing_more() {
    let clock = ManualClock::default();
    let document = balefire_config::default_document();
    let site = Site::with(document, Arc::new(clock.clone())).await;
    let ask = async |key: &str, title: &str| {
        let request = Request::post("/api/v1/messages")
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        let body = json!({"receiver": "inbox", "title": title, "wait": "10s"});
        site.ask(request, &body.to_string()).await
    };
    let count = async || {
        let all = site.get("/api/v1/notifications").await.json();
        all["notifications"].as_array().map(Vec::len)
    };
    let first = ask("k1", "hello").await;
    let again = ask("k1", "hello").await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(count().await, Some(1));
    let other = ask("k1", "something else").await;
    assert_eq!(
        (other.status.as_u16(), other.json()["code"].clone()),
        (409, json!("key_reused"))
    );
    assert_ne!(ask("k2", "hello").await.text, first.text);
    assert_eq!(count().await, Some(2));

    clock.advance(Duration::from_hours(24));
    assert_ne!(ask("k1", "hello").await.text, first.text);
    assert_eq!(count().await, Some(3));
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_by_number_and_by_account() {
    let simulator = Simulator::start().await.expect("a simulator");
    let refusing = Mode::Status(400, Vec::new(), "no".to_owned());
    simulator.webhook().fail_times(refusing, 2);
    let site = Site::with(&webhook_document(&simulator), Arc::new(SystemClock)).await;
    for title in ["one", "two"] {
        let message = json!({"receiver": "hooked", "title": title, "wait": "10s"});
        let answer = site.post_json("/api/v1/messages", &message).await.json();
        assert_eq!(answer["state"], "failed", "{answer}");
    }
    let dead = site.notification("state=dead_lettered").await;
    assert!(dead["lastError"].is_string());

    let path = format!("/api/v1/notifications/{}/redrive", dead["seq"]);
    let answer = site.ask(Request::post(&path), "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["redriven"].clone()),
        (202, json!(1))
    );
    site.notification("state=delivered&account=hook").await;
    assert_eq!(site.ask(Request::post(&path), "").await.status, 409);

    let all = "/api/v1/notifications/redrive";
    let answer = site.post_json(all, &json!({"account": "hook"})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["redriven"].clone()),
        (202, json!(1))
    );
    let two = |answer: &crate::site::Answer| {
        answer.json()["notifications"]
            .as_array()
            .is_some_and(|all| all.len() == 2)
    };
    site.until("/api/v1/notifications?state=delivered", two)
        .await;
    let answer = site.post_json(all, &json!({"account": "hoook"})).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("did you mean"), "{}", answer.text);
    assert_eq!(
        site.ask(Request::post("/api/v1/notifications/999/redrive"), "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_silence_is_made_seen_and_ended() {
    let site = Site::start().await;
    site.report(&json!({"alertname": "A", "env": "prod"}), false)
        .await;
    site.notification("state=delivered").await;
    let body = json!({
        "matchers": ["env=~\"pr.*\""], "duration": "2h", "createdBy": "li", "comment": "upgrade",
    });
    let made = site.post_json("/api/v1/silences", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["state"], &made["matches"]),
        (&json!("active"), &json!(1))
    );
    assert_eq!(made["matcherSets"], json!([["env=~\"pr.*\""]]));

    let alerts = site.get("/api/v1/alerts?state=suppressed").await.json();
    assert_eq!(alerts["alerts"][0]["silencedBy"], json!([made["id"]]));
    let theirs = site.get("/api/v2/silences").await.json();
    assert_eq!(theirs[0]["id"], made["id"]);

    let path = format!("/api/v1/silences/{}", made["id"].as_str().expect("an id"));
    for _ in 0..2 {
        assert_eq!(site.ask(Request::delete(&path), "").await.status, 204);
    }
    assert_eq!(site.get(&path).await.json()["state"], "expired");
    assert_eq!(
        site.get("/api/v1/silences?state=active").await.json()["silences"],
        json!([])
    );
    let gone = "/api/v1/silences/00000000-0000-4000-8000-000000000000";
    assert_eq!(site.ask(Request::delete(gone), "").await.status, 404);
    let all =
        json!({"matchers": ["a=~\".*\""], "duration": "1h", "createdBy": "x", "comment": "y"});
    assert_eq!(site.post_json("/api/v1/silences", &all).await.status, 422);
    let bad = json!({"matchers": ["a=~\"(\""], "duration": "1h", "createdBy": "x", "comment": "y"});
    assert_eq!(site.post_json("/api/v1/silences", &bad).await.status, 400);
}

#[tokio::test]
async fn refused_requests_can_be_looked_up() {
    let site = Site::start().await;
    let request = Request::post("/in/nowhere").header("content-type", "text/plain");
    assert_eq!(site.ask(request, "x").await.status, 404);
    let rejected = site.get("/api/v1/rejected").await.json();
    let reason = rejected["rejected"][0]["reason"].as_str();
    assert!(
        reason.is_some_and(|reason| reason.contains("source")),
        "{rejected}"
    );
}

#[tokio::test]
async fn configuration_and_status_hold_no_secret() {
    let document = "accounts:\n  hook: {kind: webhook, url: \"http://127.0.0.1:1/canary-7f3a\", secret: canary-9c1e}\n\
        receivers:\n- name: inbox\n  inbox_configs: [{}]\nroute: {receiver: inbox}\n";
    let site = Site::with(document, Arc::new(SystemClock)).await;
    let config = site.get("/api/v1/config").await.json();
    let version = config["version"].as_str().expect("a version").to_owned();
    let versions = site.get("/api/v1/config/versions").await.json();
    assert_eq!(versions["versions"][0]["version"], version);
    assert_eq!(versions["versions"][0]["current"], true);
    for path in [
        "/api/v1/config".to_owned(),
        format!("/api/v1/config/versions/{version}"),
        "/api/v1/status".to_owned(),
        "/".to_owned(),
    ] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("canary"), "{path}: {}", answer.text);
    }
    let status = site.get("/api/v1/status").await.json();
    assert_eq!(
        (&status["well"], &status["configVersion"]),
        (&json!(true), &json!(version))
    );
    assert!(
        status["store"]["durability"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
}

#[tokio::test]
async fn a_document_is_checked_without_being_put_in_force() {
    let site = Site::start().await;
    let before = site.get("/api/v1/config").await.text;
    let check = async |text: &str| {
        let request =
            Request::post("/api/v1/config/check").header("content-type", "application/yaml");
        site.ask(request, text).await.json()
    };
    let good = check("route: {receiver: a}\nreceivers: [{name: a}]\n").await;
    assert_eq!(
        (&good["valid"], &good["problems"]),
        (&json!(true), &json!([]))
    );
    let bad = check("route: {reciever: a}\nreceivers: [{name: a}]\n").await;
    assert_eq!(bad["valid"], false);
    assert!(bad["problems"].to_string().contains("reciever"), "{bad}");
    assert_eq!(site.get("/api/v1/config").await.text, before);
}

#[tokio::test]
async fn what_was_told_stays_as_it_was_told() {
    let site = Site::start().await;
    let labels = json!({"alertname": "A"});
    site.report(&labels, false).await;
    let told = site.notification("state=delivered").await;
    let now = site.engine.now();
    let over_before = json!([{
        "labels": labels,
        "startsAt": now.before(Duration::from_mins(1)).to_string(),
        "endsAt": now.before(Duration::from_secs(30)).to_string(),
    }]);
    site.post_json("/api/v2/alerts", &over_before).await;
    let over = |answer: &crate::site::Answer| answer.json()["alerts"][0]["state"] == "resolved";
    site.until("/api/v1/alerts", over).await;
    let again = site
        .get(&format!("/api/v1/notifications/{}", told["seq"]))
        .await
        .json();
    assert_eq!(again["title"], told["title"]);
    assert!(
        again["title"]
            .as_str()
            .is_some_and(|title| title.starts_with("[FIRING:1]"))
    );
}
