//! Flushing what is due, and taking over what was flushed before a restart.

use std::time::Duration;

use super::Dispatch;
use super::decide::said;
use super::group::{GroupId, Told};
use super::record::{Flush, FlushRecord};
use crate::alert::{Episode, Lifecycle};
use crate::message::Status;
use crate::time::Time;

/// A turn may be this much earlier than the last without the clock counting as set back.
const JITTER: Duration = Duration::from_secs(5);

impl Dispatch {
    /// Flushes at most `max` of the groups that are due at `now`, those due longest first. There
    /// may be more: ask [`Dispatch::next_due`].
    pub fn turn(&mut self, now: Time, max: usize) -> Vec<Flush> {
        let now = self.tick(now);
        let mut flushes = Vec::new();
        while flushes.len() < max {
            let Some((_, id)) = self.timers.first().copied().filter(|(due, _)| *due <= now) else {
                break;
            };
            let Some(decided) = self.decide(id, now) else {
                // A timer without a group cannot be; drop it rather than look at it for ever.
                self.timers.pop_first();
                continue;
            };
            if decided.flush.changed {
                self.commit(&decided.flush.record);
                if let Some(group) = self.groups.get_mut(&id) {
                    group.said = decided.said;
                }
            } else {
                self.rearm(id, now);
                self.look_sooner(id, decided.held_until);
            }
            flushes.push(decided.flush);
        }
        flushes
    }

    /// Takes over a flush that was recorded, without deciding again. The events up to the cursor
    /// it was decided at must have been applied; records come in the order they were taken. Those
    /// of flushes that changed nothing may be left out; then only the timers run differently.
    pub fn replay(&mut self, record: &FlushRecord) {
        self.tick(record.at);
        if record.alerts.is_empty() {
            self.rearm(record.group, record.at);
            return;
        }
        self.commit(record);
        if let Some(group) = self.groups.get_mut(&record.group) {
            group.said = said(record.muted.as_ref(), &record.alerts);
        }
    }

    /// Notes the time of a turn. A clock that was set back takes the timers with it, so that no
    /// group waits for the old time to come round again, and nothing was told in the future.
    pub(super) fn tick(&mut self, now: Time) -> Time {
        if now.after(JITTER) < self.clock {
            let back = self.clock.since(now);
            self.timers.clear();
            for (id, group) in &mut self.groups {
                group.next = group.next.before(back);
                self.timers.insert((group.next, *id));
                for ledger in &mut group.ledgers {
                    ledger.told_at = ledger.told_at.min(now);
                }
            }
            self.flaps.forget();
            self.clock = now;
        }
        self.clock = self.clock.max(now);
        self.clock
    }

    /// Sets a group's timer to its next regular look.
    fn rearm(&mut self, id: GroupId, now: Time) {
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let interval = self.rules.routes[group.route].group_interval;
        self.timers.remove(&(group.next, id));
        group.next = now.after(interval);
        group.flushed = true;
        self.timers.insert((group.next, id));
    }

    /// Does what a record says.
    fn commit(&mut self, record: &FlushRecord) {
        self.ordinal = self.ordinal.max(record.ordinal.saturating_add(1));
        for (episode, _) in record.obligations.iter().flat_map(|due| &due.episodes) {
            self.roll.pin(*episode);
        }
        self.rearm(record.group, record.at);
        self.note_flaps(record);
        self.count_repeats(record);
        let Some(group) = self.groups.get_mut(&record.group) else {
            return;
        };
        for obligation in &record.obligations {
            let told = obligation.episodes.iter().map(|(episode, status)| Told {
                episode: *episode,
                firing: *status == Status::Firing,
            });
            group.write(&obligation.integration, record.at, told.collect());
        }
        let mut left = false;
        for judged in &record.alerts {
            let lifecycle = self
                .roll
                .entry(judged.episode)
                .map(|entry| entry.alert.lifecycle);
            let ended = judged.status == Status::Resolved && !judged.is_held();
            let leaves = ended || lifecycle == Some(Lifecycle::Event);
            if leaves && group.members.remove(judged.episode) {
                self.roll.left(judged.episode);
                left = true;
            }
        }
        if left {
            group.tidy();
        }
        if group.members.is_empty() {
            self.timers.remove(&(group.next, record.group));
            self.groups.remove(&record.group);
        }
    }

    /// Counts what was told again, on routes whose repeats become rarer.
    fn count_repeats(&mut self, record: &FlushRecord) {
        let route = self.groups.get(&record.group).map(|group| group.route);
        if route.is_some_and(|route| self.rules.routes[route].noise.backoff.is_some()) {
            for due in &record.obligations {
                self.repeats
                    .count(record.group, &due.integration, due.reason);
            }
        }
    }

    /// Notes what was told of alerts that come and go, and looks at the group again when the first of those that are
    /// held back will have stayed as it is for long enough.
    fn note_flaps(&mut self, record: &FlushRecord) {
        let Some(group) = self.groups.get_mut(&record.group) else {
            return;
        };
        let Some(rule) = self.rules.routes[group.route].noise.flapping() else {
            return;
        };
        for (episode, status) in record.obligations.iter().flat_map(|due| &due.episodes) {
            let fingerprint = episode.fingerprint;
            self.flaps
                .note_told(record.group, fingerprint, *status, rule, record.at);
        }
        let held = record.alerts.iter().filter(|judged| judged.is_held());
        let until = held.filter_map(|judged| {
            let alert = &self.roll.entry(judged.episode)?.alert;
            let fingerprint = judged.episode.fingerprint;
            self.flaps.stays_until(alert, fingerprint, rule, record.at)
        });
        let until = until.min();
        self.look_sooner(record.group, until);
    }

    /// Looks at a group at `until`, if it is looked at later else.
    fn look_sooner(&mut self, id: GroupId, until: Option<Time>) {
        let Some((group, until)) = self.groups.get_mut(&id).zip(until) else {
            return;
        };
        if until > self.clock && until < group.next {
            self.timers.remove(&(group.next, id));
            group.next = until;
            self.timers.insert((until, id));
        }
    }

    /// The state an episode is in now, if it is still in memory: always while a notification is
    /// to tell it.
    pub fn episode(&self, episode: Episode) -> Option<std::sync::Arc<crate::alert::Alert>> {
        self.roll
            .entry(episode)
            .map(|entry| std::sync::Arc::clone(&entry.alert))
    }
}
