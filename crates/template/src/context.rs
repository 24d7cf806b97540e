//! What a template sees of a group: the names of Alertmanager's webhook, and the same in snake case.

use balefire_core::label::Labels;
use balefire_core::message::{AlertView, Block, GroupView, Message, Occasion, Status};
use balefire_core::severity::Severity;
use serde_json::{Map, Value, json};

use crate::clean::cut;
use crate::compose::{Leads, Reader, body, title};

/// Most alerts handed to a template; the rest are counted in `truncated_alerts`.
const ALERTS: usize = 500;
/// Most characters of one label's or annotation's value.
const VALUE: usize = 8_000;

/// The names a template may use at top level, for the checker and the reference.
pub const NAMES: [(&str, &str); 26] = [
    ("title", "the default title, one line without markup"),
    ("text", "the default text, without markup"),
    ("status", "`firing` or `resolved`"),
    (
        "severity",
        "the worst severity: `info`, `warning`, `error`, `critical`",
    ),
    ("alerts", "all alerts, sorted by job, instance, labels"),
    ("firing", "the alerts that fire"),
    ("resolved", "the alerts that are over"),
    ("group_labels", "the labels the group is keyed by"),
    ("groupLabels", "as `group_labels`"),
    ("common_labels", "labels that all alerts share"),
    ("commonLabels", "as `common_labels`"),
    ("common_annotations", "annotations that all alerts share"),
    ("commonAnnotations", "as `common_annotations`"),
    ("external_url", "where our console is reached"),
    ("externalURL", "as `external_url`"),
    (
        "link",
        "our page on the group; empty without an external URL",
    ),
    (
        "acknowledge_url",
        "where whoever reads it says that they have it, without logging in; may be empty",
    ),
    ("acknowledgeURL", "as `acknowledge_url`"),
    ("receiver", "the receiver's name"),
    ("group_key", "Alertmanager's group key"),
    ("groupKey", "as `group_key`"),
    ("truncated_alerts", "how many alerts a limit cut off"),
    ("truncatedAlerts", "as `truncated_alerts`"),
    ("reason", "why it is told now"),
    ("locale", "the reader's language: `en` or `zh-CN`"),
    ("zone", "the reader's time zone"),
];

/// Names that the template of a request's body knows besides.
pub const BODY_NAMES: [(&str, &str); 3] = [
    ("id", "the notification's id, the same on every try"),
    (
        "occasion",
        "`firing`, `resolved`, `digest`, `direct`, `test` or `meta`",
    ),
    ("params", "what the receiver's entry says under `params`"),
];

/// The data of a message for the template of a request's body: its group's, with the message's own words; one that is
/// about no group has no alerts.
pub fn of_message(message: &Message, id: &str, params: &Value) -> Value {
    let reader = Reader {
        locale: message.locale,
        zone: message.zone.clone(),
    };
    let mut data = match &message.group {
        Some(group) => of(group, &reader),
        None => of(&no_group(message), &reader),
    };
    let custom = message.custom.as_ref();
    let title = custom.and_then(|custom| custom.title.clone());
    let text = custom.and_then(|custom| custom.text.clone());
    let link = message.link.as_ref().map(|link| link.url.as_str());
    data["title"] = title.unwrap_or_else(|| message.title.clone()).into();
    data["text"] = text.unwrap_or_else(|| plain(&message.body)).into();
    data["severity"] = message.severity.as_str().into();
    data["link"] = link.unwrap_or_default().into();
    data["occasion"] = json!(message.occasion);
    data["id"] = id.into();
    data["params"] = params.clone();
    data
}

fn no_group(message: &Message) -> GroupView {
    let status = if message.occasion == Occasion::Resolved {
        Status::Resolved
    } else {
        Status::Firing
    };
    GroupView {
        receiver: "".into(),
        status,
        alerts: Vec::new(),
        group_labels: Labels::empty(),
        common_labels: Labels::empty(),
        common_annotations: Labels::empty(),
        external_url: "".into(),
        group_key: message.thread.as_str().into(),
        truncated_alerts: 0,
        reason: "".into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
    }
}

/// The data of a group for a template. `firing` and `resolved` are not in it; the renderer adds them.
pub fn of(group: &GroupView, reader: &Reader) -> Value {
    let title = title::title(group, reader);
    let leads = Leads::of(group);
    let text = plain(&body::body(group, reader, &title, &leads));
    let alerts: Vec<Value> = group
        .alerts
        .iter()
        .take(ALERTS)
        .map(|a| alert(a, reader))
        .collect();
    let cut_off = group.alerts.len().saturating_sub(ALERTS) + group.truncated_alerts;
    let (group_labels, common_labels, common_annotations) = (
        pairs(&group.group_labels),
        pairs(&group.common_labels),
        pairs(&group.common_annotations),
    );
    json!({
        "title": title,
        "text": text,
        "status": group.status.as_str(),
        "severity": group.severity().as_str(),
        "alerts": alerts,
        "group_labels": group_labels,
        "groupLabels": group_labels,
        "common_labels": common_labels,
        "commonLabels": common_labels,
        "common_annotations": common_annotations,
        "commonAnnotations": common_annotations,
        "external_url": &*group.external_url,
        "externalURL": &*group.external_url,
        "link": leads.page().unwrap_or_default(),
        "acknowledge_url": &*group.acknowledge_url,
        "acknowledgeURL": &*group.acknowledge_url,
        "receiver": &*group.receiver,
        "group_key": &*group.group_key,
        "groupKey": &*group.group_key,
        "truncated_alerts": cut_off,
        "truncatedAlerts": cut_off,
        "reason": &*group.reason,
        "locale": reader.locale,
        "zone": reader.zone,
    })
}

fn alert(alert: &AlertView, reader: &Reader) -> Value {
    let starts = alert.starts_at.rfc3339_millis();
    let ends = alert.ends_at.map(balefire_core::time::Time::rfc3339_millis);
    let seconds = alert
        .ends_at
        .map(|end| end.since(alert.starts_at).as_secs());
    let words = alert
        .ends_at
        .map(|end| reader.duration(end.since(alert.starts_at)));
    json!({
        "status": alert.status.as_str(),
        "labels": pairs(&alert.labels),
        "annotations": pairs(&alert.annotations),
        "startsAt": starts,
        "starts_at": starts,
        "endsAt": ends,
        "ends_at": ends,
        "seconds": seconds,
        "duration": words,
        "generatorURL": &*alert.generator_url,
        "generator_url": &*alert.generator_url,
        "fingerprint": alert.fingerprint.to_string(),
        "severity": Severity::of(&alert.labels).as_str(),
        "missed": alert.missed && alert.status == Status::Resolved,
    })
}

fn pairs(labels: &Labels) -> Value {
    let pairs = labels.iter().map(|(name, value)| {
        let value = if value.len() > VALUE {
            cut(value.to_owned(), VALUE)
        } else {
            value.to_owned()
        };
        (name.to_owned(), Value::String(value))
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// Blocks as text without markup.
pub(crate) fn plain(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Heading(text) | Block::Text(text) => text.clone(),
            Block::Facts(facts) => {
                let lines: Vec<String> = facts
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                lines.join("\n")
            }
            Block::List(points) => {
                let lines: Vec<String> = points.iter().map(|point| format!("- {point}")).collect();
                lines.join("\n")
            }
            Block::Link(link) => format!("{}: {}", link.text, link.url),
            Block::Image(url) => url.clone(),
            Block::Rule => "----".to_owned(),
        })
        .collect();
    parts.join("\n\n")
}
