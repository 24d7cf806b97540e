//! Generic webhook: Alertmanager's `webhook_configs`, byte for byte its body of version 4, plus signatures and
//! envelopes for receivers that want them.
//!
//! Vendor page: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>; signatures and
//! CloudEvents: wire/webhook.md. Limits: none known; bodies are kept below `max_bytes` by leaving out alerts.

mod body;
mod consent;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;

use self::body::{CloudEvent, Content};
use self::consent::Consent;
use self::signature::{Key, STYLES, Signer, Style};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Endpoint, Header, Http, HttpReply, classify_http, redact, transport_error};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};
use crate::token::Tokens;

/// What a webhook is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "webhook",
    receiver_key: "webhook_configs",
    title: ("Webhook", "通用 Webhook"),
    vendor_page: "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    // Every account has a `timeout` already.
    account_fields: FIELDS.split_at(FIELDS.len() - 1).0,
    receiver_fields: &FIELDS,
    send_resolved: true,
    dialect: crate::markup::Dialect::Plain,
    limits: Limits {
        title: Length::Unlimited,
        text: Length::Unlimited,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 16,
    timeout: Duration::from_secs(10),
    build,
};

/// Alertmanager's body of version 4 for a message, with fewer alerts where it would be longer than `max_bytes`.
pub(crate) fn alertmanager_body(message: &Message, now: Time, max_bytes: usize) -> String {
    body::content(message, now, 0, max_bytes).json
}

const FORMATS: &[&str] = &[
    "alertmanager",
    "standard_webhooks",
    "cloudevents_structured",
    "cloudevents_binary",
];

static FIELDS: [Field; 12] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "Where requests go; required here or at the account.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the URL."),
    Field::optional(
        "max_alerts",
        Kind::Integer(0, 1_000_000),
        "Most alerts in one request; 0 for all.",
    )
    .or("0"),
    Field::optional(
        "max_bytes",
        Kind::Integer(1024, 64 << 20),
        "Longest body in bytes; alerts beyond it are left out and counted in truncatedAlerts.",
    )
    .or("1048576"),
    Field::optional(
        "format",
        Kind::OneOf(FORMATS),
        "What the body is: Alertmanager's own, or that inside an envelope.",
    )
    .or("alertmanager"),
    Field::optional("signature", Kind::OneOf(STYLES), "How requests are signed.").or("none"),
    Field::optional(
        "secret",
        Kind::Secret,
        "The signing key; for standard_webhooks and svix whsec_ and base64, or whsk_ and base64 of a private Ed25519 key.",
    ),
    Field::optional(
        "old_secret",
        Kind::Secret,
        "The key before, while receivers change over (standard_webhooks and svix).",
    ),
    Field::optional(
        "signature_header",
        Kind::Text,
        "Header of the signature, for github and grafana; each has its own by default.",
    ),
    Field::optional(
        "timestamp_header",
        Kind::Text,
        "Header of the time that is signed too, for grafana; none by default.",
    ),
    Field::optional(
        "origin",
        Kind::Text,
        "Our DNS name for receivers of CloudEvents that want to be asked first: before the first event, and again after a failure, OPTIONS asks for their consent; none asks nobody.",
    ),
    Field::optional(
        "timeout",
        Kind::Duration,
        "Total time of one try; 0 for the account's.",
    )
    .or("10s"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Alertmanager,
    StandardWebhooks,
    CloudEventsStructured,
    CloudEventsBinary,
}

impl Format {
    /// The `Content-Type` of bodies of this form.
    const fn content_type(self) -> &'static str {
        match self {
            Self::CloudEventsStructured => "application/cloudevents+json; charset=UTF-8",
            Self::Alertmanager | Self::StandardWebhooks | Self::CloudEventsBinary => {
                "application/json"
            }
        }
    }
}

/// One webhook; the URL counts as a secret, since many hold a key.
#[derive(Debug)]
struct Webhook {
    http: Http,
    tokens: Arc<Tokens>,
    endpoint: Endpoint,
    consent: Option<Consent>,
    target: Target,
    max_alerts: usize,
    max_bytes: usize,
    format: Format,
    signer: Signer,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let format = match options.text("format") {
        Some("standard_webhooks") => Format::StandardWebhooks,
        Some("cloudevents_structured") => Format::CloudEventsStructured,
        Some("cloudevents_binary") => Format::CloudEventsBinary,
        _ => Format::Alertmanager,
    };
    let http = match options.duration("timeout") {
        Some(own) => build.http.clone().within(own),
        None => build.http.clone(),
    };
    let url = url(&mut options, &http);
    let signer = signer(&mut options);
    let origin = origin(&mut options, format);
    let number = |key, default| {
        options
            .integer(key)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(default)
    };
    let (max_alerts, max_bytes) = (number("max_alerts", 0), number("max_bytes", 1 << 20));
    let channel = url.and_then(|url| {
        let target = Target {
            // Two hooks on one host differ in what is masked, so a hash tells them apart.
            address: sha256_hex(url.as_bytes())[..16].into(),
            label: redact::shown_url(url).into(),
        };
        let content_type = ("content-type".into(), format.content_type().to_owned());
        // The URL has been judged, and these headers can be sent.
        let endpoint = |header: Header| http.endpoint(url, &[header]).ok();
        let consent = origin.and_then(|origin| {
            let endpoint = endpoint(Consent::header(origin))?;
            Some(Consent::new(origin, endpoint, &target.address))
        });
        Some(Arc::new(Webhook {
            endpoint: endpoint(content_type)?,
            tokens: Arc::clone(&build.tokens),
            consent,
            target,
            max_alerts,
            max_bytes,
            format,
            signer,
            http,
        }) as Arc<dyn Channel>)
    });
    options.finish(channel)
}

