//! A Slack bot: `chat.postMessage` with a token. What follows on a message of the same group answers it in its
//! thread, or changes it (`update_message`).
//!
//! Vendor page: <https://docs.slack.dev/reference/methods/chat.postMessage>. Limits: about a message a second for a
//! channel, 3000 characters a section. Slack has no idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Message, Occasion};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::click;
use super::codes::{classify, is_gone};
use super::fields::OF_BOT;
use super::files::Uploads;
use super::look::{Look, TEXT, TITLE};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, is_template};
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What a Slack bot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "slack_bot",
    receiver_key: "slack_configs",
    title: ("Slack bot", "Slack 机器人"),
    vendor_page: "https://docs.slack.dev/reference/methods/chat.postMessage",
    account_fields: &ACCOUNT,
    receiver_fields: &OF_BOT,
    // Alertmanager's default for slack_configs.
    send_resolved: false,
    dialect: Dialect::SlackMrkdwn,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // One a second for a channel; the account may have several.
    quotas: &[Quota {
        calls: 10,
        per: Duration::from_secs(10),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

pub(super) const BASE: &str = "https://slack.com/api";

static ACCOUNT: [Field; 5] = [
    Field::optional(
        "token",
        Kind::Secret,
        "The bot's token, which begins with xoxb-.",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
    Field::optional(
        "base_url",
        Kind::Url,
        "The address below which the methods are; https://slack-gov.com/api for GovSlack.",
    )
    .or(BASE),
    Field::optional(
        "signing_secret",
        Kind::Secret,
        "The app's signing secret: with it and callback_token, messages have buttons.",
    ),
    crate::click::WHO,
];

/// One bot and the channels it writes to.
#[derive(Debug)]
struct Bot {
    http: Http,
    base: String,
    token: Secret,
    channels: Vec<String>,
    follows: Follows,
    /// Whether pictures of alerts follow in the thread.
    images: bool,
    look: Look,
    threads: Arc<Threads>,
    /// Whether somebody hears of the buttons that are pressed.
    buttons: bool,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["app_url", "base_url"], BASE)
        .map(|base| base.trim_end_matches("/chat.postMessage").to_owned());
    let token = options
        .secret("app_token")
        .or_else(|| options.secret("token"));
    if token.is_none() {
        let fix = "give the Bot User OAuth Token of the app's page (xoxb-…)";
        options.problem("token", "is missing", fix);
    }
    let channels = channels(&mut options);
    let is_set = |key: &str| options.boolean(key).unwrap_or(false);
    let follows = match (is_set("live"), is_set("update_message")) {
        (true, _) => Follows::Live,
        (false, true) => Follows::Instead,
        (false, false) => Follows::Below,
    };
    let images = is_set("images");
    let look = Look::of(&options);
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Bot {
            http: build.http.clone(),
            base,
            token,
            channels,
            follows,
            images,
            look,
            threads: build.tokens.threads(),
            buttons: crate::click::are_heard(build.account, "signing_secret"),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn channels(options: &mut Options<'_>) -> Vec<String> {
    let mut channels: Vec<String> = Vec::new();
    for name in options.texts("channel") {
        if is_template(name) {
            let fix = "write the channel itself, or route to receivers of their own";
            options.problem("channel", "is a Go template, which is not run here", fix);
            return Vec::new();
        }
        if !channels.iter().any(|known| known == name) {
            channels.push(name.to_owned());
        }
    }
    if channels.is_empty() {
        let fix = "give the channel's id (its details show it), or #name";
        options.problem("channel", "is missing", fix);
    }
    channels
}

/// What becomes of a thread's later messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// They answer the first.
    Below,
    /// They take its place (`update_message`).
    Instead,
    /// They answer the first, which is kept as things stand.
    Live,
}

/// How a message stands to an earlier one of its thread.
enum Place {
    /// It is the first.
    Channel,
    /// It answers that one.
    Below(Posted),
    /// It takes its place.
    Instead(Posted),
}

impl Bot {
    async fn deliver(&self, delivery: &Delivery<'_>, channel: &str) -> Outcome {
        let message = delivery.message;
        let place = match self.threads.first(&message.thread, channel) {
            Some(parent) if self.follows == Follows::Instead => Place::Instead(parent),
            Some(parent) => Place::Below(parent),
            None => Place::Channel,
        };
        let (method, body) = self.request(message, channel, &place);
        let reply = self.call(method, &body).await?;
        match classify(&reply, delivery.now) {
            Ok(answer) => {
                let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
                let (ts, id) = (word("ts"), word("channel"));
                let posted = Posted {
                    channel: id,
                    id: ts.clone(),
                };
                let shown = self.show_pictures(delivery, &place, &posted).await;
                self.threads.told(message, channel, posted);
                Ok(Receipt {
                    provider_id: ts,
                    answer: format!("ok{shown}"),
                })
            }
            Err(error) if !matches!(place, Place::Channel) && is_gone(&error) => {
                // Somebody deleted the message: the next try begins anew.
                self.threads.end(&message.thread, channel);
                Err(SendError::new(ErrorKind::Transient, error.detail))
            }
            Err(error) => Err(error),
        }
    }

    /// What became of the pictures. A message that was changed in place has those that it was posted with.
    async fn show_pictures(
        &self,
        delivery: &Delivery<'_>,
        place: &Place,
        posted: &Posted,
    ) -> String {
        let parent = match place {
            Place::Channel => posted,
            Place::Below(parent) => parent,
            Place::Instead(_) => return String::new(),
        };
        if !self.images {
            return String::new();
        }
        let uploads = Uploads {
            http: &self.http,
            base: &self.base,
            token: &self.token,
            now: delivery.now,
        };
        uploads.share(delivery.message, parent).await
    }

    fn request(&self, message: &Message, channel: &str, place: &Place) -> (&'static str, Value) {
        let mut body = self.look.body(message);
        let actions = Some(message)
            .filter(|_| self.buttons)
            .and_then(click::actions);
        let has_buttons = actions.is_some();
        if let Some(actions) = actions {
            click::add_to(&mut body, actions);
        }
        match place {
            Place::Channel => body["channel"] = channel.into(),
            Place::Below(parent) => {
                body["channel"] = parent.channel.as_str().into();
                body["thread_ts"] = parent.id.as_str().into();
                // An end may stay in the thread; what fires anew, everybody should see.
                if message.occasion != Occasion::Resolved {
                    body["reply_broadcast"] = true.into();
                }
            }
            Place::Instead(parent) => {
                body["channel"] = parent.channel.as_str().into();
                body["ts"] = parent.id.as_str().into();
                // What is left out of a change may stay as it was.
                if !has_buttons || body.get("blocks").is_none() {
                    body["blocks"] = json!([]);
                }
                return ("chat.update", body);
            }
        }
        ("chat.postMessage", body)
    }

    async fn call(&self, method: &str, body: &Value) -> Result<HttpReply, SendError> {
        let bearer = format!("Bearer {}", self.token.reveal());
        let request = HttpRequest::post_json(format!("{}/{method}", self.base), body)
            .header("authorization", bearer);
        exchange(&self.http, request, SPEC.timeout).await
    }

    async fn replace(&self, delivery: &Delivery<'_>) -> Outcome {
        let message = delivery.message;
        let channel = delivery
            .targets
            .first()
            .map_or("", |target| &target.address);
        let Some(first) = self.threads.first(&message.thread, channel) else {
            return Err(SendError::new(ErrorKind::Rejected, "message_not_found"));
        };
        let place = Place::Instead(first);
        let (method, body) = self.request(message, channel, &place);
        let reply = self.call(method, &body).await?;
        let answer = classify(&reply, delivery.now)?;
        Ok(Receipt {
            provider_id: answer["ts"].as_str().unwrap_or_default().to_owned(),
            answer: String::new(),
        })
    }

    async fn show(&self, pressed: &Click, reaction: &Reaction<'_>) -> Outcome {
        let (method, body) = click::reaction(pressed, reaction);
        let reply = self.call(method, &body).await?;
        classify(&reply, Time::EPOCH).map(|_| Receipt::default())
    }

    async fn ask(&self, now: Time) -> Outcome {
        let reply = self.call("auth.test", &json!({})).await?;
        let answer = classify(&reply, now)?;
        let word = |key: &str| answer[key].as_str().unwrap_or_default();
        let answer = excerpt(&format!("{} in {}", word("user"), word("team")));
        Ok(Receipt {
            provider_id: String::new(),
            answer,
        })
    }
}

impl Channel for Bot {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        let target = |channel: &String| Target {
            address: channel.as_str().into(),
            label: channel.as_str().into(),
        };
        self.channels.iter().map(target).collect()
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
        self.follows == Follows::Live
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
