//! From the document's tree to flat routes: checks and inheritance.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::{GROUP_INTERVAL, GROUP_WAIT, GroupBy, Noise, REPEAT_INTERVAL, Route, RouteIdx};
use crate::label::Labels;
use crate::matcher::Matchers;

/// Most levels of a tree.
pub const MAX_DEPTH: usize = 64;
/// Most routes of a tree.
pub const MAX_ROUTES: usize = 10_000;

/// A route as the document has it; what is `None` is inherited.
#[derive(Clone, Debug, Default)]
pub struct RouteNode {
    /// The receiver's name.
    pub receiver: Option<Arc<str>>,
    /// Names of labels, or `...` alone for all; an explicit empty list overrides the parent's.
    pub group_by: Option<Vec<String>>,
    /// `matchers`, `match` and `match_re` together, in any order.
    pub matchers: Matchers,
    /// Whether later siblings are tried although this one matched (`continue`).
    pub proceed: bool,
    /// How long a new group waits.
    pub group_wait: Option<Duration>,
    /// How long between two looks at a group; not zero.
    pub group_interval: Option<Duration>,
    /// How long until an unchanged group is told again; not zero.
    pub repeat_interval: Option<Duration>,
    /// What it does against noise.
    pub noise: Noise,
    /// Names of time intervals in which it tells nobody.
    pub mute_time_intervals: Vec<Arc<str>>,
    /// Names of time intervals outside of which it tells nobody.
    pub active_time_intervals: Vec<Arc<str>>,
    /// Labels of the route itself, added to its parents'.
    pub labels: Labels,
    /// Its children, in order.
    pub routes: Vec<RouteNode>,
}

/// Why a tree is refused. Routes are named by their path, `route.routes[0].routes[2]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The root names no receiver.
    #[error("root route must specify a default receiver")]
    NoReceiver,
    /// The root has matchers, but must take every alert.
    #[error("root route must not have any matchers")]
    RootMatchers,
    /// The root is muted at times, but must be there always.
    #[error("root route must not have any mute time intervals")]
    RootMuted,
    /// The root is active only at times, but must be there always.
    #[error("root route must not have any active time intervals")]
    RootActive,
    /// `continue` on the root, which has no siblings.
    #[error("cannot have continue in root route")]
    RootContinue,
    /// `...` beside other labels.
    #[error("{path}: cannot have wildcard group_by (`...`) and other labels at the same time")]
    WildcardAndLabels {
        /// Where.
        path: String,
    },
    /// A label twice in `group_by`.
    #[error("{path}: duplicated label {label:?} in group_by")]
    DuplicateLabel {
        /// Where.
        path: String,
        /// Which.
        label: String,
    },
    /// An empty text in `group_by`.
    #[error("{path}: invalid label name \"\" in group_by list")]
    EmptyLabel {
        /// Where.
        path: String,
    },
    /// An interval of no length.
    #[error("{path}: {key} cannot be zero")]
    ZeroInterval {
        /// Where.
        path: String,
        /// `group_interval` or `repeat_interval`.
        key: &'static str,
    },
    /// More than [`MAX_DEPTH`] levels.
    #[error("the route tree is deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// More than [`MAX_ROUTES`] routes.
    #[error("the route tree has more than {MAX_ROUTES} routes")]
    TooMany,
}

/// The routes of a tree, parents before children.
pub(super) fn flatten(root: RouteNode) -> Result<Vec<Route>, RouteError> {
    check_root(&root)?;
    let receiver = root.receiver.clone().filter(|name| !name.is_empty());
    let Some(receiver) = receiver else {
        return Err(RouteError::NoReceiver);
    };
    let defaults = Route {
        key: "".into(),
        ordinal: 0,
        receiver,
        group_by: GroupBy::Labels(BTreeSet::new()),
        group_wait: GROUP_WAIT,
        group_interval: GROUP_INTERVAL,
        repeat_interval: REPEAT_INTERVAL,
        noise: Noise::default(),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
        matchers: Matchers::default(),
        proceed: false,
        children: Vec::new(),
        parent: None,
        labels: Labels::empty(),
    };
    let mut flattening = Flattening::default();
    flattening.add(root, &defaults, None, &mut vec!["route".to_owned()])?;
    Ok(flattening.routes)
}

