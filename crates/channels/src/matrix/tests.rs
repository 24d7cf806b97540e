use balefire_core::message::{Mention, Occasion};
use balefire_testkit::{Received, Simulator};
use serde_json::json;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

async fn bot(receiver: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let token = simulator.chats().matrix.token();
    let account = json!({"access_token": token, "base_url": simulator.url()});
    let channel = build(&SPEC, &account, &receiver).expect("a channel");
    (simulator, channel)
}

async fn tell(
    channel: &dyn Channel,
    message: &balefire_core::message::Message,
    id: &str,
) -> Outcome {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id,
        attempt: 1,
        now: NOW,
    };
    channel.send(&delivery).await.remove(0)
}

#[test]
fn every_row_of_the_specs_errors_has_its_kind() {
    for (status, name, kind) in [
        (429, "M_LIMIT_EXCEEDED", RateLimited),
        (401, "M_UNKNOWN_TOKEN", Misconfigured),
        (401, "M_MISSING_TOKEN", Misconfigured),
        (403, "M_FORBIDDEN", Misconfigured),
        (401, "M_USER_LOCKED", Misconfigured),
        (403, "M_USER_SUSPENDED", Misconfigured),
        (403, "M_USER_DEACTIVATED", Misconfigured),
        (403, "M_USER_LIMIT_EXCEEDED", Misconfigured),
        (404, "M_NOT_FOUND", Misconfigured),
        (404, "M_UNRECOGNIZED", Misconfigured),
        (405, "M_UNRECOGNIZED", Misconfigured),
        (400, "M_BAD_JSON", Rejected),
        (400, "M_NOT_JSON", Rejected),
        (400, "M_INVALID_PARAM", Rejected),
        (413, "M_TOO_LARGE", Rejected),
        (500, "M_UNKNOWN", Transient),
        (400, "M_UNKNOWN", Transient),
        (502, "", Transient),
    ] {
        let body = json!({"errcode": name, "error": "words"}).to_string();
        let error = classify(&reply(status, &body), NOW).expect_err(name);
        assert_eq!(error.kind, kind, "{status} {name}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{name}");
    }
    let body = json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2_100}).to_string();
    let error = classify(&reply(429, &body), NOW).expect_err("too fast");
    assert_eq!(error.retry_after, Some(Duration::from_secs(3)));
    let error = classify(&reply(200, "[]"), NOW).expect_err("no object");
    assert_eq!(error.kind, UnknownOutcome);
}

#[test]
fn ids_are_encoded_whole() {
    assert_eq!(encoded("!abc:example.org"), "%21abc%3Aexample.org");
    assert_eq!(encoded("#ops:example.org"), "%23ops%3Aexample.org");
    assert_eq!(encoded("bf_01-~."), "bf_01-~.");
}

#[tokio::test]
async fn a_room_is_entered_once_and_a_second_try_is_the_same_event() {
    let (simulator, channel) = bot(json!({"room": "#ops:example.org"})).await;
    let mut message = message();
    let first = tell(&*channel, &message, "bf_1").await.expect("sent");
    let again = tell(&*channel, &message, "bf_1").await.expect("sent");
    assert_eq!(first.provider_id, again.provider_id);
    message.occasion = Occasion::Resolved;
    assert!(tell(&*channel, &message, "bf_2").await.is_ok());
    let desk = &simulator.chats().matrix;
    let sent: Vec<Value> = desk.received().iter().map(Received::json).collect();
    assert_eq!(sent.len(), 2, "a repeated id is no second message");
    assert_eq!(sent[0]["msgtype"], "m.text");
    assert_eq!(sent[1]["msgtype"], "m.notice");
    assert_eq!(sent[1]["m.relates_to"]["event_id"], first.provider_id);
    assert_eq!(simulator.chats().matrix_rooms.requests().len(), 2);
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "@balefire:example.org");
}

#[tokio::test]
async fn an_encrypted_room_and_one_that_does_not_let_the_bot_in_are_refused() {
    for (room, words) in [
        ("!secret:example.org", "encrypted"),
        ("!closed:example.org", "M_FORBIDDEN"),
    ] {
        let (simulator, channel) = bot(json!({"room": room})).await;
        let rooms = &simulator.chats().matrix_rooms;
        rooms.set_encrypted("!secret:example.org");
        rooms.set_closed("!closed:example.org");
        let error = tell(&*channel, &message(), "bf_1")
            .await
            .expect_err("refused");
        assert_eq!(error.kind, Misconfigured);
        assert!(error.detail.contains(words), "{}", error.detail);
        assert!(simulator.chats().matrix.requests().is_empty());
    }
}

#[tokio::test]
async fn people_are_called_in_the_list_that_clients_go_by() {
    let (simulator, channel) = bot(json!({"room": "!r:example.org", "msgtype": "notice"})).await;
    let mut message = message();
    message.title = "@room <b>".to_owned();
    message.mentions.everyone = true;
    message.mentions.people = vec![
        Mention {
            name: "Chen <Min>".to_owned(),
            matrix: "@chen:example.org".to_owned(),
            ..Mention::default()
        },
        Mention {
            matrix: "chen".to_owned(),
            ..Mention::default()
        },
    ];
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let body = simulator.chats().matrix.received()[0].json();
    assert_eq!(
        body["m.mentions"],
        json!({"room": true, "user_ids": ["@chen:example.org"]})
    );
    let html = body["formatted_body"].as_str().expect("HTML");
    assert!(html.starts_with("<b>🔴 ＠room &lt;b&gt;</b><br>"), "{html}");
    assert!(
        html.ends_with(
            "@room <a href=\"https://matrix.to/#/@chen:example.org\">Chen &lt;Min&gt;</a>"
        ),
        "{html}"
    );
    assert_eq!(body["msgtype"], "m.notice");
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |receiver: Value| {
        let errors = build(&SPEC, &json!({}), &receiver)
            .err()
            .unwrap_or_default();
        errors
            .iter()
            .map(|error| error.key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(problems(json!({})), ["base_url", "access_token", "room"]);
    assert_eq!(problems(json!({"room": "ops"}))[2], "room");
}
