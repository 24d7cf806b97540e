//! Bark, for iOS: `POST /push` with the key of a device.
//!
//! Vendor page: <https://github.com/Finb/bark-server/blob/master/docs/API_V2.md>. Limits: Apple takes 4096 bytes with
//! everything, so that title and text have 3000 together. There is no idempotency key.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};

use super::{Readers, click};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Tone, Words, base, exchange, fit, headline, hide, page, unasked, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt};
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Bark is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "bark",
    receiver_key: "bark_configs",
    title: ("Bark", "Bark 推送"),
    vendor_page: "https://github.com/Finb/bark-server/blob/master/docs/API_V2.md",
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
    timeout: Duration::from_secs(10),
    build,
};

const TITLE: Length = Length::Bytes(300);
const TEXT: Length = Length::Bytes(2_600);
/// Largest body, with the names of its parts.
const MOST: usize = 3_600;
const MOST_URL: usize = 500;
const BASE: &str = "https://api.day.app";

static ACCOUNT: [Field; 3] = [
    Field::optional("base_url", Kind::Url, "The server's address.").or(BASE),
    Field::optional(
        "device_key",
        Kind::Secret,
        "The key of a device, as the app shows it; several with commas.",
    ),
    Field::optional("device_key_file", Kind::Text, "A file with the key."),
];

static RECEIVER: [Field; 5] = [
    Field::optional(
        "device_key",
        Kind::Secret,
        "The key of a device, as the app shows it; several with commas.",
    ),
    Field::optional("group", Kind::Text, "The group that the app sorts it into.").or("alerts"),
    Field::optional("sound", Kind::Text, "The sound's name."),
    Field::optional(
        "call",
        Kind::Bool,
        "Whether what is critical rings for 30 seconds.",
    )
    .or("false"),
    Field::optional(
        "volume",
        Kind::Integer(0, 10),
        "How loud what is critical is, even on a phone that is silent.",
    )
    .or("5"),
];

/// One server's devices.
#[derive(Debug)]
struct Bark {
    http: Http,
    url: String,
    readers: Readers,
    group: String,
    sound: Option<String>,
    call: bool,
    volume: i64,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let fix = "copy the key that stands in the address that the app shows";
    let readers = Readers::of(&mut options, "device_key", "Bark", fix);
    let group = options.text("group").unwrap_or("alerts").to_owned();
    let sound = options.text("sound").map(ToOwned::to_owned);
    let call = options.boolean("call").unwrap_or(false);
    let volume = options.integer("volume").unwrap_or(5);
    let channel = base.map(|base| {
        Arc::new(Bark {
            http: build.http.clone(),
            url: format!("{base}/push"),
            readers,
            group,
            sound,
            call,
            volume,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Bark {
    fn body(&self, message: &Message, device: &Secret) -> Value {
        let tone = Tone::of(message);
        let level = match tone {
            Tone::Critical => "critical",
            Tone::Error => "timeSensitive",
            Tone::Warning => "active",
            Tone::Info | Tone::Good => "passive",
        };
        fit(TEXT.most(), MOST, |room| {
            let title = headline(message, Dialect::Plain, TITLE);
            let text = page(message, Dialect::Plain, Length::Bytes(room), "", "");
            let mut body = json!({
                "device_key": device.reveal(),
                "title": title,
                "body": if text.trim().is_empty() { "-" } else { &text },
                "level": level,
                "group": self.group,
            });
            if tone == Tone::Critical {
                body["volume"] = self.volume.into();
                if self.call {
                    body["call"] = "1".into();
                }
            }
            if let Some(sound) = &self.sound {
                body["sound"] = sound.as_str().into();
            }
            if let Some(url) = click(message, MOST_URL) {
                body["url"] = url.into();
            }
            body
        })
    }

    async fn deliver(&self, delivery: &Delivery<'_>, target: &Target) -> Outcome {
        let Some(device) = self.readers.key(target) else {
            let why = "the account has no such device any more";
            return Err(SendError::new(Rejected, why).fix(NO_READER));
        };
        let body = self.body(delivery.message, device);
        let request = HttpRequest::post_json(&self.url, &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Bark {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.readers.targets()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let secrets: Vec<&Secret> = self.readers.keys().collect();
            let mut outcomes = Vec::with_capacity(delivery.targets.len());
            for target in delivery.targets {
                outcomes.push(hide(self.deliver(delivery, target).await, &secrets));
            }
            outcomes
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("a device can only be tried by sending");
        std::future::ready(outcome).boxed()
    }
}

const DEVICE: &str = "the server does not know the device: open the app, and copy its key again";
const NO_READER: &str = "write the device into the account again, or take it out of the receiver";
const SLOWER: &str = "Apple slows the device's messages down: group more";

/// Words of refusals: the server wraps all that Apple says into a 500 (wire/ntfy_gotify_pushover_bark.md, Bark).
const WORDS: &[Words] = &[
    Words::new("device key is empty", Rejected, DEVICE),
    Words::new("failed to get device token", Rejected, DEVICE),
    Words::new("request bind failed", Rejected, "check the template"),
    Words::new(
        "batch push count exceeds",
        Rejected,
        "the server takes fewer devices in one call: raise its limit, or name fewer in an entry",
    ),
    Words::new("devicetokennotfortopic", Rejected, DEVICE),
    Words::new("baddevicetoken", Rejected, DEVICE),
    Words::new("unregistered", Rejected, DEVICE),
    Words::new("payloadtoolarge", Rejected, "shorten the template"),
    Words::quota("toomanyrequests", Duration::from_secs(30), SLOWER),
    Words::new("internalservererror", Transient, ""),
    Words::new("serviceunavailable", Transient, ""),
    Words::new("shutdown", Transient, ""),
    Words::new(
        "teapot",
        Misconfigured,
        "give the server's user and password in http_config.basic_auth",
    ),
];

/// The code in the answer counts as much as the status.
pub(super) fn classify(reply: &HttpReply, now: Time) -> Outcome {
    let body: Result<Value, SendError> = reply.json();
    let words = |body: &Value| body["message"].as_str().unwrap_or_default().to_owned();
    if !reply.is_success() {
        let body = body.unwrap_or_default();
        let said = words(&body);
        let said = if said.is_empty() {
            reply.excerpt()
        } else {
            said
        };
        let error = worded(&said, reply, now, WORDS);
        if reply.status == 418 {
            let fix = "give the server's user and password in http_config.basic_auth";
            return Err(SendError::new(Misconfigured, error.detail).fix(fix));
        }
        return Err(error);
    }
    let body = body?;
    match body["code"].as_i64() {
        Some(200) => Ok(Receipt {
            provider_id: String::new(),
            answer: excerpt(&words(&body)),
        }),
        Some(_) => Err(worded(&words(&body), reply, now, WORDS)),
        None => {
            let detail = format!("the answer has no code: {}", reply.excerpt());
            Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)))
        }
    }
}
