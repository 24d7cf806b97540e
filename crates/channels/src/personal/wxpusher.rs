//! WxPusher: `POST https://wxpusher.zjiecode.com/api/send/message`, to people (UID) and topics of an application.
//!
//! Vendor page: <https://wxpusher.zjiecode.com/docs/>. Limits: texts of 40 000 characters, summaries of 100, 2000
//! people and 5 topics a call; about 20 calls in ten seconds. A yes names a code for each reader. There is no
//! idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::{DIALECT, key, text, unasked};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Answer, Meaning, base, exchange, headline, hide, is_template, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected};
use crate::error::{Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, status_error};
use crate::markup::{Dialect, safe_url};
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What WxPusher is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "wxpusher",
    receiver_key: "wxpusher_configs",
    title: ("WxPusher", "WxPusher 微信推送"),
    vendor_page: "https://wxpusher.zjiecode.com/docs/",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        // It takes two thousand people, but an answer with a code for each is long.
        max_targets_per_call: 100,
    },
    quotas: &[Quota {
        calls: 20,
        per: PACE,
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Chars(100);
const TEXT: Length = Length::Chars(40_000);
const PACE: Duration = Duration::from_secs(10);
const BASE: &str = "https://wxpusher.zjiecode.com";
/// The code of a yes.
const YES: i64 = 1_000;
/// Most topics of a call; an entry has no more.
const MOST_TOPICS: usize = 5;
/// Longest address of the original.
const MOST_URL: usize = 1_000;

static ACCOUNT: [Field; 3] = [
    Field::optional(
        "app_token",
        Kind::Secret,
        "The application's appToken, which begins with AT_.",
    ),
    Field::optional("app_token_file", Kind::Text, "A file with the appToken."),
    Field::optional("base_url", Kind::Url, "The service's address.").or(BASE),
];

static RECEIVER: [Field; 2] = [
    Field::optional(
        "uids",
        Kind::TextOrList,
        "The UIDs of people who follow the application (UID_…).",
    ),
    Field::optional(
        "topic_ids",
        Kind::TextOrList,
        "The numbers of at most five of the application's topics.",
    ),
];

/// One application, and whom it tells.
#[derive(Debug)]
struct WxPusher {
    http: Http,
    url: String,
    token: Secret,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let token = key(
        &mut options,
        "app_token",
        "https://wxpusher.zjiecode.com/admin/",
    );
    let targets = targets(&mut options);
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(WxPusher {
            http: build.http.clone(),
            url: format!("{base}/api/send/message"),
            token,
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// Each person and topic once.
fn targets(options: &mut Options<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut add = |prefix: &str, id: &str| {
        let address = format!("{prefix}{id}");
        if !targets.iter().any(|known| *known.address == *address) {
            targets.push(Target {
                label: if prefix == "uid:" { id } else { &address }.into(),
                address: address.as_str().into(),
            });
        }
    };
    for uid in options.texts("uids") {
        if is_template(uid) {
            let fix = "write the UIDs themselves, or route to receivers of their own";
            options.problem("uids", "is a Go template, which is not run here", fix);
        } else {
            add("uid:", uid);
        }
    }
    let topics = options.texts("topic_ids");
    for topic in &topics {
        if topic.parse::<u64>().is_ok() {
            add("topic:", topic);
        } else {
            let fix = "write the topic's number, as the application's page shows it";
            options.problem("topic_ids", format!("{topic:?} is not a number"), fix);
        }
    }
    if topics.len() > MOST_TOPICS {
        let problem = format!("{} topics, more than {MOST_TOPICS}", topics.len());
        options.problem("topic_ids", problem, "spread them over several entries");
    }
    if targets.is_empty() {
        options.problem("uids", "nobody is named", "give uids or topic_ids");
    }
    targets
}

impl WxPusher {
    fn body(&self, message: &Message, targets: &[Target]) -> Value {
        let ids = |prefix: &'static str| {
            let addresses = targets.iter().map(|target| &*target.address);
            addresses.filter_map(move |address| address.strip_prefix(prefix))
        };
        let uids: Vec<&str> = ids("uid:").collect();
        let topics: Vec<u64> = ids("topic:").flat_map(str::parse).collect();
        let mut body = json!({
            "appToken": self.token.reveal(),
            "summary": headline(message, Dialect::Plain, TITLE),
            "content": text(message, TITLE, TEXT),
            // Markdown.
            "contentType": 3,
            "uids": uids,
            "topicIds": topics,
            "verifyPayType": 0,
        });
        let link = message.link.as_ref().and_then(|link| safe_url(&link.url));
        if let Some(url) = link.filter(|url| url.len() <= MOST_URL) {
            body["url"] = url.into();
        }
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<Told, SendError> {
        let body = self.body(delivery.message, delivery.targets);
        let request = HttpRequest::post_json(&self.url, &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        let answer = accepted(&reply, delivery.now)?;
        Ok(Told {
            answer,
            reply,
            now: delivery.now,
        })
    }
}

impl Channel for WxPusher {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let told = self.deliver(delivery).await;
            let outcome = |target| match &told {
                Ok(told) => told.of(target),
                Err(error) => Err(error.clone()),
            };
            let hidden = |target| hide(outcome(target), &[&self.token]);
            delivery.targets.iter().map(hidden).collect()
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(unasked()).boxed()
    }
}

const TOKEN: &str = "copy the appToken (AT_…) from the application's page again";

/// Codes of `send/message` (wire/wechat_personal.md, 4), of the call and of each reader.
const CODES: &[Meaning] = &[
    Meaning::new(1_001, Misconfigured, TOKEN),
    Meaning::new(1_002, Misconfigured, TOKEN),
    Meaning::new(1_003, Rejected, "the text is empty: check the template"),
    Meaning::new(
        1_004,
        Rejected,
        "the service does not know this UID or topic, or the person follows the application no more",
    ),
    Meaning::new(
        1_007,
        Rejected,
        "shorten the template: WxPusher takes 40000 characters",
    ),
    Meaning::quota(
        1_008,
        PACE,
        "WxPusher takes 20 calls in ten seconds: group more",
    ),
    Meaning::new(
        1_010,
        Misconfigured,
        "add this machine's public address to the application's list of addresses",
    ),
];

/// The answer if the call was taken.
fn accepted(reply: &HttpReply, now: Time) -> Result<Answer, SendError> {
    let answer = Answer::read(reply, now, &["code"], &["msg"])?;
    match answer.code {
        _ if !reply.is_success() => Err(status_error(reply, now)),
        YES => Ok(answer),
        _ => Err(refusal(&answer, reply, now, CODES)),
    }
}

/// What a call came to.
#[derive(Debug)]
struct Told {
    answer: Answer,
    reply: HttpReply,
    now: Time,
}

impl Told {
    /// What the answer says of one reader; one that it does not name has what the call has.
    fn of(&self, target: &Target) -> Outcome {
        let entries = self.answer.body["data"].as_array();
        let is_of = |entry: &&Value| match target.address.split_once(':') {
            Some(("uid", uid)) => entry["uid"] == uid,
            Some((_, topic)) => number(&entry["topicId"]).is_some_and(|id| id == topic),
            None => false,
        };
        let entry = entries.into_iter().flatten().find(is_of);
        let Some(entry) = entry else {
            return Ok(Receipt {
                provider_id: String::new(),
                answer: self.answer.detail(),
            });
        };
        let of_entry = Answer {
            code: entry["code"].as_i64().unwrap_or(YES),
            words: entry["status"].as_str().unwrap_or_default().to_owned(),
            body: Value::Null,
        };
        if of_entry.code != YES {
            return Err(refusal(&of_entry, &self.reply, self.now, CODES));
        }
        Ok(Receipt {
            provider_id: number(&entry["sendRecordId"]).unwrap_or_default(),
            answer: of_entry.detail(),
        })
    }
}

fn number(value: &Value) -> Option<String> {
    value.as_u64().map(|number| number.to_string())
}
