//! The events of both versions.

use balefire_core::message::{GroupView, Message, Occasion, Status};
use balefire_core::secret::Secret;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde_json::{Map, Value, json};

use crate::channel::Delivery;
use crate::chat::{Own, fixed, incident, is_template};
use crate::markup::{Dialect, safe_url, text_of, title_of};
use crate::options::Options;
use crate::spec::Length;

/// Longest summary.
pub(super) const TITLE: Length = Length::Chars(1_024);
/// Longest text; the whole event may have 512 KB.
pub(super) const TEXT: Length = Length::Bytes(20_000);
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
/// Most pictures and links that are sent along.
const MOST: usize = 20;
/// Most bytes of the operator's own details.
const MOST_DETAILS: usize = 100_000;

/// What an entry says about its events, without its Go templates.
#[derive(Debug)]
pub(super) struct Event {
    own: Own,
    client: String,
    client_url: Option<String>,
    severity: Option<String>,
    details: Map<String, Value>,
    links: Vec<Value>,
    images: Vec<Value>,
    source: Option<String>,
    class: Option<String>,
    component: Option<String>,
    group: Option<String>,
}

impl Event {
    pub(super) fn of(options: &mut Options<'_>) -> Self {
        let severity = fixed(options, "severity").map(str::to_lowercase);
        if let Some(word) = &severity
            && !SEVERITIES.contains(&word.as_str())
        {
            let problem = format!("{word:?} is none of PagerDuty's severities");
            let fix = format!("write one of {}", SEVERITIES.join(", "));
            options.problem("severity", problem, fix);
        }
        let details = options.value("details").and_then(Value::as_object);
        let details: Map<String, Value> = details
            .into_iter()
            .flatten()
            .filter(|(_, value)| !is_template(&value.to_string()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if Value::Object(details.clone()).to_string().len() > MOST_DETAILS {
            let problem = format!("is longer than {MOST_DETAILS} bytes");
            options.problem("details", problem, "leave some of them out");
        }
        let word = |key: &str| fixed(options, key).map(ToOwned::to_owned);
        Self {
            own: Own::of(options, "description", ""),
            client: word("client").unwrap_or_else(|| "Balefire".to_owned()),
            client_url: fixed(options, "client_url").and_then(safe_url),
            severity,
            details,
            links: items(options, "links", "href"),
            images: items(options, "images", "src"),
            source: word("source"),
            class: word("class"),
            component: word("component"),
            group: word("group"),
        }
    }

    /// An event of version 2.
    pub(super) fn two(&self, delivery: &Delivery<'_>, key: &Secret) -> Value {
        let message = delivery.message;
        let mut event = json!({
            "routing_key": key.reveal(),
            "event_action": action(message),
            "dedup_key": incident(delivery),
        });
        if message.occasion == Occasion::Resolved {
            return event;
        }
        let message = &self.own.on(message);
        let mut payload = json!({
            "summary": self.summary(message),
            "source": self.source(message),
            "severity": self.severity(message),
            "timestamp": started(message, delivery.now).timestamp().to_string(),
            "custom_details": self.details(message),
        });
        let class = self.class.clone().or_else(|| common(message, "alertname"));
        for (name, value) in [
            ("class", &class),
            ("component", &self.component),
            ("group", &self.group),
        ] {
            if let Some(value) = value {
                payload[name] = value.as_str().into();
            }
        }
        event["payload"] = payload;
        event["client"] = self.client.as_str().into();
        if let Some(url) = self.client_url(message) {
            event["client_url"] = url.into();
        }
        for (name, items) in [("links", &self.links), ("images", &self.images)] {
            if !items.is_empty() {
                event[name] = items.clone().into();
            }
        }
        event
    }

    /// An event of version 1.
    pub(super) fn one(&self, delivery: &Delivery<'_>, key: &Secret) -> Value {
        let message = &self.own.on(delivery.message);
        let mut event = json!({
            "service_key": key.reveal(),
            "event_type": action(message),
            "incident_key": incident(delivery),
            "description": self.summary(message),
            "details": self.details(message),
        });
        if message.occasion != Occasion::Resolved {
            event["client"] = self.client.as_str().into();
            if let Some(url) = self.client_url(message) {
                event["client_url"] = url.into();
            }
        }
        event
    }

    /// Never empty, since PagerDuty wants one.
    fn summary(&self, message: &Message) -> String {
        let title = title_of(message, Dialect::Plain, TITLE);
        if title.is_empty() {
            self.client.clone()
        } else {
            title
        }
    }

    fn source(&self, message: &Message) -> String {
        let source = self.source.clone().or_else(|| common(message, "instance"));
        source.unwrap_or_else(|| self.client.clone())
    }

    fn severity<'a>(&'a self, message: &Message) -> &'a str {
        let of_alerts = match message.severity {
            Severity::Critical => "critical",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        self.severity.as_deref().unwrap_or(of_alerts)
    }

    fn client_url(&self, message: &Message) -> Option<String> {
        let link = message.link.as_ref().and_then(|link| safe_url(&link.url));
        self.client_url.clone().or(link)
    }

    fn details(&self, message: &Message) -> Value {
        let count = |status| {
            let group = message.group.as_deref();
            group.map(|group: &GroupView| group.with_status(status).count())
        };
        let mut details = self.details.clone();
        let text = text_of(message, Dialect::Plain, TEXT).text;
        details.insert("text".to_owned(), text.into());
        for (name, status) in [
            ("num_firing", Status::Firing),
            ("num_resolved", Status::Resolved),
        ] {
            if let Some(count) = count(status) {
                details.insert(name.to_owned(), count.into());
            }
        }
        Value::Object(details)
    }
}

fn action(message: &Message) -> &'static str {
    match message.occasion {
        Occasion::Resolved => "resolve",
        _ => "trigger",
    }
}

/// When the first alert began.
fn started(message: &Message, now: Time) -> Time {
    let group = message.group.as_deref();
    let alerts = group.into_iter().flat_map(|group| &group.alerts);
    alerts.map(|alert| alert.starts_at).min().unwrap_or(now)
}

/// A label that all alerts share.
fn common(message: &Message, name: &str) -> Option<String> {
    let value = message.group.as_ref()?.common_labels.value(name);
    let value = Dialect::Plain.escape(&crate::markup::one_line(value));
    (!value.is_empty()).then_some(value)
}

/// The entries of a list, as far as they have an address and no Go templates.
fn items(options: &Options<'_>, key: &str, address: &str) -> Vec<Value> {
    let list = options.value(key).and_then(Value::as_array);
    let list = list.into_iter().flatten();
    let good = |item: &&Value| {
        let url = item[address].as_str().and_then(safe_url);
        url.is_some() && !is_template(&item.to_string())
    };
    list.filter(good).take(MOST).cloned().collect()
}
