//! What became of obligations: told, or given up on and to be told again.

use std::sync::Arc;
use std::time::Duration;

use super::Dispatch;
use super::group::{GroupId, Told};
use super::roll::status_at;
use crate::alert::{Episode, Lifecycle};
use crate::message::Status;
use crate::time::Time;

/// How long after its end an episode that could not be told comes back to its group.
pub(super) const BACK_FOR: Duration = Duration::from_hours(24);

impl Dispatch {
    /// An obligation was given up on: the group's next flush tells that integration again. What is
    /// over by now comes back to the group as missed, for a day after its end, unless the alert
    /// fires anew or its group is gone from the configuration.
    ///
    /// Call it once, and only for the newest obligation of that group and integration: a later
    /// one has told everything again. It releases the episodes as [`Dispatch::settled`] does.
    pub fn give_back(&mut self, group: GroupId, integration: &str, episodes: &[Episode]) {
        for &episode in episodes {
            self.flaps.note_lost(group, episode.fingerprint);
            self.take_back(group, integration, episode);
        }
        if let Some(group) = self.groups.get_mut(&group) {
            group.tidy();
        }
        self.release(episodes);
    }

    /// An obligation was told or replaced by a newer one: its episodes need no longer be kept for
    /// it.
    pub fn settled(&mut self, _group: GroupId, _integration: &str, episodes: &[Episode]) {
        self.release(episodes);
    }

    /// Another notification tells of these episodes (a fallback's): keeps them until it is settled.
    pub fn pin(&mut self, episodes: &[Episode]) {
        for &episode in episodes {
            self.roll.pin(episode);
        }
    }

    /// Keeps in memory exactly the episodes of these obligations, one item for each obligation's
    /// episode. After a restart, replay has pinned what was decided; this drops what was settled
    /// before the end.
    pub fn repin(&mut self, pending: impl IntoIterator<Item = Episode>) {
        self.roll.unpin_all();
        for episode in pending {
            self.roll.pin(episode);
        }
        self.roll.older.retain(|_, entry| entry.needed());
    }

    fn release(&mut self, episodes: &[Episode]) {
        for &episode in episodes {
            self.roll.unpin(episode);
        }
    }

    fn take_back(&mut self, id: GroupId, integration: &str, episode: Episode) {
        if let Some(group) = self.groups.get_mut(&id)
            && let Some(ledger) = group
                .ledgers
                .iter_mut()
                .find(|l| *l.integration == *integration)
        {
            ledger.told = ledger
                .told
                .iter()
                .filter(|t| t.episode != episode)
                .copied()
                .collect();
        }
        if !self
            .groups
            .get(&id)
            .is_some_and(|group| group.members.contains(episode))
        {
            self.bring_back(id, integration, episode);
        }
    }

    /// Makes an episode that has left its group a member again, owed to one integration only.
    fn bring_back(&mut self, id: GroupId, integration: &str, episode: Episode) {
        let Some(entry) = self.roll.entry(episode) else {
            return;
        };
        let alert = Arc::clone(&entry.alert);
        let event = alert.lifecycle == Lifecycle::Event;
        let newest = self.roll.newest.get(&episode.fingerprint);
        let fires_anew = newest.is_some_and(|newest| newest.since != episode.starts_at);
        let ended = if event {
            alert.starts_at
        } else {
            alert.ends_at
        };
        if (fires_anew && !event) || ended.after(BACK_FOR) < self.clock {
            return;
        }
        let routes = self.rules.routes.matching(&alert.labels);
        let group_of = |route| self.ids.group(&self.rules.routes, route, &alert.labels);
        let Some(route) = routes.into_iter().find(|route| group_of(*route) == id) else {
            return;
        };
        let now = self.clock;
        self.enroll_in(id, route, episode, &alert, now);
        self.absolve_others(id, integration, episode, status_at(&alert, now), now);
    }

    /// Notes that all other integrations of the group know of an episode.
    fn absolve_others(
        &mut self,
        id: GroupId,
        integration: &str,
        episode: Episode,
        status: Status,
        now: Time,
    ) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let receiver = &self.rules.routes[group.route].receiver;
        let rules = self
            .rules
            .receivers
            .get(receiver)
            .map_or(&[][..], Vec::as_slice);
        for rule in rules.iter().filter(|rule| *rule.key != *integration) {
            let ledger = group.ledger(&rule.key);
            if ledger.is_some_and(|ledger| ledger.told(episode).is_some()) {
                continue;
            }
            let told_at = ledger.map_or(now, |ledger| ledger.told_at);
            let mut told = ledger.map_or_else(Vec::new, |ledger| ledger.told.to_vec());
            told.push(Told {
                episode,
                firing: status == Status::Firing,
            });
            group.write(&rule.key, told_at, told);
        }
    }
}
