//! DingTalk's custom group robot: `POST /robot/send?access_token=…`, signed in the query.
//!
//! Vendor page: <https://open.dingtalk.com/document/development/custom-robots-send-group-messages>.
//! Limits: 20 messages a minute, then ten minutes of silence; bodies of 20 000 bytes; 50 people called by
//! name. A `msgUuid` makes tries safe to repeat.

mod body;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use url::Url;

use self::body::{Form, MSGTYPES};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Answer, Hook, Meaning, exchange, hide, hook, refusal};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, redact};
use crate::markup::Dialect;
use crate::options::Options;
use crate::sign::{hmac_sha256_base64, sha256_hex};
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What DingTalk's robot is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "dingtalk_robot",
    receiver_key: "dingtalk_configs",
    title: ("DingTalk robot", "钉钉群机器人"),
    vendor_page: "https://open.dingtalk.com/document/development/custom-robots-send-group-messages",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::DingTalkMarkdown,
    limits: Limits {
        title: Length::Bytes(256),
        // The whole body may have 20 000 bytes; JSON needs some of them for itself.
        text: Length::Bytes(19_000),
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 20,
        per: Duration::from_mins(1),
        penalty: PENALTY,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

/// How long a robot that was too fast is refused.
const PENALTY: Duration = Duration::from_mins(10);

static ACCOUNT: [Field; 7] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The robot's webhook as its page shows it; this or token is required.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
    Field::optional("token", Kind::Secret, "The access_token of the webhook."),
    Field::optional("base_url", Kind::Url, "DingTalk's address, for token.")
        .or("https://oapi.dingtalk.com"),
    Field::optional(
        "secret",
        Kind::Secret,
        "The key of the security setting 加签, which begins with SEC.",
    ),
    Field::optional("secret_file", Kind::Text, "A file with the key."),
    Field::optional(
        "keyword",
        Kind::Text,
        "The word of the security setting 自定义关键词; put below messages that lack it.",
    ),
];

static RECEIVER: [Field; 4] = [
    Field::optional(
        "msgtype",
        Kind::OneOf(MSGTYPES),
        "The form of the message. Markdown instead where action_card, link and feed_card lack their link, feed_card its picture, or link and feed_card should call somebody.",
    )
    .or("markdown"),
    Field::optional(
        "at_mobiles",
        Kind::TextOrList,
        "Mobile numbers called by name in every message.",
    ),
    Field::optional(
        "at_user_ids",
        Kind::TextOrList,
        "User ids called by name in every message.",
    ),
    Field::optional(
        "pic_url",
        Kind::Url,
        "The picture of link and feed_card when the message has none.",
    ),
];

const HOOK: Hook = Hook {
    key: "token",
    base: "https://oapi.dingtalk.com",
    path: "/robot/send?access_token=",
};

