use balefire_core::message::{Mention, Occasion};
use balefire_testkit::{Received, Simulator};

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{RateLimited, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_errors_has_its_kind() {
    for (status, name, kind) in [
        (400, "INVALID_ARGUMENT", Rejected),
        (400, "FAILED_PRECONDITION", Rejected),
        (401, "UNAUTHENTICATED", Misconfigured),
        (403, "PERMISSION_DENIED", Misconfigured),
        (404, "NOT_FOUND", Misconfigured),
        (413, "TOO_LARGE", Rejected),
        (429, "RESOURCE_EXHAUSTED", RateLimited),
        (500, "INTERNAL", Transient),
        (503, "UNAVAILABLE", Transient),
        (504, "DEADLINE_EXCEEDED", Transient),
    ] {
        let body = json!({"error": {"code": status, "status": name, "message": "words"}});
        let error = classify(&reply(status, &body.to_string()), NOW).expect_err(name);
        assert_eq!(error.kind, kind, "{status} {name}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{name}");
    }
    let error = classify(&reply(200, "{}"), NOW).expect_err("no name");
    assert_eq!(error.kind, UnknownOutcome);
}

#[tokio::test]
async fn a_group_is_one_thread_and_a_second_try_is_the_same_message() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.chats().googlechat;
    let account = json!({"url": desk.url()});
    let channel = build(&SPEC, &account, &json!({})).expect("a channel");
    let mut message = message();
    message.mentions.everyone = true;
    message.mentions.people = vec![Mention {
        googlechat: "123456789012345678901".to_owned(),
        ..Mention::default()
    }];
    let first = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect("sent");
    let again = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect("sent");
    assert_eq!(first.provider_id, again.provider_id);
    assert_eq!(desk.received().len(), 1, "the same id is the same message");
    message.occasion = Occasion::Resolved;
    let sent: Vec<Value> = desk.requests().iter().map(Received::json).collect();
    assert_eq!(sent[0]["text"], "<users/all> <users/123456789012345678901>");
    let key = sent[0]["thread"]["threadKey"].as_str().expect("a key");
    assert_eq!(key, &sha256_hex(b"t")[..32]);
    let alone = build(&SPEC, &account, &json!({"threads": false})).expect("a channel");
    simulator
        .clock()
        .expect("its own")
        .advance(Duration::from_secs(2));
    assert!(send(&*alone, &message, NOW).await[0].is_ok());
    let last = desk.requests().pop().expect("a request").json();
    assert_eq!(last.get("thread"), None);
}

#[test]
fn an_account_without_a_webhook_says_so() {
    let errors = build(&SPEC, &json!({}), &json!({}))
        .err()
        .expect("a problem");
    assert_eq!(errors[0].key, "url");
}
