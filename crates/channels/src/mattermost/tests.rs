use std::sync::Arc;

use balefire_core::message::{Mention, Occasion};
use balefire_core::time::Time;
use balefire_testkit::{Received, Simulator};
use serde_json::{Value, json};

use super::{bot, hook};
use crate::channel::Channel;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);
const CHANNEL: &str = "4xp9fdt77pncbef59f4k1qe83o";

async fn bot(receiver: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let token = simulator.chats().mattermost_bot.token();
    let account = json!({"token": token, "base_url": simulator.url()});
    let channel = build(&bot::SPEC, &account, &receiver).expect("a channel");
    (simulator, channel)
}

#[test]
fn every_row_of_the_vendors_errors_has_its_kind() {
    for (status, id, words, kind) in [
        (
            400,
            "web.incoming_webhook.parse.app_error",
            "Unable to parse incoming data.",
            Rejected,
        ),
        (
            400,
            "web.incoming_webhook.text.app_error",
            "No text specified.",
            Rejected,
        ),
        (
            404,
            "web.incoming_webhook.channel.app_error",
            "Couldn't find the channel.",
            Misconfigured,
        ),
        (
            400,
            "web.incoming_webhook.user.app_error",
            "Couldn't find the user.",
            Misconfigured,
        ),
        (
            400,
            "web.incoming_webhook.invalid.app_error",
            "Invalid webhook.",
            Misconfigured,
        ),
        (
            403,
            "web.incoming_webhook.channel_locked.app_error",
            "locked",
            Misconfigured,
        ),
        (
            501,
            "web.incoming_webhook.disabled.app_error",
            "disabled",
            Misconfigured,
        ),
        (
            401,
            "api.context.session_expired.app_error",
            "Invalid or expired session",
            Misconfigured,
        ),
        (
            403,
            "api.context.permissions.app_error",
            "no permissions",
            Misconfigured,
        ),
        (
            400,
            "api.context.invalid_url_param.app_error",
            "channel_id",
            Misconfigured,
        ),
        (
            400,
            "api.post.create_post.root_id.app_error",
            "Invalid RootId",
            Transient,
        ),
        (404, "api.unknown", "words", Misconfigured),
        (413, "api.unknown", "words", Rejected),
        (429, "api.unknown", "limit exceeded", RateLimited),
        (500, "api.unknown", "words", Transient),
    ] {
        let body = json!({"id": id, "message": words, "status_code": status}).to_string();
        let of_hook = hook::classify(&reply(status, &body), NOW).expect_err(id);
        let of_bot = bot::classify(&reply(status, &body), NOW).expect_err(id);
        assert_eq!((of_hook.kind, of_bot.kind), (kind, kind), "{status} {id}");
        assert!(kind != Misconfigured || !of_bot.fix.is_empty(), "{id}");
    }
    let error = hook::classify(&reply(200, "<html>"), NOW).expect_err("no ok");
    assert_eq!(error.kind, UnknownOutcome);
}

#[tokio::test]
async fn a_bot_answers_in_the_thread_and_begins_anew_when_it_is_gone() {
    let entry =
        json!({"channel": CHANNEL, "priority": {"priority": "urgent", "requested_ack": true}});
    let (simulator, channel) = bot(entry).await;
    let mut message = message();
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    message.occasion = Occasion::Resolved;
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let desk = &simulator.chats().mattermost_bot;
    let sent: Vec<Value> = desk.received().iter().map(Received::json).collect();
    assert_eq!(sent[0]["metadata"]["priority"]["priority"], "urgent");
    assert_eq!(sent[0].get("root_id"), None);
    assert!(sent[1]["root_id"].is_string());
    assert_eq!(sent[1].get("metadata"), None, "answers have no priority");
    message.occasion = Occasion::Firing;
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    desk.delete_all();
    let error = send(&*channel, &message, NOW)
        .await
        .remove(0)
        .expect_err("gone");
    assert_eq!(error.kind, Transient);
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "@balefire");
}

#[tokio::test]
async fn a_webhook_calls_by_name_and_keeps_alertmanagers_fixed_texts() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.chats().mattermost;
    let entry = json!({"webhook_url": desk.url(), "channel": "~town-square", "username": "balefire",
        "title": "{{ .x }}", "footer": "operations @all", "color": "#123456",
        "fields": [{"title": "Team", "value": "db"}, {"title": "x", "value": "{{ .y }}"}]});
    let channel = build(&hook::SPEC, &json!({}), &entry).expect("a channel");
    let mut message = message();
    message.title = "@chen @here".to_owned();
    message.mentions.everyone = true;
    message.mentions.people = vec![Mention {
        mattermost: "chen.min".to_owned(),
        ..Mention::default()
    }];
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let body = desk.received()[0].json();
    assert_eq!(body["text"], "@channel @chen.min");
    assert_eq!(body["channel"], "town-square");
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["title"], "🔴 ＠chen ＠here");
    assert_eq!(attachment["footer"], "operations ＠all");
    assert_eq!(attachment["color"], "#123456");
    assert_eq!(
        attachment["fields"],
        json!([{"title": "Team", "value": "db", "short": false}])
    );
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let keys = |spec, account: Value| {
        let errors = build(spec, &account, &json!({})).err().unwrap_or_default();
        errors
            .iter()
            .map(|error| error.key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&hook::SPEC, json!({})), ["webhook_url"]);
    assert_eq!(
        keys(&bot::SPEC, json!({})),
        ["base_url", "token", "channel"]
    );
}
