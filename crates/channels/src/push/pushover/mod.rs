//! Pushover: `POST /1/messages.json` of an application, to people and groups.
//!
//! Vendor page: <https://pushover.net/api>. Limits: 1024 characters a text, 250 a title; two connections; 10 000 messages
//! a month of an application that does not pay. A message of priority 2 is told again until somebody confirms it. There
//! is no idempotency key, and whoever repeats what was refused is locked out.

pub(super) mod codes;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use self::codes::classify;
use super::{Readers, click};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Own, Tone, base, exchange, fixed, headline, hide, page, secret};
use crate::cut::cut;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpRequest};
use crate::markup::{Dialect, one_line, safe_url};
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Pushover is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "pushover",
    receiver_key: "pushover_configs",
    title: ("Pushover", "Pushover 推送"),
    vendor_page: "https://pushover.net/api",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Chars(250);
const TEXT: Length = Length::Chars(1_024);
const URL_TITLE: Length = Length::Chars(100);
const MOST_URL: usize = 512;
const BASE: &str = "https://api.pushover.net";
/// Shortest time between two reminders of priority 2, and longest time of them all.
const LEAST_RETRY: Duration = Duration::from_secs(30);
/// See [`LEAST_RETRY`].
const MOST_EXPIRE: Duration = Duration::from_hours(3);

