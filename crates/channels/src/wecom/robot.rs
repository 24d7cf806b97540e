//! WeCom's group robot (消息推送): `POST /cgi-bin/webhook/send?key=…`; the key is all there is to know.
//!
//! Vendor page: <https://developer.work.weixin.qq.com/document/path/99110>. Limits: 20 messages a minute; markdown
//! of 4096 bytes, text of 2048. Markdown calls people by user id only: where somebody else is to
//! be called, the message goes as text. There is no idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::{BASE, accepted, form};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Hook, exchange, hide, hook};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest, redact};
use crate::markup::Dialect;
use crate::options::Options;
use crate::picture::{PATIENCE, is_plain, pictures};
use crate::sign::{md5_hex, sha256_hex};
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What WeCom's robot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "wecom_robot",
    receiver_key: "wecom_robot_configs",
    title: ("WeCom robot", "企业微信群机器人"),
    vendor_page: "https://developer.work.weixin.qq.com/document/path/99110",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::WecomMarkdown,
    limits: Limits {
        title: form::TITLE,
        text: Length::Bytes(MARKDOWN),
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 20,
        per: Duration::from_mins(1),
        penalty: Duration::from_mins(1),
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

/// Largest picture, before base64.
const MOST_IMAGE: usize = 2 << 20;
/// Longest content of markdown.
const MARKDOWN: usize = 4_096;
const MSGTYPES: &[&str] = &["text", "markdown", "markdown_v2", "news", "template_card"];

static ACCOUNT: [Field; 4] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The robot's webhook as its page shows it; this or key is required.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
    Field::optional("key", Kind::Secret, "The key of the webhook."),
    Field::optional("base_url", Kind::Url, "WeCom's address, for key.").or(BASE),
];

static RECEIVER: [Field; 5] = [
    crate::picture::IMAGES,
    Field::optional(
        "msgtype",
        Kind::OneOf(MSGTYPES),
        "The form of the message; markdown instead where news and template_card lack their link, text where the form cannot call somebody by name.",
    )
    .or("markdown"),
    Field::optional(
        "mentioned_list",
        Kind::TextOrList,
        "User ids called by name in every message; @all for everybody.",
    ),
    Field::optional(
        "mentioned_mobile_list",
        Kind::TextOrList,
        "Mobile numbers called by name in every message; @all for everybody.",
    ),
    Field::optional("pic_url", Kind::Url, "The picture of news when the message has none."),
];

const HOOK: Hook = Hook {
    key: "key",
    base: BASE,
    path: "/cgi-bin/webhook/send?key=",
};

/// One robot in one group.
#[derive(Debug)]
struct Robot {
    http: Http,
    url: Secret,
    target: Target,
    msgtype: String,
    called: Called,
    picture: Option<String>,
    /// Whether pictures of alerts follow the words.
    images: bool,
}

/// Who is called by name.
#[derive(Clone, Debug, Default)]
struct Called {
    user_ids: Vec<String>,
    mobiles: Vec<String>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["url"], &HOOK);
    let mut called = Called::default();
    for id in options.texts("mentioned_list") {
        add(&mut called.user_ids, id);
    }
    for number in options.texts("mentioned_mobile_list") {
        add(&mut called.mobiles, number);
    }
    let msgtype = options.text("msgtype").unwrap_or("markdown").to_owned();
    let picture = options.text("pic_url").map(ToOwned::to_owned);
    let images = options.boolean("images").unwrap_or(false);
    let channel = url.map(|url| {
        Arc::new(Robot {
            http: build.http.clone(),
            target: Target {
                address: sha256_hex(url.reveal().as_bytes())[..16].into(),
                label: redact::shown_url(url.reveal()).into(),
            },
            url,
            msgtype,
            called,
            picture,
            images,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn add(list: &mut Vec<String>, name: &str) {
    if !name.is_empty() && !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

impl Called {
    /// With those of a message: by user id where it is known, else by number.
    fn with(&self, message: &Message) -> Self {
        let mut called = self.clone();
        if message.mentions.everyone {
            add(&mut called.user_ids, "@all");
        }
        for person in &message.mentions.people {
            if person.wecom.is_empty() {
                let number = person.phone.strip_prefix("+86").unwrap_or(&person.phone);
                add(&mut called.mobiles, number);
            } else {
                add(&mut called.user_ids, &person.wecom);
            }
        }
        called
    }

    /// Whether `<@userid>` in markdown can call all of them.
    fn by_markdown(&self) -> bool {
        self.mobiles.is_empty() && !self.user_ids.iter().any(|id| id == "@all")
    }

    fn nobody(&self) -> bool {
        self.mobiles.is_empty() && self.user_ids.is_empty()
    }
}

impl Robot {
    fn body(&self, message: &Message) -> Value {
        let called = self.called.with(message);
        let markdown = || {
            let names: Vec<String> = called
                .user_ids
                .iter()
                .map(|id| format!("<@{id}>"))
                .collect();
            let content = form::markdown(message, MARKDOWN, &names.join(" "));
            json!({"msgtype": "markdown", "markdown": {"content": content}})
        };
        let text = || {
            json!({"msgtype": "text", "text": {
                "content": form::text(message),
                "mentioned_list": called.user_ids,
                "mentioned_mobile_list": called.mobiles,
            }})
        };
        match self.msgtype.as_str() {
            "markdown" if called.by_markdown() => markdown(),
            "text" | "markdown" => text(),
            _ if !called.nobody() => text(),
            "markdown_v2" => {
                let content = form::markdown_v2(message, MARKDOWN);
                json!({"msgtype": "markdown_v2", "markdown_v2": {"content": content}})
            }
            "news" => form::news(message, self.picture(message).as_deref())
                .map_or_else(markdown, |news| json!({"msgtype": "news", "news": news})),
            _ => form::card(message).map_or_else(
                markdown,
                |card| json!({"msgtype": "template_card", "template_card": card}),
            ),
        }
    }

    /// The message's first picture, else the configured one.
    fn picture(&self, message: &Message) -> Option<String> {
        form::picture(message).or_else(|| self.picture.clone())
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let request = HttpRequest::post_json(self.url.reveal(), &self.body(delivery.message));
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        let answer = accepted(&reply, delivery.now)?;
        let mut answer = answer.detail();
        if let Some(body) = image(delivery.message).filter(|_| self.images) {
            let shown = self.show(&body, delivery.now).await;
            answer.push_str(if shown {
                "; with a picture"
            } else {
                "; without its picture"
            });
        }
        Ok(Receipt {
            provider_id: String::new(),
            answer,
        })
    }

    /// The words are there: a picture that is not taken costs none of them.
    async fn show(&self, body: &Value, now: Time) -> bool {
        let request = HttpRequest::post_json(self.url.reveal(), body);
        let shown = exchange(&self.http, request, PATIENCE).await;
        shown.is_ok_and(|reply| accepted(&reply, now).is_ok())
    }
}

/// The first picture as a message of its own; `None` for one that the robot does not take.
fn image(message: &Message) -> Option<Value> {
    let mut pictures = pictures(message);
    let (_, bytes) = pictures.find(|(file, bytes)| is_plain(file) && bytes.len() <= MOST_IMAGE)?;
    let image = json!({"base64": STANDARD.encode(bytes), "md5": md5_hex(bytes)});
    Some(json!({"msgtype": "image", "image": image}))
}

impl Channel for Robot {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn shows_pictures(&self) -> bool {
        self.images
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(
            ErrorKind::Unsupported,
            "a robot can only be tried by sending",
        )
        .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}
