//! New rules: the groups are made anew, what was told stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::group::{Group, GroupId, Ids};
use super::{Dispatch, Rules};
use crate::alert::{Episode, Lifecycle};
use crate::inhibit::Inhibitor;
use crate::route::RouteIdx;
use crate::time::Time;

impl Dispatch {
    /// Puts new rules in force at `now`. Groups are made anew, as Alertmanager does, so their
    /// waits start again; a group that is still there keeps what its integrations were told.
    /// Rules of the version in force change nothing.
    pub fn set_rules(&mut self, rules: Arc<Rules>, now: Time) {
        let same = rules.version == self.rules.version;
        self.rules = rules;
        if same {
            return;
        }
        let now = self.tick(now);
        self.flaps.follow(&self.rules.routes);
        self.ids = Ids::of(&self.rules.routes);
        self.inhibitor = Inhibitor::new(self.rules.inhibit.clone());
        for (fingerprint, entry) in &self.roll.newest {
            self.inhibitor.set(*fingerprint, &entry.alert);
        }
        let old = std::mem::take(&mut self.groups);
        self.timers.clear();
        self.regroup(old, now);
    }

    /// Fills the groups of the present rules with the members of the old groups.
    pub(super) fn regroup(&mut self, mut old: FxHashMap<GroupId, Group>, now: Time) {
        let members: BTreeSet<Episode> = old
            .values()
            .flat_map(|group| group.members.iter())
            .collect();
        for &episode in &members {
            if let Some(entry) = self.roll.entry_mut(episode) {
                entry.groups = 0;
                entry.waiting = false;
            }
        }
        for episode in members {
            self.enroll_anew(episode, &old, now);
        }
        for (id, group) in &mut self.groups {
            let receiver = &self.rules.routes[group.route].receiver;
            let integrations = self
                .rules
                .receivers
                .get(receiver)
                .map_or(&[][..], Vec::as_slice);
            if let Some(old) = old.get_mut(id) {
                group.ledgers = std::mem::take(&mut old.ledgers);
                group.ledgers.retain(|ledger| {
                    integrations
                        .iter()
                        .any(|integration| integration.key == ledger.integration)
                });
                group.tidy();
            }
        }
        self.roll.older.retain(|_, entry| entry.needed());
    }

    /// Makes a member of old groups a member of new ones.
    fn enroll_anew(&mut self, episode: Episode, old: &FxHashMap<GroupId, Group>, now: Time) {
        let Some(entry) = self.roll.entry(episode) else {
            return;
        };
        let alert = Arc::clone(&entry.alert);
        let routes = self.rules.routes.matching(&alert.labels).into_iter();
        let places: Vec<(GroupId, RouteIdx)> = routes
            .map(|route| {
                (
                    self.ids.group(&self.rules.routes, route, &alert.labels),
                    route,
                )
            })
            .collect();
        let was_in = |id| {
            old.get(&id)
                .is_some_and(|group| group.members.contains(episode))
        };
        // What is over waits to be told in the groups it has not left; a group that is new hears
        // of it only if none of those is there any more.
        let is_over = alert.lifecycle == Lifecycle::Event || alert.resolved_at(now);
        let stays = is_over && places.iter().any(|(id, _)| was_in(*id));
        for (id, route) in places {
            if was_in(id) || !stays {
                self.enroll_in(id, route, episode, &alert, now);
            }
        }
    }
}
