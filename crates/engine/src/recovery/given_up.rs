//! Dead letters whose news the last process may not have lived to act on.
//!
//! That a notification was given up is on disk; that its group's next flush tells it again is only in the
//! dispatcher's memory, and the alarm about it was on its way. What was given up after the checkpoint is acted
//! on again, unless a later obligation told the same.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::Episode;
use balefire_core::dispatch::{Dispatch, GroupId};
use balefire_core::message::Occasion;
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationFilter, NotificationState, Store, StoreError};
use rustc_hash::FxHashSet;

use super::replay::Told;
use crate::delivery::content::{Content, GroupContent};

/// Dead letters looked at, the newest first.
const LOOKED_AT: usize = 1000;
/// None is tried for longer than this, unless its receiver says so.
const TRIED_FOR: Duration = Duration::from_hours(24);
/// The dispatcher has heard of an end after this time, as a rule.
const HEARD: Duration = Duration::from_secs(10);
/// Rows of one obligation are neighbours; so many are looked at on each side.
const NEIGHBOURS: u64 = 32;

/// Notifications of one account that were given up.
#[derive(Debug)]
pub(crate) struct GivenUp {
    pub(crate) account: Arc<str>,
    count: usize,
    last_error: Arc<str>,
}

impl GivenUp {
    pub(crate) fn text(&self) -> String {
        format!(
            "{} notification(s) through {} were given up before this start: {}",
            self.count, self.account, self.last_error
        )
    }
}

/// Where the checkpoint ends, and what was told after it.
pub(super) struct Since<'t> {
    pub(super) decision: u64,
    pub(super) at: Time,
    pub(super) told: &'t Told,
}

/// Gives the dispatcher back what was given up after the checkpoint and not told since.
pub(super) async fn take_back(
    store: &Store,
    since: &Since<'_>,
    state: &mut Dispatch,
) -> Result<Vec<GivenUp>, StoreError> {
    let filter = NotificationFilter {
        state: Some(NotificationState::DeadLettered),
        since: Some(since.at.before(TRIED_FOR)),
        limit: LOOKED_AT,
        ..NotificationFilter::default()
    };
    let mut news: Vec<GivenUp> = Vec::new();
    let mut seen = FxHashSet::default();
    for row in store.notifications(&filter).await? {
        let ended = ended_at(store, &row).await?;
        if ended.is_some_and(|at| at.after(HEARD) < since.at) {
            continue;
        }
        if row.occasion != Occasion::Meta && ended.is_none_or(|at| at >= since.at) {
            count(&mut news, &row);
        }
        let Some(Content::Group(content)) = Content::decode(&row.payload) else {
            continue;
        };
        let listener = (GroupId(row.group), integration(&row, &content));
        let first = seen.insert((row.decision, listener.clone()));
        if !first || told_otherwise(store, &row).await? {
            continue;
        }
        if row.decision <= since.decision && told_later(state, &listener, row.created_at) {
            continue;
        }
        let later: FxHashSet<Episode> = since
            .told
            .get(&listener)
            .into_iter()
            .flatten()
            .filter(|(decision, _)| *decision > row.decision)
            .flat_map(|(_, episodes)| episodes.iter().copied())
            .collect();
        let episodes = content.episodes.iter().map(|(episode, _)| *episode);
        let untold: Vec<Episode> = episodes.filter(|e| !later.contains(e)).collect();
        state.give_back(listener.0, &listener.1, &untold);
    }
    Ok(news)
}

/// When its last try ended; `None` when it was given up without one.
async fn ended_at(store: &Store, row: &Notification) -> Result<Option<Time>, StoreError> {
    let attempts = store.attempts(row.seq).await?;
    Ok(attempts
        .last()
        .map(|last| last.at.after(Duration::from_micros(last.took_micros))))
}

fn count(news: &mut Vec<GivenUp>, row: &Notification) {
    if let Some(known) = news.iter_mut().find(|known| known.account == row.account) {
        known.count += 1;
        return;
    }
    news.push(GivenUp {
        account: Arc::clone(&row.account),
        count: 1,
        last_error: row.last_error.clone().unwrap_or_default(),
    });
}

/// A fallback's notification is the obligation of the integration it stands in for.
fn integration(row: &Notification, content: &GroupContent) -> Arc<str> {
    Arc::clone(content.origin.as_ref().unwrap_or(&row.integration))
}

/// Whether another target of the same obligation was told, or may still be.
async fn told_otherwise(store: &Store, dead: &Notification) -> Result<bool, StoreError> {
    let filter = NotificationFilter {
        before_seq: Some(dead.seq + NEIGHBOURS),
        limit: 2 * NEIGHBOURS as usize,
        ..NotificationFilter::default()
    };
    let near = store.notifications(&filter).await?;
    Ok(near.iter().any(|row| {
        row.decision == dead.decision
            && row.group == dead.group
            && (dead.fallback_of.is_some() || row.integration == dead.integration)
            && row.state != NotificationState::DeadLettered
    }))
}

/// Whether the group's integration was told something after `at`, by what the checkpoint knows.
fn told_later(state: &Dispatch, (group, integration): &(GroupId, Arc<str>), at: Time) -> bool {
    state.group(*group).is_some_and(|group| {
        group
            .told()
            .any(|(told, told_at)| told == integration && told_at > at)
    })
}
