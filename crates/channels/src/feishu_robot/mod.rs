//! The custom bot of a Feishu or Lark group: `POST /open-apis/bot/v2/hook/…`, signed in the body.
//!
//! Vendor page: <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>. Limits: 100 messages a minute
//! and 5 a second; bodies of 20 KB. There is no idempotency key, and nobody can be called by number.

pub(crate) mod body;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use self::body::{Form, MSGTYPES};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Answer, Hook, Meaning, exchange, hide, hook, refusal};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, redact};
use crate::markup::Dialect;
use crate::options::Options;
use crate::sign::{hmac_sha256_base64, sha256_hex};
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Feishu's bot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "feishu_robot",
    receiver_key: "feishu_configs",
    title: ("Feishu bot", "飞书群机器人"),
    vendor_page: "https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::FeishuLark,
    limits: Limits {
        title: Length::Bytes(300),
        // The whole body may have 20 KB; JSON needs some of them for itself.
        text: Length::Bytes(19_000),
        max_targets_per_call: 1,
    },
    quotas: &[
        Quota {
            calls: 5,
            per: Duration::from_secs(1),
            penalty: Duration::ZERO,
        },
        Quota {
            calls: 100,
            per: Duration::from_mins(1),
            penalty: Duration::ZERO,
        },
    ],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

const BASE: &str = "https://open.feishu.cn";

static ACCOUNT: [Field; 7] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The bot's webhook as its page shows it; this or token is required.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
    Field::optional("token", Kind::Secret, "The last part of the webhook."),
    Field::optional(
        "base_url",
        Kind::Url,
        "Feishu's address, for token; https://open.larksuite.com for Lark.",
    )
    .or(BASE),
    Field::optional(
        "secret",
        Kind::Secret,
        "The key of the security setting 签名校验.",
    ),
    Field::optional("secret_file", Kind::Text, "A file with the key."),
    Field::optional(
        "keyword",
        Kind::Text,
        "The word of the security setting 自定义关键词; put below messages that lack it.",
    ),
];

static RECEIVER: [Field; 1] = [Field::optional(
    "msgtype",
    Kind::OneOf(MSGTYPES),
    "The form of the message: a card with colour and button, a post with title and link, or a text.",
)
.or("interactive")];

const HOOK: Hook = Hook {
    key: "token",
    base: BASE,
    path: "/open-apis/bot/v2/hook/",
};

/// One bot in one group.
#[derive(Debug)]
struct Robot {
    http: Http,
    url: Secret,
    key: Option<Secret>,
    target: Target,
    form: Form,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["url"], &HOOK);
    let form = Form {
        msgtype: options.text("msgtype").unwrap_or("interactive").to_owned(),
        keyword: options.text("keyword").unwrap_or_default().to_owned(),
    };
    let key = options.secret("secret");
    let channel = url.map(|url| {
        Arc::new(Robot {
            http: build.http.clone(),
            key,
            target: Target {
                address: sha256_hex(url.reveal().as_bytes())[..16].into(),
                label: redact::shown_url(url.reveal()).into(),
            },
            url,
            form,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// Time in seconds and signature: the key of the hash is both together, its message is empty.
fn signature(key: &Secret, now: Time) -> (String, String) {
    let seconds = now.secs().to_string();
    let key = format!("{seconds}\n{}", key.reveal());
    let sign = hmac_sha256_base64(key.as_bytes(), b"");
    (seconds, sign)
}

impl Robot {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let signature = self.key.as_ref().map(|key| signature(key, delivery.now));
        let body = self.form.body(delivery.message, signature.as_ref());
        let request = HttpRequest::post_json(self.url.reveal(), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Robot {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let secrets: Vec<&Secret> = self.key.iter().chain([&self.url]).collect();
            let outcome = hide(self.deliver(delivery).await, &secrets);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(ErrorKind::Unsupported, "a bot can only be tried by sending")
            .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}

const SLOWER: &str = "a bot may send 5 messages a second and 100 a minute: group more";

/// Codes of the custom bot (wire/feishu.md, 1.5).
const CODES: &[Meaning] = &[
    Meaning::quota(11_232, Duration::from_secs(10), SLOWER),
    Meaning::quota(11_233, Duration::from_secs(10), SLOWER),
    Meaning::new(
        9_499,
        ErrorKind::Rejected,
        "Feishu could not read the message: check the template",
    ),
    Meaning::new(
        19_001,
        ErrorKind::Misconfigured,
        "copy the webhook from the bot's page again; the bot may have been removed",
    ),
    Meaning::new(
        19_021,
        ErrorKind::Misconfigured,
        "copy the key of 签名校验 into secret again, and set this machine's clock (NTP)",
    ),
    Meaning::new(
        19_022,
        ErrorKind::Misconfigured,
        "add this machine's public address to the bot's IP list (IP 白名单)",
    ),
    Meaning::new(
        19_024,
        ErrorKind::Misconfigured,
        "the message lacks the bot's keyword: set keyword at the account to one of 自定义关键词",
    ),
];

/// Older tenants answer with `StatusCode` alone.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    let answer = Answer::read(
        reply,
        now,
        &["code", "StatusCode"],
        &["msg", "StatusMessage"],
    )?;
    if answer.code == 0 {
        return Ok(Receipt {
            provider_id: String::new(),
            answer: answer.detail(),
        });
    }
    let error = refusal(&answer, reply, now, CODES);
    // One code for all that is wrong with a request; only its words tell a quota.
    if answer.code == 9_499 && answer.words.to_lowercase().contains("too many") {
        let error = SendError::new(ErrorKind::RateLimited, error.detail).fix(SLOWER);
        return Err(error.after(Duration::from_secs(10)));
    }
    Err(error)
}

#[cfg(test)]
mod tests;
