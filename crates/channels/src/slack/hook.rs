//! Slack's incoming webhook: `POST https://hooks.slack.com/services/T…/B…/…`, answered with `ok` in plain text.
//!
//! Vendor page: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>. Limits: about a message
//! a second, 3000 characters a section. No id comes back, so that there are neither threads nor changes.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use super::codes::{known, named};
use super::fields::OF_HOOK;
use super::look::{Look, TEXT, TITLE};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Hook, exchange, hide, hook};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, redact, status_error};
use crate::markup::Dialect;
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};

/// What Slack's incoming webhook is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "slack_webhook",
    receiver_key: "slack_configs",
    title: ("Slack webhook", "Slack 传入 Webhook"),
    vendor_page: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
    account_fields: &ACCOUNT,
    receiver_fields: &OF_HOOK,
    // Alertmanager's default for slack_configs.
    send_resolved: false,
    dialect: Dialect::SlackMrkdwn,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // One a second; short bursts are taken.
    quotas: &[Quota {
        calls: 5,
        per: Duration::from_secs(5),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

static ACCOUNT: [Field; 2] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The webhook as Slack's page shows it.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
];

/// There is no key without the whole URL.
const NO_KEY: Hook = Hook {
    key: "api_url",
    base: "https://hooks.slack.com",
    path: "/services/",
};

/// One webhook, which leads to one channel.
#[derive(Debug)]
struct Webhook {
    http: Http,
    url: Secret,
    target: Target,
    look: Look,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["api_url", "url"], &NO_KEY);
    let look = Look::of(&options);
    let channel = url.map(|url| {
        Arc::new(Webhook {
            http: build.http.clone(),
            target: Target {
                address: sha256_hex(url.reveal().as_bytes())[..16].into(),
                label: redact::shown_url(url.reveal()).into(),
            },
            url,
            look,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Webhook {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.look.body(delivery.message);
        let request = HttpRequest::post_json(self.url.reveal(), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Webhook {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(
            ErrorKind::Unsupported,
            "an incoming webhook can only be tried by sending",
        )
        .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}

/// `ok` is a yes, and so is the JSON that some proxies make of it; every other 200 tells nothing.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    let text = String::from_utf8_lossy(&reply.body);
    let text = text.trim();
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let name = json["error"].as_str().unwrap_or(text);
    if !reply.is_success() {
        let detail = format!("status {}: {name}", reply.status);
        return Err(known(name, &detail, reply, now).unwrap_or_else(|| status_error(reply, now)));
    }
    if json["ok"] == false {
        return Err(named(name, name, reply, now));
    }
    if text == "ok" || json["ok"] == true {
        return Ok(Receipt {
            provider_id: String::new(),
            answer: "ok".to_owned(),
        });
    }
    let detail = format!("the answer is neither ok nor an error: {}", reply.excerpt());
    Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
}
