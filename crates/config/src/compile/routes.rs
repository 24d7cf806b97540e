//! `route` and `inhibit_rules`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::inhibit::InhibitRule;
use balefire_core::interval::Interval;
use balefire_core::route::{RouteIdx, RouteNode, RouteTree};

use super::sources::labels;
use super::{Compiler, matchers, noise, section, span};
use crate::check::said;
use crate::plan::Receiver;
use crate::problem::{Path, Place};
use crate::tree::Node;

/// What routes may name, and where each was met.
struct Walk<'w> {
    receivers: HashSet<&'w str>,
    intervals: HashSet<&'w str>,
    /// Place and path of every route, in the order in which the tree lists them.
    met: Vec<(Place, String)>,
}

/// The routing tree.
pub(super) fn compile(
    compiler: &mut Compiler<'_>,
    receivers: &[Receiver],
    intervals: &BTreeMap<String, Vec<Interval>>,
) -> Option<RouteTree> {
    let root = compiler.find(&["route"])?;
    let path = section("route");
    // Receivers whose entries are broken are left out of the plan, but they are named.
    let named = compiler
        .find(&["receivers"])
        .map(Node::items)
        .unwrap_or_default();
    let mut walk = Walk {
        receivers: named
            .iter()
            .filter_map(|node| node.text_at("name"))
            .collect(),
        intervals: intervals.keys().map(String::as_str).collect(),
        met: Vec::new(),
    };
    walk.receivers
        .extend(receivers.iter().map(|receiver| &*receiver.name));
    let before = compiler.findings.count();
    root_rules(compiler, root, &path);
    let node = route(compiler, &mut walk, root, &path);
    let fine = compiler.findings.count() == before && !compiler.findings.any_below(&path);
    match RouteTree::new(node) {
        Ok(tree) => {
            unreachable(compiler, &tree, &walk.met);
            Some(tree)
        }
        // Everything the tree refuses has been named above; what is new here is its size.
        Err(error) if fine => {
            compiler
                .findings
                .problem(root.place, &path, error.to_string(), "");
            None
        }
        Err(_) => None,
    }
}

/// The root takes every alert, always.
fn root_rules(compiler: &mut Compiler<'_>, root: &Node, path: &Path<'_>) {
    if root.text_at("receiver").is_none_or(str::is_empty)
        && root.at("receiver").is_none_or(|node| node.text().is_some())
    {
        let hint = "it takes what no other route takes";
        compiler
            .findings
            .problem(root.place, path, "the root route needs a receiver", hint);
    }
    let hint = "put it into one of its routes";
    for (key, message) in [
        (
            "matchers",
            "the root route takes every alert, so it has no matchers",
        ),
        (
            "match",
            "the root route takes every alert, so it has no matchers",
        ),
        (
            "match_re",
            "the root route takes every alert, so it has no matchers",
        ),
        ("mute_time_intervals", "the root route is never muted"),
        ("active_time_intervals", "the root route is always active"),
    ] {
        let given = root
            .at(key)
            .filter(|node| !node.items().is_empty() || !node.entries().is_empty());
        if let Some(given) = given {
            compiler
                .findings
                .problem(given.place, &path.key(key), message, hint);
        }
    }
    if root.bool_at("continue") == Some(true) {
        let message = "the root route has no siblings to continue with";
        compiler
            .findings
            .problem(root.place, &path.key("continue"), message, "");
    }
}

fn route(
    compiler: &mut Compiler<'_>,
    walk: &mut Walk<'_>,
    node: &Node,
    path: &Path<'_>,
) -> RouteNode {
    walk.met.push((node.place, path.to_string()));
    let receiver = node.at("receiver").and_then(|name| {
        let text = name.text().filter(|text| !text.is_empty())?;
        if !walk.receivers.contains(text) {
            let message = format!("no receiver is named {}", said(name));
            let hint = compiler
                .findings
                .nearest(text, walk.receivers.iter().copied());
            compiler
                .findings
                .problem(name.place, &path.key("receiver"), message, hint);
        }
        Some(Arc::from(text))
    });
    let matchers = matchers::all(compiler, node, ["matchers", "match", "match_re"], path);
    let routes_path = path.key("routes");
    let children = node.at("routes").map(Node::items).unwrap_or_default();
    RouteNode {
        receiver,
        group_by: group_by(compiler, node, path),
        matchers,
        proceed: node.bool_at("continue").unwrap_or(false),
        group_wait: node.at("group_wait").and_then(span),
        group_interval: not_zero(compiler, node, "group_interval", path),
        repeat_interval: not_zero(compiler, node, "repeat_interval", path),
        noise: noise::compile(compiler, node, path),
        mute_time_intervals: named_intervals(compiler, walk, node, "mute_time_intervals", path),
        active_time_intervals: named_intervals(compiler, walk, node, "active_time_intervals", path),
        labels: labels(compiler, node, "labels", path),
        routes: children
            .iter()
            .enumerate()
            .map(|(index, child)| route(compiler, walk, child, &routes_path.index(index)))
            .collect(),
    }
}

