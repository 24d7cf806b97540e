//! From content to a message, with the state as it is when the try starts.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_config::plan::{Integration, Person, Plan, Reader, Receiver};
use balefire_core::alert::{Alert, Episode, Lifecycle};
use balefire_core::label::Labels;
use balefire_core::message::{AlertView, Custom, GroupView, Mentions, Message, Status};
use balefire_core::time::Time;
use balefire_template::compose;

use super::content::GroupContent;

/// The reader of a way out: its own language and zone, else the receiver's, else the server's.
pub(crate) fn reader_of(
    plan: &Plan,
    receiver: &Receiver,
    integration: &Integration,
) -> compose::Reader {
    let server = &plan.server.reader;
    let zone = [
        &integration.reader.zone,
        &receiver.reader.zone,
        &server.zone,
    ]
    .into_iter()
    .find(|zone| !zone.is_empty())
    .map_or_else(|| "UTC".to_owned(), Clone::clone);
    let default = Reader::default().locale;
    let locale = [
        integration.reader.locale,
        receiver.reader.locale,
        server.locale,
    ]
    .into_iter()
    .find(|locale| *locale != default)
    .unwrap_or(default);
    compose::Reader { locale, zone }
}

/// The group as it stands now. Episodes whose alert is no longer known are told as they were decided
/// to be, as far as the group's labels go.
pub(crate) fn view(
    content: &GroupContent,
    receiver: &Arc<str>,
    external_url: &Arc<str>,
    now: Time,
    alert_of: impl Fn(Episode) -> Option<Arc<Alert>>,
) -> GroupView {
    let mut alerts: Vec<AlertView> = content
        .episodes
        .iter()
        .map(|(episode, decided)| {
            let untold = content.untold.contains(episode);
            alert_of(*episode).map_or_else(
                || forgotten(*episode, *decided, &content.group_labels),
                |alert| alert_view(&alert, *decided, untold, now),
            )
        })
        .collect();
    alerts.sort_by(|a, b| reading_order(&a.labels).cmp(&reading_order(&b.labels)));
    let firing = alerts.iter().any(|alert| alert.status == Status::Firing);
    GroupView {
        receiver: Arc::clone(receiver),
        status: if firing {
            Status::Firing
        } else {
            Status::Resolved
        },
        group_labels: content.group_labels.clone(),
        common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        external_url: Arc::clone(external_url),
        group_key: format!("{}:{}", content.route_key, content.group_labels).into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: Arc::clone(&content.reason),
        alerts,
    }
}

/// Alertmanager's order of alerts in a message: job, instance, then all labels.
pub(super) fn reading_order(labels: &Labels) -> (&str, &str, &Labels) {
    (labels.value("job"), labels.value("instance"), labels)
}

pub(super) fn alert_view(alert: &Alert, decided: Status, untold: bool, now: Time) -> AlertView {
    let over = decided == Status::Resolved || alert.resolved_at(now);
    let over = over && alert.lifecycle != Lifecycle::Event;
    AlertView {
        status: if over {
            Status::Resolved
        } else {
            Status::Firing
        },
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        starts_at: alert.starts_at,
        ends_at: over.then(|| alert.ends_at.min(now)),
        generator_url: Arc::clone(&alert.generator_url),
        fingerprint: alert.fingerprint(),
        lifecycle: alert.lifecycle,
        // Firing was decided or waited for, and it is over before anybody heard of it.
        missed: over && (untold || decided == Status::Firing),
    }
}

fn forgotten(episode: Episode, decided: Status, group_labels: &Labels) -> AlertView {
    AlertView {
        status: decided,
        labels: group_labels.clone(),
        annotations: Labels::empty(),
        starts_at: episode.starts_at,
        ends_at: (decided == Status::Resolved).then_some(episode.starts_at),
        generator_url: Arc::from(""),
        fingerprint: episode.fingerprint,
        lifecycle: Lifecycle::Explicit,
        missed: false,
    }
}

/// The message of a group for one way out; who is on call is looked up for each try.
pub(crate) fn message(
    group: &Arc<GroupView>,
    integration: &Integration,
    reader: &compose::Reader,
    custom: Option<Custom>,
    named: &BTreeMap<String, Person>,
    on_call: Vec<&Person>,
) -> Message {
    let own = integration.mention.iter();
    let own = own.filter_map(|key| named.get(&**key));
    let mut people: Vec<_> = own.map(|person| person.contact.clone()).collect();
    for person in on_call {
        if !people.contains(&person.contact) {
            people.push(person.contact.clone());
        }
    }
    let mentions = Mentions {
        everyone: integration.mention_all,
        people,
    };
    compose::compose(group, reader, mentions, custom)
}
