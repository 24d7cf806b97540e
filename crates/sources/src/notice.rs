//! A cloud's notification service: the envelope around a message, how it is signed, and what confirms it.
//!
//! AWS' SNS and Huawei's SMN have the same envelope under other names. It is signed with a certificate that lies at
//! an address of the cloud's; a subscription begins with a request to confirm it by a visit to another.

use balefire_core::time::Time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::Url;

use crate::certificate::{Certificate, Hash};
use crate::draft::Draft;
use crate::json::fields::{scalar, text};
use crate::message::Message;
use crate::parsed::{Parsed, Refusal};
use crate::spec::Inbound;
use crate::when;

/// Oldest signed message that is taken, in seconds: the clouds try for an hour.
const MAX_AGE_SECS: i64 = 3_600;

/// How a cloud calls the parts of its envelope, and where it keeps what it points to.
#[derive(Debug)]
pub(crate) struct Vendor {
    /// Type of the message.
    pub(crate) kind: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) message: &'static str,
    pub(crate) timestamp: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) version: &'static str,
    pub(crate) certificate: &'static str,
    pub(crate) confirm: &'static str,
    /// Signed members of a notification, in order; those that are absent are left out.
    pub(crate) signed: &'static [&'static str],
    /// Signed members of a confirmation, in order.
    pub(crate) signed_confirmation: &'static [&'static str],
    /// With which hash a signature version is made.
    pub(crate) hash: fn(&str) -> Option<Hash>,
    /// Whether a host is the cloud's own.
    pub(crate) is_host: fn(&str) -> bool,
    /// Whether subscriptions are confirmed at this address.
    pub(crate) is_confirmation: fn(&Url) -> bool,
}

/// What an envelope is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Notification,
    Subscription,
    Unsubscription,
}

impl Vendor {
    /// Whether signatures are checked: unless the source is set not to.
    pub(crate) fn checks(inbound: &Inbound<'_>) -> bool {
        inbound.options.get("signature").and_then(Value::as_bool) != Some(false)
    }

    /// What the envelope is about.
    pub(crate) fn kind_of(&self, body: &Value) -> Result<Kind, Refusal> {
        match text(body, self.kind).as_deref() {
            Some("Notification") => Ok(Kind::Notification),
            Some("SubscriptionConfirmation") => Ok(Kind::Subscription),
            Some("UnsubscribeConfirmation") => Ok(Kind::Unsubscription),
            other => {
                let other = other.unwrap_or_default();
                let problem = format!(
                    "{other:?} is none of Notification, SubscriptionConfirmation, UnsubscribeConfirmation"
                );
                Err(Refusal::malformed(self.kind, problem))
            }
        }
    }

    /// The address of the certificate, when it is one of the cloud's own.
    pub(crate) fn certificate_url(&self, body: &Value) -> Result<String, Refusal> {
        let given = text(body, self.certificate).unwrap_or_default();
        let is_pem = |url: &Url| url.path().strip_suffix(".pem").is_some();
        let url = self.own(&given).filter(is_pem);
        url.map(String::from).ok_or_else(|| {
            Refusal::Unauthorized(format!(
                "{} is no certificate of the cloud's",
                self.certificate
            ))
        })
    }

    /// A URL of the cloud's own: https, its usual port, nobody's name in it.
    fn own(&self, given: &str) -> Option<Url> {
        let url = Url::parse(given).ok()?;
        let plain = url.scheme() == "https"
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str()?;
        (plain && (self.is_host)(host)).then_some(url)
    }

    /// Lets in only what the topic's owner sent: a topic that is configured, a signature that holds.
    pub(crate) fn admit(
        &self,
        inbound: &Inbound<'_>,
        body: &Value,
        kind: &Kind,
    ) -> Result<(), Refusal> {
        let topic = text(body, self.topic).unwrap_or_default();
        if pins(inbound).next().is_some() && !is_pinned(inbound, &topic) {
            let words = format!("the topic {topic:?} is none of this source's `topics`");
            return Err(Refusal::Stranger(words));
        }
        if Self::checks(inbound) {
            self.check(inbound, body, kind)
                .map_err(Refusal::Unauthorized)?;
        }
        Ok(())
    }