fn check_root(root: &RouteNode) -> Result<(), RouteError> {
    if !root.matchers.is_empty() {
        return Err(RouteError::RootMatchers);
    }
    if root.proceed {
        return Err(RouteError::RootContinue);
    }
    if !root.mute_time_intervals.is_empty() {
        return Err(RouteError::RootMuted);
    }
    if !root.active_time_intervals.is_empty() {
        return Err(RouteError::RootActive);
    }
    Ok(())
}

#[derive(Default)]
struct Flattening {
    routes: Vec<Route>,
    /// How often each key has been seen.
    seen: HashMap<Arc<str>, u32>,
}

impl Flattening {
    fn add(
        &mut self,
        node: RouteNode,
        above: &Route,
        parent: Option<RouteIdx>,
        path: &mut Vec<String>,
    ) -> Result<RouteIdx, RouteError> {
        if path.len() > MAX_DEPTH {
            return Err(RouteError::TooDeep);
        }
        if self.routes.len() >= MAX_ROUTES {
            return Err(RouteError::TooMany);
        }
        let index = RouteIdx(u32::try_from(self.routes.len()).map_err(|_| RouteError::TooMany)?);
        let (mut route, children) = inherit(node, above, parent, path)?;
        let seen = self.seen.entry(Arc::clone(&route.key)).or_insert(0);
        route.ordinal = *seen;
        *seen += 1;
        self.routes.push(route.clone());
        let mut places = Vec::with_capacity(children.len());
        for (i, child) in children.into_iter().enumerate() {
            path.push(format!(".routes[{i}]"));
            places.push(self.add(child, &route, Some(index), path)?);
            path.pop();
        }
        if let Some(route) = self.routes.get_mut(index.0 as usize) {
            route.children = places;
        }
        Ok(index)
    }
}

/// One route from its own words and its parent's, and the children still to be added.
fn inherit(
    node: RouteNode,
    above: &Route,
    parent: Option<RouteIdx>,
    path: &[String],
) -> Result<(Route, Vec<RouteNode>), RouteError> {
    let matchers = node.matchers.sorted();
    let key = if parent.is_some() {
        format!("{}/{matchers}", above.key)
    } else {
        matchers.to_string()
    };
    let route = Route {
        key: key.into(),
        ordinal: 0,
        receiver: node
            .receiver
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| Arc::clone(&above.receiver)),
        group_by: match node.group_by {
            Some(names) => group_by(names, path)?,
            None => above.group_by.clone(),
        },
        group_wait: node.group_wait.unwrap_or(above.group_wait),
        group_interval: not_zero(node.group_interval, "group_interval", path)?
            .unwrap_or(above.group_interval),
        repeat_interval: not_zero(node.repeat_interval, "repeat_interval", path)?
            .unwrap_or(above.repeat_interval),
        noise: node.noise.over(above.noise),
        mute_time_intervals: node.mute_time_intervals,
        active_time_intervals: node.active_time_intervals,
        matchers,
        proceed: node.proceed,
        children: Vec::new(),
        parent,
        labels: above.labels.overlaid(&node.labels),
    };
    Ok((route, node.routes))
}

fn group_by(names: Vec<String>, path: &[String]) -> Result<GroupBy, RouteError> {
    let wildcards = names.iter().filter(|name| *name == "...").count();
    if wildcards > 0 {
        return if wildcards == names.len() {
            Ok(GroupBy::All)
        } else {
            Err(RouteError::WildcardAndLabels {
                path: path.concat(),
            })
        };
    }
    let mut labels = BTreeSet::new();
    for label in names {
        if label.is_empty() {
            return Err(RouteError::EmptyLabel {
                path: path.concat(),
            });
        }
        if let Some(label) = labels.replace(label) {
            return Err(RouteError::DuplicateLabel {
                path: path.concat(),
                label,
            });
        }
    }
    Ok(GroupBy::Labels(labels))
}

fn not_zero(
    span: Option<Duration>,
    key: &'static str,
    path: &[String],
) -> Result<Option<Duration>, RouteError> {
    match span {
        Some(span) if span.is_zero() => Err(RouteError::ZeroInterval {
            path: path.concat(),
            key,
        }),
        span => Ok(span),
    }
}
