//! Huawei Cloud's Simple Message Notification (消息通知服务), with Cloud Eye's (云监控) alarms in it.
//!
//! Source: Huawei Cloud's documentation of SMN's HTTP messages and of Cloud Eye's notifications. The signature is
//! checked with the certificate at an address of `smn.….myhuaweicloud.com`; a subscription is confirmed when its
//! topic is among the source's. An alarm is known by rule, resource and metric; all other messages are told once.

mod cloud_eye;

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
    kind: "huawei_smn",
    title: ("Huawei Cloud SMN and Cloud Eye", "华为云 SMN / 云监控"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[
        Field::optional(
            "topics",
            Of::List(&Of::Text),
            "URNs of the topics that are taken, and whose subscriptions are confirmed; without any, all are taken and none is confirmed.",
        ),
        Field::optional(
            "signature",
            Of::Bool,
            "Whether signatures are checked, for which the certificate is fetched from Huawei Cloud.",
        )
        .or("true"),
    ],
    setup: include_str!("../../setup/huawei_smn.md"),
    manners: Manners {
        signing: Some(Signing { certificate }),
        ..Manners::USUAL
    },
    parse,
};

static SMN: Vendor = Vendor {
    kind: "type",
    topic: "topic_urn",
    subject: "subject",
    message: "message",
    timestamp: "timestamp",
    signature: "signature",
    version: "signature_version",
    certificate: "signing_cert_url",
    confirm: "subscribe_url",
    signed: &[
        "message",
        "message_id",
        "subject",
        "timestamp",
        "topic_urn",
        "type",
    ],
    signed_confirmation: &[
        "message",
        "message_id",
        "subscribe_url",
        "timestamp",
        "topic_urn",
        "type",
    ],
    hash: |version| (version == "v1").then_some(Hash::Sha256),
    is_host,
    is_confirmation,
};

/// `smn.<region>.myhuaweicloud.com`.
fn is_host(host: &str) -> bool {
    let region = host
        .strip_prefix("smn.")
        .and_then(|rest| rest.strip_suffix(".myhuaweicloud.com"));
    region.is_some_and(|region| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        region.len() >= 3 && region.bytes().all(plain)
    })
}

/// The console's page, or the region's own endpoint.
fn is_confirmation(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let console = host == "console.huaweicloud.com" && url.path() == "/smn/subscription/confirm";
    console || is_host(host)
}

fn certificate(inbound: &Inbound<'_>) -> Result<Option<String>, Refusal> {
    if !Vendor::checks(inbound) {
        return Ok(None);
    }
    SMN.certificate_url(&json::read(inbound.body)?).map(Some)
}

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let body = json::read(inbound.body)?;
    let kind = SMN.kind_of(&body)?;
    SMN.admit(inbound, &body, &kind)?;
    match kind {
        Kind::Subscription => SMN.subscribe(inbound, &body),
        Kind::Unsubscription => Ok(SMN.unsubscribe(&body)),
        Kind::Notification => Ok(notification(inbound, &body)),
    }
}

fn notification(inbound: &Inbound<'_>, body: &Value) -> Parsed {
    let part = |name: &str| text(body, name).unwrap_or_default();
    let (topic, message, subject) = (part(SMN.topic), part(SMN.message), text(body, SMN.subject));
    let mut parsed = Parsed::default();
    let tree = json::read(message.as_bytes()).unwrap_or(Value::Null);
    if cloud_eye::is(&tree) {
        match cloud_eye::draft(&tree, inbound.timezone) {
            Ok(mut draft) => {
                draft.annotation_if(
                    "subject",
                    subject.map(|subject| subject.into_owned().into()),
                );
                draft.finish(&mut parsed);
            }
            Err(complaint) => parsed.complain(complaint),
        }
        return parsed;
    }
    match notice::words(subject.as_deref(), &message, &topic) {
        Some(mut draft) => {
            draft.label(
                "topic",
                topic.rsplit(':').next().unwrap_or(&topic).to_owned(),
            );
            draft.finish(&mut parsed);
        }
        None => parsed.complain(Complaint::new("message", "an empty message")),
    }
    parsed
}
