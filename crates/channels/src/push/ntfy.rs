//! ntfy: `POST` of JSON to the server's root, which reaches whoever has subscribed to the topic.
//!
//! Vendor page: <https://docs.ntfy.sh/publish/>. Limits: 4096 bytes a message, 60 calls at once, which come back at one
//! in five seconds, and 250 messages a day at ntfy.sh for those who do not pay. There is no idempotency key. A topic
//! without a rule of the server's is open to all who know its name.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::click;
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Answer, Meaning, Tone, base, exchange, headline, hide, page, places, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What ntfy is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "ntfy",
    receiver_key: "ntfy_configs",
    title: ("ntfy", "ntfy 推送"),
    vendor_page: "https://docs.ntfy.sh/publish/",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 12,
        per: Duration::from_mins(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Chars(200);
const TEXT: Length = Length::Bytes(4_000);
const BASE: &str = "https://ntfy.sh";
const MOST_TOPIC: usize = 64;
const MOST_URL: usize = 2_000;

static ACCOUNT: [Field; 3] = [
    Field::optional("base_url", Kind::Url, "The server's address.").or(BASE),
    Field::optional(
        "token",
        Kind::Secret,
        "The access token (tk_…), where the topic wants one; a user and password go into http_config.basic_auth.",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
];

static RECEIVER: [Field; 3] = [
    Field::required(
        "topic",
        Kind::TextOrList,
        "The topic, or several: letters, digits, - and _, at most 64. Whoever knows the name of an open one reads along.",
    ),
    Field::optional(
        "priority",
        Kind::Integer(1, 5),
        "How loud it is, 1 to 5; by severity when absent.",
    ),
    Field::optional(
        "tags",
        Kind::TextOrList,
        "Words, or ntfy's short names of emoji, beside the title.",
    ),
];

/// One server's topics.
#[derive(Debug)]
struct Ntfy {
    http: Http,
    base: String,
    token: Option<Secret>,
    targets: Vec<Target>,
    priority: Option<i64>,
    tags: Vec<String>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let fix = "name the topic: letters, digits, - and _";
    let targets = places(&mut options, "topic", fix);
    for target in &targets {
        if !is_topic(&target.address) {
            let problem = format!("{:?} is no topic's name", &*target.address);
            options.problem("topic", problem, fix);
        }
    }
    let token = options.secret("token");
    let priority = options.integer("priority");
    let tags = options.texts("tags").into_iter().map(ToOwned::to_owned);
    let tags = tags.collect();
    let channel = base.map(|base| {
        Arc::new(Ntfy {
            http: build.http.clone(),
            base,
            token,
            targets,
            priority,
            tags,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn is_topic(text: &str) -> bool {
    let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=MOST_TOPIC).contains(&text.len()) && text.chars().all(wordy)
}

impl Ntfy {
    fn body(&self, message: &Message, topic: &str) -> Value {
        let by_severity = match Tone::of(message) {
            Tone::Critical => 5,
            Tone::Error => 4,
            Tone::Warning => 3,
            Tone::Info | Tone::Good => 2,
        };
        let text = page(message, Dialect::Plain, TEXT, "", "");
        let mut body = json!({
            "topic": topic,
            "title": headline(message, Dialect::Plain, TITLE),
            "message": text,
            "priority": self.priority.unwrap_or(by_severity),
        });
        if !self.tags.is_empty() {
            body["tags"] = self.tags.clone().into();
        }
        if let Some(url) = click(message, MOST_URL) {
            body["click"] = url.into();
        }
        body
    }

    async fn call(&self, request: HttpRequest, now: Time) -> Result<Value, SendError> {
        let request = match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {}", token.reveal())),
            None => request,
        };
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>, topic: &str) -> Outcome {
        let body = self.body(delivery.message, topic);
        let request = HttpRequest::post_json(&self.base, &body);
        let answer = self.call(request, delivery.now).await?;
        let Some(id) = answer["id"].as_str() else {
            let detail = format!("the answer has no id: {answer}");
            return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
        };
        Ok(Receipt {
            provider_id: excerpt(id),
            answer: "ok".to_owned(),
        })
    }

    async fn ask(&self, now: Time) -> Outcome {
        let request = HttpRequest::get(format!("{}/v1/account", self.base));
        let answer = self.call(request, now).await?;
        let user = answer["username"].as_str().unwrap_or("*");
        Ok(Receipt {
            provider_id: String::new(),
            answer: excerpt(user),
        })
    }
}

impl Channel for Ntfy {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let secrets: Vec<&Secret> = self.token.iter().collect();
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                let outcome = self.deliver(delivery, &target.address).await;
                outcomes.push(hide(outcome, &secrets));
            }
            outcomes
        }
        .boxed()
    }

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move {
            let secrets: Vec<&Secret> = self.token.iter().collect();
            hide(self.ask(now).await, &secrets)
        }
        .boxed()
    }
}

const FORM: &str = "ntfy does not take the message: check the topic and the template";
const RIGHT: &str = "give the account a token that may write to the topic";
const DAY: &str = "the day's messages are used up: group more, or take a larger plan";
const SLOWER: &str = "ntfy takes a message in five seconds in the long run: group more";
const WAIT: Duration = Duration::from_secs(5);

/// Codes of an answer that is no success (wire/ntfy_gotify_pushover_bark.md, ntfy).
const CODES: &[Meaning] = &[
    Meaning::new(40_000, Rejected, FORM),
    Meaning::new(40_001, Rejected, FORM),
    Meaning::new(40_007, Rejected, FORM),
    Meaning::new(40_009, Misconfigured, FORM),
    Meaning::new(40_010, Misconfigured, FORM),
    Meaning::new(40_013, Rejected, FORM),
    Meaning::new(
        40_014,
        Rejected,
        "shorten the template: the server takes no attachments",
    ),
    Meaning::new(40_017, Rejected, FORM),
    Meaning::new(40_018, Rejected, FORM),
    Meaning::new(40_021, Rejected, FORM),
    Meaning::new(40_024, Rejected, FORM),
    Meaning::new(40_101, Misconfigured, RIGHT),
    Meaning::new(40_301, Misconfigured, RIGHT),
    Meaning::new(
        40_401,
        Misconfigured,
        "check base_url: there is no ntfy there",
    ),
    Meaning::new(41_301, Rejected, "shorten the template"),
    Meaning::new(41_303, Rejected, "shorten the template"),
    Meaning::quota(42_901, WAIT, SLOWER),
    Meaning::quota(42_902, WAIT, SLOWER),
    Meaning::new(
        42_904,
        Misconfigured,
        "the server has no room for more topics: ask its administrator",
    ),
    Meaning::quota(42_909, Duration::from_mins(1), RIGHT),
    Meaning::new(50_001, Transient, ""),
    Meaning::new(
        50_701,
        Rejected,
        "nobody has subscribed to this UnifiedPush topic",
    ),
];

/// Quotas of a day, which begins anew at midnight in UTC.
const DAYS: [i64; 3] = [42_905, 42_908, 42_910];

/// A success's answer; the error's own code counts before the status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Result<Value, SendError> {
    if reply.is_success() {
        return reply.json();
    }
    let answer = Answer::read(reply, now, &["code"], &["error"])?;
    if DAYS.contains(&answer.code) {
        let error = SendError::new(ErrorKind::RateLimited, answer.detail()).fix(DAY);
        return Err(error.after(until_midnight(now)));
    }
    Err(refusal(&answer, reply, now, CODES))
}

/// Until the day in UTC is over.
pub(super) fn until_midnight(now: Time) -> Duration {
    const DAY: u64 = 86_400;
    let seconds = u64::try_from(now.millis() / 1_000).unwrap_or_default();
    Duration::from_secs(DAY - seconds % DAY)
}
