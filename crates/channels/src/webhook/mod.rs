//! Generic webhook: Alertmanager's `webhook_configs`, byte for byte its body of version 4, plus signatures and
//! envelopes for receivers that want them.
//!
//! Vendor page: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>; signatures and
//! CloudEvents: wire/webhook.md. Limits: none known; bodies are kept below `max_bytes` by leaving out alerts.

mod body;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use self::body::{CloudEvent, Content};
use self::signature::{STYLES, Signer, Style};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::{Http, HttpReply, HttpRequest, classify_http, redact, transport_error};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

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

const FORMATS: &[&str] = &[
    "alertmanager",
    "standard_webhooks",
    "cloudevents_structured",
    "cloudevents_binary",
];

static FIELDS: [Field; 11] = [
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
        "The signing key; for standard_webhooks and svix whsec_ and base64.",
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

/// One webhook; the URL counts as a secret, since many hold a key.
#[derive(Debug)]
struct Webhook {
    http: Http,
    url: Secret,
    target: Target,
    max_alerts: usize,
    max_bytes: usize,
    format: Format,
    signer: Signer,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = url(&mut options, &build.http);
    let signer = signer(&mut options);
    let http = match options.duration("timeout") {
        Some(own) => build.http.clone().within(own),
        None => build.http.clone(),
    };
    let format = match options.text("format") {
        Some("standard_webhooks") => Format::StandardWebhooks,
        Some("cloudevents_structured") => Format::CloudEventsStructured,
        Some("cloudevents_binary") => Format::CloudEventsBinary,
        _ => Format::Alertmanager,
    };
    let number = |key, default| {
        options
            .integer(key)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(default)
    };
    let (max_alerts, max_bytes) = (number("max_alerts", 0), number("max_bytes", 1 << 20));
    let channel = url.map(|url| {
        let target = Target {
            // Two hooks on one host differ in what is masked, so a hash tells them apart.
            address: sha256_hex(url.as_bytes())[..16].into(),
            label: redact::shown_url(&url).into(),
        };
        let url = Secret::new(url);
        Arc::new(Webhook {
            http,
            url,
            target,
            max_alerts,
            max_bytes,
            format,
            signer,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn url(options: &mut Options<'_>, http: &Http) -> Option<String> {
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
    Some(url.to_owned())
}

fn signer(options: &mut Options<'_>) -> Signer {
    let style = options
        .text("signature")
        .and_then(Style::from_word)
        .unwrap_or(Style::Nothing);
    let secrets: Vec<Secret> = ["secret", "old_secret"]
        .iter()
        .filter_map(|key| options.secret(key))
        .collect();
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
        secrets,
        header,
        timestamp_header,
    }
}

impl Webhook {
    fn request(&self, delivery: &Delivery<'_>) -> HttpRequest {
        let Delivery {
            message, id, now, ..
        } = *delivery;
        let content = body::content(message, now, self.max_alerts, self.max_bytes);
        let (content_type, body, more) = self.enveloped(&content, id, now);
        let signature = self.signer.headers(id, now, &body);
        let mut request = HttpRequest::post(self.url.reveal(), content_type, body);
        request
            .headers
            .extend(more.into_iter().map(|(name, value)| (name.into(), value)));
        request.headers.extend(
            signature
                .into_iter()
                .map(|(name, value)| (name.into(), value)),
        );
        request
    }

    fn enveloped(
        &self,
        content: &Content,
        id: &str,
        now: Time,
    ) -> (&'static str, String, Vec<(&'static str, String)>) {
        match self.format {
            Format::Alertmanager => ("application/json", content.json.clone(), Vec::new()),
            Format::StandardWebhooks => (
                "application/json",
                body::standard_envelope(content, now),
                Vec::new(),
            ),
            Format::CloudEventsStructured => (
                "application/cloudevents+json; charset=UTF-8",
                CloudEvent::of(content, id, now).structured(content),
                Vec::new(),
            ),
            Format::CloudEventsBinary => (
                "application/json",
                content.json.clone(),
                CloudEvent::of(content, id, now).headers(),
            ),
        }
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let reply = self
            .http
            .send(self.request(delivery), SPEC.timeout)
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
        self.http.limit(SPEC.timeout)
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
