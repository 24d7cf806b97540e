use balefire_core::message::{Custom, Mention, Occasion};
use balefire_testkit::{Received, Simulator};

use super::form::escape_v2;
use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

async fn bot(receiver: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let token = simulator.chats().telegram.token();
    let account = json!({"bot_token": token, "base_url": simulator.url()});
    let channel = build(&SPEC, &account, &receiver).expect("a channel");
    (simulator, channel)
}

#[test]
fn every_row_of_the_vendors_errors_has_its_kind() {
    for (status, words, kind) in [
        (400, "can't parse entities: Unsupported start tag", Rejected),
        (400, "message is too long", Rejected),
        (400, "MESSAGE_TOO_LONG", Rejected),
        (400, "message text is empty", Rejected),
        (400, "chat not found", Rejected),
        (
            400,
            "group chat was upgraded to a supergroup chat",
            Misconfigured,
        ),
        (400, "message thread not found", Misconfigured),
        (400, "TOPIC_CLOSED", Misconfigured),
        (400, "TOPIC_DELETED", Misconfigured),
        (400, "message to be replied not found", Transient),
        (400, "BUTTON_DATA_INVALID", Rejected),
        (400, "BUTTON_URL_INVALID", Rejected),
        (
            400,
            "not enough rights to send text messages to the chat",
            Misconfigured,
        ),
        (
            400,
            "need administrator rights in the channel chat",
            Misconfigured,
        ),
        (400, "CHAT_ADMIN_REQUIRED", Misconfigured),
        (400, "CHAT_WRITE_FORBIDDEN", Misconfigured),
        (400, "something new", Rejected),
        (401, "Unauthorized", Misconfigured),
        (403, "bot was blocked by the user", Rejected),
        (403, "bot was kicked from the supergroup chat", Rejected),
        (403, "bot is not a member of the channel chat", Rejected),
        (403, "user is deactivated", Rejected),
        (403, "bot can't initiate conversation with a user", Rejected),
        (403, "bot can't send messages to bots", Rejected),
        (403, "the group chat was deleted", Rejected),
        (404, "Not Found", Misconfigured),
        (
            409,
            "Conflict: terminated by other getUpdates request",
            Misconfigured,
        ),
        (413, "Request Entity Too Large", Rejected),
        (429, "Too Many Requests: retry after 14", RateLimited),
        (500, "Too Many Requests: retry after", RateLimited),
        (500, "Internal Server Error", Transient),
    ] {
        let description = format!("Bad Request: {words}");
        let body = json!({"ok": false, "error_code": status, "description": description});
        let error = classify(&reply(status, &body.to_string()), NOW).expect_err(words);
        assert_eq!(error.kind, kind, "{status} {words}");
        let advised =
            matches!(kind, Transient) || !error.fix.is_empty() || words == "something new";
        assert!(advised, "{words}");
    }
    let error = classify(&reply(200, "<html>"), NOW).expect_err("no JSON");
    assert_eq!(error.kind, UnknownOutcome);
    let error = classify(&reply(200, "{}"), NOW).expect_err("neither");
    assert_eq!(error.kind, UnknownOutcome);
}

