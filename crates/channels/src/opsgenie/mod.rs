//! Opsgenie and its successor in Jira Service Management: alerts are created and closed by an alias, the hash of the
//! group's key.
//!
//! Vendor page: <https://docs.opsgenie.com/docs/alert-api>. Limits: 130 characters a message, 15 000 a description. 202
//! means that the request will be processed. An alert with the alias of an open one counts up, so that a second try makes
//! no second alert. Opsgenie ends in April 2027.

mod alert;
mod fields;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::message::Occasion;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::{Value, json};

use self::alert::{Alert, TEXT, TITLE};
use self::fields::{ACCOUNT, RECEIVER};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Words, base, exchange, hide, incident, only_chat, secret, unasked, worded};
use crate::error::ErrorKind::Misconfigured;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::reply::MAX_RETRY_AFTER;
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Limits};

/// What Opsgenie is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "opsgenie",
    receiver_key: "opsgenie_configs",
    title: ("Opsgenie", "Opsgenie"),
    vendor_page: "https://docs.opsgenie.com/docs/alert-api",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 2,
    timeout: Duration::from_secs(15),
    build,
};

const BASE: &str = "https://api.opsgenie.com";

/// One integration's key.
#[derive(Debug)]
struct Opsgenie {
    http: Http,
    base: String,
    key: Secret,
    update: bool,
    alert: Alert,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["api_url", "base_url"], BASE);
    let place = "the integration's page (API)";
    let key = secret(&mut options, &["api_key"], place);
    let update = options.boolean("update_alerts").unwrap_or(false);
    let alert = Alert::of(&mut options);
    let channel = base.zip(key).map(|(base, key)| {
        Arc::new(Opsgenie {
            http: build.http.clone(),
            base,
            key,
            update,
            alert,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Opsgenie {
    async fn call(&self, method: Method, path: &str, body: &Value, now: Time) -> Outcome {
        let url = format!("{}/v2/alerts{path}", self.base);
        let mut request = HttpRequest::new(method, url)
            .header("content-type", "application/json; charset=utf-8")
            .header("authorization", format!("GenieKey {}", self.key.reveal()));
        request.body = body.to_string().into();
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let (message, now) = (delivery.message, delivery.now);
        let alias = incident(delivery);
        if message.occasion == Occasion::Resolved {
            let path = format!("/{alias}/close?identifierType=alias");
            let body = self.alert.end(message);
            return self.call(Method::POST, &path, &body, now).await;
        }
        let body = self.alert.create(message, &alias);
        let receipt = self.call(Method::POST, "", &body, now).await?;
        if self.update {
            self.renew(&alias, &body, now).await?;
        }
        Ok(receipt)
    }

    /// Gives an alert that was open before the words of this message.
    async fn renew(&self, alias: &str, body: &Value, now: Time) -> Result<(), SendError> {
        for part in ["message", "description"] {
            let path = format!("/{alias}/{part}?identifierType=alias");
            let words = json!({part: body[part]});
            self.call(Method::PUT, &path, &words, now).await?;
        }
        Ok(())
    }
}

impl Channel for Opsgenie {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        let mut target = only_chat(&self.key);
        target.label = "Opsgenie".into();
        vec![target]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.key]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("an integration's key can only be tried by an alert");
        std::future::ready(outcome).boxed()
    }
}

const KEY: &str = "copy the integration's API key again, and see that api_url is of the same region (EU has its own)";
const RIGHT: &str = "let the integration create and close alerts, and see that the plan has it";
const SLOWER: &str = "Opsgenie slows the account down: group more";
/// How long to keep still when the answer does not say.
const WAIT: Duration = Duration::from_secs(30);

/// Words of refusals: a key that cannot be one comes back as 422.
const WORDS: &[Words] = &[
    Words::new("key format is not valid", Misconfigured, KEY),
    Words::new("could not authenticate", Misconfigured, KEY),
];

/// A success names its request (wire/pagerduty.md, "Opsgenie").
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        return Err(refused(reply, now));
    }
    let answer: Value = reply.json()?;
    let word = |key: &str| answer[key].as_str().map(excerpt);
    let Some(id) = word("requestId") else {
        let detail = format!("the answer names no request: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    };
    Ok(Receipt {
        provider_id: id,
        answer: word("result").unwrap_or_default(),
    })
}

fn refused(reply: &HttpReply, now: Time) -> SendError {
    let body: Value = reply.json().unwrap_or_default();
    let said = body["message"].as_str().map(ToOwned::to_owned);
    let said = said.unwrap_or_else(|| reply.excerpt());
    let error = worded(&said, reply, now, WORDS);
    match reply.status {
        401 => error.fix(KEY),
        402 => SendError::new(Misconfigured, error.detail).fix(RIGHT),
        403 => error.fix(RIGHT),
        429 => {
            let period = reply.header("x-ratelimit-period-in-sec");
            let period = period.and_then(|text| text.trim().parse().ok());
            let wait = period
                .map_or(WAIT, Duration::from_secs)
                .min(MAX_RETRY_AFTER);
            let wait = error.retry_after.unwrap_or(wait);
            error.fix(SLOWER).after(wait)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests;
