use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::matcher::{MatchOp, Matcher, Mode, parse};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).expect("labels")
}

fn node(receiver: &str, matchers: &str, routes: Vec<RouteNode>) -> RouteNode {
    RouteNode {
        receiver: Some(receiver.into()).filter(|name: &Arc<str>| !name.is_empty()),
        matchers: parse(matchers, Mode::Fallback).expect("matchers").into(),
        routes,
        ..RouteNode::default()
    }
}

fn tree(root: RouteNode) -> RouteTree {
    RouteTree::new(root).expect("tree")
}

/// The keys of the routes an alert goes to.
fn keys(tree: &RouteTree, labels: &Labels) -> Vec<String> {
    tree.matching(labels)
        .iter()
        .map(|index| tree[*index].key.to_string())
        .collect()
}

#[test]
fn an_alert_goes_to_the_deepest_routes_that_match() {
    let mut first = node("pager", r#"severity="critical",team=~"db|sre""#, Vec::new());
    first.proceed = true;
    let deep = node(
        "mail",
        "severity=critical",
        vec![node("night", "shift=night", Vec::new())],
    );
    let tree = tree(node(
        "default",
        "",
        vec![first, deep, node("late", "severity=~.+", vec![])],
    ));

    assert_eq!(keys(&tree, &labels(&[("a", "x")])), ["{}"]);
    assert_eq!(
        keys(&tree, &labels(&[("severity", "critical"), ("team", "db")])),
        [
            r#"{}/{severity="critical",team=~"db|sre"}"#,
            r#"{}/{severity="critical"}"#
        ]
    );
    assert_eq!(
        keys(
            &tree,
            &labels(&[("severity", "critical"), ("shift", "night")])
        ),
        [r#"{}/{severity="critical"}/{shift="night"}"#]
    );
    assert_eq!(
        keys(&tree, &labels(&[("severity", "info")])),
        [r#"{}/{severity=~".+"}"#]
    );
}

#[test]
fn options_come_from_the_parent_and_matchers_and_times_do_not() {
    let mut child = node(
        "",
        r#"z="1",a!="2",a=~"0""#,
        vec![node("other", "b=c", Vec::new())],
    );
    child.group_by = Some(Vec::new());
    child.group_interval = Some(Duration::from_secs(7));
    child.mute_time_intervals = vec!["night".into()];
    child.active_time_intervals = vec!["day".into()];
    child.labels = labels(&[("team", "db"), ("tier", "2")]);
    let mut root = node("default", "", vec![child]);
    root.group_by = Some(vec!["alertname".to_owned()]);
    root.group_wait = Some(Duration::ZERO);
    root.repeat_interval = Some(Duration::from_mins(1));
    root.labels = labels(&[("team", "all")]);
    let tree = tree(root);
    let [root, child, grandchild] = tree.routes() else {
        panic!("three routes")
    };

    assert_eq!(root.group_interval, GROUP_INTERVAL);
    assert_eq!(&*child.key, r#"{}/{a=~"0",a!="2",z="1"}"#);
    assert_eq!(&*grandchild.key, r#"{}/{a=~"0",a!="2",z="1"}/{b="c"}"#);
    assert_eq!(
        (&*child.receiver, &*grandchild.receiver),
        ("default", "other")
    );
    assert_eq!(child.group_by, GroupBy::Labels(BTreeSet::new()));
    assert_eq!(grandchild.group_by, child.group_by);
    for route in [child, grandchild] {
        assert_eq!(route.group_wait, Duration::ZERO);
        assert_eq!(route.group_interval, Duration::from_secs(7));
        assert_eq!(route.repeat_interval, Duration::from_mins(1));
        assert_eq!(route.labels, labels(&[("team", "db"), ("tier", "2")]));
    }
    assert_eq!(
        child.mute_time_intervals.len() + child.active_time_intervals.len(),
        2
    );
    assert!(grandchild.mute_time_intervals.is_empty());
    assert!(grandchild.active_time_intervals.is_empty());
    assert_eq!((root.parent, grandchild.parent), (None, Some(RouteIdx(1))));
    assert_eq!(root.children, [RouteIdx(1)]);
}

#[test]
fn a_tree_without_words_has_alertmanagers_waits() {
    let tree = tree(node("default", "", Vec::new()));
    let root = &tree[RouteIdx::ROOT];
    assert_eq!(
        (
            root.group_wait.as_secs(),
            root.group_interval.as_secs(),
            root.repeat_interval.as_secs()
        ),
        (30, 300, 14_400)
    );
    assert_eq!(root.group_by, GroupBy::Labels(BTreeSet::new()));
}

#[test]
fn a_group_is_named_by_its_route_and_its_labels() {
    let mut all = node("", "severity=critical", Vec::new());
    all.group_by = Some(vec!["...".to_owned()]);
    let mut root = node("default", "", vec![all]);
    root.group_by = Some(vec!["alertname".to_owned(), "job".to_owned()]);
    let tree = tree(root);
    let alert = labels(&[("alertname", "X"), ("host", "a\"b\n")]);
    assert_eq!(tree.group_key(RouteIdx(0), &alert), r#"{}:{alertname="X"}"#);
    assert_eq!(
        tree.group_labels(RouteIdx(0), &alert),
        labels(&[("alertname", "X")])
    );
    assert_eq!(
        tree.group_key(RouteIdx(1), &alert),
        r#"{}/{severity="critical"}:{alertname="X", host="a\"b\n"}"#
    );
    assert_eq!(tree.group_key(RouteIdx(0), &Labels::empty()), "{}:{}");
}

#[test]
fn routes_of_the_same_key_are_told_apart_by_their_order() {
    let twin = || node("", "a=b", vec![node("", "c=d", Vec::new())]);
    let tree = tree(node(
        "default",
        "",
        vec![twin(), node("", "x=y", Vec::new()), twin()],
    ));
    let names: Vec<(&str, u32)> = tree
        .routes()
        .iter()
        .map(|route| (&*route.key, route.ordinal))
        .collect();
    assert_eq!(
        names,
        [
            ("{}", 0),
            (r#"{}/{a="b"}"#, 0),
            (r#"{}/{a="b"}/{c="d"}"#, 0),
            (r#"{}/{x="y"}"#, 0),
            (r#"{}/{a="b"}"#, 1),
            (r#"{}/{a="b"}/{c="d"}"#, 1),
        ]
    );
    assert_eq!(tree.find(r#"{}/{a="b"}/{c="d"}"#, 1), Some(RouteIdx(5)));
    assert_eq!(tree.find(r#"{}/{a="b"}"#, 2), None);
}

#[test]
fn a_tree_that_alertmanager_refuses_is_refused() {
    let refused = |change: fn(&mut RouteNode)| {
        let mut root = node("default", "", vec![node("", "a=b", Vec::new())]);
        change(&mut root);
        RouteTree::new(root)
            .map(drop)
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused(|r| r.receiver = None),
        "root route must specify a default receiver"
    );
    assert_eq!(
        refused(|r| r.receiver = Some("".into())),
        "root route must specify a default receiver"
    );
    assert_eq!(
        refused(|r| r.matchers = r.routes[0].matchers.clone()),
        "root route must not have any matchers"
    );
    assert_eq!(
        refused(|r| r.mute_time_intervals = vec!["x".into()]),
        "root route must not have any mute time intervals"
    );
    assert_eq!(
        refused(|r| r.active_time_intervals = vec!["x".into()]),
        "root route must not have any active time intervals"
    );
    assert_eq!(
        refused(|r| r.proceed = true),
        "cannot have continue in root route"
    );
    assert_eq!(
        refused(|r| r.routes[0].group_by = Some(vec!["...".into(), "a".into()])),
        "route.routes[0]: cannot have wildcard group_by (`...`) and other labels at the same time"
    );
    assert_eq!(
        refused(|r| r.group_by = Some(vec!["a".into(), "b".into(), "a".into()])),
        "route: duplicated label \"a\" in group_by"
    );
    assert_eq!(
        refused(|r| r.group_by = Some(vec![String::new()])),
        "route: invalid label name \"\" in group_by list"
    );
    assert_eq!(
        refused(|r| r.routes[0].group_interval = Some(Duration::ZERO)),
        "route.routes[0]: group_interval cannot be zero"
    );
    assert_eq!(
        refused(|r| r.repeat_interval = Some(Duration::ZERO)),
        "route: repeat_interval cannot be zero"
    );
}

#[test]
fn a_tree_has_a_depth_and_a_size() {
    let chain = |levels: usize| {
        (1..levels).fold(node("default", "", Vec::new()), |below, _| {
            node(
                "default",
                "",
                vec![RouteNode {
                    receiver: None,
                    ..below
                }],
            )
        })
    };
    assert!(RouteTree::new(chain(MAX_DEPTH)).is_ok());
    assert_eq!(
        RouteTree::new(chain(MAX_DEPTH + 1)).map(drop),
        Err(RouteError::TooDeep)
    );
    let wide = |children: usize| node("default", "", vec![node("", "", Vec::new()); children]);
    assert_eq!(tree(wide(MAX_ROUTES - 1)).routes().len(), MAX_ROUTES);
    assert_eq!(
        RouteTree::new(wide(MAX_ROUTES)).map(drop),
        Err(RouteError::TooMany)
    );
}

#[test]
fn the_walk_is_explained_step_by_step() {
    let tree = tree(node(
        "default",
        "",
        vec![
            node("a", "team=web", Vec::new()),
            node(
                "b",
                "team=db,severity=critical",
                vec![node("c", "host=x", Vec::new())],
            ),
            node("d", "", Vec::new()),
        ],
    ));
    let steps = tree.explain(&labels(&[("team", "db"), ("severity", "critical")]));
    let failed = |name: &str, value: &str, actual: &str| Verdict::Failed {
        matcher: Matcher::new(name, MatchOp::Equal, value).expect("matcher"),
        value: actual.to_owned(),
    };
    let expected = [
        (0, 0, Verdict::Passed),
        (1, 1, failed("team", "web", "db")),
        (2, 1, Verdict::Taken),
        (3, 2, failed("host", "x", "")),
        (
            4,
            1,
            Verdict::NotTried {
                stopped_by: RouteIdx(2),
            },
        ),
    ];
    assert_eq!(
        steps,
        expected.map(|(route, depth, verdict)| RouteStep {
            route: RouteIdx(route),
            depth,
            verdict
        })
    );
}

#[test]
fn a_route_behind_a_sibling_that_asks_for_less_is_unreachable() {
    let mut passing = node("", "a=1", Vec::new());
    passing.proceed = true;
    let tree = tree(node(
        "default",
        "",
        vec![
            passing,
            node("", "a=1", Vec::new()),
            node(
                "",
                "b=2,a=1",
                vec![node("", "c=3", Vec::new()), node("", "c=3", Vec::new())],
            ),
            node("", "a=2", Vec::new()),
            node("", "", Vec::new()),
            node("", "z=1", Vec::new()),
        ],
    ));
    // 3 is behind 2; its own child 5 is behind 4, but is hidden with 3; 8 is behind 7.
    assert_eq!(
        tree.unreachable(),
        [(RouteIdx(3), RouteIdx(2)), (RouteIdx(8), RouteIdx(7))]
    );
}

fn any_matchers() -> impl Strategy<Value = Matchers> {
    let op = prop::sample::select(vec![MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex]);
    let matcher = ("[ab]", op, "[xy]?")
        .prop_map(|(name, op, value)| Matcher::new(&name, op, &value).expect("matcher"));
    prop::collection::vec(matcher, 0..3).prop_map(Matchers)
}

fn any_root() -> impl Strategy<Value = RouteNode> {
    let leaf = (any_matchers(), any::<bool>()).prop_map(|(matchers, proceed)| RouteNode {
        matchers,
        proceed,
        ..RouteNode::default()
    });
    let below = leaf.prop_recursive(3, 16, 4, |inner| {
        (
            any_matchers(),
            any::<bool>(),
            prop::collection::vec(inner, 0..4),
        )
            .prop_map(|(matchers, proceed, routes)| RouteNode {
                matchers,
                proceed,
                routes,
                ..RouteNode::default()
            })
    });
    prop::collection::vec(below, 0..4).prop_map(|routes| RouteNode {
        receiver: Some("default".into()),
        routes,
        ..RouteNode::default()
    })
}

fn any_labels() -> impl Strategy<Value = Labels> {
    ("[xyz]?", "[xyz]?").prop_map(|(a, b)| labels(&[("a", &a), ("b", &b)]))
}

/// The routes an alert goes to, said without any search: those it enters and none of whose
/// children it matches, where it enters a route when it matches it and all its ancestors, and
/// neither it nor any of its ancestors has an earlier sibling that matches and does not continue.
fn declared(root: &RouteNode, alert: &Labels) -> Vec<RouteIdx> {
    struct Flat<'a> {
        entered: bool,
        node: &'a RouteNode,
    }
    fn flatten<'a>(node: &'a RouteNode, entered: bool, alert: &Labels, flat: &mut Vec<Flat<'a>>) {
        flat.push(Flat { entered, node });
        for (i, child) in node.routes.iter().enumerate() {
            let cut_off = node.routes[..i]
                .iter()
                .any(|s| !s.proceed && s.matchers.matches(alert));
            flatten(
                child,
                entered && !cut_off && child.matchers.matches(alert),
                alert,
                flat,
            );
        }
    }
    let mut flat = Vec::new();
    flatten(root, true, alert, &mut flat);
    (0..)
        .zip(flat)
        .filter(|(_, route)| {
            route.entered
                && !route
                    .node
                    .routes
                    .iter()
                    .any(|child| child.matchers.matches(alert))
        })
        .map(|(index, _)| RouteIdx(index))
        .collect()
}

proptest! {
    #[test]
    fn matching_finds_what_the_rules_declare(root in any_root(), alert in any_labels()) {
        let tree = tree(root.clone());
        let found = tree.matching(&alert);
        prop_assert!(!found.is_empty());
        prop_assert_eq!(&found, &declared(&root, &alert));
        let taken: Vec<RouteIdx> = tree
            .explain(&alert)
            .into_iter()
            .filter(|step| step.verdict == Verdict::Taken)
            .map(|step| step.route)
            .collect();
        prop_assert_eq!(taken, found);
    }

    #[test]
    fn no_alert_reaches_an_unreachable_route(root in any_root(), alert in any_labels()) {
        let tree = tree(root);
        let steps = tree.explain(&alert);
        for (route, by) in tree.unreachable() {
            prop_assert!(by < route && tree[by].parent == tree[route].parent);
            let reached = steps.iter().any(|step| {
                step.route == route && matches!(step.verdict, Verdict::Taken | Verdict::Passed)
            });
            prop_assert!(!reached);
        }
    }
}
