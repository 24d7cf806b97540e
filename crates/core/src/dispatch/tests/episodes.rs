//! What is one episode, and who is told what of it.

use super::*;

#[test]
fn an_alert_that_was_over_when_it_came_is_not_told() {
    let mut world = World::plain();
    world.post(100, alert("a", 50, Some(60))).run(1000);
    assert_eq!(world.heard(), [""; 0]);
    assert!(world.dispatch.alert(fingerprint("a")).is_some());
    assert_eq!(world.dispatch.groups().count(), 0);
}

#[test]
fn an_end_is_told_with_what_still_fires() {
    let mut world = World::plain();
    world.fire(0, "a").fire(0, "b").resolve(20, "a").run(200);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing, b@0 firing",
            "70 chat some alerts resolved: a@0 resolved, b@0 firing"
        ]
    );
}

#[test]
fn without_send_resolved_ends_are_not_told_and_do_not_come_along() {
    let mut world = World::new(rules(root(), &[("mail", false)]));
    world.fire(0, "a").fire(0, "b").resolve(20, "a").run(80);
    world
        .fire(90, "c")
        .resolve(100, "b")
        .resolve(100, "c")
        .run(400);
    assert_eq!(
        world.heard(),
        [
            "10 mail first notification: a@0 firing, b@0 firing",
            // What fired must be told once, also to who does not ask for ends.
            "130 mail all alerts resolved: c@90 missed"
        ]
    );
}

#[test]
fn every_integration_keeps_its_own_account() {
    let mut world = World::new(rules(root(), &[("chat", true), ("mail", false)]));
    world.fire(0, "a").resolve(20, "a").run(400);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "10 mail first notification: a@0 firing",
            "70 chat all alerts resolved: a@0 resolved"
        ]
    );
}

#[test]
fn a_replica_with_an_earlier_start_reports_the_same_episode() {
    let mut world = World::plain();
    world.post(100, refreshing("a", 100, 100, 400)).run(115);
    assert_eq!(world.heard(), ["110 chat first notification: a@100 firing"]);
    world
        .post(116, refreshing("a", 98, 116, 401))
        .post(117, refreshing("a", 100, 117, 402));
    world.run(300);
    assert_eq!(world.heard(), [""; 0]);
    // Alertmanager shows the earliest start; so does our API.
    assert_eq!(
        world
            .dispatch
            .alert(fingerprint("a"))
            .expect("alert")
            .starts_at,
        secs(98)
    );
    world.run(420);
    assert_eq!(
        world.heard(),
        ["410 chat all alerts resolved: a@100 resolved"]
    );
}

#[test]
fn a_resolve_with_a_start_before_the_known_one_closes_the_episode() {
    let mut world = World::plain();
    world.fire(100, "a").run(115);
    world.heard();
    world.post(120, alert("a", 40, Some(50))).run(200);
    assert_eq!(
        world.heard(),
        ["170 chat all alerts resolved: a@100 resolved"]
    );
}

#[test]
fn a_late_refresh_reopens_the_episode_that_has_not_left_its_group() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 20)).run(15);
    world.heard();
    world.post(40, refreshing("a", 0, 40, 900)).run(300);
    assert_eq!(world.heard(), [""; 0]);
}

#[test]
fn a_late_refresh_after_the_end_was_told_is_told_again() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 20)).run(75);
    world.heard();
    let input = Input::Refresh {
        fingerprint: fingerprint("a"),
        ends_at: secs(900),
        timeout: true,
    };
    world.input(80, input);
    world.run(100);
    // It began long ago, so its new group does not wait.
    assert_eq!(world.heard(), ["80 chat first notification: a@0 firing"]);
}

#[test]
fn continue_gives_each_route_its_own_group() {
    let child = |name: &str, proceed| RouteNode {
        receiver: Some(name.into()),
        matchers: matchers(&[("group", "g")]),
        proceed,
        ..RouteNode::default()
    };
    let mut node = root();
    node.routes = vec![child("ops", true), child("dba", false)];
    let mut world = World::new(rules(node, &[("chat", true)]));
    world.fire(0, "a").resolve(20, "a").run(70);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "10 chat first notification: a@0 firing",
            "70 chat all alerts resolved: a@0 resolved",
            "70 chat all alerts resolved: a@0 resolved"
        ]
    );
    assert_ne!(world.records[0].group, world.records[1].group);
}

#[test]
fn a_group_of_many_alerts_is_sorted_by_job_instance_and_labels() {
    let mut world = World::plain();
    for (n, (job, instance)) in [("b", "1"), ("a", "2"), ("a", "1"), ("b", "0")]
        .iter()
        .enumerate()
    {
        let name = n.to_string();
        let pairs = [
            ("group", "g"),
            ("job", job),
            ("instance", instance),
            ("name", &name),
        ];
        world.post(
            0,
            Alert {
                labels: labels(&pairs),
                ..alert("", 0, None)
            },
        );
    }
    let flushes = world.dispatch.turn(secs(10), 1);
    let order: Vec<&str> = flushes[0]
        .alerts
        .iter()
        .map(|a| a.labels.value("name"))
        .collect();
    assert_eq!(order, ["2", "1", "3", "0"]);
    let records: Vec<_> = flushes[0]
        .record
        .alerts
        .iter()
        .map(|a| a.episode.fingerprint)
        .collect();
    let alerts: Vec<_> = flushes[0].alerts.iter().map(|a| a.fingerprint()).collect();
    assert_eq!(records, alerts);
}

#[test]
fn an_unchanged_look_need_not_be_stored() {
    let mut world = World::plain();
    world.fire(0, "a");
    let mut changed = |at| -> Vec<bool> {
        world
            .dispatch
            .turn(secs(at), 10)
            .iter()
            .map(|flush| flush.changed)
            .collect()
    };
    assert_eq!(changed(10), [true]);
    assert_eq!(changed(70), [false]);
    assert_eq!(changed(130), [false]);
}

#[test]
fn an_entry_expires_with_the_retention_and_the_alert_is_told_afresh() {
    let mut node = root();
    node.repeat_interval = Some(span(100_000));
    let mut short = rules(node, &[("chat", true)]);
    short.silence_retention = span(1000);
    let mut world = World::new(short);
    world.fire(0, "a").run(1100);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "1030 chat first notification: a@0 firing"
        ]
    );
}
