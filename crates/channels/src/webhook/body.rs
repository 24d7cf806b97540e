//! What a webhook carries: Alertmanager's body, version 4, and the envelopes around it.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{AlertView, GroupView, Message, Occasion, Status};
use balefire_core::time::Time;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::http::Header;
use crate::markup::{Dialect, render};

/// Alertmanager's body; the fields in its order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    receiver: &'a str,
    status: &'a str,
    alerts: Vec<Alert<'a>>,
    group_labels: &'a Labels,
    common_labels: Labels,
    common_annotations: Labels,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'a str,
    group_key: &'a str,
    truncated_alerts: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'a> {
    status: &'a str,
    labels: &'a Labels,
    annotations: &'a Labels,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: String,
}

/// Go's zero time: Alertmanager's word for "has not ended".
const NO_END: &str = "0001-01-01T00:00:00Z";

/// A body ready to go, and what envelopes say about it.
#[derive(Debug)]
pub(super) struct Content {
    /// The JSON text.
    pub(super) json: String,
    /// `firing` or `resolved`.
    pub(super) status: Status,
    /// Alertmanager's group key.
    pub(super) group_key: Arc<str>,
    /// Where we are reached.
    pub(super) external_url: Arc<str>,
}

/// The body of a message: its group, at most `max_alerts` alerts of it (0 for all), fewer where the text would
/// be longer than `max_bytes`. What is cut off is counted in `truncatedAlerts`, and, as in Alertmanager,
/// status and common labels are those of the alerts that stay.
pub(super) fn content(
    message: &Message,
    now: Time,
    max_alerts: usize,
    max_bytes: usize,
) -> Content {
    let made_up;
    let group = if let Some(group) = &message.group {
        &**group
    } else {
        made_up = group_of(message, now);
        &made_up
    };
    let mut kept = match max_alerts {
        0 => group.alerts.len(),
        most => most.min(group.alerts.len()),
    };
    loop {
        let (json, status) = json(group, kept);
        if json.len() <= max_bytes || kept <= 1 {
            return Content {
                json,
                status,
                group_key: Arc::clone(&group.group_key),
                external_url: Arc::clone(&group.external_url),
            };
        }
        // Alerts are of like size: keep about as many as fit, and at least one less each round.
        kept = (kept * max_bytes / json.len()).clamp(1, kept - 1);
    }
}

fn json(group: &GroupView, kept: usize) -> (String, Status) {
    let alerts = &group.alerts[..kept];
    let whole = kept == group.alerts.len();
    let fires = |alerts: &[AlertView]| alerts.iter().any(|alert| alert.status == Status::Firing);
    let status = match whole {
        true => group.status,
        false if fires(alerts) => Status::Firing,
        false => Status::Resolved,
    };
    let common = |of: fn(&AlertView) -> &Labels, all: &Labels| {
        if whole {
            all.clone()
        } else {
            Labels::common(alerts.iter().map(of))
        }
    };
    let body = Body {
        receiver: &group.receiver,
        status: status.as_str(),
        alerts: alerts.iter().map(alert).collect(),
        group_labels: &group.group_labels,
        common_labels: common(|alert| &alert.labels, &group.common_labels),
        common_annotations: common(|alert| &alert.annotations, &group.common_annotations),
        external_url: &group.external_url,
        version: "4",
        group_key: &group.group_key,
        truncated_alerts: group.truncated_alerts + group.alerts.len() - kept,
    };
    // Strings and numbers only: nothing in it can fail to be written.
    (serde_json::to_string(&body).unwrap_or_default(), status)
}

fn alert(alert: &AlertView) -> Alert<'_> {
    let ends_at = match (alert.status, alert.ends_at) {
        (Status::Resolved, Some(end)) => end.timestamp().to_string(),
        _ => NO_END.to_owned(),
    };
    Alert {
        status: alert.status.as_str(),
        labels: &alert.labels,
        annotations: &alert.annotations,
        starts_at: alert.starts_at.timestamp().to_string(),
        ends_at,
        generator_url: &alert.generator_url,
        fingerprint: alert.fingerprint.to_string(),
    }
}

