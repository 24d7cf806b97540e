//! Messages with buttons: providers take them as strictly as others, whatever the message, and what a button carries goes
//! out only where somebody hears of it and there is something to answer.

use std::sync::Arc;

use balefire_channels::registry::{CHANNELS, clicks_of};
use balefire_channels::spec::ChannelSpec;
use balefire_core::message::{Locale, Message};
use balefire_testkit::Verdict;
use serde_json::{Value, json};

use crate::messages::{Case, SHORT, message};
use crate::sample::content;
use crate::stage::Stage;

const TOKEN: &str = "ANSWERxTOKENxOFxAxBUTTON";

/// The message as the engine sends it where it may be answered.
fn asking(case: Case, locale: Locale) -> Message {
    let mut message = message(case, locale);
    if let Some(group) = &message.group {
        let mut group = (**group).clone();
        group.answer_token = TOKEN.into();
        message.group = Some(Arc::new(group));
    }
    message
}

fn kinds() -> impl Iterator<Item = &'static ChannelSpec> {
    // Cards of DingTalk have another desk, and their own tests.
    let all = CHANNELS.iter().copied();
    all.filter(|spec| clicks_of(spec).is_some() && spec.kind != "dingtalk_app")
}

fn heard() -> Value {
    json!({
        "account": {
            "callback_token": "0123456789abcdef0123",
            "callback_url": "https://gw.example.com/callback/sample/0123456789abcdef0123",
            "signing_secret": "s3cret-signing",
            "webhook_secret": "s3cret-webhook",
            "encrypt_key": "s3cret-encrypt",
            "receive_token": "s3cret-token",
            "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        },
        "receiver": {},
    })
}

#[tokio::test]
async fn buttons_are_taken_below_every_message_that_can_be_answered() {
    for spec in kinds() {
        let mut more = heard();
        if spec.kind == "wecom_app" {
            more["receiver"]["message_type"] = "card".into();
        }
        for locale in [Locale::En, Locale::ZhCn] {
            let stage = Stage::with(spec, &more).await;
            for case in SHORT.into_iter().chain([Case::OverLimit]) {
                for outcome in stage.send(&asking(case, locale)).await {
                    assert!(outcome.is_ok(), "{} {case:?}: {outcome:?}", spec.kind);
                }
                let request = stage.requests().pop().expect("a request");
                // The stage's deliveries have one id, by which some know a second try.
                let taken = matches!(request.verdict, Verdict::Accepted | Verdict::Repeated);
                assert!(taken, "{} {case:?}: {:?}", spec.kind, request.verdict);
                let text = content(&request).to_string();
                let asks = matches!(case, Case::Firing | Case::Mixed | Case::OverLimit);
                assert_eq!(text.contains(TOKEN), asks, "{} {case:?}: {text}", spec.kind);
                stage.shows_no_secret(&text, "a message with buttons");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_where_nobody_hears_the_answer() {
    for spec in kinds() {
        let mut more = heard();
        more["account"]["callback_url"] = Value::Null;
        let stage = Stage::with(spec, &more).await;
        for outcome in stage.send(&asking(Case::Firing, Locale::En)).await {
            assert!(outcome.is_ok(), "{}: {outcome:?}", spec.kind);
        }
        let request = stage.requests().pop().expect("a request");
        let text = content(&request).to_string();
        assert!(!text.contains(TOKEN), "{}: {text}", spec.kind);
    }
}
