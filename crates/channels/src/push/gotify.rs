//! Gotify: `POST /message` with an application's token, which reaches the clients of its owner.
//!
//! Vendor page: <https://gotify.net/docs/pushmsg>. Limits: none named; ours is 30 KB. There is no idempotency key.

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
use crate::chat::{Tone, base, exchange, headline, hide, only_chat, page, secret, unasked, worded};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Gotify is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "gotify",
    receiver_key: "gotify_configs",
    title: ("Gotify", "Gotify 推送"),
    vendor_page: "https://gotify.net/docs/pushmsg",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
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

/// Its clients read CommonMark, in which a line ends after two blanks.
const DIALECT: Dialect = Dialect::DingTalkMarkdown;
const TITLE: Length = Length::Chars(200);
const TEXT: Length = Length::Bytes(30_000);
const MOST_URL: usize = 2_000;

static ACCOUNT: [Field; 3] = [
    Field::required(
        "base_url",
        Kind::Url,
        "The server's address, as in https://gotify.example.com.",
    ),
    Field::optional(
        "token",
        Kind::Secret,
        "The application's token (not a client's), which begins with A.",
    ),
    Field::optional("token_file", Kind::Text, "A file with the token."),
];

static RECEIVER: [Field; 1] = [Field::optional(
    "priority",
    Kind::Integer(0, 10),
    "How loud it is: from 4 with a sound, from 8 above all; by severity when absent.",
)];

/// One application.
#[derive(Debug)]
struct Gotify {
    http: Http,
    url: String,
    token: Secret,
    priority: Option<i64>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    if options.text("base_url").is_none() {
        let fix = "write the server's address, as in https://gotify.example.com";
        options.problem("base_url", "is missing", fix);
    }
    let base = base(&mut options, &build.http, &["base_url"], "");
    let token = secret(&mut options, &["token"], "Gotify's page of applications");
    let priority = options.integer("priority");
    let channel = base.zip(token).map(|(base, token)| {
        Arc::new(Gotify {
            http: build.http.clone(),
            url: format!("{base}/message"),
            token,
            priority,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Gotify {
    fn body(&self, message: &Message) -> Value {
        let by_severity = match Tone::of(message) {
            Tone::Critical => 10,
            Tone::Error => 8,
            Tone::Warning => 5,
            Tone::Info | Tone::Good => 2,
        };
        let text = page(message, DIALECT, TEXT, "", "");
        let title = headline(message, Dialect::Plain, TITLE);
        let mut extras = json!({"client::display": {"contentType": "text/markdown"}});
        if let Some(url) = click(message, MOST_URL) {
            extras["client::notification"] = json!({"click": {"url": url}});
        }
        json!({
            // A message must not be empty.
            "message": if text.trim().is_empty() { &title } else { &text },
            "title": title,
            "priority": self.priority.unwrap_or(by_severity),
            "extras": extras,
        })
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.body(delivery.message);
        let request =
            HttpRequest::post_json(&self.url, &body).header("x-gotify-key", self.token.reveal());
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Gotify {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        let mut target = only_chat(&self.token);
        target.label = "Gotify".into();
        vec![target]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.token]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("an application's token can do nothing but send");
        std::future::ready(outcome).boxed()
    }
}

/// Gotify's errors say no more than their status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        let body: Value = reply.json().unwrap_or_default();
        let words = body["errorDescription"].as_str().map(ToOwned::to_owned);
        let said = words.unwrap_or_else(|| reply.excerpt());
        let error = worded(&said, reply, now, &[]);
        return Err(match reply.status {
            401 | 403 => error.fix("copy the application's token (A…) from Gotify again"),
            _ => error,
        });
    }
    let answer: Value = reply.json()?;
    let Some(id) = answer["id"].as_u64() else {
        let detail = format!("the answer has no id: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    };
    Ok(Receipt {
        provider_id: id.to_string(),
        answer: "ok".to_owned(),
    })
}
