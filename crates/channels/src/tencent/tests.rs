use balefire_core::clock::Clock as _;
use balefire_core::time::Time;
use balefire_testkit::Simulator;
use balefire_testkit::provider::tencent::{
    SECRET_ID, SECRET_KEY, SIGN_NAME, SMS_APP, SMS_TEMPLATE, VOICE_APP, VOICE_TEMPLATE,
};
use serde_json::{Value, json};

use super::{sms, voice};
use crate::cloud::sample::{build, message, send};
use crate::error::ErrorKind;

struct Site {
    simulator: Simulator,
    account: Value,
    now: Time,
}

async fn site(app: &str, template: &str) -> Site {
    let simulator = Simulator::start().await.expect("a simulator");
    let account = json!({
        "secret_id": SECRET_ID,
        "secret_key": SECRET_KEY,
        "sdk_app_id": app,
        "sign_name": SIGN_NAME,
        "template_id": template,
        "template_params": ["severity", "title", "=值班 请处理"],
        "api_url": simulator.url(),
    });
    let now = simulator.clock().expect("its own clock").now();
    Site {
        simulator,
        account,
        now,
    }
}

#[tokio::test]
async fn each_number_has_its_own_outcome_and_id() {
    let site = site(SMS_APP, SMS_TEMPLATE).await;
    site.simulator.tencent().unsubscribe("+8613900139000");
    let to = json!({"phones": "13800138000, 13900139000, +442079460958"});
    let channel = build(&sms::SPEC, &site.account, &to).expect("a channel");
    let outcomes = send(&*channel, &message(), site.now).await;
    let first = outcomes[0].as_ref().expect("taken");
    assert!(first.provider_id.starts_with("5000:"), "{first:?}");
    let unsubscribed = outcomes[1].as_ref().expect_err("unsubscribed");
    assert_eq!(unsubscribed.kind, ErrorKind::Rejected);
    assert!(outcomes[2].is_ok(), "{outcomes:?}");
    let calls = site.simulator.tencent().received();
    let numbers: Vec<Value> = calls
        .iter()
        .map(|call| call.json()["PhoneNumberSet"].clone())
        .collect();
    assert_eq!(
        numbers,
        [
            json!(["+8613800138000", "+8613900139000"]),
            json!(["+442079460958"])
        ],
        "the mainland apart from the world"
    );
    let body = calls[0].json();
    assert_eq!(
        body["TemplateParamSet"],
        json!(["紧急", "[告警:2] 磁盘将满", "值班 请处理"])
    );
    assert_eq!(
        body["SessionContext"],
        "bf_0123456789abcdef0123456789abcdef"
    );
}

#[tokio::test]
async fn a_second_message_within_half_a_minute_waits() {
    let site = site(SMS_APP, SMS_TEMPLATE).await;
    let to = json!({"phones": "13800138000"});
    let channel = build(&sms::SPEC, &site.account, &to).expect("a channel");
    assert!(send(&*channel, &message(), site.now).await[0].is_ok());
    let again = send(&*channel, &message(), site.now).await;
    let error = again[0].as_ref().expect_err("too soon");
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(30)));
}

#[tokio::test]
async fn a_call_is_queued_and_its_id_kept_however_long_the_alert() {
    let mut site = site(VOICE_APP, VOICE_TEMPLATE).await;
    site.account["param_limit"] = 250.into();
    let to = json!({"phones": ["+8613800138000"], "play_times": 3});
    let channel = build(&voice::SPEC, &site.account, &to).expect("a channel");
    let mut long = message();
    long.title = "磁盘".repeat(400);
    let outcomes = send(&*channel, &long, site.now).await;
    let receipt = outcomes[0].as_ref().expect("taken");
    assert_eq!(receipt.provider_id, "sim-call-1");
    let body = site.simulator.tencent().received()[0].json();
    assert_eq!(body["PlayTimes"], 3);
    assert_eq!(body["CalledNumber"], "+8613800138000");
}

#[test]
fn every_mistake_is_named_with_its_key() {
    let account = json!({"secret_id": " ", "template_params": ["title", "titel"]});
    let errors = build(&sms::SPEC, &account, &json!({"phones": []}))
        .err()
        .expect("problems");
    let mut keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "account.secret_id",
            "account.template_params",
            "phones",
            "sdk_app_id",
            "secret_key",
            "sign_name",
            "template_id",
        ]
    );
}
