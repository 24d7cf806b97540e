//! Google Chat's webhook: `POST https://chat.googleapis.com/v1/spaces/SPACE/messages?key=…&token=…`, a card with a text.
//! Messages of a group are one thread.
//!
//! Vendor page: <https://developers.google.com/workspace/chat/quickstart/webhooks>. Limits: 32 000 bytes a message; a
//! message a second for a space, whoever writes there. `requestId` is the idempotency key: the same one gives the same
//! message. A webhook can neither change a message nor read anything.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{
    Hook, Words, called, exchange, fit, headline, hide, hook, only_chat, unasked,
    without_main_link, worded,
};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::{Dialect, one_line, safe_url, text_of};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Google Chat's webhook is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "googlechat",
    receiver_key: "googlechat_configs",
    title: ("Google Chat webhook", "Google Chat Webhook"),
    vendor_page: "https://developers.google.com/workspace/chat/quickstart/webhooks",
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
        calls: 1,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 1,
    timeout: Duration::from_secs(15),
    build,
};

const DIALECT: Dialect = Dialect::LightHtml;
const TITLE: Length = Length::Chars(200);
/// The whole message may have 32 000 bytes.
const TEXT: Length = Length::Bytes(28_000);
/// Largest body.
const MOST: usize = 31_000;
/// Longest address of a button.
const MOST_URL: usize = 2_000;

static ACCOUNT: [Field; 2] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The webhook as the space shows it (Apps & integrations, Webhooks), with key and token; required.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the webhook."),
];

static RECEIVER: [Field; 1] = [Field::optional(
    "threads",
    Kind::Bool,
    "Whether the messages of a group are one thread; false begins a new one each time.",
)
.or("true")];

/// There is no key without the whole URL.
const NO_KEY: Hook = Hook {
    key: "url",
    base: "https://chat.googleapis.com",
    path: "/v1/spaces/",
};

/// One webhook, which leads to one space.
#[derive(Debug)]
struct Space {
    http: Http,
    url: Secret,
    threads: bool,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["url"], &NO_KEY);
    let threads = options.boolean("threads").unwrap_or(true);
    let channel = url.map(|url| {
        Arc::new(Space {
            http: build.http.clone(),
            url,
            threads,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Space {
    fn body(&self, message: &Message) -> Value {
        let bare = without_main_link(message);
        let key = &sha256_hex(message.thread.as_bytes())[..32];
        fit(TEXT.most(), MOST, |room| {
            let mut widgets = Vec::new();
            let text = text_of(&bare, DIALECT, Length::Bytes(room)).text;
            if !text.trim().is_empty() {
                widgets.push(json!({"textParagraph": {"text": text}}));
            }
            widgets.extend(button(message));
            if widgets.is_empty() {
                widgets.push(json!({"divider": {}}));
            }
            let mut card = json!({"sections": [{"widgets": widgets}]});
            let title = headline(message, Dialect::Plain, TITLE);
            if !title.is_empty() {
                card["header"] = json!({"title": title});
            }
            let mut body = json!({"cardsV2": [{"cardId": key, "card": card}]});
            let names = names(message);
            if !names.is_empty() {
                body["text"] = names.into();
            }
            if self.threads && !message.thread.is_empty() {
                body["thread"] = json!({"threadKey": key});
            }
            body
        })
    }

    /// The address with the thread's rule and the delivery's id.
    fn address(&self, id: &str) -> String {
        let url = self.url.reveal();
        let sign = if url.contains('?') { '&' } else { '?' };
        let rule = "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";
        format!("{url}{sign}{rule}&requestId={id}")
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = self.body(delivery.message);
        let request = HttpRequest::post_json(self.address(delivery.id), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

fn button(message: &Message) -> Option<Value> {
    let link = message.link.as_ref()?;
    let url = safe_url(&link.url)?;
    if !url.starts_with("http") || url.len() > MOST_URL {
        return None;
    }
    let text = one_line(&link.text);
    let text = if text.is_empty() { &url } else { &text };
    Some(json!({"buttonList": {"buttons": [{
        "text": text,
        "onClick": {"openLink": {"url": url}},
    }]}}))
}

/// Who is called; only in the text beside the card do these have their meaning.
fn names(message: &Message) -> String {
    let people = called(message, |person| &person.googlechat, |c| c.is_ascii_digit());
    let everyone = message.mentions.everyone.then(|| "<users/all>".to_owned());
    let names = everyone
        .into_iter()
        .chain(people.map(|(_, id)| format!("<users/{id}>")));
    names.collect::<Vec<_>>().join(" ")
}

impl Channel for Space {
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

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("a webhook can only be tried by sending");
        std::future::ready(outcome).boxed()
    }
}

const HOOK: &str = "copy the webhook's whole URL from the space again; it may have been removed";
const FORM: &str = "Google Chat could not read the message: check the template";
const SLOWER: &str = "a space takes a message a second from all who write there: group more";
/// How long to keep still when the answer does not say.
const WAIT: Duration = Duration::from_secs(10);

/// The statuses of Google's answers (wire/googlechat.md, "Errors").
const WORDS: &[Words] = &[
    Words::new("invalid_argument", Rejected, FORM),
    Words::new("failed_precondition", Rejected, FORM),
    Words::new("unauthenticated", Misconfigured, HOOK),
    Words::new("permission_denied", Misconfigured, HOOK),
    Words::new("not_found", Misconfigured, HOOK),
    Words::quota("resource_exhausted", WAIT, SLOWER),
    Words::new("unavailable", Transient, ""),
    Words::new("internal", Transient, ""),
    Words::new("deadline_exceeded", Transient, ""),
];

/// A success names the message.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        let body: Value = reply.json().unwrap_or_default();
        let error = &body["error"];
        let said = match (error["status"].as_str(), error["message"].as_str()) {
            (Some(status), Some(words)) => format!("{status}: {words}"),
            (Some(status), None) => status.to_owned(),
            _ => return Err(worded(&reply.excerpt(), reply, now, &[])),
        };
        return Err(worded(&said, reply, now, WORDS));
    }
    let answer: Value = reply.json()?;
    let Some(name) = answer["name"].as_str() else {
        let detail = format!("the answer names no message: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    };
    Ok(Receipt {
        provider_id: excerpt(name),
        answer: "ok".to_owned(),
    })
}

#[cfg(test)]
mod tests;
