//! ServerChan (Server酱), Turbo and 3: `POST https://sctapi.ftqq.com/KEY.send`, of a key that begins with `sctp`
//! `POST https://UID.push.ft07.com/send/KEY.send`.
//!
//! Vendor page: <https://sct.ftqq.com/sendkey>. Limits: titles of 32 characters, texts of 32 KB; 5 messages a day for
//! those who do not pay, 1000 for members. There is no idempotency key. Its codes are not documented: those who are
//! over the day's limit and wrong keys are known by the words of the answer.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::{DIALECT, key, owner, text, unasked};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Answer, base, exchange, headline, hide};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, status_error};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What ServerChan is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "serverchan",
    receiver_key: "serverchan_configs",
    title: ("ServerChan", "Server酱"),
    vendor_page: "https://sct.ftqq.com/sendkey",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // For those who do not pay.
    quotas: &[Quota {
        calls: 5,
        per: Duration::from_hours(24),
        penalty: Duration::from_hours(1),
    }],
    concurrency: 1,
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Chars(32);
const TEXT: Length = Length::Bytes(32 * 1024);
const TURBO: &str = "https://sctapi.ftqq.com";

static ACCOUNT: [Field; 3] = [
    Field::optional(
        "send_key",
        Kind::Secret,
        "The SendKey of the service's page: SCT… of Turbo, sctp… of ServerChan 3.",
    ),
    Field::optional("send_key_file", Kind::Text, "A file with the SendKey."),
    Field::optional(
        "base_url",
        Kind::Url,
        "The service's address; by default the one that the SendKey belongs to.",
    ),
];

static RECEIVER: [Field; 3] = [
    Field::optional(
        "channel",
        Kind::TextOrList,
        "The numbers of at most two of the service's channels, such as 9 or 66; its own choice without them (Turbo).",
    ),
    Field::optional(
        "openid",
        Kind::Text,
        "Copies to others, as the service's page of the channel says (Turbo).",
    ),
    Field::optional(
        "tags",
        Kind::TextOrList,
        "Words that messages are sorted by (ServerChan 3).",
    ),
];

/// One person's key.
#[derive(Debug)]
struct ServerChan {
    http: Http,
    url: Secret,
    key: Secret,
    /// Who pays nothing for Turbo is asked to hide the caller's address only there.
    turbo: bool,
    more: Value,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let key = key(&mut options, "send_key", "https://sct.ftqq.com/sendkey");
    let uid = key.as_ref().and_then(uid).map(ToOwned::to_owned);
    let place = match &uid {
        Some(uid) => format!("https://{uid}.push.ft07.com"),
        None => TURBO.to_owned(),
    };
    let base = base(&mut options, &build.http, &["base_url"], &place);
    let mut more = json!({});
    for name in ["channel", "tags"] {
        let words = options.texts(name).join("|");
        if !words.is_empty() {
            more[name] = words.into();
        }
    }
    if let Some(openid) = options.text("openid") {
        more["openid"] = openid.into();
    }
    let channel = key.zip(base).map(|(key, base)| {
        let safe: String = url::form_urlencoded::byte_serialize(key.reveal().as_bytes()).collect();
        let path = if uid.is_some() { "/send" } else { "" };
        Arc::new(ServerChan {
            http: build.http.clone(),
            url: Secret::new(format!("{base}{path}/{safe}.send")),
            key,
            turbo: uid.is_none(),
            more,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// The number in a key of ServerChan 3: `sctp`, digits, `t`, and the rest.
fn uid(key: &Secret) -> Option<&str> {
    let rest = key.reveal().strip_prefix("sctp")?;
    let (uid, _) = rest.split_once('t')?;
    (!uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_digit())).then_some(uid)
}

impl ServerChan {
    fn body(&self, message: &Message) -> Value {
        let mut body = self.more.clone();
        body["title"] = headline(message, Dialect::Plain, TITLE).into();
        body["desp"] = text(message, TITLE, TEXT).into();
        if self.turbo {
            // Our own address is nothing for the reader's page.
            body["noip"] = 1.into();
        }
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.body(delivery.message);
        let request = HttpRequest::post_json(self.url.reveal(), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for ServerChan {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![owner(&self.key, "ServerChan")]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.key, &self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(unasked()).boxed()
    }
}

/// How long to keep still when the day's messages are used up; the longest that is honoured.
const WAIT: Duration = Duration::from_hours(1);

fn classify(reply: &HttpReply, now: Time) -> Outcome {
    let answer = Answer::read(reply, now, &["code"], &["message", "info"])?;
    if answer.code == 0 {
        let id = answer.body["data"]["pushid"].as_str().unwrap_or_default();
        return Ok(Receipt {
            provider_id: id.to_owned(),
            answer: answer.detail(),
        });
    }
    if matches!(reply.status, 408 | 429 | 500..=599) {
        return Err(status_error(reply, now));
    }
    let words = answer.words.to_lowercase();
    let says = |some: &[&str]| some.iter().any(|word| words.contains(word));
    let error = |kind| SendError::new(kind, answer.detail());
    Err(
        if says(&["次数", "频率", "额度", "上限", "too many", "limit"]) {
            let fix = "the day's messages are used up (5 for those who do not pay): group more, or become a member";
            error(ErrorKind::RateLimited).fix(fix).after(WAIT)
        } else if says(&["key", "token", "auth"]) || matches!(reply.status, 401 | 403 | 404) {
            error(ErrorKind::Misconfigured).fix("copy the SendKey from the service's page again")
        } else {
            error(ErrorKind::Rejected).fix("the service refuses the message in these words")
        },
    )
}