static ACCOUNT: [Field; 3] = [
    Field::optional(
        "token",
        Kind::Secret,
        "The application's token, of https://pushover.net/apps.",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
    Field::optional("base_url", Kind::Url, "The service's address.").or(BASE),
];

const KEPT: &str =
    "As in Alertmanager, Go templates included; where one fails, our own look is sent.";

/// Alertmanager's (0.34).
static RECEIVER: [Field; 16] = [
    Field::optional(
        "user_key",
        Kind::Secret,
        "The key of a person or group; several with commas.",
    ),
    Field::optional("user_key_file", Kind::Text, "A file with the key."),
    Field::optional(
        "token",
        Kind::Secret,
        "The application's token; Alertmanager's key.",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
    Field::optional("title", Kind::GoTemplate, KEPT),
    Field::optional("message", Kind::GoTemplate, KEPT),
    Field::optional(
        "url",
        Kind::GoTemplate,
        "Where a tap leads. Our page on the group when absent.",
    ),
    Field::optional("url_title", Kind::GoTemplate, "The address' text."),
    Field::optional(
        "device",
        Kind::GoTemplate,
        "The person's device; all of them when absent.",
    ),
    Field::optional("sound", Kind::GoTemplate, "The sound's name."),
    Field::optional(
        "priority",
        Kind::GoTemplate,
        "-2 to 2. By severity when absent: critical is 2, and so repeated until somebody confirms it.",
    ),
    Field::optional(
        "retry",
        Kind::Duration,
        "How often priority 2 is repeated, at least 30s.",
    )
    .or("1m"),
    Field::optional(
        "expire",
        Kind::Duration,
        "How long priority 2 is repeated, at most 3h.",
    )
    .or("1h"),
    Field::optional(
        "ttl",
        Kind::Duration,
        "After which time the message is removed from the device.",
    ),
    Field::optional(
        "html",
        Kind::Bool,
        "Whether words of your own are HTML; ours are plain text.",
    )
    .or("false"),
    Field::optional(
        "monospace",
        Kind::Bool,
        "Whether letters have the same width.",
    )
    .or("false"),
];

/// One application, and whom it tells.
#[derive(Debug)]
struct Pushover {
    http: Http,
    base: String,
    token: Secret,
    readers: Readers,
    own: Own,
    url: Option<String>,
    url_title: Option<String>,
    priority: Option<i64>,
    retry: u64,
    expire: u64,
    html: bool,
    /// `device`, `sound`, `ttl`, `monospace`.
    more: Value,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let token = secret(&mut options, &["token"], "https://pushover.net/apps");
    let fix = "copy the person's or group's key from https://pushover.net";
    let readers = Readers::of(&mut options, "user_key", "Pushover", fix);
    let priority = priority(&mut options);
    let retry = options.duration("retry").unwrap_or(Duration::from_mins(1));
    let expire = options
        .duration("expire")
        .unwrap_or(Duration::from_hours(1));
    if retry < LEAST_RETRY {
        options.problem("retry", "is shorter than 30s", "write 30s or more");
    }
    if expire > MOST_EXPIRE {
        options.problem("expire", "is longer than 3h", "write 3h or less");
    }
    let html = options.boolean("html").unwrap_or(false);
    let monospace = options.boolean("monospace").unwrap_or(false);
    if html && monospace {
        options.problem("monospace", "stands beside html", "leave one of them out");
    }
    let mut more = json!({});
    for key in ["device", "sound"] {
        if let Some(word) = fixed(&options, key) {
            more[key] = word.into();
        }
    }
    if let Some(ttl) = options.duration("ttl") {
        more["ttl"] = ttl.as_secs().into();
    }
    if monospace {
        more["monospace"] = 1.into();
    }
    let url = fixed(&options, "url").and_then(safe_url);
    let title = |text: &str| cut(&one_line(text), URL_TITLE).into_owned();
    let url_title = fixed(&options, "url_title").map(title);
    let own = Own::of(&options, "title", "message");
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Pushover {
            http: build.http.clone(),
            base,
            token,
            readers,
            own,
            url,
            url_title,
            priority,
            retry: retry.as_secs(),
            expire: expire.as_secs(),
            html,
            more,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn priority(options: &mut Options<'_>) -> Option<i64> {
    let word = fixed(options, "priority")?;
    let priority = word.parse().ok().filter(|n| (-2..=2).contains(n));
    if priority.is_none() {
        let problem = format!("{word:?} is no priority");
        options.problem("priority", problem, "write a number from -2 to 2");
    }
    priority
}

impl Pushover {
    fn body(&self, message: &Message, user: &Secret) -> Value {
        let message = &self.own.on(message);
        let own_text = message
            .custom
            .as_ref()
            .is_some_and(|own| own.text.is_some());
        let by_severity = match Tone::of(message) {
            Tone::Critical => 2,
            Tone::Error => 1,
            Tone::Warning => 0,
            Tone::Info | Tone::Good => -1,
        };
        let priority = self.priority.unwrap_or(by_severity);
        let title = headline(message, Dialect::Plain, TITLE);
        let text = page(message, Dialect::Plain, TEXT, "", "");
        let mut body = self.more.clone();
        body["token"] = self.token.reveal().into();
        body["user"] = user.reveal().into();
        // A message must not be empty.
        body["message"] = if text.trim().is_empty() { "-" } else { &text }.into();
        if !title.is_empty() {
            body["title"] = title.into();
        }
        body["priority"] = priority.into();
        if priority == 2 {
            body["retry"] = self.retry.into();
            body["expire"] = self.expire.into();
        }
        let url = self.url.clone().filter(|url| url.len() <= MOST_URL);
        if let Some(url) = url.or_else(|| click(message, MOST_URL)) {
            body["url"] = url.into();
            let link = message.link.as_ref().map(|link| one_line(&link.text));
            let link = link.filter(|text| !text.is_empty());
            if let Some(text) = self.url_title.clone().or(link) {
                body["url_title"] = cut(&text, URL_TITLE).into_owned().into();
            }
        }
        if self.html && own_text {
            body["html"] = 1.into();
        }
        body
    }

    async fn call(&self, path: &str, body: &Value, now: Time) -> Outcome {
        let request = HttpRequest::post_json(format!("{}{path}", self.base), body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>, target: &Target) -> Outcome {
        let Some(user) = self.readers.key(target) else {
            let why = "the account has no such reader any more";
            let fix = "write the reader into the account again, or take them out of the receiver";
            return Err(SendError::new(ErrorKind::Rejected, why).fix(fix));
        };
        let body = self.body(delivery.message, user);
        self.call("/1/messages.json", &body, delivery.now).await
    }

    fn hide(&self, outcome: Outcome) -> Outcome {
        let secrets: Vec<&Secret> = self.readers.keys().chain([&self.token]).collect();
        hide(outcome, &secrets)
    }

    async fn ask(&self, now: Time) -> Outcome {
        let mut said = Receipt::default();
        for user in self.readers.keys() {
            let body = json!({"token": self.token.reveal(), "user": user.reveal()});
            said = self.call("/1/users/validate.json", &body, now).await?;
        }
        Ok(said)
    }
}

impl Channel for Pushover {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.readers.targets()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                outcomes.push(self.hide(self.deliver(delivery, target).await));
            }
            outcomes
        }
        .boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { self.hide(self.ask(now).await) }.boxed()
    }
}
