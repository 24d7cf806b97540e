//! AWS' Simple Notification Service, with CloudWatch's alarms in it.
//!
//! Source: AWS' "Parsing Amazon SNS message formats" and "Verifying the signatures of Amazon SNS messages". The
//! signature is checked with the certificate at an address of `sns.….amazonaws.com`; a subscription is confirmed
//! when its topic is among the source's. An alarm is known by its ARN and ends with `OK`; missing data and all
//! other messages are told once.

mod cloudwatch;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind as Of};
use serde_json::Value;
use url::Url;

use crate::certificate::Hash;
use crate::json;
use crate::json::fields::text;
use crate::manners::{Manners, Signing};
use crate::notice::{self, Kind, Vendor};
use crate::parsed::{Complaint, Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "aws_sns",
    title: ("AWS SNS and CloudWatch", "AWS SNS / CloudWatch"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[
        Field::optional(
            "topics",
            Of::List(&Of::Text),
            "ARNs of the topics that are taken, and whose subscriptions are confirmed; without any, all are taken and none is confirmed.",
        ),
        Field::optional(
            "signature",
            Of::Bool,
            "Whether signatures are checked, for which the certificate is fetched from AWS; raw delivery is never signed, and needs false.",
        )
        .or("true"),
    ],
    setup: include_str!("../../setup/aws_sns.md"),
    manners: Manners {
        signing: Some(Signing { certificate }),
        ..Manners::USUAL
    },
    parse,
};

static SNS: Vendor = Vendor {
    kind: "Type",
    topic: "TopicArn",
    subject: "Subject",
    message: "Message",
    timestamp: "Timestamp",
    signature: "Signature",
    version: "SignatureVersion",
    certificate: "SigningCertURL",
    confirm: "SubscribeURL",
    signed: &[
        "Message",
        "MessageId",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
    ],
    signed_confirmation: &[
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ],
    hash: |version| match version {
        "1" => Some(Hash::Sha1),
        "2" => Some(Hash::Sha256),
        _ => None,
    },
    is_host,
    is_confirmation: |url: &Url| url.host_str().is_some_and(is_host),
};

/// `sns.<region>.amazonaws.com`, and China's.
fn is_host(host: &str) -> bool {
    let below = host.strip_suffix(".cn").unwrap_or(host);
    let region = below
        .strip_prefix("sns.")
        .and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    region.is_some_and(|region| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        region.len() >= 3 && region.bytes().all(plain)
    })
}

fn is_raw(inbound: &Inbound<'_>) -> bool {
    inbound.header("x-amz-sns-rawdelivery") == Some("true")
}

fn certificate(inbound: &Inbound<'_>) -> Result<Option<String>, Refusal> {
    if is_raw(inbound) || !Vendor::checks(inbound) {
        return Ok(None);
    }
    SNS.certificate_url(&json::read(inbound.body)?).map(Some)
}

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    if is_raw(inbound) {
        if Vendor::checks(inbound) {
            let words =
                "raw delivery is not signed: switch it off, or set `signature: false` and a token";
            return Err(Refusal::Unauthorized(words.to_owned()));
        }
        let message = String::from_utf8_lossy(inbound.body);
        let topic = inbound.header("x-amz-sns-topic-arn").unwrap_or_default();
        return Ok(notification(None, &message, topic));
    }
    let body = json::read(inbound.body)?;
    let kind = SNS.kind_of(&body)?;
    SNS.admit(inbound, &body, &kind)?;
    match kind {
        Kind::Subscription => SNS.subscribe(inbound, &body),
        Kind::Unsubscription => Ok(SNS.unsubscribe(&body)),
        Kind::Notification => {
            let part = |name: &str| text(&body, name);
            let topic = part(SNS.topic).unwrap_or_default();
            let message = part(SNS.message).unwrap_or_default();
            Ok(notification(part(SNS.subject).as_deref(), &message, &topic))
        }
    }
}

/// What a message says: an alarm, an event of EventBridge, or words.
fn notification(subject: Option<&str>, message: &str, topic: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let tree = json::read(message.as_bytes()).unwrap_or(Value::Null);
    if cloudwatch::is(&tree) {
        match cloudwatch::draft(&tree) {
            Ok(draft) => draft.finish(&mut parsed),
            Err(complaint) => parsed.complain(complaint),
        }
        return parsed;
    }
    let event = text(&tree, "detail-type");
    match notice::words(event.as_deref().or(subject), message, topic) {
        Some(mut draft) => {
            draft.label(
                "topic",
                topic.rsplit(':').next().unwrap_or(topic).to_owned(),
            );
            draft.finish(&mut parsed);
        }
        None => parsed.complain(Complaint::new("Message", "an empty message")),
    }
    parsed
}
