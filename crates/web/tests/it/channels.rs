//! The accounts by our interface and on their page, and the button that tests one.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_testkit::{Mode, Simulator};
use http::Request;
use serde_json::json;

use crate::site::Site;

fn document(simulator: &Simulator) -> String {
    format!(
        "accounts:\n  hook: {{kind: webhook, url: \"{}\", quotas: [{{calls: 3, per: 1h}}]}}\n\
         \x20 idle: {{kind: webhook, url: \"http://127.0.0.1:1/\"}}\n\
         receivers:\n- name: ops\n  webhook_configs: [{{account: hook}}]\n\
         route: {{receiver: ops}}\n",
        simulator.webhook().url("ops")
    )
}

async fn start(simulator: &Simulator) -> Site {
    Site::with(&document(simulator), Arc::new(SystemClock)).await
}

#[tokio::test]
async fn an_account_shows_its_last_tries_and_what_is_left_of_its_quota() {
    let simulator = Simulator::start().await.expect("a simulator");
    let site = start(&simulator).await;
    let listed = site.get("/api/v1/channels").await.json();
    assert_eq!(listed["channels"][0]["health"], "untried", "{listed}");
    let refusing = Mode::Status(401, Vec::new(), "who are you?".to_owned());
    simulator.webhook().fail_times(refusing, 1);
    let test = json!({"account": "hook", "test": true, "wait": "10s"});
    let sent = site.post_json("/api/v1/messages", &test).await.json();
    assert_eq!(sent["state"], "failed", "{sent}");

    let listed = site.get("/api/v1/channels").await.json();
    let hook = &listed["channels"][0];
    assert_eq!(
        (&hook["name"], &hook["health"], &hook["receivers"]),
        (&json!("hook"), &json!("misconfigured"), &json!(["ops"])),
        "{listed}"
    );
    assert_eq!(
        hook["quotas"],
        json!([{"calls": 3, "per": "1h", "left": 2}])
    );
    let failure = &hook["lastFailure"];
    assert_eq!(failure["kind"], "misconfigured", "{listed}");
    let fix = failure["fix"].as_str().expect("what to do");
    assert!(fix.contains("secret"), "{fix}");
    assert_eq!(listed["channels"][1]["health"], "untried");

    let sent = site.post_json("/api/v1/messages", &test).await.json();
    assert_eq!(sent["state"], "delivered", "{sent}");
    let listed = site.get("/api/v1/channels").await.json();
    assert_eq!(listed["channels"][0]["health"], "good", "{listed}");
    let kinds = listed["kinds"].as_array().expect("kinds");
    let webhook = kinds.iter().find(|kind| kind["kind"] == "webhook");
    assert_eq!(webhook.expect("a kind")["accounts"], 2);
    assert_eq!(site.get("/api/v1/channels?x=1").await.status, 400);
}

#[tokio::test]
async fn a_provider_that_is_away_is_shown_as_down_with_what_waits() {
    let simulator = Simulator::start().await.expect("a simulator");
    let site = start(&simulator).await;
    let away = Mode::Status(503, Vec::new(), "away".to_owned());
    simulator.webhook().fail_with(away);
    for alert in ["a", "b", "c"] {
        site.report(&json!({"alertname": alert}), false).await;
    }
    let waits = |answer: &crate::site::Answer| answer.json()["channels"][0]["waiting"] != 0;
    let listed = site.until("/api/v1/channels", waits).await.json();
    let hook = &listed["channels"][0];
    assert_eq!(hook["lastSuccessAt"], json!(null), "{listed}");
    assert!(hook["health"] != "good", "{listed}");
}

#[tokio::test]
async fn the_button_tests_an_account_and_says_what_its_provider_answered() {
    let simulator = Simulator::start().await.expect("a simulator");
    let site = start(&simulator).await;
    let page = site.get("/channels?lang=en").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in ["hook", "not used since the start", "method=\"post\""] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let refusing = Mode::Status(401, Vec::new(), "<b>who are you?</b>".to_owned());
    simulator.webhook().fail_times(refusing, 1);
    let press = || Request::post("/console/channels/test?account=hook&lang=en");
    let answer = site.ask(press(), "").await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let place = answer.headers["location"]
        .to_str()
        .expect("text")
        .to_owned();
    let page = site.get(&place).await.text;
    for part in [
        "The test through hook failed",
        "&lt;b&gt;who are you?",
        "check the secret",
        "needs a change",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let answer = site.ask(press(), "").await;
    let place = answer.headers["location"]
        .to_str()
        .expect("text")
        .to_owned();
    let page = site.get(&place).await.text;
    assert!(page.contains("The test through hook was taken"), "{page}");

    let foreign = press().header("origin", "http://evil.example.com");
    assert_eq!(site.ask(foreign, "").await.status, 403);
    let nobody = Request::post("/console/channels/test?account=nobody&lang=zh");
    let answer = site.ask(nobody, "").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("测试没有发出") && answer.text.contains("hook"));
}
