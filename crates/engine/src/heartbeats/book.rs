//! All heartbeats in memory: what changed and is to be written, what is to be raised and ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_config::heartbeat::{Heartbeat, Heartbeats as All};
use balefire_core::heartbeat::{Beat, Down, Outage};
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_store::{HeartbeatRow, StoreError};
use tokio::sync::oneshot;

use super::entry::Entry;
use super::{Heard, HeartbeatState};

/// They are looked at every second; whoever was not able to for so long was not able to listen either.
const AWAY: Duration = Duration::from_secs(5);

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// The heartbeats.
pub(super) struct Book {
    entries: BTreeMap<Arc<str>, Entry>,
    /// Those that are waited for.
    all: Arc<All>,
    looked_at: Option<Time>,
    /// What is to be written.
    changed: BTreeSet<Arc<str>>,
    /// Who waits for that.
    waiting: Vec<Answer>,
}

/// What is to be done now.
#[derive(Debug, Default)]
pub(crate) struct Todo {
    /// Something changed that must be on disk before an alert is out.
    pub(crate) flush: bool,
    /// Alerts that are to be raised.
    pub(crate) raise: Vec<(Arc<Heartbeat>, Down)>,
    /// Alerts that are to be ended.
    pub(crate) end: Ends,
    /// Heartbeats to be forgotten.
    pub(crate) forget: Vec<Arc<str>>,
}

/// Names, and the labels of their alerts.
pub(crate) type Ends = Vec<(Arc<str>, Labels)>;

