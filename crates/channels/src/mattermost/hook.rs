//! Mattermost's incoming webhook: `POST https://mm.example.com/hooks/KEY`, answered with `ok` in plain text.
//!
//! Vendor page: <https://developers.mattermost.com/integrate/webhooks/incoming/>. Limits: texts over 16 383 characters
//! are split by the server; its own rate limit, if there is one. No id comes back, so that there are neither threads nor
//! changes. There is no idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::click;
use super::codes::refused;
use super::fields::OF_HOOK;
use super::look::{DIALECT, Look, TEXT, TITLE};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Hook, exchange, fixed, hide, hook, only_chat, unasked};
use crate::click::{Click, Reaction};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};

/// What Mattermost's incoming webhook is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "mattermost",
    receiver_key: "mattermost_configs",
    title: ("Mattermost webhook", "Mattermost 传入 Webhook"),
    vendor_page: "https://developers.mattermost.com/integrate/webhooks/incoming/",
    account_fields: &ACCOUNT,
    receiver_fields: &OF_HOOK,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // What a server that limits calls allows unless it is told otherwise.
    quotas: &[Quota {
        calls: 10,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(10),
    build,
};

static ACCOUNT: [Field; 3] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The webhook as Mattermost shows it (Integrations, Incoming Webhooks).",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
    crate::click::WHO,
];

/// There is no key without the whole URL.
const NO_KEY: Hook = Hook {
    key: "webhook_url",
    base: "https://mattermost.invalid",
    path: "/hooks/",
};

/// One webhook, which leads to one channel.
#[derive(Debug)]
struct Webhook {
    http: Http,
    url: Secret,
    channel: Option<String>,
    look: Look,
    /// Where a button that is pressed calls us; `None` where nobody hears of it.
    callback: Option<String>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["webhook_url", "url"], &NO_KEY);
    let channel = fixed(&options, "channel").map(ToOwned::to_owned);
    let look = Look::of(&options);
    let channel = url.map(|url| {
        Arc::new(Webhook {
            http: build.http.clone(),
            url,
            channel,
            look,
            callback: click::address(build.account),
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Webhook {
    fn body(&self, message: &Message) -> Value {
        let (names, mut attachment) = self.look.parts(message);
        if let Some(url) = &self.callback {
            click::add_to(&mut attachment, &names, message, url);
        }
        let mut body = json!({"text": names, "attachments": [attachment]});
        for (key, value) in &self.look.sender {
            body[key] = value.clone();
        }
        if let Some(channel) = &self.channel {
            // Alertmanager's ~name and Slack's #name mean the same.
            body["channel"] = channel.trim_start_matches(['~', '#']).into();
        }
        if let Some(priority) = &self.look.priority {
            body["priority"] = priority.clone();
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

impl Channel for Webhook {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![only_chat(&self.url)]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn react<'a>(&'a self, _: &'a Click, _: &'a Reaction<'a>) -> BoxFuture<'a, Outcome> {
        crate::chat::shown()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("an incoming webhook can only be tried by sending");
        std::future::ready(outcome).boxed()
    }
}

/// `ok` is a yes; every other 200 tells nothing.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        return Err(refused(reply, now));
    }
    if String::from_utf8_lossy(&reply.body).trim() == "ok" {
        return Ok(Receipt {
            provider_id: String::new(),
            answer: "ok".to_owned(),
        });
    }
    let detail = format!("the answer is neither ok nor an error: {}", reply.excerpt());
    Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
}
