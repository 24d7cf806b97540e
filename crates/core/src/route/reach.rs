//! Routes that no alert can reach.

use rustc_hash::FxHashMap;

use super::{RouteIdx, RouteTree};
use crate::matcher::{Matcher, Matchers};

/// Each route that an earlier sibling shadows, with the first sibling that does.
///
/// A sibling without `continue` shadows every later one that asks for everything it asks for, and
/// perhaps more: what the later one would match, the earlier one has taken. Routes below a shadowed
/// one are not listed again.
pub(super) fn unreachable(tree: &RouteTree) -> Vec<(RouteIdx, RouteIdx)> {
    let mut found = Vec::new();
    let mut shadowed = vec![false; tree.routes().len()];
    for (index, route) in tree.iter() {
        // Parents come before children, so a shadowed parent is known by now.
        let hidden = shadowed.get(index.0 as usize).copied().unwrap_or(false);
        let mut stops = Stops::default();
        for &child in &route.children {
            let matchers = &tree[child].matchers;
            let by = stops.first_asking_no_more(tree, matchers);
            if let Some(place) = shadowed.get_mut(child.0 as usize) {
                *place = hidden || by.is_some();
            }
            match by {
                Some(by) if !hidden => found.push((child, by)),
                None if !tree[child].proceed => stops.add(child, matchers),
                _ => {}
            }
        }
    }
    found
}

/// Siblings that end the search where they match, filed under their first matcher: thousands of
/// siblings are then compared with few of one another.
#[derive(Default)]
struct Stops {
    without_matchers: Vec<RouteIdx>,
    by_first: FxHashMap<String, Vec<RouteIdx>>,
}

impl Stops {
    fn add(&mut self, route: RouteIdx, matchers: &Matchers) {
        let place = match matchers.iter().next() {
            Some(first) => self.by_first.entry(first.to_string()).or_default(),
            None => &mut self.without_matchers,
        };
        place.push(route);
    }

    /// The first of them whose matchers are all among these.
    fn first_asking_no_more(&self, tree: &RouteTree, asked: &Matchers) -> Option<RouteIdx> {
        let filed = |matcher: &Matcher| self.by_first.get(&matcher.to_string());
        let candidates = asked
            .iter()
            .filter_map(filed)
            .flatten()
            .chain(&self.without_matchers);
        candidates
            .copied()
            .filter(|stop| {
                tree[*stop]
                    .matchers
                    .iter()
                    .all(|matcher| asked.0.contains(matcher))
            })
            .min()
    }
}
