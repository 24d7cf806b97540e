//! Reading the state: for the API, the console and explanations.

use std::sync::Arc;

use super::Dispatch;
use super::group::{Group, GroupId};
use crate::alert::{Alert, Episode};
use crate::fingerprint::Fingerprint;
use crate::label::Labels;
use crate::route::{Route, RouteIdx};
use crate::time::Time;

/// What keeps an alert quiet and who it goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertStatus {
    /// Active silences that match, in order of their ids.
    pub silenced_by: Vec<Arc<str>>,
    /// The alert that inhibits it, if one does.
    pub inhibited_by: Vec<Fingerprint>,
    /// The time intervals that keep its routes quiet.
    pub muted_by: Vec<Arc<str>>,
    /// Since when it comes and goes, where one of its routes looks for that.
    pub flapping_since: Option<Time>,
    /// The receivers of its routes, in the order of the document.
    pub receivers: Vec<Arc<str>>,
}

/// A group in memory.
#[derive(Clone, Copy, Debug)]
pub struct GroupRef<'a> {
    dispatch: &'a Dispatch,
    id: GroupId,
    group: &'a Group,
}

impl Dispatch {
    /// The newest occurrence of an alert.
    pub fn alert(&self, fingerprint: Fingerprint) -> Option<&Arc<Alert>> {
        self.roll.newest.get(&fingerprint).map(|entry| &entry.alert)
    }

    /// The newest occurrence of every alert in memory, over or not, in no order.
    pub fn alerts(&self) -> impl ExactSizeIterator<Item = &Arc<Alert>> {
        self.roll.newest.values().map(|entry| &entry.alert)
    }

    /// All groups, in no order.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = GroupRef<'_>> {
        self.groups.iter().map(|(id, group)| GroupRef {
            dispatch: self,
            id: *id,
            group,
        })
    }

    /// The group of an id.
    pub fn group(&self, id: GroupId) -> Option<GroupRef<'_>> {
        self.groups.get(&id).map(|group| GroupRef {
            dispatch: self,
            id,
            group,
        })
    }

    /// The groups of an alert with these labels, as far as they are in memory.
    pub fn groups_of(&self, labels: &Labels) -> Vec<GroupRef<'_>> {
        let routes = &self.rules.routes;
        let matching = routes.matching(labels).into_iter();
        let ids = matching.map(|route| self.ids.group(routes, route, labels));
        ids.filter_map(|id| self.group(id)).collect()
    }

    /// What the rules say of an alert at `now`; nothing when it is not in memory.
    pub fn status(&self, fingerprint: Fingerprint, now: Time) -> AlertStatus {
        let Some(alert) = self.alert(fingerprint) else {
            return AlertStatus::default();
        };
        let mut status = AlertStatus {
            silenced_by: self.silences.mutes(&alert.labels, now),
            inhibited_by: self
                .inhibitor
                .inhibited_by(&alert.labels, now)
                .into_iter()
                .collect(),
            ..AlertStatus::default()
        };
        for index in self.rules.routes.matching(&alert.labels) {
            let route = &self.rules.routes[index];
            if let Some(mute) = self.muted(route, now) {
                status.muted_by.extend(mute.names().iter().cloned());
            }
            if let Some(rule) = route.noise.flapping() {
                let since = self.flaps.since(fingerprint, rule, now);
                status.flapping_since = status.flapping_since.or(since);
            }
            status.receivers.push(Arc::clone(&route.receiver));
        }
        status
    }
}

impl<'a> GroupRef<'a> {
    /// Its name.
    pub fn id(self) -> GroupId {
        self.id
    }

    /// The place of its route.
    pub fn route_index(self) -> RouteIdx {
        self.group.route
    }

    /// Its route.
    pub fn route(self) -> &'a Route {
        &self.dispatch.rules.routes[self.group.route]
    }

    /// The labels it is keyed by.
    pub fn labels(self) -> &'a Labels {
        &self.group.labels
    }

    /// When it is looked at next.
    pub fn next_flush(self) -> Time {
        self.group.next
    }

    /// Whether it was looked at before.
    pub fn flushed(self) -> bool {
        self.group.flushed
    }

    /// How many alerts it holds.
    pub fn len(self) -> usize {
        self.group.members.len()
    }

    /// Whether it holds none; a group that does not ends at once.
    pub fn is_empty(self) -> bool {
        self.group.members.is_empty()
    }

    /// Its alerts, by fingerprint.
    pub fn alerts(self) -> impl Iterator<Item = (Episode, &'a Arc<Alert>)> {
        let roll = &self.dispatch.roll;
        self.group
            .members
            .iter()
            .filter_map(move |episode| roll.entry(episode).map(|entry| (episode, &entry.alert)))
    }

    /// The time intervals that keep it quiet at `now`.
    pub fn muted_by(self, now: Time) -> Vec<Arc<str>> {
        self.dispatch
            .muted(self.route(), now)
            .map_or_else(Vec::new, |mute| mute.names().to_vec())
    }

    /// When each integration that knows of something in it was last told.
    pub fn told(self) -> impl Iterator<Item = (&'a Arc<str>, Time)> {
        self.group
            .ledgers
            .iter()
            .map(|ledger| (&ledger.integration, ledger.told_at))
    }
}
