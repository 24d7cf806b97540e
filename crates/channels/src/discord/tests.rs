use balefire_core::message::Mention;
use balefire_testkit::Simulator;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_errors_has_its_kind() {
    for (status, code, kind) in [
        (400, 50_006, Rejected),
        (400, 50_035, Rejected),
        (400, 50_109, Rejected),
        (400, 30_046, Rejected),
        (400, 220_001, Misconfigured),
        (400, 220_003, Misconfigured),
        (401, 50_027, Misconfigured),
        (401, 40_001, Misconfigured),
        (403, 50_001, Misconfigured),
        (403, 50_013, Misconfigured),
        (403, 50_007, Rejected),
        (404, 10_003, Misconfigured),
        (404, 10_015, Misconfigured),
        (404, 10_008, Rejected),
        (429, 0, RateLimited),
        (429, 20_028, RateLimited),
        (500, 0, Transient),
        (503, 0, Transient),
        (400, 99_999, Rejected),
        (404, 0, Misconfigured),
    ] {
        let body = json!({"code": code, "message": "words"});
        let error = classify(&reply(status, &body.to_string()), NOW).expect_err("a refusal");
        assert_eq!(error.kind, kind, "{status} {code}");
        let advised = error.kind != Misconfigured || !error.fix.is_empty();
        assert!(advised, "{code}");
    }
    for (body, kind) in [("", UnknownOutcome), ("{}", UnknownOutcome)] {
        assert_eq!(classify(&reply(200, body), NOW).expect_err(body).kind, kind);
    }
}

#[test]
fn a_wait_has_a_fraction_and_a_lock_out_lasts_a_minute() {
    let body =
        json!({"message": "You are being rate limited.", "retry_after": 1.337, "global": false});
    let error = classify(&reply(429, &body.to_string()), NOW).expect_err("too fast");
    assert_eq!(error.retry_after, Some(Duration::from_secs(2)));
    let error = classify(&reply(429, "<html>error code: 1015</html>"), NOW).expect_err("locked");
    assert_eq!(error.retry_after, Some(Duration::from_mins(1)));
}

#[tokio::test]
async fn only_who_is_meant_is_called() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.chats().discord;
    let entry = json!({"webhook_url": desk.url(), "username": "balefire", "content": "hello",
        "title": "{{ .x }}", "thread_id": "42"});
    let channel = build(&SPEC, &json!({}), &entry).expect("a channel");
    let mut message = message();
    message.title = "<@1> @everyone".to_owned();
    message.mentions.everyone = true;
    message.mentions.people = vec![Mention {
        discord: "80351110224678912".to_owned(),
        ..Mention::default()
    }];
    let outcome = send(&*channel, &message, NOW).await.remove(0);
    assert!(!outcome.expect("sent").provider_id.is_empty());
    let request = desk.received().remove(0);
    assert!(
        request.target.ends_with("?wait=true&thread_id=42"),
        "{}",
        request.target
    );
    let body = request.json();
    assert_eq!(body["content"], "@everyone <@80351110224678912>\nhello");
    assert_eq!(
        body["allowed_mentions"],
        json!({"parse": ["everyone"], "users": ["80351110224678912"]})
    );
    assert_eq!(body["embeds"][0]["title"], "🔴 ＜＠1> ＠everyone");
    assert_eq!(body["username"], "balefire");
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "balefire in channel 199737254929760256");
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |receiver: Value| {
        let errors = build(&SPEC, &json!({}), &receiver)
            .err()
            .unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(json!({})),
        ["webhook_url: is missing, and so is webhook_url"]
    );
    let entry = json!({"webhook_url": "https://discord.com/api/webhooks/1/x", "thread_id": "x"});
    assert_eq!(problems(entry), ["thread_id: is not a number"]);
}
