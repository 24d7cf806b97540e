//! A Mattermost bot: `POST /api/v4/posts` with a token. What follows on a message of the same group answers it in its
//! thread.
//!
//! Vendor page: <https://developers.mattermost.com/api-documentation/#/operations/CreatePost>. Limits: 16 383 characters
//! a post; the server's own rate limit, if there is one. There is no idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::{Value, json};

use super::click;
use super::codes::{is_gone, refused};
use super::fields::OF_BOT;
use super::look::{DIALECT, Look, TEXT, TITLE};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, places, secret};
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::options::Options;
use crate::percent::encoded;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};
use crate::threads::{Changed, Posted, Threads, changed};

/// What a Mattermost bot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "mattermost_bot",
    receiver_key: "mattermost_configs",
    title: ("Mattermost bot", "Mattermost 机器人"),
    vendor_page: "https://developers.mattermost.com/api-documentation/#/operations/CreatePost",
    account_fields: &ACCOUNT,
    receiver_fields: &OF_BOT,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 10,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

static ACCOUNT: [Field; 4] = [
    Field::required(
        "base_url",
        Kind::Url,
        "The server's address, as in https://mattermost.example.com.",
    ),
    Field::optional(
        "token",
        Kind::Secret,
        "The bot's token (Integrations, Bot Accounts).",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
    crate::click::WHO,
];

/// One bot and the channels it writes to.
#[derive(Debug)]
struct Bot {
    http: Http,
    base: String,
    token: Secret,
    targets: Vec<Target>,
    look: Look,
    threads: Arc<Threads>,
    live: bool,
    /// Where a button that is pressed calls us; `None` where nobody hears of it.
    callback: Option<String>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    if options.text("base_url").is_none() {
        let fix = "write the server's address, as in https://mattermost.example.com";
        options.problem("base_url", "is missing", fix);
    }
    let base = base(&mut options, &build.http, &["base_url"], "");
    let place = "Mattermost: Integrations, Bot Accounts";
    let token = secret(&mut options, &["token"], place);
    let fix = "give the channel's id (View Info shows it)";
    let targets = places(&mut options, "channel", fix);
    let live = options.boolean("live").unwrap_or(false);
    let look = Look::of(&options);
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Bot {
            http: build.http.clone(),
            base: base.trim_end_matches("/api/v4").to_owned(),
            token,
            targets,
            look,
            threads: build.tokens.threads(),
            live,
            callback: click::address(build.account),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Bot {
    fn body(&self, message: &Message, channel: &str, root: Option<&Posted>) -> Value {
        let (names, mut attachment) = self.look.parts(message);
        if let Some(url) = &self.callback {
            click::add_to(&mut attachment, &names, message, url);
        }
        let mut props = json!({"attachments": [attachment]});
        // What a webhook names `…` the posts of a bot have as `override_…`.
        for (key, value) in &self.look.sender {
            props[format!("override_{key}")] = value.clone();
        }
        let mut body = json!({"channel_id": channel, "message": names, "props": props});
        match (root, &self.look.priority) {
            (Some(root), _) => body["root_id"] = root.id.as_str().into(),
            (None, Some(priority)) => body["metadata"] = json!({"priority": priority}),
            (None, None) => {}
        }
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>, channel: &str) -> Outcome {
        let message = delivery.message;
        let root = self.threads.first(&message.thread, channel);
        let body = self.body(message, channel, root.as_ref());
        let request = HttpRequest::post_json(format!("{}/api/v4/posts", self.base), &body);
        match self.call(request, delivery.now).await {
            Ok(answer) => {
                let id = answer["id"].as_str().unwrap_or_default().to_owned();
                let posted = Posted {
                    channel: channel.to_owned(),
                    id: id.clone(),
                };
                self.threads.told(message, channel, posted);
                Ok(Receipt {
                    provider_id: id,
                    answer: "ok".to_owned(),
                })
            }
            Err(error) => {
                // Somebody deleted the message: the next try begins anew.
                if is_gone(&error) {
                    self.threads.end(&message.thread, channel);
                }
                Err(error)
            }
        }
    }

    /// A patch leaves alone what it does not name; channel and place of a post stay as they are.
    async fn replace(&self, delivery: &Delivery<'_>) -> Outcome {
        let message = delivery.message;
        let channel = delivery
            .targets
            .first()
            .map_or("", |target| &target.address);
        let Some(first) = self.threads.first(&message.thread, channel) else {
            return Err(SendError::new(ErrorKind::Rejected, "there is no post"));
        };
        let whole = self.body(message, channel, Some(&first));
        let body = json!({"message": whole["message"], "props": whole["props"]});
        let url = format!("{}/api/v4/posts/{}/patch", self.base, encoded(&first.id));
        let mut request =
            HttpRequest::new(Method::PUT, url).header("content-type", "application/json");
        request.body = body.to_string().into();
        let answer = self.call(request, delivery.now).await?;
        Ok(Receipt {
            provider_id: answer["id"].as_str().unwrap_or_default().to_owned(),
            answer: String::new(),
        })
    }

    async fn call(&self, request: HttpRequest, now: Time) -> Result<Value, SendError> {
        let bearer = format!("Bearer {}", self.token.reveal());
        let request = request.header("authorization", bearer);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)
    }

    async fn ask(&self, now: Time) -> Outcome {
        let request = HttpRequest::get(format!("{}/api/v4/users/me", self.base));
        let answer = self.call(request, now).await?;
        let name = answer["username"].as_str().unwrap_or_default();
        Ok(Receipt {
            provider_id: String::new(),
            answer: excerpt(&format!("@{name}")),
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

    fn react<'a>(&'a self, _: &'a Click, _: &'a Reaction<'a>) -> BoxFuture<'a, Outcome> {
        crate::chat::shown()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { hide(self.ask(now).await, &[&self.token]) }.boxed()
    }
}

/// What a success answers with; it has an id.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    if !reply.is_success() {
        return Err(refused(reply, now));
    }
    let answer: Value = reply.json()?;
    if answer["id"].is_string() {
        return Ok(answer);
    }
    let detail = format!("the answer has no id: {}", reply.excerpt());
    Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
}
