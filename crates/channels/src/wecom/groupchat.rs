//! Messages to a group that a WeCom application has made: `POST /cgi-bin/appchat/send`.
//!
//! Vendor page: <https://developer.work.weixin.qq.com/document/path/90248>. Limits: 2048 bytes of text or markdown;
//! 200 messages a minute to one person; the application needs the whole company in its visible scope.
//! Only texts call people by name, so that a message that should is a text.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::credential::{Credential, credential, plain};
use super::{BASE, form};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::Receipt;
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What messages to an application's group are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "wecom_groupchat",
    receiver_key: "wecom_groupchat_configs",
    title: ("WeCom app group", "企业微信应用群"),
    vendor_page: "https://developer.work.weixin.qq.com/document/path/90248",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::WecomMarkdown,
    limits: Limits {
        title: form::TITLE,
        text: Length::Bytes(form::TEXT),
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

static ACCOUNT: [Field; 4] = [
    Field::optional("corp_id", Kind::Text, "The company's id (企业ID)."),
    Field::optional(
        "secret",
        Kind::Secret,
        "The secret of the application that has made the group.",
    ),
    Field::optional("secret_file", Kind::Text, "A file with the secret."),
    Field::optional(
        "base_url",
        Kind::Url,
        "WeCom's address, or that of a proxy with a fixed address.",
    )
    .or(BASE),
];

static RECEIVER: [Field; 2] = [
    Field::required(
        "chat_id",
        Kind::Text,
        "The group's chatid, as appchat/create gave it.",
    ),
    Field::optional(
        "message_type",
        Kind::OneOf(form::Form::WORDS),
        "The form of the message; text where somebody is called by name.",
    )
    .or("markdown"),
];

/// One group of one application.
#[derive(Debug)]
struct GroupChat {
    credential: Credential,
    chat_id: String,
    form: form::Form,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let credential = credential(&mut options, build, SPEC.timeout);
    let chat_id = plain(&mut options, "chat_id", "the answer of appchat/create");
    let form = options.text("message_type").and_then(form::Form::of);
    let form = form.unwrap_or(form::Form::Markdown);
    let channel = credential.zip(chat_id).map(|(credential, chat_id)| {
        Arc::new(GroupChat {
            credential,
            chat_id,
            form,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl GroupChat {
    fn body(&self, message: &Message) -> Value {
        let everyone = message.mentions.everyone.then_some("@all");
        let people = message
            .mentions
            .people
            .iter()
            .map(|person| person.wecom.as_str());
        let called: Vec<&str> = everyone
            .into_iter()
            .chain(people.filter(|id| !id.is_empty()))
            .collect();
        let mut body = if self.form != form::Form::Text && called.is_empty() {
            self.form.content(message)
        } else {
            let content = form::text(message);
            json!({"msgtype": "text", "text": {"content": content, "mentioned_list": called}})
        };
        body["chatid"] = self.chat_id.as_str().into();
        body["safe"] = 0.into();
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.body(delivery.message);
        let answer = self
            .credential
            .call("appchat/send", &body, delivery.now)
            .await?;
        Ok(Receipt {
            provider_id: String::new(),
            answer: answer.detail(),
        })
    }
}

impl Channel for GroupChat {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![Target {
            address: self.chat_id.as_str().into(),
            label: self.chat_id.as_str().into(),
        }]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = self.credential.hide(self.deliver(delivery).await);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        self.credential.check(now).boxed()
    }
}
