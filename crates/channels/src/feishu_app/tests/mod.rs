mod pictures;

use balefire_core::message::Mention;
use balefire_testkit::{Mode, Received, Simulator};

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{
    Misconfigured, RateLimited, Rejected, StaleCredential, Transient, UnknownOutcome,
};

const NOW: Time = Time::from_secs(1_795_249_800);

async fn app(receiver: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.feishu_app().token;
    let account = json!({"app_id": desk.app_id(), "app_secret": desk.app_secret(),
        "base_url": simulator.url()});
    let channel = build(&SPEC, &account, &receiver).expect("a channel");
    (simulator, channel)
}

#[test]
fn every_row_of_the_vendors_codes_has_its_kind() {
    for (code, kind) in [
        (10_003, Misconfigured),
        (10_014, Misconfigured),
        (99_991_400, RateLimited),
        (99_991_403, Misconfigured),
        (99_991_661, StaleCredential),
        (99_991_663, StaleCredential),
        (99_991_664, StaleCredential),
        (99_991_668, Misconfigured),
        (99_991_671, Misconfigured),
        (99_991_672, Misconfigured),
        (99_991_677, Misconfigured),
        (230_001, Rejected),
        (230_002, Misconfigured),
        (230_006, Misconfigured),
        (230_012, Rejected),
        (230_013, Rejected),
        (230_020, RateLimited),
        (230_022, Rejected),
        (230_023, Rejected),
        (230_024, Rejected),
        (230_025, Rejected),
        (230_027, Misconfigured),
        (230_052, Misconfigured),
        (230_098, Rejected),
        (230_099, Rejected),
        (230_101, Transient),
        (230_110, Rejected),
        (232_009, Rejected),
    ] {
        let body = json!({"code": code, "msg": "words", "error": {"log_id": "2026"}}).to_string();
        let error = codes::read(&reply(400, &body), NOW).expect_err("a refusal");
        assert_eq!(error.kind, kind, "{code}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{code}");
        assert!(error.detail.ends_with("(log_id 2026)"), "{}", error.detail);
    }
    let mut slow = reply(
        429,
        "{\"code\":99991400,\"msg\":\"request trigger frequency limit\"}",
    );
    let reset = "17".parse().expect("a header");
    slow.headers.insert("x-ogw-ratelimit-reset", reset);
    let error = codes::read(&slow, NOW).expect_err("too fast");
    assert_eq!(error.retry_after, Some(Duration::from_secs(17)));
    let error = codes::read(&reply(200, "{}"), NOW).expect_err("no code");
    assert_eq!(error.kind, UnknownOutcome);
}

#[tokio::test]
async fn people_are_found_by_number_and_a_second_try_is_the_same_message() {
    let entry = json!({"to_user": "ou_demo1", "to_email": "li@example.com",
        "to_mobile": ["13800138000", "13900139000"], "to_chat": "oc_ops"});
    let (simulator, channel) = app(entry).await;
    let desks = simulator.feishu_app();
    desks.contact.add_person("13800138000", "ou_demo2");
    let outcomes = send(&*channel, &message(), NOW).await;
    let good: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, true, true, false, true], "{outcomes:?}");
    let error = outcomes[3].clone().expect_err("unknown");
    assert_eq!(error.kind, Rejected);
    let again = send(&*channel, &message(), NOW).await;
    assert_eq!(
        outcomes[0].as_ref().expect("sent").provider_id,
        again[0].as_ref().expect("sent").provider_id
    );
    assert_eq!(
        desks.message.received().len(),
        4,
        "the same uuid is the same message"
    );
    assert_eq!(desks.token.requests().len(), 1, "the token is kept");
    let asked = desks.contact.requests().len();
    assert_eq!(asked, 3, "who was found is not looked up again");
    let bodies: Vec<Value> = desks
        .message
        .received()
        .iter()
        .map(Received::json)
        .collect();
    let ids: Vec<&str> = bodies
        .iter()
        .filter_map(|body| body["receive_id"].as_str())
        .collect();
    assert_eq!(ids, ["ou_demo1", "li@example.com", "ou_demo2", "oc_ops"]);
    assert_eq!(
        channel.check(NOW).await.expect("good").answer,
        "Feishu gives a token"
    );
}

#[tokio::test]
async fn what_fires_is_buzzed_and_what_is_over_is_not() {
    let entry = json!({"to_mobile": "13800138000", "to_chat": "oc_ops", "urgent": "phone"});
    let (simulator, channel) = app(entry).await;
    let desks = simulator.feishu_app();
    desks.contact.add_person("13800138000", "ou_demo2");
    let mut message = message();
    message.mentions.people = vec![Mention {
        feishu: "ou_demo1".to_owned(),
        ..Mention::default()
    }];
    for outcome in send(&*channel, &message, NOW).await {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(desks.message.buzzed(), ["phone ou_demo2", "phone ou_demo1"]);
    message.occasion = Occasion::Resolved;
    message.thread = "other".to_owned();
    for outcome in send(&*channel, &message, NOW).await {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(desks.message.buzzed().len(), 2);
}

#[tokio::test]
async fn a_buzz_that_is_not_paid_for_is_told_and_hands_over() {
    let (simulator, channel) = app(json!({"to_user": "ou_demo1", "urgent": "sms"})).await;
    let desks = simulator.feishu_app();
    desks.message.set_buzzes(0);
    let outcome = send(&*channel, &message(), NOW).await.remove(0);
    let error = outcome.expect_err("no buzz");
    assert_eq!(error.kind, Rejected);
    assert!(
        error.detail.starts_with("sent, but not urgent: 230024"),
        "{}",
        error.detail
    );
    assert_eq!(desks.message.received().len(), 1);
    desks.message.set_buzzes(9);
    desks.message.skip_buzz("ou_demo1");
    let outcome = send(&*channel, &message(), NOW).await.remove(0);
    let error = outcome.expect_err("skipped");
    assert!(error.detail.contains("skipped"), "{}", error.detail);
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_is_fetched_anew() {
    let (simulator, channel) = app(json!({"to_user": "ou_demo1", "msgtype": "post"})).await;
    let desks = simulator.feishu_app();
    desks.message.fail_times(Mode::ExpiredToken, 1);
    let outcome = send(&*channel, &message(), NOW).await.remove(0);
    assert_eq!(outcome.expect_err("stale").kind, StaleCredential);
    assert!(send(&*channel, &message(), NOW).await[0].is_ok());
    assert_eq!(desks.token.requests().len(), 2);
    let body = desks.message.received()[0].json();
    let content: Value =
        serde_json::from_str(body["content"].as_str().expect("a text")).expect("JSON");
    assert!(content["zh_cn"]["content"].is_array(), "{content}");
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |account: Value, receiver: Value| {
        let errors = build(&SPEC, &account, &receiver).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(json!({}), json!({})),
        [
            "app_id: is missing",
            "app_secret: is missing",
            "to_user: nobody is named"
        ]
    );
    let account = json!({"app_id": "cli_x", "app_secret": "s"});
    let entry = json!({"to_user": "li", "to_email": "li", "to_mobile": "1", "to_chat": "ops"});
    let found = problems(account, entry);
    assert_eq!(
        found[0],
        "to_user: \"li\" is no open id, which begins with ou_"
    );
    assert_eq!(found[1], "to_email: \"li\" is no address");
    assert!(found[2].starts_with("to_mobile: \"1\" is no telephone number"));
    assert_eq!(
        found[3],
        "to_chat: \"ops\" is no chat's id, which begins with oc_"
    );
}
