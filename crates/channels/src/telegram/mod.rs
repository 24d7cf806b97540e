//! A Telegram bot: `sendMessage`, to people, groups and channels. What follows on a message of the same group
//! answers it.
//!
//! Vendor page: <https://core.telegram.org/bots/api#sendmessage>. Limits: 4096 characters after the markup is read; a
//! message a second for a chat, 20 a minute for a group, 30 a second for a bot. There is no idempotency key, so that
//! after a time-out a message may come twice. The token stands in the path of every call.

pub(crate) mod click;
mod codes;
mod form;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use self::codes::{classify, is_gone};
use self::form::{DIALECT, Form, PARSE_MODES, TEXT, TITLE};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, places, secret};
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest};
use crate::multipart::{File, form as form_data};
use crate::options::Options;
use crate::picture::{PATIENCE, pictures};
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What a Telegram bot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "telegram",
    receiver_key: "telegram_configs",
    title: ("Telegram bot", "Telegram 机器人"),
    vendor_page: "https://core.telegram.org/bots/api#sendmessage",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // Of one group; who writes to several chats may write another figure.
    quotas: &[Quota {
        calls: 20,
        per: Duration::from_mins(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const BASE: &str = "https://api.telegram.org";

static ACCOUNT: [Field; 5] = [
    Field::optional(
        "bot_token",
        Kind::Secret,
        "The token that @BotFather gave: digits, a colon, and the rest.",
    ),
    Field::optional("bot_token_file", Kind::Text, "A file with the token."),
    Field::optional(
        "base_url",
        Kind::Url,
        "The address of the Bot API, or of a server of your own.",
    )
    .or(BASE),
    Field::optional(
        "webhook_secret",
        Kind::Secret,
        "The secret_token that the bot's webhook was set with: with it and callback_token, messages have buttons.",
    ),
    crate::click::WHO,
];

/// Alertmanager's (0.34).
static RECEIVER: [Field; 12] = [
    crate::picture::IMAGES,
    crate::threads::LIVE,
    Field::optional(
        "api_url",
        Kind::Url,
        "The address of the Bot API; Alertmanager's key.",
    ),
    Field::optional(
        "bot_token",
        Kind::Secret,
        "The bot's token; Alertmanager's key.",
    ),
    Field::optional("bot_token_file", Kind::Text, "A file with the token."),
    Field::optional(
        "chat_id",
        Kind::TextOrList,
        "The chat's number (groups and channels have a negative one) or @channel; several with commas or as a list.",
    ),
    Field::optional("chat_id_file", Kind::Text, "A file with the chat's number."),
    Field::optional(
        "message_thread_id",
        Kind::Integer(0, i64::MAX),
        "The topic of a forum group.",
    ),
    Field::optional(
        "message",
        Kind::GoTemplate,
        "As in Alertmanager, Go templates included; where one fails, our own look is sent.",
    ),
    Field::optional(
        "disable_notifications",
        Kind::Bool,
        "Whether the message comes without a sound.",
    )
    .or("false"),
    Field::optional(
        "parse_mode",
        Kind::OneOf(PARSE_MODES),
        "The markup of words of your own; ours are HTML, or plain text when this is empty.",
    )
    .or("HTML"),
    Field::optional(
        "timeout",
        Kind::Duration,
        "Alertmanager's key; taken, without effect here.",
    ),
];

/// One bot and the chats it writes to.
#[derive(Debug)]
struct Bot {
    http: Http,
    /// Up to the method's name.
    url: Secret,
    token: Secret,
    targets: Vec<Target>,
    form: Form,
    threads: Arc<Threads>,
    live: bool,
    /// Whether pictures of alerts follow the words.
    images: bool,
    /// Whether somebody hears of the buttons that are pressed.
    buttons: bool,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["api_url", "base_url"], BASE);
    let token = secret(&mut options, &["bot_token"], "@BotFather in Telegram");
    let fix =
        "write the chat's number; the bot's getUpdates shows it once somebody has written there";
    let targets = places(&mut options, "chat_id", fix);
    for target in &targets {
        if form::chat_id(&target.address).is_none() {
            let problem = format!("{:?} is neither a number nor @name", &*target.address);
            options.problem("chat_id", problem, fix);
        }
    }
    let live = options.boolean("live").unwrap_or(false);
    let images = options.boolean("images").unwrap_or(false);
    let form = Form::of(&options);
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Bot {
            http: build.http.clone(),
            url: Secret::new(format!("{base}/bot{}", token.reveal())),
            token,
            targets,
            form,
            threads: build.tokens.threads(),
            live,
            images,
            buttons: crate::click::are_heard(build.account, "webhook_secret"),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Bot {
    async fn call(&self, method: &str, body: &Value) -> Result<HttpReply, SendError> {
        let url = format!("{}/{method}", self.url.reveal());
        exchange(&self.http, HttpRequest::post_json(url, body), SPEC.timeout).await
    }

    async fn deliver(&self, delivery: &Delivery<'_>, chat: &str) -> Outcome {
        let message = delivery.message;
        let mut body = self.form.body(message);
        body["chat_id"] = form::chat_id(chat).unwrap_or_else(|| chat.into());
        if let Some(keyboard) = click::keyboard(message).filter(|_| self.buttons) {
            body["reply_markup"] = keyboard;
        }
        let first = self.threads.first(&message.thread, chat);
        if let Some(id) = first.and_then(|first| first.id.parse::<i64>().ok()) {
            // A message that somebody deleted does not keep the next one away.
            body["reply_parameters"] =
                json!({"message_id": id, "allow_sending_without_reply": true});
        }
        let reply = self.call("sendMessage", &body).await?;
        let answer = classify(&reply, delivery.now).inspect_err(|error| {
            // The next try begins anew.
            if is_gone(error) {
                self.threads.end(&message.thread, chat);
            }
        })?;
        let number = |value: &Value| value.as_i64().map(|id| id.to_string()).unwrap_or_default();
        let id = number(&answer["result"]["message_id"]);
        let posted = Posted {
            channel: number(&answer["result"]["chat"]["id"]),
            id: id.clone(),
        };
        self.threads.told(message, chat, posted);
        let shown = if self.images {
            self.show_pictures(delivery, chat, &id).await
        } else {
            ""
        };
        Ok(Receipt {
            provider_id: id,
            answer: format!("ok{shown}"),
        })
    }

    /// The pictures as answers to the words, which are there: one that is not taken costs none of them.
    async fn show_pictures(&self, delivery: &Delivery<'_>, chat: &str, id: &str) -> &'static str {
        let url = format!("{}/sendPhoto", self.url.reveal());
        let below = json!({"message_id": id.parse::<i64>().unwrap_or_default()}).to_string();
        let showing = async {
            let mut shown = "";
            for (file, bytes) in pictures(delivery.message) {
                let mut texts = vec![
                    ("chat_id", chat.to_owned()),
                    ("reply_parameters", below.clone()),
                ];
                texts.extend(self.form.topic().map(|topic| ("message_thread_id", topic)));
                let photo = File {
                    field: "photo",
                    name: &file.name,
                    media_type: &file.media_type,
                    bytes,
                };
                let (kind, body) = form_data(&texts, &[photo]);
                let request = HttpRequest::post(url.as_str(), &kind, body);
                let reply = exchange(&self.http, request, PATIENCE).await;
                let taken = reply.is_ok_and(|reply| classify(&reply, delivery.now).is_ok());
                shown = match taken {
                    true if shown.is_empty() => "; with pictures",
                    true => shown,
                    false => "; not with all pictures",
                };
            }
            shown
        };
        let shown = tokio::time::timeout(PATIENCE, showing).await;
        shown.unwrap_or("; not with all pictures")
    }

    /// Buttons that are left out of a change are taken away.
    async fn replace(&self, delivery: &Delivery<'_>) -> Outcome {
        let message = delivery.message;
        let chat = delivery
            .targets
            .first()
            .map_or("", |target| &target.address);
        let first = self.threads.first(&message.thread, chat);
        let Some(id) = first.and_then(|first| first.id.parse::<i64>().ok()) else {
            return Err(SendError::new(ErrorKind::Rejected, "there is no message"));
        };
        let whole = self.form.body(message);
        let mut body = json!({
            "chat_id": form::chat_id(chat).unwrap_or_else(|| chat.into()),
            "message_id": id,
            "text": whole["text"],
            "link_preview_options": whole["link_preview_options"],
        });
        if let Some(mode) = whole.get("parse_mode") {
            body["parse_mode"] = mode.clone();
        }
        if let Some(keyboard) = click::keyboard(message).filter(|_| self.buttons) {
            body["reply_markup"] = keyboard;
        }
        let reply = self.call("editMessageText", &body).await?;
        match classify(&reply, delivery.now) {
            Err(error) if !error.detail.contains("message is not modified") => Err(error),
            _ => Ok(Receipt {
                provider_id: id.to_string(),
                answer: String::new(),
            }),
        }
    }

    async fn show(&self, pressed: &Click, reaction: &Reaction<'_>) -> Outcome {
        // Who may not answer hears so in the answer to the press.
        if let Some(body) = click::edit(pressed, reaction) {
            let reply = self.call("editMessageText", &body).await?;
            classify(&reply, Time::EPOCH)?;
        }
        Ok(Receipt::default())
    }

    async fn ask(&self, now: Time) -> Outcome {
        let reply = self.call("getMe", &json!({})).await?;
        let answer = classify(&reply, now)?;
        let name = answer["result"]["username"].as_str().unwrap_or_default();
        Ok(Receipt {
            provider_id: String::new(),
            answer: crate::http::excerpt(&format!("@{name}")),
        })
    }
}

impl Channel for Bot {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                let outcome = self.deliver(delivery, &target.address).await;
                outcomes.push(hide(outcome, &[&self.token]));
            }
            outcomes
        }
        .boxed()
    }

    fn shows_pictures(&self) -> bool {
        self.images
    }

    fn threads(&self) -> Option<&Threads> {
        Some(&self.threads)
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn change<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Changed> {
        async move {
            let outcome = hide(self.replace(delivery).await, &[&self.token]);
            changed(outcome, is_gone)
        }
        .boxed()
    }

    fn react<'a>(
        &'a self,
        pressed: &'a Click,
        reaction: &'a Reaction<'a>,
    ) -> BoxFuture<'a, Outcome> {
        async move { hide(self.show(pressed, reaction).await, &[&self.token]) }.boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { hide(self.ask(now).await, &[&self.token]) }.boxed()
    }
}

#[cfg(test)]
mod tests;
