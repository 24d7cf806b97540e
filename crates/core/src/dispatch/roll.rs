//! The alerts in memory: the newest occurrence of each, and older ones that somebody still needs.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::alert::{Alert, Episode, Lifecycle};
use crate::fingerprint::Fingerprint;
use crate::message::Status;
use crate::time::Time;

/// How long after its end an alert that is in no group still takes part in merging.
const REMEMBERED: Duration = Duration::from_mins(15);

/// One occurrence of an alert.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) alert: Arc<Alert>,
    /// The start this occurrence was first seen with. Merging may move the alert's own start; the
    /// episode keeps this one.
    pub(super) since: Time,
    /// Notifications that are still to read it.
    pub(super) pins: u32,
    /// Groups it is a member of.
    pub(super) groups: u32,
    /// It may be a member of a group that was not flushed yet.
    pub(super) waiting: bool,
}

impl Entry {
    pub(super) fn new(alert: Arc<Alert>, since: Time) -> Self {
        Self {
            alert,
            since,
            pins: 0,
            groups: 0,
            waiting: false,
        }
    }

    pub(super) fn needed(&self) -> bool {
        self.pins > 0 || self.groups > 0
    }

    /// Whether a report at `at` finds it forgotten. Collection is later than this, so that when it
    /// runs makes no difference to what a report does.
    pub(super) fn forgotten(&self, at: Time) -> bool {
        self.groups == 0 && self.alert.ends_at.after(REMEMBERED) <= at
    }
}

/// How an alert counts in a flush: an event is news whatever the time.
pub(super) fn status_at(alert: &Alert, now: Time) -> Status {
    if alert.lifecycle != Lifecycle::Event && alert.resolved_at(now) {
        Status::Resolved
    } else {
        Status::Firing
    }
}

/// All occurrences in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Roll {
    pub(super) newest: FxHashMap<Fingerprint, Entry>,
    pub(super) older: FxHashMap<Episode, Entry>,
}

impl Roll {
    pub(super) fn entry(&self, episode: Episode) -> Option<&Entry> {
        let newest = self.newest.get(&episode.fingerprint);
        newest
            .filter(|entry| entry.since == episode.starts_at)
            .or_else(|| self.older.get(&episode))
    }

    pub(super) fn entry_mut(&mut self, episode: Episode) -> Option<&mut Entry> {
        match self.newest.get_mut(&episode.fingerprint) {
            Some(entry) if entry.since == episode.starts_at => Some(entry),
            _ => self.older.get_mut(&episode),
        }
    }

    /// Makes `entry` the newest occurrence; the one before stays readable while it is needed.
    pub(super) fn succeed(&mut self, fingerprint: Fingerprint, mut entry: Entry) {
        let episode = Episode {
            fingerprint,
            starts_at: entry.since,
        };
        let same = self.older.remove(&episode);
        let newest = self.newest.remove(&fingerprint);
        let (same_newest, before) = match newest {
            Some(old) if old.since == entry.since => (Some(old), None),
            other => (None, other),
        };
        for old in same.into_iter().chain(same_newest) {
            entry.pins = entry.pins.saturating_add(old.pins);
            entry.groups += old.groups;
        }
        self.newest.insert(fingerprint, entry);
        if let Some(old) = before.filter(Entry::needed) {
            self.older.insert(
                Episode {
                    fingerprint,
                    starts_at: old.since,
                },
                old,
            );
        }
    }

    /// Notes that an occurrence is in one group more.
    pub(super) fn joined(&mut self, episode: Episode, waiting: bool) {
        if let Some(entry) = self.entry_mut(episode) {
            entry.groups += 1;
            entry.waiting |= waiting;
        }
    }

    /// Notes that an occurrence is in one group less.
    pub(super) fn left(&mut self, episode: Episode) {
        if let Some(entry) = self.entry_mut(episode) {
            entry.groups = entry.groups.saturating_sub(1);
        }
        self.forget_older(episode);
    }

    pub(super) fn pin(&mut self, episode: Episode) {
        if let Some(entry) = self.entry_mut(episode) {
            entry.pins = entry.pins.saturating_add(1);
        }
    }

    pub(super) fn unpin(&mut self, episode: Episode) {
        if let Some(entry) = self.entry_mut(episode) {
            entry.pins = entry.pins.saturating_sub(1);
        }
        self.forget_older(episode);
    }

    pub(super) fn unpin_all(&mut self) {
        for entry in self.newest.values_mut().chain(self.older.values_mut()) {
            entry.pins = 0;
        }
    }

    fn forget_older(&mut self, episode: Episode) {
        if self
            .older
            .get(&episode)
            .is_some_and(|entry| !entry.needed())
        {
            self.older.remove(&episode);
        }
    }
}