impl Book {
    /// The heartbeats as they were left, waited for from now on.
    pub(super) fn new(
        rows: Vec<HeartbeatRow>,
        looked_at: Option<Time>,
        all: &Arc<All>,
        now: Time,
    ) -> Self {
        let entries = rows.into_iter();
        let mut book = Self {
            entries: entries
                .map(|row| (Arc::clone(&row.name), Entry::of(row)))
                .collect(),
            all: Arc::clone(all),
            looked_at,
            changed: BTreeSet::new(),
            waiting: Vec::new(),
        };
        book.excuse(now);
        book.follow(now);
        book
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Follows those that are waited for.
    fn follow(&mut self, now: Time) {
        for (name, entry) in &mut self.entries {
            entry.gone = self.all.get(name).is_none();
        }
        for heartbeat in self.all.iter() {
            let name = Arc::clone(&heartbeat.name);
            let entry = self.entries.entry(Arc::clone(&name));
            let entry = entry.or_insert_with(|| Entry::new(heartbeat));
            if entry.follow(heartbeat, now) {
                self.changed.insert(name);
            }
        }
    }

    fn entry(&mut self, heartbeat: &Heartbeat) -> &mut Entry {
        let name = Arc::clone(&heartbeat.name);
        self.changed.insert(Arc::clone(&name));
        let entry = self.entries.entry(name);
        entry.or_insert_with(|| Entry::new(heartbeat))
    }

    /// Takes in a signal; whether an alert is to be raised or ended for it.
    pub(super) fn hear(&mut self, heartbeat: &Heartbeat, heard: Heard, now: Time) -> bool {
        self.entry(heartbeat).hear(heartbeat, heard, now)
    }

    pub(super) fn change(&mut self, heartbeat: &Heartbeat, change: impl FnOnce(&mut Beat)) {
        let entry = self.entry(heartbeat);
        change(&mut entry.beat);
        entry.reckon(heartbeat);
    }

    /// Forgets what was heard of one of this name.
    pub(super) fn anew(&mut self, name: &str) {
        let Some((name, entry)) = self.entries.iter_mut().find(|(known, _)| ***known == *name)
        else {
            return;
        };
        entry.forget();
        self.changed.insert(Arc::clone(name));
    }

    pub(super) fn state(&self, heartbeat: &Arc<Heartbeat>, now: Time) -> HeartbeatState {
        let entry = self.entries.get(&heartbeat.name);
        let entry = entry.map_or_else(|| Entry::new(heartbeat), Entry::clone);
        HeartbeatState {
            standing: entry.beat.standing(&heartbeat.pace, now),
            heartbeat: Arc::clone(heartbeat),
            made: None,
            beat: entry.beat,
            sender: entry.sender,
            body: entry.body,
        }
    }

    /// Looks at all of them by the clock.
    pub(super) fn look(&mut self, all: &Arc<All>, now: Time) -> Todo {
        self.excuse(now);
        if !Arc::ptr_eq(&self.all, all) {
            self.all = Arc::clone(all);
            self.follow(now);
        }
        let mut todo = Todo::default();
        for (name, entry) in &mut self.entries {
            let Some(heartbeat) = self.all.get(name) else {
                match &entry.raised {
                    Some(labels) => todo.end.push((Arc::clone(name), labels.clone())),
                    None => todo.forget.push(Arc::clone(name)),
                }
                continue;
            };
            if entry.miss(heartbeat, now) {
                self.changed.insert(Arc::clone(name));
            }
            match (entry.beat.down, &entry.raised) {
                (Some(down), Some(labels)) if *labels == heartbeat.labels => {
                    if !entry.told {
                        todo.raise.push((Arc::clone(heartbeat), down));
                    }
                }
                // Its labels are others by now: the alert that is out ends first.
                (_, Some(labels)) => todo.end.push((Arc::clone(name), labels.clone())),
                (Some(down), None) => {
                    entry.raised = Some(heartbeat.labels.clone());
                    entry.told = false;
                    self.changed.insert(Arc::clone(name));
                    todo.raise.push((Arc::clone(heartbeat), down));
                }
                (None, None) => {}
            }
        }
        todo.flush = !self.changed.is_empty();
        todo
    }

    /// Holds nothing against anybody for a time in which nothing could be heard: the process was not there, did not
    /// run, or the clock was put ahead. A clock that was set back makes nobody wait for the old time.
    fn excuse(&mut self, now: Time) {
        let Some(from) = self.looked_at.replace(now) else {
            return;
        };
        let set_back = now < from;
        if !set_back && now.since(from) < AWAY {
            return;
        }
        for (name, entry) in &mut self.entries {
            let Some(heartbeat) = self.all.get(name) else {
                continue;
            };
            let before = entry.beat.clone();
            if set_back {
                entry.beat.set_back(now);
            } else {
                let outage = Outage { from, to: now };
                entry.beat.excuse(&heartbeat.pace, outage);
            }
            if entry.beat != before {
                entry.reckon(heartbeat);
                self.changed.insert(Arc::clone(name));
            }
        }
    }

    pub(super) fn told(&mut self, names: &[Arc<str>]) {
        for name in names {
            if let Some(entry) = self.entries.get_mut(name) {
                entry.told = true;
            }
        }
    }

    /// After alerts have ended: unless one is to be out again by now, it is forgotten.
    pub(super) fn ended(&mut self, ends: &Ends) {
        for (name, labels) in ends {
            let Some(entry) = self.entries.get_mut(name) else {
                continue;
            };
            entry.told = false;
            if entry.raised.as_ref() == Some(labels) {
                entry.raised = None;
                self.changed.insert(Arc::clone(name));
            }
        }
    }

    pub(super) fn forget(&mut self, names: &[Arc<str>]) {
        for name in names {
            if self.entries.get(name).is_some_and(|entry| entry.gone) {
                self.entries.remove(name);
                self.changed.remove(name);
            }
        }
    }

    /// Lets somebody wait until all that has changed is on disk.
    pub(super) fn wait(&mut self, answer: Answer) {
        self.waiting.push(answer);
    }

    /// What is to be written, and who waits for it.
    pub(super) fn take_changed(&mut self) -> (Vec<HeartbeatRow>, Vec<Answer>) {
        let changed = std::mem::take(&mut self.changed);
        let rows = changed
            .iter()
            .filter_map(|name| Some(self.entries.get(name)?.row(name)));
        (rows.collect(), std::mem::take(&mut self.waiting))
    }

    /// These were not written after all.
    pub(super) fn changed(&mut self, names: &[Arc<str>]) {
        let known = names.iter().filter(|name| self.entries.contains_key(*name));
        let known: Vec<_> = known.map(Arc::clone).collect();
        self.changed.extend(known);
    }
}
