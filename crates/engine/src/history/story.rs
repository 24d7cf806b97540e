//! A notification with everything around it: what it says, and the decision it follows from.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use balefire_core::alert::{Alert, Episode};
use balefire_core::dispatch::FlushRecord;
use balefire_core::message::{Message, Status};
use balefire_core::time::Time;
use balefire_store::Notification;
use balefire_template::compose::Reader;

use super::{Decided, HistoryError, Recall, Told, ToldGroup, decision};
use crate::engine::Engine;

/// What a notification says and why it was made.
#[derive(Clone, Debug)]
pub struct Story {
    /// What the row holds.
    pub told: Told,
    /// The default message as of when the notification was made; `None` for an unreadable row.
    pub message: Option<Message>,
    /// The decision; `None` when retention has taken it.
    pub decided: Option<Arc<Decided>>,
}

impl Story {
    /// The flush that made a notification of this group.
    pub fn flush(&self, group: u64) -> Option<&FlushRecord> {
        let flushes = &self.decided.as_ref()?.flushes;
        flushes.iter().find(|flush| flush.group.0 == group)
    }
}

/// The titles of notifications, in their order, from what memory holds; the group's labels stand in
/// for alerts it has dropped.
pub fn titles(engine: &Engine, notifications: &[Notification], reader: &Reader) -> Vec<String> {
    let external_url: Arc<str> = engine.plan().server.external_url.as_str().into();
    let state = engine.state();
    let title = |row: &Notification| {
        let told = Told::of(row);
        message(row, &told, &external_url, reader, |e| state.episode(e))
            .map(|message| message.title)
            .unwrap_or_default()
    };
    notifications.iter().map(title).collect()
}

impl Recall {
    /// The stories of notifications, in their order. Their decisions are read one by one, so this is
    /// for a page, not for a thousand rows.
    pub async fn stories(
        &self,
        engine: &Engine,
        notifications: &[Notification],
        reader: &Reader,
    ) -> Result<Vec<Story>, HistoryError> {
        let mut decisions: BTreeMap<u64, Option<Arc<Decided>>> = BTreeMap::new();
        let mut wanted = Vec::new();
        let mut told = Vec::with_capacity(notifications.len());
        for row in notifications {
            if let Entry::Vacant(unread) = decisions.entry(row.decision) {
                let decided = decision(engine.store(), row.decision).await?;
                unread.insert(decided.map(Arc::new));
            }
            let says = Told::of(row);
            if let Some(Some(decided)) = decisions.get(&row.decision) {
                wanted.extend(says.episodes().iter().map(|(e, _)| (decided.cursor, *e)));
            }
            told.push(says);
        }
        let alerts = self.alerts(engine, &wanted).await?;
        let external_url: Arc<str> = engine.plan().server.external_url.as_str().into();
        let stories = notifications.iter().zip(told).map(|(row, told)| Story {
            message: message(row, &told, &external_url, reader, |e| {
                alerts.get(&e).map(Arc::clone)
            }),
            decided: decisions.get(&row.decision).cloned().flatten(),
            told,
        });
        Ok(stories.collect())
    }
}

/// The alert with an end that fits what was decided: a sender may have told later that it had been over
/// before.
fn as_decided(alert: Arc<Alert>, episode: Episode, told: &Told, at: Time) -> Arc<Alert> {
    let fired = told.episodes().contains(&(episode, Status::Firing));
    if !fired || !alert.resolved_at(at) {
        return alert;
    }
    Arc::new(Alert {
        ends_at: Time::NEVER,
        ..Alert::clone(&alert)
    })
}

/// The message as of when the notification was made.
fn message(
    row: &Notification,
    told: &Told,
    external_url: &Arc<str>,
    reader: &Reader,
    alert_of: impl Fn(Episode) -> Option<Arc<Alert>>,
) -> Option<Message> {
    match told {
        Told::Group(group) => {
            let at = row.created_at;
            let as_told = |episode| {
                let alert = alert_of(episode)?;
                Some(as_decided(alert, episode, told, at))
            };
            let view = group.view(&row.receiver, external_url, at, as_told);
            Some(ToldGroup::message(view, reader))
        }
        Told::Message(message) => Some(Message::clone(message)),
        Told::Unreadable => None,
    }
}