/// A message that is about no group (a test, a direct message, a word about ourselves) as a group of one.
fn group_of(message: &Message, now: Time) -> GroupView {
    let name = match message.occasion {
        Occasion::Test => "BalefireTest",
        Occasion::Digest => "BalefireDigest",
        Occasion::Meta => "BalefireMeta",
        Occasion::Direct | Occasion::Firing | Occasion::Resolved => "BalefireMessage",
    };
    let labels = Labels::from_pairs([("alertname", name), ("severity", message.severity.as_str())])
        .unwrap_or_default();
    let (summary, description) = (
        message.title.replace('\0', ""),
        render(&message.body, Dialect::Plain),
    );
    let annotations = Labels::annotations([("summary", &*summary), ("description", &*description)])
        .unwrap_or_default();
    let status = if message.occasion == Occasion::Resolved {
        Status::Resolved
    } else {
        Status::Firing
    };
    let url = message.link.as_ref().map_or("", |link| link.url.as_str());
    GroupView {
        receiver: "".into(),
        status,
        alerts: vec![AlertView {
            status,
            fingerprint: Fingerprint::of(&labels),
            labels: labels.clone(),
            annotations: annotations.clone(),
            starts_at: now,
            ends_at: (status == Status::Resolved).then_some(now),
            generator_url: url.into(),
            lifecycle: Lifecycle::Event,
            missed: false,
        }],
        group_labels: Labels::empty(),
        common_labels: labels,
        common_annotations: annotations,
        external_url: "".into(),
        group_key: message.thread.as_str().into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: "".into(),
    }
}

/// Standard Webhooks' recommended envelope.
pub(super) fn standard_envelope(content: &Content, now: Time) -> String {
    #[derive(Serialize)]
    struct Envelope<'a> {
        #[serde(rename = "type")]
        kind: String,
        timestamp: String,
        data: &'a RawValue,
    }
    wrapped(content, |data| Envelope {
        kind: format!("alert.{}", content.status.as_str()),
        timestamp: now.timestamp().to_string(),
        data,
    })
}

/// The attributes of CloudEvents 1.0, without the data.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CloudEvent {
    /// The version of the specification.
    pub(super) specversion: &'static str,
    /// With the source, the identity of the event: the same on every try.
    pub(super) id: String,
    /// Our address, else a name.
    pub(super) source: String,
    /// Firing or resolved.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// When it was sent.
    pub(super) time: String,
    /// The group's key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) subject: String,
    /// The data's media type.
    pub(super) datacontenttype: &'static str,
}

impl CloudEvent {
    /// The attributes for this content.
    pub(super) fn of(content: &Content, id: &str, now: Time) -> Self {
        let source = match &*content.external_url {
            "" => "balefire",
            url => url,
        };
        Self {
            specversion: "1.0",
            id: id.to_owned(),
            source: source.to_owned(),
            kind: format!("io.balefire.alert.{}", content.status.as_str()),
            time: now.timestamp().to_string(),
            subject: content.group_key.to_string(),
            datacontenttype: "application/json",
        }
    }

    /// The structured mode: attributes and data in one document.
    pub(super) fn structured(&self, content: &Content) -> String {
        #[derive(Serialize)]
        struct Envelope<'a> {
            #[serde(flatten)]
            event: &'a CloudEvent,
            data: &'a RawValue,
        }
        wrapped(content, |data| Envelope { event: self, data })
    }

    /// The binary mode's headers.
    pub(super) fn headers(&self) -> Vec<Header> {
        [
            ("ce-specversion", self.specversion),
            ("ce-id", &self.id),
            ("ce-source", &self.source),
            ("ce-type", &self.kind),
            ("ce-time", &self.time),
            ("ce-subject", &self.subject),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.into(), header_value(value)))
        .collect()
    }
}

/// CloudEvents' rule for header values: blanks, `"`, `%` and all beyond printable ASCII as percent-encoded UTF-8.
fn header_value(text: &str) -> String {
    const ESCAPED: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'%');
    utf8_percent_encode(text, &ESCAPED).to_string()
}

fn wrapped<'a, T: Serialize>(
    content: &'a Content,
    envelope: impl FnOnce(&'a RawValue) -> T,
) -> String {
    match serde_json::from_str::<&RawValue>(&content.json) {
        Ok(data) => serde_json::to_string(&envelope(data)).unwrap_or_default(),
        Err(_) => content.json.clone(),
    }
}
