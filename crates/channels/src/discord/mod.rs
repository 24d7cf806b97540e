//! Discord's webhook: `POST /api/webhooks/{id}/{token}?wait=true`, which answers with the message.
//!
//! Vendor page: <https://discord.com/developers/docs/resources/webhook#execute-webhook>. Limits: an embed has a title of
//! 256 characters and a description of 4096; about 5 calls in 2 seconds for a webhook. Whoever goes on calling a removed
//! webhook is locked out for all of them. There is no idempotency key.

mod codes;
mod pictures;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::{Value, json};

use self::codes::classify;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{
    Hook, Own, Tone, called, exchange, fixed, headline, hide, hook, only_chat, without_main_link,
};
use crate::cut::cut;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest, excerpt};
use crate::markup::{Dialect, safe_url, text_of};
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What Discord's webhook is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "discord",
    receiver_key: "discord_configs",
    title: ("Discord webhook", "Discord Webhook"),
    vendor_page: "https://discord.com/developers/docs/resources/webhook#execute-webhook",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 5,
        per: Duration::from_secs(2),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const DIALECT: Dialect = Dialect::ChatMarkdown;
const TITLE: Length = Length::Chars(256);
/// Of 4096, and 6000 for all parts of a message together.
const TEXT: Length = Length::Chars(4_000);
/// Text above the embed, where people are called.
const CONTENT: Length = Length::Chars(2_000);
const NAME: Length = Length::Chars(80);

static ACCOUNT: [Field; 2] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The webhook as the channel's settings show it (Integrations, Webhooks).",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
];

const KEPT: &str =
    "As in Alertmanager, Go templates included; where one fails, our own look is sent.";
const STATIC: &str = "As in Alertmanager, Go templates included.";

/// Alertmanager's (0.34).
static RECEIVER: [Field; 10] = [
    crate::picture::IMAGES,
    crate::threads::LIVE,
    Field::optional(
        "webhook_url",
        Kind::SecretUrl,
        "The webhook; Alertmanager's key.",
    ),
    Field::optional("webhook_url_file", Kind::Text, "A file with the webhook."),
    Field::optional("title", Kind::GoTemplate, KEPT),
    Field::optional("message", Kind::GoTemplate, KEPT),
    Field::optional("content", Kind::GoTemplate, STATIC),
    Field::optional("username", Kind::GoTemplate, STATIC),
    Field::optional("avatar_url", Kind::GoTemplate, STATIC),
    Field::optional(
        "thread_id",
        Kind::Text,
        "The thread of a forum channel, or of the webhook's channel, that is written to.",
    ),
];

/// There is no key without the whole URL.
const NO_KEY: Hook = Hook {
    key: "webhook_url",
    base: "https://discord.com",
    path: "/api/webhooks/",
};

