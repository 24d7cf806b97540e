//! Names that lead from receiver to receiver: fallbacks without end, and receivers nobody leads to.

use std::collections::{HashMap, HashSet};

use super::{Compiler, section};
use crate::check::said;
use crate::plan::Receiver;
use crate::problem::Place;
use crate::tree::Node;

/// Checks that each fallback exists and that none leads back to where it began.
pub(super) fn check(compiler: &mut Compiler<'_>, receivers: &[Receiver]) {
    let nodes = compiler
        .find(&["receivers"])
        .map(Node::items)
        .unwrap_or_default();
    let path = section("receivers");
    let mut next: HashMap<&str, &str> = HashMap::new();
    for node in nodes {
        if let (Some(name), Some(fallback)) = (node.text_at("name"), node.text_at("fallback")) {
            next.entry(name).or_insert(fallback);
        }
    }
    let names: HashSet<&str> = nodes
        .iter()
        .filter_map(|node| node.text_at("name"))
        .collect();
    let mut told: HashSet<&str> = HashSet::new();
    for (index, node) in nodes.iter().enumerate() {
        let (Some(name), Some(fallback)) = (node.text_at("name"), node.at("fallback")) else {
            continue;
        };
        let Some(text) = fallback.text() else {
            continue;
        };
        let path = path.index(index);
        let path = path.key("fallback");
        if !names.contains(text) {
            let hint = compiler
                .findings
                .nearest(text, names.iter().copied().filter(|other| *other != name));
            let message = format!("no receiver is named {}", said(fallback));
            compiler
                .findings
                .problem(fallback.place, &path, message, hint);
        } else if let Some(circle) = circle(name, &next)
            && told.is_disjoint(&circle.iter().copied().collect())
        {
            told.extend(circle.iter().copied());
            let message = format!("the fallbacks go in a circle: {}", circle.join(" → "));
            compiler
                .findings
                .problem(fallback.place, &path, message, "the last one has none");
        }
    }
    unused(compiler, receivers);
}

/// The way from a receiver over its fallbacks back to itself.
fn circle<'a>(start: &'a str, next: &HashMap<&'a str, &'a str>) -> Option<Vec<&'a str>> {
    let mut way = vec![start];
    let mut at = start;
    while let Some(step) = next.get(at).copied() {
        way.push(step);
        if step == start {
            return Some(way);
        }
        if way.len() > next.len() + 1 {
            return None;
        }
        at = step;
    }
    None
}

/// Receivers that no route, fallback or meta names.
fn unused(compiler: &mut Compiler<'_>, receivers: &[Receiver]) {
    let mut used: HashSet<&str> = HashSet::new();
    let mut routes: Vec<&Node> = compiler.find(&["route"]).into_iter().collect();
    while let Some(route) = routes.pop() {
        used.extend(route.text_at("receiver"));
        routes.extend(route.at("routes").map(Node::items).unwrap_or_default());
    }
    used.extend(
        compiler
            .find(&["meta"])
            .and_then(|meta| meta.text_at("receiver")),
    );
    used.extend(
        receivers
            .iter()
            .filter_map(|receiver| receiver.fallback.as_deref()),
    );
    used.extend(super::escalation::receivers(compiler));
    let nodes = compiler
        .find(&["receivers"])
        .map(Node::items)
        .unwrap_or_default();
    let path = section("receivers");
    for (index, node) in nodes.iter().enumerate() {
        let Some(name) = node.at("name") else {
            continue;
        };
        let text = name.text().unwrap_or_default();
        if !text.is_empty() && !used.contains(text) {
            let place: Place = name.place;
            let message = format!("no route leads to the receiver {}", said(name));
            compiler
                .findings
                .warning(place, &path.index(index), message, "");
        }
    }
}
