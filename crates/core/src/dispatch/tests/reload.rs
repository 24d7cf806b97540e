//! New rules.

use super::*;

fn version(version: &str, node: RouteNode, integrations: &[(&str, bool)]) -> Arc<Rules> {
    Arc::new(Rules {
        version: version.into(),
        ..rules(node, integrations)
    })
}

#[test]
fn a_reload_of_the_same_version_changes_nothing() {
    let mut world = World::plain();
    world.fire(0, "a").run(5);
    world
        .dispatch
        .set_rules(version("1", root(), &[("chat", true)]), secs(5));
    world.run(100);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
}

#[test]
fn a_reload_restarts_the_waits_and_tells_nobody_again() {
    let mut world = World::plain();
    world.fire(0, "a").run(50);
    world.heard();
    let group = world.group();
    world
        .dispatch
        .set_rules(version("2", root(), &[("chat", true)]), secs(55));
    // The alert is older than the wait: the group is looked at right away.
    assert_eq!(world.dispatch.next_due(), Some(secs(55)));
    world.run(500);
    assert_eq!(world.heard(), [""; 0]);
    assert_eq!(world.group(), group);
    world.resolve(510, "a").run(600);
    assert_eq!(
        world.heard(),
        ["535 chat all alerts resolved: a@0 resolved"]
    );
}

#[test]
fn a_new_integration_hears_of_what_fires() {
    let mut world = World::plain();
    world.fire(0, "a").run(50);
    world.heard();
    world.dispatch.set_rules(
        version("2", root(), &[("pager", true), ("chat", true)]),
        secs(55),
    );
    world.run(500);
    assert_eq!(world.heard(), ["55 pager first notification: a@0 firing"]);
}

#[test]
fn another_grouping_makes_other_groups_which_are_told() {
    let mut world = World::plain();
    world.fire(0, "a").fire(0, "b").run(50);
    world.heard();
    let by_name = RouteNode {
        group_by: Some(vec!["name".into()]),
        ..root()
    };
    world
        .dispatch
        .set_rules(version("2", by_name, &[("chat", true)]), secs(55));
    world.run(500);
    let mut heard = world.heard();
    heard.sort_unstable();
    assert_eq!(
        heard,
        [
            "55 chat first notification: a@0 firing",
            "55 chat first notification: b@0 firing"
        ]
    );
}

#[test]
fn an_end_not_told_yet_survives_a_reload() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(20);
    world.heard();
    world
        .dispatch
        .set_rules(version("2", root(), &[("chat", true)]), secs(25));
    world.run(500);
    assert_eq!(world.heard(), ["25 chat all alerts resolved: a@0 resolved"]);
}

#[test]
fn what_has_left_one_of_two_groups_does_not_come_back_to_it() {
    let child = |name: &str, interval: i64, proceed| RouteNode {
        receiver: Some(name.into()),
        matchers: matchers(&[("group", "g")]),
        group_interval: Some(span(interval)),
        proceed,
        ..RouteNode::default()
    };
    let tree = RouteNode {
        routes: vec![child("ops", 30, true), child("dba", 300, false)],
        ..root()
    };
    let mut world = World::new(rules(tree.clone(), &[("chat", true)]));
    world.fire(0, "a").resolve(20, "a").run(50);
    world.heard();
    world
        .dispatch
        .set_rules(version("2", tree, &[("chat", true)]), secs(60));
    world.run(1000);
    assert_eq!(world.heard(), ["60 chat all alerts resolved: a@0 resolved"]);
}

#[test]
fn a_new_inhibition_holds_for_alerts_that_are_known() {
    let mut world = World::plain();
    world.fire(0, "site").fire(0, "disk").run(5);
    let mut inhibiting = rules(root(), &[("chat", true)]);
    inhibiting.version = "2".into();
    inhibiting.inhibit = vec![InhibitRule {
        source: matchers(&[("name", "site")]),
        target: matchers(&[("name", "disk")]),
        ..InhibitRule::default()
    }];
    world.dispatch.set_rules(Arc::new(inhibiting), secs(6));
    world.run(100);
    assert_eq!(world.heard(), ["16 chat first notification: site@0 firing"]);
}
