//! Every kind that can keep a message as things stand, against what its peer takes.

use std::sync::Arc;

use balefire_core::message::{Message, Occasion};
use balefire_core::time::Time;
use balefire_testkit::{Received, Simulator};
use serde_json::{Value, json};

use crate::channel::{Channel, Delivery, Outcome};
use crate::cloud::sample::{build, message, send};
use crate::spec::ChannelSpec;
use crate::threads::Changed;
use crate::{dingtalk_app, discord, feishu_app, matrix, mattermost, registry, slack, telegram};

const NOW: Time = Time::from_secs(1_795_249_800);

/// One kind with a place to write to.
struct Case {
    spec: &'static ChannelSpec,
    account: Value,
    entry: Value,
}

fn cases(simulator: &Simulator) -> Vec<Case> {
    let (chats, base) = (simulator.chats(), simulator.url());
    let case = |spec, account, entry| Case {
        spec,
        account,
        entry,
    };
    let feishu = &simulator.feishu_app().token;
    let ding = simulator.dingtalk_app();
    ding.robot.add_group("cid-ops");
    vec![
        case(
            &dingtalk_app::SPEC,
            json!({"client_id": ding.token.client_id(), "client_secret": ding.token.client_secret(), "base_url": base,
                "card_template_id": "tpl.schema"}),
            json!({"via": "card", "conversation_id": "cid-ops"}),
        ),
        case(
            &slack::bot::SPEC,
            json!({"token": simulator.slack_bot().token(), "base_url": simulator.slack_bot().api_url()}),
            json!({"channel": "C0AB12CD3"}),
        ),
        case(
            &telegram::SPEC,
            json!({"bot_token": chats.telegram.token(), "base_url": base}),
            json!({"chat_id": "-100123"}),
        ),
        case(
            &mattermost::bot::SPEC,
            json!({"token": chats.mattermost_bot.token(), "base_url": base}),
            json!({"channel": "a".repeat(26)}),
        ),
        case(
            &matrix::SPEC,
            json!({"access_token": chats.matrix.token(), "base_url": base}),
            json!({"room": "!ops:example.org"}),
        ),
        case(
            &discord::SPEC,
            json!({"url": chats.discord.url()}),
            json!({"thread_id": "42"}),
        ),
        case(
            &feishu_app::SPEC,
            json!({"app_id": feishu.app_id(), "app_secret": feishu.app_secret(), "base_url": base}),
            json!({"to_chat": "oc_1"}),
        ),
    ]
}

fn live(case: &Case) -> Arc<dyn Channel> {
    let mut entry = case.entry.clone();
    entry["live"] = true.into();
    build(case.spec, &case.account, &entry).expect("a channel")
}

/// Another notice of the same group.
async fn answer(channel: &dyn Channel, message: &Message) -> Outcome {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "bf_fedcba9876543210",
        attempt: 1,
        now: NOW,
    };
    channel.send(&delivery).await.remove(0)
}

async fn change(channel: &dyn Channel, message: &Message) -> Changed {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "bf_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    channel.change(&delivery).await
}

fn over() -> Message {
    let mut message = message();
    message.occasion = Occasion::Resolved;
    message.title = "over".to_owned();
    message
}

#[tokio::test]
async fn the_first_message_is_changed_whatever_came_after_it() {
    let simulator = Simulator::start().await.expect("a simulator");
    for case in cases(&simulator) {
        let (kind, channel) = (case.spec.kind, live(&case));
        assert!(channel.is_live(), "{kind}");
        let first = send(&*channel, &message(), NOW).await.remove(0);
        let first = first.expect(kind).provider_id;
        let second = answer(&*channel, &message()).await;
        assert_ne!(second.expect(kind).provider_id, first, "{kind}: it rings");
        let changed = change(&*channel, &over()).await.expect(kind);
        let changed = changed.expect(kind);
        assert_eq!(changed.answer, "changed in place", "{kind}");
        assert!(kind == "matrix" || changed.provider_id == first, "{kind}");
        let again = change(&*channel, &over()).await.expect(kind);
        assert!(again.is_some(), "{kind}: the same once more does no harm");
    }
}

#[tokio::test]
async fn a_message_of_which_nothing_is_known_is_to_be_posted() {
    let simulator = Simulator::start().await.expect("a simulator");
    for case in cases(&simulator) {
        let (kind, channel) = (case.spec.kind, live(&case));
        assert_eq!(change(&*channel, &over()).await, Ok(None), "{kind}");
        let target = channel.targets().remove(0).address;
        let unknown = crate::threads::Posted {
            channel: "x".to_owned(),
            id: "999".to_owned(),
        };
        let threads = channel.threads().expect(kind);
        threads.set(&over().thread, &target, Some(unknown));
        assert_eq!(change(&*channel, &over()).await, Ok(None), "{kind}");
    }
}

#[tokio::test]
async fn a_change_calls_nobody() {
    let simulator = Simulator::start().await.expect("a simulator");
    let mut message = message();
    message.mentions.everyone = true;
    let chats = simulator.chats();
    for case in cases(&simulator) {
        let channel = live(&case);
        assert!(send(&*channel, &message, NOW).await[0].is_ok());
        assert!(change(&*channel, &message).await.is_ok());
    }
    let change = |received: Vec<Received>| received.last().expect("a change").json();
    let said = change(chats.discord.received());
    assert_eq!(said["allowed_mentions"], json!({"parse": []}));
    let said = change(chats.matrix.received());
    assert_eq!(said["m.mentions"], json!({}));
    assert_eq!(said["m.new_content"]["m.mentions"], json!({}));
}

#[test]
fn only_kinds_that_can_change_a_message_take_the_key() {
    let can: Vec<&str> = registry::CHANNELS
        .iter()
        .filter(|spec| {
            spec.receiver_fields
                .iter()
                .any(|field| field.name == "live")
        })
        .map(|spec| spec.kind)
        .collect();
    let mut can = can;
    can.sort_unstable();
    let kinds = [
        "dingtalk_app",
        "discord",
        "feishu_app",
        "matrix",
        "mattermost_bot",
        "slack_bot",
        "telegram",
    ];
    assert_eq!(can, kinds);
}
