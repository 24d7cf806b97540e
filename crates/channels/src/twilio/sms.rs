//! Text messages of Twilio: `POST /2010-04-01/Accounts/AC…/Messages.json`.
//!
//! Vendor page: <https://www.twilio.com/docs/messaging/api/message-resource>. Limits: 1600 characters, sent and paid in
//! parts of 153 (67 with letters beyond the phones' own alphabet); one message a second from an ordinary number. A yes
//! means that the message is queued. There is no idempotency key, so that after a time-out it may come twice.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use super::client::{Client, FIELDS, client, reports};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::cloud::{Lots, phones, whole};
use crate::dial;
use crate::markup::Dialect;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What Twilio's text messages are and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "twilio_sms",
    receiver_key: "twilio_sms_configs",
    title: ("Twilio SMS", "Twilio 短信"),
    vendor_page: "https://www.twilio.com/docs/messaging/api/message-resource",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: Dialect::Plain,
    limits: Limits {
        title: Length::Chars(300),
        text: Length::Chars(MOST),
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 4,
    timeout: Duration::from_secs(10),
    build,
};

/// Characters of a message that the provider takes, and those we send unless told otherwise.
const MOST: usize = 1_600;
/// See [`MOST`].
const USUAL: usize = 480;
/// How long a message is tried by the provider; an alert that comes later is of no use.
const VALIDITY: i64 = 900;

static ACCOUNT: [Field; 10] = [
    FIELDS[0], FIELDS[1], FIELDS[2], FIELDS[3], FIELDS[4], FIELDS[5], FIELDS[6], SERVICE,
    MAX_CHARS, VALID,
];

static RECEIVER: [Field; 6] = [
    Field::required(
        "phones",
        Kind::TextOrList,
        "Numbers with their country (+442079460958); without one, of China's mainland.",
    ),
    FIELDS[5],
    SERVICE,
    MAX_CHARS,
    VALID,
    dial::FIELD,
];

const SERVICE: Field = Field::optional(
    "messaging_service_sid",
    Kind::Text,
    "The messaging service (MG…) that chooses the number, instead of from.",
);
const MAX_CHARS: Field = Field::optional(
    "max_chars",
    Kind::Integer(40, 1_600),
    "Characters of one message; each part of it is paid for.",
)
.or("480");
const VALID: Field = Field::optional(
    "validity",
    Kind::Integer(1, 36_000),
    "Seconds after which the provider gives a message up.",
)
.or("900");

/// One sender to several people.
#[derive(Debug)]
struct Sms {
    client: Client,
    sender: (&'static str, String),
    limit: Length,
    validity: i64,
    /// Where Twilio says what became of a message.
    reports: Option<Secret>,
    targets: Vec<Target>,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let client = client(&mut options, build);
    let service = options.text("messaging_service_sid");
    let sender = match (service, options.text("from")) {
        (Some(service), _) => Some(("MessagingServiceSid", service.to_owned())),
        (None, Some(from)) => Some(("From", from.to_owned())),
        (None, None) => {
            let fix = "give the number it comes from, or messaging_service_sid";
            options.problem("from", "is missing", fix);
            None
        }
    };
    let most = options
        .integer("max_chars")
        .and_then(|most| usize::try_from(most).ok());
    let validity = options.integer("validity").unwrap_or(VALIDITY);
    let targets = phones(&mut options);
    let channel = client.zip(sender).map(|(client, sender)| {
        Arc::new(Sms {
            client,
            sender,
            limit: Length::Chars(most.unwrap_or(USUAL)),
            validity,
            reports: reports(build),
            targets,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Sms {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Vec<Outcome> {
        let end = self.client.end(SPEC.timeout);
        let text = whole(delivery.message, self.limit);
        let mut lots = Lots::of(delivery.targets, SPEC.limits.max_targets_per_call);
        while let Some(lot) = lots.next() {
            for (at, phone) in lot {
                let mut pairs = vec![
                    ("To", phone.e164().to_owned()),
                    (self.sender.0, self.sender.1.clone()),
                    ("Body", text.clone()),
                    ("ValidityPeriod", self.validity.to_string()),
                ];
                let reports = self.reports.as_ref();
                pairs.extend(reports.map(|url| ("StatusCallback", url.reveal().to_owned())));
                let sent = self
                    .client
                    .post("/Messages.json", &pairs, delivery.now, end);
                lots.put(at, self.client.hide(sent.await));
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

    fn check(&self, now: Time) -> BoxFuture<'_, Outcome> {
        async move { self.client.hide(self.client.ask(now, SPEC.timeout).await) }.boxed()
    }
}