#[test]
fn the_new_number_of_a_group_and_the_wait_are_told() {
    let body = json!({"ok": false, "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1_001_234_567_890_i64}});
    let error = classify(&reply(400, &body.to_string()), NOW).expect_err("moved");
    assert!(error.detail.contains("-1001234567890"), "{}", error.detail);
    let body = json!({"ok": false, "error_code": 429,
        "description": "Too Many Requests: retry after 14", "parameters": {"retry_after": 14}});
    let error = classify(&reply(429, &body.to_string()), NOW).expect_err("too fast");
    assert_eq!(error.retry_after, Some(Duration::from_secs(14)));
}

#[test]
fn the_vendors_escapes() {
    // Vector of wire/vectors_intl.json.
    let raw = "disk_usage > 90.5% (db-01)!";
    assert_eq!(escape_v2(raw), r"disk\_usage \> 90\.5% \(db\-01\)\!");
}

#[tokio::test]
async fn what_follows_answers_the_first_message_until_the_end() {
    let (simulator, channel) = bot(json!({"chat_id": "-100123", "message_thread_id": 77})).await;
    for occasion in [
        Occasion::Firing,
        Occasion::Firing,
        Occasion::Resolved,
        Occasion::Firing,
    ] {
        let mut message = message();
        message.occasion = occasion;
        assert!(send(&*channel, &message, NOW).await[0].is_ok());
    }
    let sent: Vec<Value> = simulator
        .chats()
        .telegram
        .received()
        .iter()
        .map(Received::json)
        .collect();
    let answers: Vec<&Value> = sent
        .iter()
        .map(|body| &body["reply_parameters"]["message_id"])
        .collect();
    assert_eq!(answers, [&Value::Null, &json!(1), &json!(1), &Value::Null]);
    assert_eq!(sent[0]["chat_id"], -100_123);
    assert_eq!(sent[0]["message_thread_id"], 77);
}

#[tokio::test]
async fn people_are_called_by_number_and_each_chat_has_an_outcome() {
    let (simulator, channel) = bot(json!({"chat_id": ["1001", "@ops", "9"]})).await;
    simulator.chats().telegram.set_chats(&["1001", "@ops"]);
    let mut message = message();
    message.mentions.people = vec![
        Mention {
            name: "<Chen>".to_owned(),
            telegram: "10001".to_owned(),
            ..Mention::default()
        },
        Mention {
            telegram: "1\"><b".to_owned(),
            ..Mention::default()
        },
    ];
    let outcomes = send(&*channel, &message, NOW).await;
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[2].clone().expect_err("gone").kind, Rejected);
    let text = simulator.chats().telegram.received()[0].json()["text"].to_string();
    assert!(
        text.contains("tg://user?id=10001\\\">&lt;Chen&gt;</a>"),
        "{text}"
    );
    assert_eq!(text.matches("tg://").count(), 1);
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "@balefire_bot");
}

#[tokio::test]
async fn own_words_keep_their_markup_and_too_long_ones_are_sent_plain() {
    let entry = json!({"chat_id": "1", "message": "<b>down</b>", "parse_mode": "HTML"});
    let (simulator, channel) = bot(entry).await;
    assert!(send(&*channel, &message(), NOW).await[0].is_ok());
    let mut long = message();
    long.custom = Some(Custom {
        title: Some(String::new()),
        text: Some(format!("<b>{}</b>", "x".repeat(5_000))),
        ..Custom::default()
    });
    assert!(send(&*channel, &long, NOW).await[0].is_ok());
    let sent = simulator.chats().telegram.received();
    assert_eq!(sent[0].json()["text"], "<b>down</b>");
    let second = sent[1].json();
    assert_eq!(second.get("parse_mode"), None);
    assert!(second["text"].as_str().expect("a text").ends_with('…'));
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let problems = |receiver: Value| {
        let errors = build(&SPEC, &json!({"bot_token": "1:a"}), &receiver);
        let errors = errors.err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(problems(json!({})), ["chat_id: is missing"]);
    assert_eq!(
        problems(json!({"chat_id": "ops"})),
        ["chat_id: \"ops\" is neither a number nor @name"]
    );
    assert_eq!(
        problems(json!({"chat_id": "{{ .x }}"})),
        ["chat_id: is a Go template, which is not run here"]
    );
}

#[tokio::test]
async fn pictures_answer_the_words_and_cost_none_of_them() {
    use balefire_core::message::{Attachment, Enclosed};
    use balefire_testkit::Mode;

    let (simulator, channel) = bot(json!({"chat_id": "-100123", "images": true})).await;
    assert!(channel.shows_pictures());
    let mut message = message();
    message.attachments = vec![Attachment {
        name: "picture-1.png".to_owned(),
        media_type: "image/png".to_owned(),
        enclosed: Enclosed::Picture {
            url: "https://grafana.example.com/a.png".to_owned(),
            content: b"\x89PNG\r\n\x1a\n0123".to_vec(),
        },
    }];
    let receipt = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect("sent");
    assert_eq!(receipt.answer, "ok; with pictures");
    let desk = &simulator.chats().telegram;
    let sent = desk.received();
    assert!(sent[1].target.ends_with("/sendPhoto"), "{}", sent[1].target);
    let form = String::from_utf8_lossy(&sent[1].body).into_owned();
    let below = format!("{{\"message_id\":{}}}", receipt.provider_id);
    assert!(form.contains(&below), "{form}");
    message.attachments[0].enclosed = Enclosed::Picture {
        url: "https://grafana.example.com/a.png".to_owned(),
        content: b"no picture".to_vec(),
    };
    let receipt = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect("the words are told");
    assert_eq!(receipt.answer, "ok; not with all pictures");
    desk.fail_times(
        Mode::ErrCode(400, "Bad Request: chat not found".to_owned()),
        1,
    );
    assert!(send(&*channel, &message, NOW).await.remove(0).is_err());
}
