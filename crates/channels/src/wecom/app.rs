//! Messages of a self-built WeCom application to people: `POST /cgi-bin/message/send` (Alertmanager's
//! `wechat_configs`).
//!
//! Vendor page: <https://developer.work.weixin.qq.com/document/path/90236>. Limits: 2048 bytes of text or markdown;
//! 1000 people, 100 departments and 100 tags a call; 30 messages a minute to one person, more vanish without a
//! word. A yes may still name people who got nothing: each target has its own outcome. WeCom drops an equal
//! request within ten minutes (`enable_duplicate_check`), so that a repeated try is not read twice.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Occasion;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::credential::{Credential, credential, plain};
use super::lookup::People;
use super::reached::{KINDS, outcome};
use super::sealed::aes_key;
use super::{BASE, click, form, image};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::is_template;
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What WeCom's application messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "wecom_app",
    receiver_key: "wechat_configs",
    title: ("WeCom app", "企业微信应用消息"),
    vendor_page: "https://developer.work.weixin.qq.com/document/path/90236",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    // Alertmanager's default for wechat_configs.
    send_resolved: false,
    dialect: Dialect::WecomMarkdown,
    limits: Limits {
        title: form::TITLE,
        text: Length::Bytes(form::TEXT),
        // WeCom takes a thousand people, but only so many departments and tags.
        max_targets_per_call: 100,
    },
    quotas: &[Quota {
        calls: 30,
        per: Duration::from_mins(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// How long WeCom remembers a request, in seconds: as long as a delivery tries.
const REMEMBERED: u32 = 600;

static ACCOUNT: [Field; 8] = [
    Field::optional("corp_id", Kind::Text, "The company's id (企业ID)."),
    Field::optional("secret", Kind::Secret, "The application's secret."),
    Field::optional("secret_file", Kind::Text, "A file with the secret."),
    Field::optional("agent_id", Kind::Text, "The application's AgentId."),
    Field::optional(
        "base_url",
        Kind::Url,
        "WeCom's address, or that of a proxy with a fixed address.",
    )
    .or(BASE),
    Field::optional(
        "receive_token",
        Kind::Secret,
        "The Token of 接收消息 → 设置API接收: with it, encoding_aes_key and callback_token, cards have buttons.",
    ),
    Field::optional(
        "encoding_aes_key",
        Kind::Secret,
        "The EncodingAESKey of the same page, 43 letters.",
    ),
    crate::click::WHO,
];

static RECEIVER: [Field; 12] = [
    crate::picture::IMAGES,
    Field::optional(
        "to_user",
        Kind::TextOrList,
        "User ids, separated by | or commas; @all for everybody in scope.",
    ),
    Field::optional(
        "to_mobile",
        Kind::TextOrList,
        "Mobile numbers; their user ids are looked up in the company's address book.",
    ),
    Field::optional(
        "to_party",
        Kind::TextOrList,
        "Department ids, separated by | or commas.",
    ),
    Field::optional(
        "to_tag",
        Kind::TextOrList,
        "Tag ids, separated by | or commas.",
    ),
    Field::optional(
        "message_type",
        Kind::OneOf(form::Form::WORDS),
        "The form of the message; markdown is not shown in WeChat's plug-in, news is a text where the message leads nowhere, card has buttons where somebody hears of them. Default: markdown through an account, else text as in Alertmanager.",
    ),
    Field::optional(
        "message",
        Kind::GoTemplate,
        "Alertmanager's text, Go templates included; where one fails, our own look is sent.",
    ),
    Field::optional("agent_id", Kind::Text, "The application's AgentId."),
    Field::optional(
        "corp_id",
        Kind::Text,
        "The company's id; Alertmanager's key.",
    ),
    Field::optional(
        "api_secret",
        Kind::Secret,
        "The application's secret; Alertmanager's key.",
    ),
    Field::optional("api_secret_file", Kind::Text, "A file with the secret."),
    Field::optional("api_url", Kind::Url, "WeCom's API; Alertmanager's key."),
];

/// One application and the people, departments and tags it writes to.
#[derive(Debug)]
struct App {
    credential: Credential,
    agent_id: i64,
    targets: Vec<Target>,
    form: form::Form,
    people: People,
    /// Whether pictures of alerts follow the words.
    images: bool,
    /// Whether somebody hears of the buttons that are pressed.
    buttons: bool,
}

/// The keys that name somebody, and what stands before the id in the address.
const KEYS: [(&str, &str); 4] = [
    ("to_user", "user:"),
    ("to_party", "party:"),
    ("to_tag", "tag:"),
    ("to_mobile", "mobile:"),
];

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let credential = credential(&mut options, build, SPEC.timeout);
    let agent_id = agent_id(&mut options);
    let targets = targets(&mut options);
    let through_account = build.account.get("corp_id").is_some();
    let usual = if through_account {
        form::Form::Markdown
    } else {
        form::Form::Text
    };
    let form = options.text("message_type").and_then(form::Form::of);
    let form = form.unwrap_or(usual);
    let images = options.boolean("images").unwrap_or(false);
    let key = options.text("encoding_aes_key");
    if key.is_some_and(|key| aes_key(key).is_none()) {
        let fix = "copy the 43 letters and digits of 接收消息 → EncodingAESKey";
        options.problem("encoding_aes_key", "is no EncodingAESKey", fix);
    }
    let buttons = key.is_some() && crate::click::are_heard(build.account, "receive_token");
    let channel = credential.zip(agent_id).map(|(credential, agent_id)| {
        Arc::new(App {
            credential,
            agent_id,
            targets,
            form,
            people: People::default(),
            images,
            buttons,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn agent_id(options: &mut Options<'_>) -> Option<i64> {
    if let Some(id) = options.integer("agent_id") {
        return Some(id);
    }
    let text = plain(options, "agent_id", "应用管理 → AgentId")?;
    let id = text.parse().ok();
    if id.is_none() {
        let fix = "write the number of the application's page, such as 1000002";
        options.problem("agent_id", format!("{text:?} is not a number"), fix);
    }
    id
}

/// One target for each person, department and tag, each once; `@all` makes the others needless.
fn targets(options: &mut Options<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for (key, prefix) in KEYS {
        let ids: Vec<&str> = options.texts(key);
        if ids.iter().any(|id| is_template(id)) {
            let fix = "write the ids themselves, or route to receivers of their own";
            options.problem(key, "is a Go template, which is not run here", fix);
            continue;
        }
        for id in ids.iter().flat_map(|ids| ids.split('|')).map(str::trim) {
            let address = format!("{prefix}{id}");
            if !id.is_empty() && !targets.iter().any(|known| *known.address == *address) {
                let is_person = matches!(prefix, "user:" | "mobile:");
                let label = if is_person { id } else { &address };
                targets.push(Target {
                    label: label.into(),
                    address: address.as_str().into(),
                });
            }
        }
    }
    if let Some(all) = targets
        .iter()
        .position(|target| &*target.address == "user:@all")
    {
        return vec![targets.swap_remove(all)];
    }
    if targets.is_empty() {
        let fix =
            "give to_user, to_mobile, to_party or to_tag; to_user: \"@all\" is everybody in scope";
        options.problem("to_user", "nobody is named", fix);
    }
    targets
}

impl App {
    fn body(&self, delivery: &Delivery<'_>, addresses: &[&str]) -> Value {
        let message = delivery.message;
        let asking = (self.form == form::Form::Card && self.buttons)
            .then(|| click::card(message, delivery.id))
            .flatten();
        let body = asking.unwrap_or_else(|| self.form.content(message));
        let mut body = self.addressed(body, addresses);
        // Who tests or says the same twice wants it seen twice.
        if !matches!(message.occasion, Occasion::Test | Occasion::Direct) {
            body["enable_duplicate_check"] = 1.into();
            body["duplicate_check_interval"] = REMEMBERED.into();
        }
        body
    }

    /// The body with whom it is for, and whose it is.
    fn addressed(&self, mut body: Value, addresses: &[&str]) -> Value {
        for (prefix, key, _) in KINDS {
            let ids: Vec<&str> = addresses
                .iter()
                .filter_map(|address| address.strip_prefix(prefix))
                .collect();
            if !ids.is_empty() {
                body[key] = ids.join("|").into();
            }
        }
        body["agentid"] = self.agent_id.into();
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let mut addresses = Vec::with_capacity(delivery.targets.len());
        for target in delivery.targets {
            // One after the other: WeCom shuts the address book for a day to whoever asks too much.
            addresses.push(match target.address.strip_prefix("mobile:") {
                Some(mobile) => {
                    self.people
                        .find(&self.credential, mobile, delivery.now)
                        .await
                }
                None => Ok(target.address.to_string()),
            });
        }
        let good: Vec<&str> = addresses.iter().flatten().map(String::as_str).collect();
        let told = if good.is_empty() {
            None
        } else {
            let body = self.body(delivery, &good);
            let path = "message/send";
            Some(self.credential.call(path, &body, delivery.now).await)
        };
        let shown = match image::first(delivery.message).filter(|_| self.images) {
            Some(picture) if matches!(told, Some(Ok(_))) => {
                let body = self.addressed(json!({}), &good);
                image::show(&self.credential, picture, body, delivery.now).await
            }
            _ => String::new(),
        };
        let outcome = |address: Result<String, SendError>| match (address, &told) {
            (Err(unknown), _) => Err(unknown),
            (Ok(address), Some(Ok(answer))) => outcome(answer, &address).map(|mut receipt| {
                receipt.answer.push_str(&shown);
                receipt
            }),
            (Ok(_), Some(Err(error))) => Err(error.clone()),
            (Ok(_), None) => Err(SendError::new(ErrorKind::Transient, "nothing was sent")),
        };
        addresses.into_iter().map(outcome).collect()
    }

    async fn show(&self, pressed: &Click, reaction: &Reaction<'_>) -> Outcome {
        let Some((path, body)) = click::reaction(pressed, reaction, self.agent_id) else {
            return Ok(Receipt::default());
        };
        self.credential.call(path, &body, pressed.at).await?;
        Ok(Receipt::default())
    }
}

impl Channel for App {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn shows_pictures(&self) -> bool {
        self.images
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcomes = self.deliver(delivery).await;
            outcomes
                .into_iter()
                .map(|outcome| self.credential.hide(outcome))
                .collect()
        }
        .boxed()
    }

    fn react<'a>(
        &'a self,
        pressed: &'a Click,
        reaction: &'a Reaction<'a>,
    ) -> BoxFuture<'a, Outcome> {
        async move { self.credential.hide(self.show(pressed, reaction).await) }.boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        self.credential.check(now).boxed()
    }
}