fn url<'a>(options: &mut Options<'a>, http: &Http) -> Option<&'a str> {
    let Some(url) = options.text("url") else {
        options.problem(
            "url",
            "is missing",
            "give url, or url_file with a file that holds it",
        );
        return None;
    };
    if let Err(e) = http.check_url(url) {
        let fix =
            e.fix_or("write a full http:// or https:// URL; Go templates in URLs are not run");
        options.problem("url", e.to_string(), fix);
        return None;
    }
    Some(url)
}

fn signer(options: &mut Options<'_>) -> Signer {
    let style = options
        .text("signature")
        .and_then(Style::from_word)
        .unwrap_or(Style::Nothing);
    let mut keys = Vec::new();
    for name in ["secret", "old_secret"] {
        match options.secret(name).map(|secret| Key::read(style, &secret)) {
            None => {}
            Some(Ok(key)) => keys.push(key),
            Some(Err(problem)) => {
                let fix = "write whsk_ and base64 of the key's 32 bytes, or of these and the public key's";
                options.problem(name, problem, fix);
            }
        }
    }
    if style != Style::Nothing && options.text("secret").is_none() {
        options.problem(
            "secret",
            "is missing, but signature is set",
            "give the key both sides know",
        );
    }
    let mut header = |key: &str| {
        let name = options.text(key).unwrap_or_default().to_owned();
        if !name.is_empty() && http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            options.problem(key, format!("{name:?} is not the name of a header"), "");
        }
        name
    };
    let (header, timestamp_header) = (header("signature_header"), header("timestamp_header"));
    Signer {
        style,
        keys,
        header,
        timestamp_header,
    }
}

/// Our name in the question for consent.
fn origin<'a>(options: &mut Options<'a>, format: Format) -> Option<&'a str> {
    let origin = options.text("origin")?;
    if !Consent::is_origin(origin) {
        let problem = format!("{origin:?} is not a DNS name");
        options.problem("origin", problem, "write a name such as alerts.example.com");
    } else if !matches!(
        format,
        Format::CloudEventsStructured | Format::CloudEventsBinary
    ) {
        let fix = "set format to cloudevents_structured or cloudevents_binary, or remove origin";
        options.problem("origin", "is for CloudEvents alone", fix);
    }
    Some(origin)
}

impl Webhook {
    /// Body and headers besides those that all requests have.
    fn request(&self, delivery: &Delivery<'_>) -> (String, Vec<Header>) {
        let Delivery {
            message, id, now, ..
        } = *delivery;
        let content = body::content(message, now, self.max_alerts, self.max_bytes);
        let (body, mut headers) = self.enveloped(content, id, now);
        headers.extend(self.signer.headers(id, now, &body));
        (body, headers)
    }

    fn enveloped(&self, content: Content, id: &str, now: Time) -> (String, Vec<Header>) {
        match self.format {
            Format::Alertmanager => (content.json, Vec::new()),
            Format::StandardWebhooks => (body::standard_envelope(&content, now), Vec::new()),
            Format::CloudEventsStructured => {
                let event = CloudEvent::of(&content, id, now);
                (event.structured(&content), Vec::new())
            }
            Format::CloudEventsBinary => {
                let headers = CloudEvent::of(&content, id, now).headers();
                (content.json, headers)
            }
        }
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let Some(consent) = &self.consent else {
            return self.post(delivery).await;
        };
        let (tokens, limit) = (&self.tokens, SPEC.timeout);
        let held = consent
            .obtain(tokens, &self.http, limit, delivery.now)
            .await?;
        let outcome = self.post(delivery).await;
        if outcome.is_err() {
            consent.forget(tokens, &held).await;
        }
        outcome
    }

    async fn post(&self, delivery: &Delivery<'_>) -> Outcome {
        let (body, headers) = self.request(delivery);
        let reply = self
            .http
            .call(Method::POST, &self.endpoint, &headers, body, SPEC.timeout)
            .await
            .map_err(|e| transport_error(&e))?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Webhook {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn timeout(&self) -> Duration {
        let calls = if self.consent.is_some() { 2 } else { 1 };
        self.http.limit(SPEC.timeout) * calls
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = self.deliver(delivery).await;
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(
            ErrorKind::Unsupported,
            "a webhook can only be tried by sending",
        )
        .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}

/// A 2xx is a yes, whatever the body says; everything else by the common table.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    classify_http(reply, now)?;
    Ok(Receipt {
        provider_id: String::new(),
        answer: format!("status {}", reply.status),
    })
}

#[cfg(test)]
mod tests;
