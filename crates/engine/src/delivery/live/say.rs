//! The words of a live message, as things stand.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_channels::channel::{Channel, Target};
use balefire_config::plan::{Integration, Plan, Receiver};
use balefire_core::label::Labels;
use balefire_core::message::{AlertView, Block, GroupView, Message, Status};
use balefire_core::time::Time;
use balefire_template::compose;

use super::super::shared::Shared;
use super::super::{opened, render, worded};
use super::deeds::{self, Deeds};
use super::row::{Live, hex};
use crate::link;

/// A live message as things stand, without words.
pub(super) struct Stand<'p> {
    receiver: &'p Receiver,
    integration: &'p Integration,
    reader: compose::Reader,
    deeds: Deeds,
    /// The same for what shows the same: alerts and their states, and what people did.
    pub(super) hash: String,
}

/// What a live message is to say.
pub(super) struct Said {
    pub(super) channel: Arc<dyn Channel>,
    pub(super) message: Message,
    pub(super) target: [Target; 1],
    /// How long a change may take.
    pub(super) limit: Duration,
    /// The provider's name for this change: the same on every try of the same words.
    pub(super) id: String,
}

/// How a message stands; `None` when its entry is gone, or live no more.
pub(super) async fn stand<'p>(
    shared: &Shared,
    plan: &'p Plan,
    live: &mut Live,
    now: Time,
) -> Option<Stand<'p>> {
    let (receiver, integration) = entry(plan, live)?;
    if !integration.channel.is_live() {
        return None;
    }
    {
        let state = shared.state.read();
        live.look(now, |episode| state.episode(episode));
    }
    let reader = render::reader_of(plan, receiver, integration);
    let deeds = deeds::of(shared, plan, live, &reader, now).await;
    live.was_quiet |= deeds.is_quiet;
    Some(Stand {
        receiver,
        integration,
        reader,
        hash: hash(live, &deeds),
        deeds,
    })
}

/// What the message says then.
pub(super) async fn say(
    shared: &Shared,
    plan: &Plan,
    live: &Live,
    stand: Stand<'_>,
    now: Time,
) -> Said {
    let way = (stand.receiver, stand.integration);
    let mut view = view(live, plan);
    let group = (live.group, Some(&*live.target));
    link::let_answer(plan, &shared.links, &mut view, group, now);
    let view = Arc::new(view);
    let mut message = opened::worded(shared, plan, view, way.1, &stand.reader, now).await;
    let deeds = stand.deeds;
    if !deeds.lines.is_empty() {
        message.body.insert(0, Block::List(deeds.lines.clone()));
    }
    message.answering.is_held = deeds.is_held;
    message.answering.is_quiet = deeds.is_quiet;
    message.answering.answered = deeds.answered;
    message.answering.deeds = deeds.lines;
    let channel = worded::channel(shared, plan, way, &message, now);
    let account = plan.accounts.get(&*live.account);
    let mut id = digest::Context::new(&digest::SHA256);
    id.update(live.message.as_bytes());
    id.update(stand.hash.as_bytes());
    Said {
        limit: account.map_or_else(|| channel.timeout(), |account| account.limit(&*channel)),
        channel,
        message,
        target: [Target {
            address: Arc::clone(&live.target),
            label: Arc::clone(&live.target_label),
        }],
        id: format!("bf_{}", hex(id.finish().as_ref())),
    }
}

fn entry<'p>(plan: &'p Plan, live: &Live) -> Option<(&'p Receiver, &'p Integration)> {
    let mut receivers = plan.receivers.iter();
    let receiver = receivers.find(|receiver| receiver.name == live.receiver)?;
    let mut entries = receiver.integrations.iter();
    Some((
        receiver,
        entries.find(|entry| entry.key == live.integration)?,
    ))
}

fn view(live: &Live, plan: &Plan) -> GroupView {
    let views = live.seen.iter().filter_map(|seen| seen.alert.clone());
    let mut alerts: Vec<AlertView> = views.collect();
    // What fires stands first; within that, in Alertmanager's order.
    alerts.sort_by(|a, b| {
        let is_over = |view: &AlertView| view.status == Status::Resolved;
        let order = is_over(a).cmp(&is_over(b));
        let [a, b] = [a, b].map(|view| render::reading_order(&view.labels));
        order.then_with(|| a.cmp(&b))
    });
    let fires = alerts.iter().any(|alert| alert.status == Status::Firing);
    GroupView {
        receiver: Arc::clone(&live.receiver),
        status: if fires {
            Status::Firing
        } else {
            Status::Resolved
        },
        group_labels: live.group_labels.clone(),
        common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        external_url: plan.server.external_url.as_str().into(),
        group_key: format!("{}:{}", live.route_key, live.group_labels).into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: "".into(),
        alerts,
    }
}

/// What a message shows about which nobody has done anything yet.
pub(super) fn shown_first(live: &Live) -> String {
    hash(live, &Deeds::default())
}

/// Links are signed anew each time, and values in annotations come and go: neither is worth a change.
fn hash(live: &Live, deeds: &Deeds) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    for seen in &live.seen {
        let Some(alert) = &seen.alert else { continue };
        hash.update(&alert.fingerprint.0.to_be_bytes());
        hash.update(&seen.told.episode.starts_at.micros().to_be_bytes());
        hash.update(alert.status.as_str().as_bytes());
    }
    for deed in &deeds.lines {
        hash.update(deed.as_bytes());
        hash.update(&[0]);
    }
    hash.update(&[u8::from(deeds.is_held)]);
    if deeds.is_quiet {
        hash.update(b"quiet");
    }
    hex(hash.finish().as_ref())
}