/// One webhook, which leads to one channel.
#[derive(Debug)]
struct Webhook {
    http: Http,
    /// As the operator gave it.
    url: Secret,
    /// With what every call asks for.
    call: Secret,
    /// The thread that is written to.
    thread: Option<String>,
    threads: Arc<Threads>,
    live: bool,
    /// Whether pictures of alerts go along.
    images: bool,
    own: Own,
    content: Option<String>,
    username: Option<String>,
    avatar: Option<String>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["webhook_url", "url"], &NO_KEY);
    let thread = options.text("thread_id").map(ToOwned::to_owned);
    if thread.as_ref().is_some_and(|id| !is_id(id)) {
        let fix = "write the thread's number (Copy Thread ID)";
        options.problem("thread_id", "is not a number", fix);
    }
    let words = |key: &str, limit| fixed(&options, key).map(|text| cut(text, limit).into_owned());
    let (content, username) = (words("content", CONTENT), words("username", NAME));
    let avatar = fixed(&options, "avatar_url").and_then(safe_url);
    let own = Own::of(&options, "title", "message");
    let live = options.boolean("live").unwrap_or(false);
    let images = options.boolean("images").unwrap_or(false);
    let channel = url.map(|url| {
        Arc::new(Webhook {
            http: build.http.clone(),
            call: call(&url, thread.as_deref()),
            url,
            thread,
            threads: build.tokens.threads(),
            live,
            images,
            own,
            content,
            username,
            avatar,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// The address of a call that waits for its message.
fn call(url: &Secret, thread: Option<&str>) -> Secret {
    let sign = if url.reveal().contains('?') { '&' } else { '?' };
    let thread = thread.map(|id| format!("&thread_id={id}"));
    let thread = thread.unwrap_or_default();
    Secret::new(format!("{}{sign}wait=true{thread}", url.reveal()))
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Webhook {
    fn body(&self, message: &Message, now: Time) -> Value {
        let message = &self.own.on(message);
        let bare = without_main_link(message);
        let text = text_of(&bare, DIALECT, TEXT).text;
        let link = message.link.as_ref().and_then(|link| safe_url(&link.url));
        let link = link.filter(|url| url.starts_with("http") && url.len() <= 2_000);
        let title = headline(message, DIALECT, TITLE);
        let mut embed = json!({
            "color": color(message),
            "timestamp": now.timestamp().to_string(),
        });
        if !title.is_empty() {
            embed["title"] = title.into();
        }
        if let Some(url) = link {
            embed["url"] = url.into();
        }
        if !text.trim().is_empty() {
            embed["description"] = text.into();
        }
        let (names, allowed) = mentions(message);
        let above: Vec<&str> = [Some(names.as_str()), self.content.as_deref()]
            .into_iter()
            .flatten()
            .filter(|text| !text.is_empty())
            .collect();
        let mut body = json!({
            "content": cut(&above.join("\n"), CONTENT),
            "embeds": [embed],
            "allowed_mentions": allowed,
        });
        for (key, value) in [("username", &self.username), ("avatar_url", &self.avatar)] {
            if let Some(value) = value {
                body[key] = value.as_str().into();
            }
        }
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let (answer, shown) = self.post(delivery).await?;
        let id = answer["id"].as_str().unwrap_or_default();
        if let Some(target) = delivery.targets.first().filter(|_| self.live) {
            let posted = Posted {
                channel: target.address.to_string(),
                id: id.to_owned(),
            };
            self.threads.told(delivery.message, &target.address, posted);
        }
        Ok(Receipt {
            provider_id: excerpt(id),
            answer: format!("ok{shown}"),
        })
    }

    /// A webhook may change what it posted itself. Who is called in it is not called again.
    async fn replace(&self, delivery: &Delivery<'_>) -> Outcome {
        let (message, now) = (delivery.message, delivery.now);
        let target = delivery
            .targets
            .first()
            .map_or("", |target| &target.address);
        let first = self.threads.first(&message.thread, target);
        let Some(id) = first.map(|first| first.id).filter(|id| is_id(id)) else {
            return Err(SendError::new(ErrorKind::Rejected, "there is no message"));
        };
        let whole = self.body(message, now);
        let body = json!({
            "content": whole["content"],
            "embeds": whole["embeds"],
            "allowed_mentions": {"parse": []},
        });
        let mut request = HttpRequest::new(Method::PATCH, self.address(&id))
            .header("content-type", "application/json");
        request.body = body.to_string().into();
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)?;
        Ok(Receipt {
            provider_id: id,
            answer: String::new(),
        })
    }

    /// Where a message of the webhook's own is changed.
    fn address(&self, id: &str) -> String {
        let (base, query) = match self.url.reveal().split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (self.url.reveal(), None),
        };
        let thread = self.thread.as_ref().map(|id| format!("thread_id={id}"));
        let query = query.into_iter().map(ToOwned::to_owned).chain(thread);
        let query = query.collect::<Vec<_>>().join("&");
        let sign = if query.is_empty() { "" } else { "?" };
        format!("{base}/messages/{id}{sign}{query}")
    }

    async fn ask(&self, now: Time) -> Outcome {
        let request = HttpRequest::get(self.url.reveal());
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        let answer = classify(&reply, now)?;
        let word = |key: &str| answer[key].as_str().unwrap_or_default();
        let said = format!("{} in channel {}", word("name"), word("channel_id"));
        Ok(Receipt {
            provider_id: String::new(),
            answer: excerpt(&said),
        })
    }
}

/// Who is called, and the leave to call them: nobody else is, whatever the text says.
fn mentions(message: &Message) -> (String, Value) {
    let people = called(message, |person| &person.discord, |c| c.is_ascii_digit());
    let ids: Vec<&str> = people.map(|(_, id)| id).collect();
    let everyone = message.mentions.everyone;
    let parse: &[&str] = if everyone { &["everyone"] } else { &[] };
    let names = everyone.then(|| "@everyone".to_owned());
    let names = names
        .into_iter()
        .chain(ids.iter().map(|id| format!("<@{id}>")));
    let names: Vec<String> = names.collect();
    (names.join(" "), json!({"parse": parse, "users": ids}))
}

/// The colour of the bar, as a number.
fn color(message: &Message) -> u32 {
    match Tone::of(message) {
        Tone::Critical => 0xc9_252d,
        Tone::Error => 0xe8_710a,
        Tone::Warning => 0xf2_b705,
        Tone::Info => 0x2f_7ed8,
        Tone::Good => 0x2e_b67d,
    }
}

impl Channel for Webhook {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn shows_pictures(&self) -> bool {
        self.images
    }

    /// The call with them may be refused, and the words go once more.
    fn time_for_pictures(&self) -> Duration {
        if self.images {
            SPEC.timeout
        } else {
            Duration::ZERO
        }
    }

    fn targets(&self) -> Vec<Target> {
        vec![only_chat(&self.url)]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn threads(&self) -> Option<&Threads> {
        self.live.then_some(&*self.threads)
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        async move {
            let outcome = hide(self.replace(delivery).await, &[&self.url]);
            changed(outcome, |_| false)
        }
        .boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { hide(self.ask(now).await, &[&self.url]) }.boxed()
    }
}

#[cfg(test)]
mod tests;
