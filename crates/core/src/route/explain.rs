//! Why an alert went where it went: the walk through the tree, step by step.

use serde::Serialize;

use super::{RouteIdx, RouteTree};
use crate::label::Labels;
use crate::matcher::Matcher;

/// One route that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteStep {
    /// Which route.
    pub route: RouteIdx,
    /// How many levels below the root it is.
    pub depth: u32,
    /// How it went.
    pub verdict: Verdict,
}

/// How trying a route went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It matched and so did one of its children, which take the alert.
    Passed,
    /// It matched and no child did: the alert goes to this route.
    Taken,
    /// It did not match, and its children were not tried.
    Failed {
        /// The first matcher that did not pass.
        matcher: Matcher,
        /// The alert's value for that matcher's label; empty when it has none.
        value: String,
    },
    /// It was not tried: an earlier sibling matched and has no `continue`.
    NotTried {
        /// That sibling.
        stopped_by: RouteIdx,
    },
}

/// Every route that is tried, in order, and the siblings that were cut off.
pub(super) fn explain(tree: &RouteTree, labels: &Labels) -> Vec<RouteStep> {
    let mut walk = Walk {
        tree,
        labels,
        steps: Vec::new(),
    };
    walk.enter(RouteIdx::ROOT, 0);
    walk.steps
}

struct Walk<'a> {
    tree: &'a RouteTree,
    labels: &'a Labels,
    steps: Vec<RouteStep>,
}

impl Walk<'_> {
    /// Tries a route and its subtree; whether it matched.
    fn enter(&mut self, route: RouteIdx, depth: u32) -> bool {
        let node = &self.tree[route];
        if let Some(matcher) = node.matchers.first_failing(self.labels) {
            let value = self.labels.value(matcher.name()).to_owned();
            let verdict = Verdict::Failed {
                matcher: matcher.clone(),
                value,
            };
            self.steps.push(RouteStep {
                route,
                depth,
                verdict,
            });
            return false;
        }
        let place = self.steps.len();
        self.steps.push(RouteStep {
            route,
            depth,
            verdict: Verdict::Taken,
        });
        let mut stopped_by = None;
        for &child in &node.children {
            if let Some(stopped_by) = stopped_by {
                let verdict = Verdict::NotTried { stopped_by };
                self.steps.push(RouteStep {
                    route: child,
                    depth: depth + 1,
                    verdict,
                });
            } else if self.enter(child, depth + 1) {
                self.steps[place].verdict = Verdict::Passed;
                stopped_by = (!self.tree[child].proceed).then_some(child);
            }
        }
        true
    }
}
