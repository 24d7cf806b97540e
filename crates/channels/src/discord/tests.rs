use balefire_core::message::Mention;
use balefire_testkit::{Mode, Simulator};

use super::*;
use crate::cloud::sample::{PNG, build, message, picture, reply, send};
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

/// A webhook whose messages carry pictures.
async fn showing(more: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let mut entry = json!({"webhook_url": simulator.chats().discord.url(), "images": true});
    for (key, value) in more.as_object().into_iter().flatten() {
        entry[key] = value.clone();
    }
    let channel = build(&SPEC, &json!({}), &entry).expect("a channel");
    (simulator, channel)
}

#[tokio::test]
async fn pictures_stand_in_the_embed_of_the_one_message() {
    let (simulator, channel) = showing(json!({})).await;
    assert!(channel.shows_pictures());
    let mut message = message();
    message.attachments = vec![
        picture("picture-1.png", PNG.to_vec()),
        picture("picture-2.webp", b"RIFF\x01\0\0\0WEBPVP8 ".to_vec()),
    ];
    let receipt = send(&*channel, &message, NOW).await.remove(0);
    let receipt = receipt.expect("sent");
    assert_eq!(receipt.answer, "ok; with pictures");
    let desk = &simulator.chats().discord;
    assert_eq!(desk.counts().requests, 1);
    let request = desk.received().remove(0);
    assert!(request.target.ends_with("?wait=true"), "{}", request.target);
    assert_eq!(request.part("files[0]"), Some(PNG));
    let body = request.part("payload_json").expect("a body");
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let first = &body["embeds"][0];
    assert_eq!(first["image"]["url"], "attachment://picture-1.png");
    assert_eq!(
        body["embeds"][1],
        json!({"url": first["url"], "image": {"url": "attachment://picture-2.webp"}})
    );
    let shown = |name: &str| (name.to_owned(), true);
    assert_eq!(
        desk.files(&receipt.provider_id),
        [shown("picture-1.png"), shown("picture-2.webp")]
    );
}

#[tokio::test]
async fn what_has_no_room_beside_the_first_stays_a_link() {
    let (simulator, channel) = showing(json!({})).await;
    let mut message = message();
    let large = |name| picture(name, [PNG, &vec![0; 4 << 20]].concat());
    message.attachments = vec![
        large("picture-1.png"),
        large("picture-2.png"),
        large("picture-3.png"),
        picture("picture-4.png", PNG.to_vec()),
    ];
    let receipt = send(&*channel, &message, NOW).await.remove(0);
    let receipt = receipt.expect("sent");
    assert_eq!(receipt.answer, "ok; not with all pictures");
    let shown = simulator.chats().discord.files(&receipt.provider_id);
    let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["picture-1.png", "picture-2.png", "picture-4.png"]);
}

#[tokio::test]
async fn refused_pictures_cost_no_words_and_an_unknown_outcome_is_left_at_that() {
    let (simulator, channel) = showing(json!({})).await;
    let desk = &simulator.chats().discord;
    let mut message = message();
    message.attachments = vec![picture("picture-1.png", PNG.to_vec())];
    for (status, code) in [(413, 40_005), (400, 50_046), (403, 50_013)] {
        desk.clear();
        let body = json!({"code": code, "message": "no files"}).to_string();
        desk.fail_times(Mode::Status(status, Vec::new(), body), 1);
        let receipt = send(&*channel, &message, NOW).await.remove(0);
        let receipt = receipt.expect("the words are told");
        assert_eq!(receipt.answer, "ok; without its pictures");
        assert_eq!(desk.counts().requests, 2);
        assert!(
            desk.received()[0].json()["embeds"][0]
                .get("image")
                .is_none()
        );
    }
    for (mode, kind) in [
        (Mode::ResetAfterBody, UnknownOutcome),
        (Mode::HalfReply, UnknownOutcome),
        (Mode::RateLimited(1), RateLimited),
        (Mode::ExpiredToken, Misconfigured),
    ] {
        desk.clear();
        desk.fail_times(mode, 1);
        let error = send(&*channel, &message, NOW).await.remove(0);
        assert_eq!(error.expect_err("no yes").kind, kind);
        assert_eq!(desk.counts().requests, 1, "nothing is sent again");
    }
}

#[tokio::test]
async fn a_second_try_goes_without_what_may_have_kept_the_first() {
    let (simulator, channel) = showing(json!({})).await;
    let mut message = message();
    message.attachments = vec![picture("picture-1.png", PNG.to_vec())];
    let delivery = Delivery {
        message: &message,
        targets: &channel.targets(),
        id: "bf_0123456789abcdef0123456789abcdef",
        attempt: 2,
        now: NOW,
    };
    let receipt = channel.send(&delivery).await.remove(0).expect("sent");
    assert_eq!(receipt.answer, "ok; without its pictures");
    let received = simulator.chats().discord.received();
    assert!(received[0].json().is_object(), "no form");
}

#[tokio::test]
async fn pictures_of_a_live_message_stay_where_they_are_when_it_is_changed() {
    let (simulator, channel) = showing(json!({"live": true})).await;
    let mut message = message();
    message.attachments = vec![picture("picture-1.png", PNG.to_vec())];
    let receipt = send(&*channel, &message, NOW).await.remove(0);
    let receipt = receipt.expect("sent");
    assert_eq!(receipt.answer, "ok; with pictures");
    let desk = &simulator.chats().discord;
    let beside = [("picture-1.png".to_owned(), false)];
    assert_eq!(desk.files(&receipt.provider_id), beside);
    message.attachments.clear();
    let delivery = Delivery {
        message: &message,
        targets: &channel.targets(),
        id: "bf_0123456789abcdef0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let changed = channel.change(&delivery).await.expect("an answer");
    assert!(changed.is_some());
    assert_eq!(desk.files(&receipt.provider_id), beside);
    let change = desk.received().pop().expect("a change").json();
    assert_eq!(change.get("attachments"), None, "the files are left alone");
}