fn group_by(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Vec<String>> {
    let list = node.at("group_by")?;
    let path = path.key("group_by");
    let mut seen = HashSet::new();
    let all = list.items().iter().any(|item| item.text() == Some("..."));
    for (index, item) in list.items().iter().enumerate() {
        let Some(text) = item.text() else { continue };
        let path = path.index(index);
        if text.is_empty() {
            compiler
                .findings
                .problem(item.place, &path, "a label needs a name", "");
        } else if !seen.insert(text) {
            let message = format!("the label {} stands here twice", said(item));
            compiler.findings.problem(item.place, &path, message, "");
        } else if all && text != "..." {
            let message = format!("'...' is all labels, {} among them", said(item));
            compiler
                .findings
                .problem(item.place, &path, message, "leave one of them out");
        }
    }
    Some(
        list.items()
            .iter()
            .filter_map(Node::text)
            .map(ToOwned::to_owned)
            .collect(),
    )
}

fn not_zero(
    compiler: &mut Compiler<'_>,
    node: &Node,
    key: &str,
    path: &Path<'_>,
) -> Option<Duration> {
    let given = node.at(key)?;
    let span = span(given)?;
    if span.is_zero() {
        compiler.findings.problem(
            given.place,
            &path.key(key),
            "it cannot be zero",
            "write 1s or more",
        );
    }
    Some(span)
}

fn named_intervals(
    compiler: &mut Compiler<'_>,
    walk: &Walk<'_>,
    node: &Node,
    key: &str,
    path: &Path<'_>,
) -> Vec<Arc<str>> {
    let path = path.key(key);
    let items = node.at(key).map(Node::items).unwrap_or_default();
    for (index, item) in items.iter().enumerate() {
        let Some(name) = item.text() else { continue };
        if !walk.intervals.contains(name) {
            let message = format!("no time interval is named {}", said(item));
            let hint = compiler
                .findings
                .nearest(name, walk.intervals.iter().copied());
            compiler
                .findings
                .problem(item.place, &path.index(index), message, hint);
        }
    }
    items.iter().filter_map(Node::text).map(Arc::from).collect()
}

/// A route behind a sibling that takes the same alerts is a mistake when the two say the same, and
/// perhaps meant when the sibling merely asks for less.
fn unreachable(compiler: &mut Compiler<'_>, tree: &RouteTree, met: &[(Place, String)]) {
    let places: HashMap<RouteIdx, &(Place, String)> =
        tree.iter().map(|(index, _)| index).zip(met).collect();
    for (hidden, by) in tree.unreachable() {
        let (Some((place, path)), Some((first, first_path))) =
            (places.get(&hidden), places.get(&by))
        else {
            continue;
        };
        let same = tree[hidden].matchers == tree[by].matchers;
        let message = format!(
            "no alert gets here: {first_path} at line {} takes them all",
            first.line
        );
        let path = Path::Printed(path);
        if same {
            let hint = "its matchers are the same; give the first continue: true, or drop one";
            compiler.findings.problem(*place, &path, message, hint);
        } else {
            compiler
                .findings
                .warning(*place, &path, message, "put this route before it");
        }
    }
}

/// What silences what.
pub(super) fn inhibit_rules(compiler: &mut Compiler<'_>) -> Vec<InhibitRule> {
    let items = compiler
        .find(&["inhibit_rules"])
        .map(Node::items)
        .unwrap_or_default();
    let path = section("inhibit_rules");
    let mut rules = Vec::new();
    for (index, node) in items.iter().enumerate() {
        let path = path.index(index);
        let source = ["source_matchers", "source_match", "source_match_re"];
        let target = ["target_matchers", "target_match", "target_match_re"];
        let equal = node.at("equal").map(Node::texts).unwrap_or_default();
        rules.push(InhibitRule {
            name: node.text_at("name").unwrap_or_default().to_owned(),
            source: matchers::all(compiler, node, source, &path),
            target: matchers::all(compiler, node, target, &path),
            equal: equal.into_iter().map(ToOwned::to_owned).collect(),
        });
    }
    rules
}
