//! PushPlus (推送加): `POST https://www.pushplus.plus/send`.
//!
//! Vendor page: <https://www.pushplus.plus/doc/guide/api.html>. A yes means only that the service took the message;
//! HTTP is always 200. Limits: about 200 messages a day for those who do not pay; the service names no sizes, and
//! ours stay within what it is known to show. Who goes on after code 900 is locked out for two days, so that nothing
//! is sent before the day there is over.

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
use crate::chat::{Answer, Meaning, base, exchange, headline, hide, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, status_error};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What PushPlus is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "pushplus",
    receiver_key: "pushplus_configs",
    title: ("PushPlus", "推送加"),
    vendor_page: "https://www.pushplus.plus/doc/guide/api.html",
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
        calls: 200,
        per: Duration::from_hours(24),
        penalty: Duration::from_hours(24),
    }],
    concurrency: 1,
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Chars(100);
const TEXT: Length = Length::Chars(20_000);
const BASE: &str = "https://www.pushplus.plus";
/// The code of a yes.
const YES: i64 = 200;
/// The code of an account that is locked out until the day is over.
const LOCKED: i64 = 900;

static ACCOUNT: [Field; 3] = [
    Field::optional("token", Kind::Secret, "The token of the service's page."),
    Field::optional("token_file", Kind::Text, "A file with the token."),
    Field::optional("base_url", Kind::Url, "The service's address.").or(BASE),
];

static RECEIVER: [Field; 4] = [
    Field::optional(
        "topic",
        Kind::Text,
        "The code of a group of readers (群组编码); without it only the token's owner reads.",
    ),
    Field::optional(
        "to",
        Kind::Secret,
        "The token of a friend (好友令牌) who reads instead; several with commas.",
    ),
    Field::optional(
        "channel",
        Kind::OneOf(&[
            "wechat",
            "webhook",
            "cp",
            "mail",
            "sms",
            "voice",
            "extension",
            "app",
            "clawbot",
            "cmcc",
            "qq",
        ]),
        "The service's own channel.",
    )
    .or("wechat"),
    Field::optional(
        "option",
        Kind::Text,
        "The code of the channel's settings on the service's page (渠道配置).",
    ),
];

/// One token, and for whom.
#[derive(Debug)]
struct PushPlus {
    http: Http,
    url: String,
    token: Secret,
    to: Option<Secret>,
    label: String,
    more: Value,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let token = key(&mut options, "token", "https://www.pushplus.plus");
    let to = options.secret("to");
    let topic = options.text("topic");
    if topic.is_some() && to.is_some() {
        let fix = "choose one: a group of readers, or a friend";
        options.problem("topic", "stands beside to", fix);
    }
    let mut more = json!({"template": "markdown"});
    for name in ["topic", "channel", "option"] {
        if let Some(word) = options.text(name) {
            more[name] = word.into();
        }
    }
    let label = topic.map_or_else(
        || "PushPlus".to_owned(),
        |topic| format!("PushPlus {topic}"),
    );
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(PushPlus {
            http: build.http.clone(),
            url: format!("{base}/send"),
            token,
            to,
            label,
            more,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl PushPlus {
    fn body(&self, message: &Message) -> Value {
        let mut body = self.more.clone();
        body["token"] = self.token.reveal().into();
        body["title"] = headline(message, Dialect::Plain, TITLE).into();
        body["content"] = text(message, TITLE, TEXT).into();
        if let Some(to) = &self.to {
            body["to"] = to.reveal().into();
        }
        body
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.body(delivery.message);
        let request = HttpRequest::post_json(&self.url, &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for PushPlus {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        let whose = self.to.as_ref().unwrap_or(&self.token);
        let key = format!("{} {}", whose.reveal(), self.more["topic"]);
        vec![owner(&Secret::new(key), &self.label)]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let secrets: Vec<&Secret> = self.to.iter().chain([&self.token]).collect();
            let outcome = hide(self.deliver(delivery).await, &secrets);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(unasked()).boxed()
    }
}

const TOKEN: &str = "copy the token from the service's page again";
const ACCOUNT_FIX: &str =
    "the account may not do this: look at its page (实名认证, 会员, 积分) for what it lacks";
const FIELDS: &str = "the service does not take this message: check topic, channel and option";

/// Codes of `send` (wire/wechat_personal.md, 3).
const CODES: &[Meaning] = &[
    Meaning::new(302, Misconfigured, TOKEN),
    Meaning::new(401, Misconfigured, TOKEN),
    Meaning::new(903, Misconfigured, TOKEN),
    Meaning::new(
        403,
        Misconfigured,
        "add this machine's public address to the account's list (安全IP)",
    ),
    Meaning::new(500, Transient, ""),
    Meaning::new(600, Rejected, FIELDS),
    Meaning::new(999, Rejected, FIELDS),
    Meaning::new(805, Misconfigured, ACCOUNT_FIX),
    Meaning::new(888, Misconfigured, ACCOUNT_FIX),
    Meaning::new(905, Misconfigured, ACCOUNT_FIX),
];

fn classify(reply: &HttpReply, now: Time) -> Outcome {
    let answer = Answer::read(reply, now, &["code"], &["msg"])?;
    match answer.code {
        _ if !reply.is_success() => Err(status_error(reply, now)),
        YES => Ok(Receipt {
            provider_id: answer.body["data"].as_str().unwrap_or_default().to_owned(),
            answer: answer.detail(),
        }),
        LOCKED => {
            let fix = "too many messages: the account is locked until midnight in China; group more, or become a member";
            let error = SendError::new(ErrorKind::RateLimited, answer.detail()).fix(fix);
            Err(error.after(until_midnight(now)))
        }
        _ => Err(refusal(&answer, reply, now, CODES)),
    }
}

/// Until the day in China is over, which has no summer time.
fn until_midnight(now: Time) -> Duration {
    const DAY: u64 = 86_400;
    const EAST: u64 = 8 * 3_600;
    let seconds = u64::try_from(now.millis() / 1_000).unwrap_or_default();
    Duration::from_secs(DAY - (seconds + EAST) % DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_account_keeps_still_until_midnight_in_china() {
        // 2026-11-21 16:30:00 in China.
        let now = Time::from_secs(1_795_249_800);
        assert_eq!(until_midnight(now), Duration::from_mins(450));
        let midnight = Time::from_secs(1_795_249_800 + 27_000);
        assert_eq!(until_midnight(midnight), Duration::from_hours(24));
    }
}
