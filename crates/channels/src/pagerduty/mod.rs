//! PagerDuty's Events API: v2 with a routing key, v1 with a service key (the integration type "Prometheus"). What fires
//! triggers, what is over resolves; the hash of the group's key says which alert is meant.
//!
//! Vendor page: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>. Limits: a summary of 1024
//! characters, 512 KB an event, about 120 events a minute for a key. 202 means that the event is queued. An event with
//! the key of an open alert is added to it, so that a second try makes no second incident.

mod event;
mod fields;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use self::event::{Event, TEXT, TITLE};
use self::fields::{ACCOUNT, RECEIVER};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Words, base, exchange, hide, only_chat, secret, unasked, worded};
use crate::error::ErrorKind::Misconfigured;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Limits};

/// What PagerDuty is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "pagerduty",
    receiver_key: "pagerduty_configs",
    title: ("PagerDuty", "PagerDuty"),
    vendor_page: "https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    // About 120 a minute are taken; without a quota of ours nothing goes out as a digest, which would resolve nothing.
    quotas: &[],
    concurrency: 2,
    timeout: Duration::from_secs(15),
    build,
};

/// The address of version 2; EU accounts have one of their own.
const BASE: &str = "https://events.pagerduty.com/v2/enqueue";
/// The path of version 1 at the same host.
const OLD_PATH: &str = "/generic/2010-04-15/create_event.json";

/// Which of the two interfaces a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// `service_key`.
    One,
    /// `routing_key`.
    Two,
}

/// One integration of a service.
#[derive(Debug)]
struct PagerDuty {
    http: Http,
    url: String,
    key: Secret,
    version: Version,
    event: Event,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["url"], BASE);
    let version = match (options.text("routing_key"), options.text("service_key")) {
        (None, Some(_)) => Version::One,
        (Some(_), Some(_)) => {
            let fix = "leave one of them out: routing_key is of Events API v2, service_key of v1";
            options.problem("service_key", "stands beside routing_key", fix);
            Version::Two
        }
        _ => Version::Two,
    };
    let name: &[&'static str] = match version {
        Version::One => &["service_key"],
        Version::Two => &["routing_key"],
    };
    let place = "PagerDuty: the service, Integrations, Events API v2";
    let key = secret(&mut options, name, place);
    let event = Event::of(&mut options);
    let channel = base.zip(key).map(|(base, key)| {
        Arc::new(PagerDuty {
            http: build.http.clone(),
            url: match version {
                Version::One => old(&base),
                Version::Two => base,
            },
            key,
            version,
            event,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// The address of version 1 at the host of version 2.
fn old(base: &str) -> String {
    let Ok(mut url) = url::Url::parse(base) else {
        return base.to_owned();
    };
    url.set_path(OLD_PATH);
    url.set_query(None);
    url.to_string()
}

impl PagerDuty {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = match self.version {
            Version::One => self.event.one(delivery, &self.key),
            Version::Two => self.event.two(delivery, &self.key),
        };
        let request = HttpRequest::post_json(&self.url, &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now, self.version)
    }
}

impl Channel for PagerDuty {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        let mut target = only_chat(&self.key);
        target.label = "PagerDuty".into();
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
        let outcome = unasked("an integration's key can only be tried by an event");
        std::future::ready(outcome).boxed()
    }
}

const KEY: &str =
    "copy the integration's key from PagerDuty again: 32 characters, of Events API v2";
const SLOWER: &str = "PagerDuty takes about 120 events a minute for a key: group more";
/// How long to keep still when PagerDuty does not say; it advises to wait.
const WAIT: Duration = Duration::from_secs(30);

/// Words of refusals.
const WORDS: &[Words] = &[
    Words::new("routing_key", Misconfigured, KEY),
    Words::new("service_key", Misconfigured, KEY),
    Words::new("service key", Misconfigured, KEY),
    Words::new("invalid key", Misconfigured, KEY),
];

/// `status: success` is a yes; what stands in `errors` counts before the status (wire/pagerduty.md).
fn classify(reply: &HttpReply, now: Time, version: Version) -> Outcome {
    // Version 1 says with a 403 that there are too many.
    let slow = reply.status == 429 || (reply.status == 403 && version == Version::One);
    if slow {
        let wait = reply.retry_after(now).unwrap_or(WAIT);
        let detail = excerpt(&format!("status {}: {}", reply.status, reply.excerpt()));
        let error = SendError::new(ErrorKind::RateLimited, detail).fix(SLOWER);
        return Err(error.after(wait));
    }
    if !reply.is_success() {
        let body: Value = reply.json().unwrap_or_default();
        let mut words: Vec<&str> = body["message"].as_str().into_iter().collect();
        words.extend(
            body["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
        let said = if words.is_empty() {
            reply.excerpt()
        } else {
            words.join(": ")
        };
        // Only a refused event is refused for its key.
        let table = if reply.status == 400 { WORDS } else { &[] };
        return Err(worded(&said, reply, now, table));
    }
    let answer: Value = reply.json()?;
    if answer["status"] != "success" {
        let detail = format!("the answer is no yes: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    }
    let word = |key: &str| answer[key].as_str().map(excerpt);
    Ok(Receipt {
        provider_id: word("dedup_key")
            .or_else(|| word("incident_key"))
            .unwrap_or_default(),
        answer: word("message").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