    fn check(&self, inbound: &Inbound<'_>, body: &Value, kind: &Kind) -> Result<(), String> {
        let sent = text(body, self.timestamp).unwrap_or_default();
        fresh(&sent, inbound.now)?;
        let pem = inbound
            .certificate
            .ok_or("there is no certificate to check it with")?;
        let certificate = Certificate::read(pem).ok_or("its certificate cannot be read")?;
        if !certificate.holds_at(inbound.now) {
            return Err("its certificate has expired".to_owned());
        }
        let version = text(body, self.version).unwrap_or_default();
        let hash = (self.hash)(&version)
            .ok_or_else(|| format!("signature version {version:?} is not known"))?;
        let signature = text(body, self.signature).unwrap_or_default();
        let signature = STANDARD.decode(&*signature).unwrap_or_default();
        if certificate.signed(hash, self.canonical(body, kind).as_bytes(), &signature) {
            Ok(())
        } else {
            Err(format!(
                "{} is not the signature of this message",
                self.signature
            ))
        }
    }

    /// The text that is signed: name and value of each member, a line each.
    pub(crate) fn canonical(&self, body: &Value, kind: &Kind) -> String {
        let names = match kind {
            Kind::Notification => self.signed,
            Kind::Subscription | Kind::Unsubscription => self.signed_confirmation,
        };
        let mut canonical = String::new();
        for name in names {
            if let Some(value) = body.get(*name).and_then(scalar) {
                canonical.extend([name, "\n", &*value, "\n"]);
            }
        }
        canonical
    }

    /// What a request for confirmation leads to: a visit, when the topic is configured.
    pub(crate) fn subscribe(&self, inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
        let given = text(body, self.confirm).unwrap_or_default();
        let url = self
            .own_confirmation(&given)
            .ok_or_else(|| Refusal::malformed(self.confirm, "this is no address of the cloud's"))?;
        let topic = text(body, self.topic).unwrap_or_default();
        let mut parsed = Parsed::default();
        if is_pinned(inbound, &topic) {
            parsed.note(format!("the subscription of {topic} was confirmed"));
            parsed.confirm = Some(url.into());
        } else {
            parsed.note(format!(
                "{topic} asks to be confirmed: name it in the source's `topics` and have it ask again, or visit {url}"
            ));
        }
        Ok(parsed)
    }

    fn own_confirmation(&self, given: &str) -> Option<Url> {
        let url = Url::parse(given).ok()?;
        let plain = url.scheme() == "https" && url.port().is_none() && url.username().is_empty();
        (plain && (self.is_confirmation)(&url)).then_some(url)
    }

    /// What the end of a subscription leads to: a word.
    pub(crate) fn unsubscribe(&self, body: &Value) -> Parsed {
        let mut parsed = Parsed::default();
        let topic = text(body, self.topic).unwrap_or_default();
        parsed.note(format!(
            "the subscription of {topic} was cancelled: nothing more will come of it"
        ));
        parsed
    }
}

/// A message of no known shape: words, told once.
pub(crate) fn words(subject: Option<&str>, message: &str, topic: &str) -> Option<Draft<'static>> {
    let title = subject.map(|subject| subject.to_owned().into());
    let message = Message::of(title, Some(message.to_owned().into()))?;
    Some(message.draft(topic))
}

/// The topics that a source takes.
fn pins<'a>(inbound: &Inbound<'a>) -> impl Iterator<Item = &'a str> {
    let listed = inbound.options.get("topics").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

fn is_pinned(inbound: &Inbound<'_>, topic: &str) -> bool {
    pins(inbound).any(|pin| pin == topic)
}

/// Whether a signed time is at most an hour old, and not ahead by more.
fn fresh(sent: &str, now: Time) -> Result<(), String> {
    match when::read(sent, "UTC") {
        Ok(Some(time)) if (now.secs() - time.secs()).abs() <= MAX_AGE_SECS => Ok(()),
        _ => Err(format!(
            "the signed time {sent:?} is more than an hour from ours"
        )),
    }
}