/// One robot in one chat.
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
    let owned = |texts: Vec<&str>| texts.into_iter().map(ToOwned::to_owned).collect();
    let form = Form {
        msgtype: options.text("msgtype").unwrap_or("markdown").to_owned(),
        keyword: options.text("keyword").unwrap_or_default().to_owned(),
        mobiles: owned(options.texts("at_mobiles")),
        user_ids: owned(options.texts("at_user_ids")),
        picture: options.text("pic_url").map(ToOwned::to_owned),
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

/// The URL with time and signature; those of an already signed URL that somebody copied are dropped.
fn signed(url: &str, key: Option<&Secret>, now: Time) -> String {
    let (Some(key), Ok(mut url)) = (key, Url::parse(url)) else {
        return url.to_owned();
    };
    let millis = now.millis().to_string();
    let message = format!("{millis}\n{}", key.reveal());
    let sign = hmac_sha256_base64(key.reveal().as_bytes(), message.as_bytes());
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !matches!(&**name, "timestamp" | "sign"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("timestamp", &millis)
        .append_pair("sign", &sign);
    url.into()
}

impl Robot {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let url = signed(self.url.reveal(), self.key.as_ref(), delivery.now);
        let body = self.form.body(delivery.message, delivery.id);
        let request = HttpRequest::post_json(url, &body);
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
        let error = SendError::new(
            ErrorKind::Unsupported,
            "a robot can only be tried by sending",
        )
        .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}

const SLOWER: &str =
    "a robot may send 20 messages a minute: group more, or spread over several robots";
const NEW_HOOK: &str =
    "copy the webhook from the robot's page again; the robot may have been removed";
const TOO_LONG: &str = "shorten the template: DingTalk takes 20000 bytes";
const UNSAFE: &str = "DingTalk's content check refused this text or link: change its words";

/// Codes of `robot/send` (wire/dingtalk.md, A.7).
const CODES: &[Meaning] = &[
    Meaning::new(-1, ErrorKind::Transient, ""),
    Meaning::quota(130_101, PENALTY, SLOWER),
    Meaning::quota(410_100, PENALTY, SLOWER),
    Meaning::new(400_101, ErrorKind::Misconfigured, NEW_HOOK),
    Meaning::new(300_001, ErrorKind::Misconfigured, NEW_HOOK),
    Meaning::new(300_005, ErrorKind::Misconfigured, NEW_HOOK),
    Meaning::new(
        400_102,
        ErrorKind::Misconfigured,
        "the robot is disabled: enable it in the group's settings",
    ),
    Meaning::new(
        400_106,
        ErrorKind::Misconfigured,
        "the robot is not in the group any more: add it again and use its new webhook",
    ),
    Meaning::new(
        400_013,
        ErrorKind::Misconfigured,
        "the group was disbanded: use a robot of another group",
    ),
    Meaning::new(460_101, ErrorKind::Rejected, TOO_LONG),
    Meaning::new(101_002, ErrorKind::Rejected, TOO_LONG),
    Meaning::new(430_101, ErrorKind::Rejected, UNSAFE),
    Meaning::new(430_102, ErrorKind::Rejected, UNSAFE),
    Meaning::new(430_103, ErrorKind::Rejected, UNSAFE),
    Meaning::new(430_104, ErrorKind::Rejected, UNSAFE),
];

/// The front of all of DingTalk bans an address for five minutes and says so without a code.
pub(crate) fn banned(reply: &HttpReply) -> Option<SendError> {
    let body: serde_json::Value = reply.json().ok()?;
    if body.get("errcode").is_some() || body["status"] != 1111 {
        return None;
    }
    let fix = "too many calls from this address: other programs behind it count too";
    let error = SendError::new(ErrorKind::RateLimited, reply.excerpt()).fix(fix);
    Some(error.after(Duration::from_mins(5)))
}

fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if let Some(error) = banned(reply) {
        return Err(error);
    }
    let answer = Answer::read(reply, now, &["errcode"], &["errmsg"])?;
    match answer.code {
        0 => Ok(Receipt {
            provider_id: String::new(),
            answer: answer.detail(),
        }),
        310_000 => Err(SendError::new(ErrorKind::Misconfigured, answer.detail())
            .fix(security_fix(&answer.words))),
        _ => Err(refusal(&answer, reply, now, CODES)),
    }
}

/// One code for all security settings: the words tell which.
fn security_fix(words: &str) -> &'static str {
    let words = words.to_lowercase();
    if words.contains("keyword") || words.contains("关键词") {
        "the message lacks the robot's keyword: set keyword at the account to one of 自定义关键词"
    } else if words.contains("timestamp") {
        "the clock of this machine is off by more than an hour: set it (NTP)"
    } else if words.contains("whitelist") || words.contains("ip ") {
        "this machine's public address is not in the robot's IP list (IP地址段): add the one that the answer names"
    } else {
        "the signature is wrong: copy the key of 加签 (SEC…) into secret again"
    }
}

#[cfg(test)]
mod tests;
