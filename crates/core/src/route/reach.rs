//! Routes that no alert can reach.

use rustc_hash::FxHashSet;

use super::{Route, RouteIdx, RouteTree};
use crate::matcher::Matcher;

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
        let mut stops: Vec<RouteIdx> = Vec::new();
        for &child in &route.children {
            let asked: FxHashSet<&Matcher> = tree[child].matchers.iter().collect();
            let by = stops
                .iter()
                .find(|stop| asks_no_more(&tree[**stop], &asked))
                .copied();
            if let Some(place) = shadowed.get_mut(child.0 as usize) {
                *place = hidden || by.is_some();
            }
            if let Some(by) = by.filter(|_| !hidden) {
                found.push((child, by));
            }
            if by.is_none() && !tree[child].proceed {
                stops.push(child);
            }
        }
    }
    found
}

fn asks_no_more(stop: &Route, asked: &FxHashSet<&Matcher>) -> bool {
    stop.matchers.iter().all(|matcher| asked.contains(matcher))
}
