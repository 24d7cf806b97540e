//! The route tree: which receivers an alert goes to, and how it is grouped on the way.
//!
//! A tree is built once from the document ([`RouteNode`]) and flattened: options are inherited when
//! it is built, so that matching only compares labels. Source: Alertmanager's `dispatch/route.go`.

mod build;
mod explain;
mod noise;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Index;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::label::Labels;
use crate::matcher::Matchers;

pub use self::build::{MAX_DEPTH, MAX_ROUTES, RouteError, RouteNode};
pub use self::noise::{Backoff, Flapping, Noise};

pub use self::explain::{RouteStep, Verdict};

/// How long a new group waits for more alerts before it is told, unless a route says otherwise.
pub const GROUP_WAIT: Duration = Duration::from_secs(30);
/// How long after telling a group its changes are told, unless a route says otherwise.
pub const GROUP_INTERVAL: Duration = Duration::from_mins(5);
/// How long until an unchanged group is told again, unless a route says otherwise.
pub const REPEAT_INTERVAL: Duration = Duration::from_hours(4);

/// A route's place in its tree: parents before children, in document order; the root is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RouteIdx(pub u32);

impl RouteIdx {
    /// The root of every tree.
    pub const ROOT: Self = Self(0);
}

/// What makes a group of the alerts of one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupBy {
    /// All labels (`group_by: ['...']`): each alert is its own group.
    All,
    /// The labels named; with none, all alerts of the route are one group.
    Labels(BTreeSet<String>),
}

/// One route with everything it inherits.
#[derive(Clone, Debug)]
pub struct Route {
    /// The matchers from the root down to here, as Alertmanager writes them:
    /// `{}/{severity="critical"}`. Two routes may have the same one.
    pub key: Arc<str>,
    /// How many routes with the same key come before this one; with the key it names the route
    /// across reloads.
    pub ordinal: u32,
    /// The receiver that is told.
    pub receiver: Arc<str>,
    /// What makes a group.
    pub group_by: GroupBy,
    /// How long a new group waits.
    pub group_wait: Duration,
    /// How long between two looks at a group.
    pub group_interval: Duration,
    /// How long until an unchanged group is told again.
    pub repeat_interval: Duration,
    /// What it does against noise.
    pub noise: Noise,
    /// Names of time intervals in which it tells nobody; never inherited.
    pub mute_time_intervals: Vec<Arc<str>>,
    /// Names of time intervals outside of which it tells nobody; never inherited.
    pub active_time_intervals: Vec<Arc<str>>,
    /// What an alert must match, besides what the parents ask; in Alertmanager's order.
    pub matchers: Matchers,
    /// Whether later siblings are tried although this one matched (`continue`).
    pub proceed: bool,
    /// Its children, in document order.
    pub children: Vec<RouteIdx>,
    /// Its parent; the root has none.
    pub parent: Option<RouteIdx>,
    /// Labels of the route itself, those of its parents included; they are shown, not matched.
    pub labels: Labels,
}

/// A checked tree of routes.
#[derive(Clone, Debug)]
pub struct RouteTree {
    routes: Vec<Route>,
}

impl RouteTree {
    /// Checks a document's tree and works out what each route inherits.
    pub fn new(root: RouteNode) -> Result<Self, RouteError> {
        build::flatten(root).map(|routes| Self { routes })
    }

    /// All routes, parents before children, in document order.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// All routes with their places.
    pub fn iter(&self) -> impl Iterator<Item = (RouteIdx, &Route)> {
        self.routes
            .iter()
            .zip(0..)
            .map(|(route, index)| (RouteIdx(index), route))
    }

    /// The route at a place, if the tree is that large.
    pub fn route(&self, index: RouteIdx) -> Option<&Route> {
        self.routes.get(index.0 as usize)
    }

    /// The place of the route with this key and ordinal, if there is one.
    pub fn find(&self, key: &str, ordinal: u32) -> Option<RouteIdx> {
        self.iter()
            .find(|(_, route)| *route.key == *key && route.ordinal == ordinal)
            .map(|(index, _)| index)
    }

    /// The routes an alert with these labels goes to, in the order of the document; never empty.
    pub fn matching(&self, labels: &Labels) -> Vec<RouteIdx> {
        let mut found = Vec::new();
        // The root matches everything, which `new` has checked.
        self.collect(RouteIdx::ROOT, labels, &mut found);
        found
    }

    /// Adds what `index` and its subtree find for an alert that matches `index` itself.
    fn collect(&self, index: RouteIdx, labels: &Labels, found: &mut Vec<RouteIdx>) {
        let before = found.len();
        for &child in &self[index].children {
            if !self[child].matchers.matches(labels) {
                continue;
            }
            self.collect(child, labels, found);
            if !self[child].proceed {
                break;
            }
        }
        if found.len() == before {
            found.push(index);
        }
    }

    /// The labels that name the group an alert belongs to on a route.
    pub fn group_labels(&self, index: RouteIdx, labels: &Labels) -> Labels {
        match &self[index].group_by {
            GroupBy::All => labels.clone(),
            GroupBy::Labels(names) => labels.filtered(|name| names.contains(name)),
        }
    }

    /// The key of the group an alert belongs to on a route, as Alertmanager prints it:
    /// `{}/{severity="critical"}:{alertname="X"}`.
    pub fn group_key(&self, index: RouteIdx, labels: &Labels) -> String {
        format!("{}:{}", self[index].key, self.group_labels(index, labels))
    }

    /// Routes that no alert can reach, each with the earlier sibling that takes everything it
    /// would match: one without `continue` whose matchers are all among this one's.
    pub fn unreachable(&self) -> Vec<(RouteIdx, RouteIdx)> {
        reach::unreachable(self)
    }

    /// Every route that is tried for these labels, in order, and how it went.
    pub fn explain(&self, labels: &Labels) -> Vec<RouteStep> {
        explain::explain(self, labels)
    }
}

/// Panics when the place is of another, larger tree, as slices do.
impl Index<RouteIdx> for RouteTree {
    type Output = Route;

    fn index(&self, index: RouteIdx) -> &Route {
        &self.routes[index.0 as usize]
    }
}
