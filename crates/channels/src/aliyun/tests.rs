use balefire_core::clock::Clock as _;
use balefire_core::time::Time;
use balefire_testkit::provider::aliyun::{
    KEY_ID, KEY_SECRET, RECORDING, SIGN_NAME, SMS_TEMPLATE, TTS_TEMPLATE,
};
use balefire_testkit::{Mode, Received, Simulator};
use serde_json::{Value, json};

use super::{sms, voice};
use crate::channel::Outcome;
use crate::cloud::sample::{build, build_with, message, send};
use crate::error::ErrorKind;
use crate::http::{Http, HttpSettings};

struct Site {
    simulator: Simulator,
    account: Value,
    now: Time,
}

async fn site(template: &str) -> Site {
    let simulator = Simulator::start().await.expect("a simulator");
    let account = json!({
        "access_key_id": KEY_ID,
        "access_key_secret": KEY_SECRET,
        "sign_name": SIGN_NAME,
        "template_code": template,
        "template_params": {"title": "title", "level": "severity", "summary": "text"},
        "api_url": simulator.url(),
    });
    let now = simulator.clock().expect("its own clock").now();
    Site {
        simulator,
        account,
        now,
    }
}

fn field(request: &Received, name: &str) -> String {
    url::form_urlencoded::parse(&request.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn kinds(outcomes: &[Outcome]) -> Vec<Option<ErrorKind>> {
    outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(|error| error.kind))
        .collect()
}

#[tokio::test]
async fn a_message_goes_to_all_in_one_call_and_keeps_the_providers_id() {
    for signature in ["v3", "v1"] {
        let mut site = site(SMS_TEMPLATE).await;
        site.account["signature"] = signature.into();
        let to = json!({"phones": ["+8613800138000", "139-0013-9000", "13800138000"]});
        let channel = build(&sms::SPEC, &site.account, &to).expect("a channel");
        let outcomes = send(&*channel, &message(), site.now).await;
        assert_eq!(kinds(&outcomes), [None, None], "{signature}: {outcomes:?}");
        for outcome in &outcomes {
            let receipt = outcome.as_ref().expect("taken");
            assert_eq!(receipt.provider_id, "100000000000001^0");
        }
        let [request] = &*site.simulator.aliyun().received() else {
            panic!("one call");
        };
        assert_eq!(field(request, "PhoneNumbers"), "13800138000,13900139000");
        assert_eq!(
            field(request, "OutId"),
            "bf_0123456789abcdef0123456789abcdef"
        );
    }
}

#[tokio::test]
async fn one_bad_number_costs_nobody_else_the_message() {
    let site = site(SMS_TEMPLATE).await;
    let numbers: Vec<String> = (0..20).map(|n| format!("+86138001380{n:02}")).collect();
    site.simulator.aliyun().refuse_number("13800138007");
    site.simulator.aliyun().refuse_number("13800138013");
    let channel = build(&sms::SPEC, &site.account, &json!({"phones": numbers})).expect("a channel");
    let outcomes = send(&*channel, &message(), site.now).await;
    for (at, outcome) in outcomes.iter().enumerate() {
        let expected = [7, 13].contains(&at).then_some(ErrorKind::Rejected);
        assert_eq!(
            outcome.as_ref().err().map(|e| e.kind),
            expected,
            "{at}: {outcome:?}"
        );
    }
    let mut told: Vec<String> = site
        .simulator
        .aliyun()
        .received()
        .iter()
        .flat_map(|request| {
            let numbers = field(request, "PhoneNumbers");
            numbers
                .split(',')
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 18, "each of the others once");
    assert_eq!(site.simulator.aliyun().counts().accepted, 6);
}

#[tokio::test]
async fn a_call_is_spoken_from_the_template_and_has_a_short_id() {
    let site = site(TTS_TEMPLATE).await;
    let to = json!({"phones": "0571-88888888"});
    let channel = build(&voice::SPEC, &site.account, &to).expect("a channel");
    let outcomes = send(&*channel, &message(), site.now).await;
    let receipt = outcomes[0].as_ref().expect("taken");
    assert_eq!(receipt.provider_id, "100000000001^200000000001");
    let request = &site.simulator.aliyun().received()[0];
    assert_eq!(request.header("x-acs-action"), Some("SingleCallByTts"));
    assert_eq!(field(request, "CalledNumber"), "057188888888");
    assert_eq!(field(request, "OutId"), "123456789abcdef");
    let mut long = message();
    long.title = "磁盘".repeat(400);
    site.simulator
        .clock()
        .expect("its own")
        .advance(std::time::Duration::from_mins(2));
    let now = site.simulator.clock().expect("its own").now();
    assert_eq!(kinds(&send(&*channel, &long, now).await), [None]);
}

#[tokio::test]
async fn a_recording_needs_no_template_and_a_person_is_called_once_a_minute() {
    let mut site = site(TTS_TEMPLATE).await;
    site.account["voice_code"] = RECORDING.into();
    let to = json!({"phones": "13800138000"});
    let both = build(&voice::SPEC, &site.account, &to)
        .err()
        .expect("two things to say");
    assert_eq!(both[0].key, "account.voice_code");
    site.account
        .as_object_mut()
        .expect("a mapping")
        .remove("template_code");
    let channel = build(&voice::SPEC, &site.account, &to).expect("a channel");
    assert_eq!(kinds(&send(&*channel, &message(), site.now).await), [None]);
    let request = &site.simulator.aliyun().received()[0];
    assert_eq!(request.header("x-acs-action"), Some("SingleCallByVoice"));
    let again = send(&*channel, &message(), site.now).await;
    let error = again[0].as_ref().expect_err("too soon");
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.retry_after, Some(std::time::Duration::from_mins(1)));
}

#[tokio::test]
async fn the_time_of_a_try_is_that_of_all_its_calls() {
    let site = site(SMS_TEMPLATE).await;
    site.simulator.aliyun().fail_with(Mode::Hang);
    let http = Http::new(HttpSettings::default())
        .expect("a client")
        .within(std::time::Duration::from_millis(200));
    let to = json!({"phones": "13800138000, +442079460958"});
    let channel = build_with(http, &sms::SPEC, &site.account, &to).expect("a channel");
    let outcomes = send(&*channel, &message(), site.now).await;
    // The first call may have arrived; the second was not begun.
    assert_eq!(
        kinds(&outcomes),
        [Some(ErrorKind::UnknownOutcome), Some(ErrorKind::Transient)]
    );
    assert_eq!(site.simulator.aliyun().requests().len(), 1);
}

#[test]
fn every_mistake_is_named_with_its_key() {
    let account = json!({
        "access_key_id": KEY_ID,
        "sign_name": " ",
        "template_code": "SMS_1",
        "template_params": {"a": "title", "b": "titel"},
        "api_url": "ftp://gateway",
    });
    let errors = build(
        &sms::SPEC,
        &account,
        &json!({"phones": ["12", "13800138000"]}),
    )
    .err()
    .expect("problems");
    let mut keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "access_key_secret",
            "account.api_url",
            "account.sign_name",
            "account.template_params.b",
            "phones",
        ]
    );
    assert!(
        errors.iter().all(|error| !error.fix.is_empty()),
        "{errors:?}"
    );
}
