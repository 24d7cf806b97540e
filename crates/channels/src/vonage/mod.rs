//! Text messages of Vonage (Nexmo): `POST https://rest.nexmo.com/sms/json`.
//!
//! Vendor page: <https://developer.vonage.com/en/api/sms>. Limits: 30 calls a second; long texts are sent and paid in
//! parts. The status is always 200: each part has a code of its own. A yes means that Vonage took it. There is no
//! idempotency key: `client-ref` only comes back in reports.

pub(crate) mod callback;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{base, exchange, hide, secret};
use crate::cloud::{Lots, Meaning, left, named, phones, unasked, whole, word};
use crate::dial;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, status_error};
use crate::markup::Dialect;
use crate::options::Options;
use crate::phone::Phone;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits, Quota};

/// What Vonage's text messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "vonage_sms",
    receiver_key: "vonage_sms_configs",
    title: ("Vonage SMS", "Vonage 短信"),
    vendor_page: "https://developer.vonage.com/en/api/sms",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(300),
        text: Length::Chars(MOST),
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 30,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of a message that the provider takes as Unicode, and those we send unless told otherwise.
const MOST: usize = 1_000;
/// See [`MOST`].
const USUAL: usize = 480;
const BASE: &str = "https://rest.nexmo.com";

static ACCOUNT: [Field; 7] = [
    Field::required(
        "api_key",
        Kind::Text,
        "The key of the dashboard's first page.",
    ),
    Field::optional("api_secret", Kind::Secret, "The secret beside it."),
    Field::optional("api_secret_file", Kind::Text, "A file with the secret."),
    Field::optional("base_url", Kind::Url, "The API's address.").or(BASE),
    Field::optional(
        "signature_secret",
        Kind::Secret,
        "What delivery receipts are signed with (API settings: SHA-256 HMAC); with callback_token, only those count.",
    ),
    FROM,
    MAX_CHARS,
];

static RECEIVER: [Field; 4] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+442079460958); without one, of China's mainland.",
    ),
    FROM,
    MAX_CHARS,
    dial::FIELD,
];

const FROM: Field = Field::optional(
    "from",
    Kind::Text,
    "The number, or the name of up to 11 letters and digits, that it comes from.",
);
const MAX_CHARS: Field = Field::optional(
    "max_chars",
    Kind::Integer(40, 1_000),
    "Characters of one message; each part of it is paid for.",
)
.or("480");

/// One sender to several people.
#[derive(Debug)]
struct Sms {
    http: Http,
    url: String,
    key: String,
    secret: Secret,
    from: String,
    limit: Length,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let base = base(&mut options, &build.http, &["base_url"], BASE);
    let place = "copy it from https://dashboard.nexmo.com";
    let key = word(&mut options, "api_key", place);
    let secret = secret(&mut options, &["api_secret"], "https://dashboard.nexmo.com");
    let from = word(
        &mut options,
        "from",
        "give the number or name it comes from",
    );
    let most = options
        .integer("max_chars")
        .and_then(|most| usize::try_from(most).ok());
    let targets = phones(&mut options);
    let parts = base.zip(key).zip(secret.zip(from));
    let channel = parts.map(|((base, key), (secret, from))| {
        Arc::new(Sms {
            http: build.http.clone(),
            url: format!("{base}/sms/json"),
            key,
            secret,
            from,
            limit: Length::Chars(most.unwrap_or(USUAL)),
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Sms {
    async fn call(
        &self,
        delivery: &Delivery<'_>,
        phone: &Phone,
        text: &str,
        end: Instant,
    ) -> Outcome {
        let left = left(end)?;
        let mut body = json!({
            "api_key": self.key,
            "api_secret": self.secret.reveal(),
            "from": self.from,
            "to": phone.digits(),
            "text": text,
            "client-ref": delivery.id,
        });
        // The phones' own alphabet has nothing of what is beyond ASCII that we need.
        if !text.is_ascii() {
            body["type"] = "unicode".into();
        }
        let request = HttpRequest::post_json(&self.url, &body);
        // The time of all calls of a try, not of each.
        let http = self.http.clone().within(left);
        let reply = exchange(&http, request, left).await?;
        classify(&reply, delivery.now)
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = Instant::now() + self.http.limit(SPEC.timeout);
        let text = whole(delivery.message, self.limit);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            for (at, phone) in lot {
                let outcome = self.call(delivery, &phone, &text, end).await;
                lots.put(at, hide(outcome, &[&self.secret]));
            }
        }
        lots.outcomes()
    }
}

impl Channel for Sms {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        self.deliver(delivery).boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        std::future::ready(Err(unasked())).boxed()
    }
}

const KEY: &str = "copy key and secret from https://dashboard.nexmo.com again";
const PARAMETERS: &str = "check from, and the template";
const SLOWER: &str = "Vonage takes 30 calls a second: group more";
const ACCOUNT_BARRED: &str = "the account may not send so: look at https://dashboard.nexmo.com";
const NUMBER: &str = "check the person's number: Vonage does not reach it";

/// The codes of the parts (wire/twilio.md, 5).
const CODES: &[Meaning] = &[
    Meaning::quota("1", Duration::from_secs(1), SLOWER),
    Meaning::message("2", PARAMETERS),
    Meaning::message("3", PARAMETERS),
    Meaning::account("4", KEY),
    Meaning::passing("5"),
    Meaning::message("6", NUMBER),
    Meaning::message("7", NUMBER),
    Meaning::account("8", ACCOUNT_BARRED),
    Meaning::account(
        "9",
        "the account's money is used up: pay in at https://dashboard.nexmo.com",
    ),
    Meaning::passing("10"),
    Meaning::account("11", ACCOUNT_BARRED),
    Meaning::message("12", "shorten the template"),
    Meaning::account("14", KEY),
    Meaning::account("15", "check from: the country does not take this sender"),
    Meaning::message("22", NUMBER),
    Meaning::account("29", "a trial account reaches numbers of its own list only"),
];

/// A yes is a yes for every part.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if !reply.is_success() {
        return Err(status_error(reply, now));
    }
    let answer: Value = reply.json()?;
    let parts = answer["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let code = |part: &Value| match &part["status"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let refused = parts.iter().find(|part| code(part) != "0");
    if let Some(part) = refused {
        let words = part["error-text"].as_str().unwrap_or_default();
        return Err(named(&code(part), words, CODES));
    }
    let Some(first) = parts.first() else {
        let detail = format!("the answer has no parts: {}", reply.excerpt());
        return Err(SendError::new(ErrorKind::UnknownOutcome, excerpt(&detail)));
    };
    Ok(Receipt {
        provider_id: excerpt(first["message-id"].as_str().unwrap_or_default()),
        answer: format!("{} parts", parts.len()),
    })
}

#[cfg(test)]
mod tests;
