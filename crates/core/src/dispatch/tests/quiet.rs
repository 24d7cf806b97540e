//! Silences, inhibitions and time intervals.

use super::super::{Mute, Verdict};
use super::*;

#[test]
fn an_alert_silenced_when_it_fired_is_told_when_the_silence_ends() {
    let mut world = World::plain();
    world.silence(0, 0, 100, "a").fire(1, "a").run(129);
    assert_eq!(world.heard(), [""; 0]);
    world.run(1000);
    assert_eq!(world.heard()[0], "131 chat first notification: a@1 firing");
}

#[test]
fn an_alert_silenced_the_whole_time_is_never_told() {
    let mut world = World::plain();
    world
        .silence(0, 0, 65, "a")
        .fire(1, "a")
        .resolve(60, "a")
        .run(1000);
    assert_eq!(world.heard(), [""; 0]);
    let last = world.records.last().expect("record");
    assert_eq!(last.alerts[0].verdict, Verdict::OverInQuiet);
}

#[test]
fn an_alert_that_outlived_its_silence_between_two_looks_is_told() {
    let mut world = World::plain();
    world
        .silence(0, 0, 20, "a")
        .fire(1, "a")
        .resolve(60, "a")
        .run(1000);
    assert_eq!(world.heard(), ["71 chat first notification: a@1 missed"]);
}

#[test]
fn an_end_under_a_silence_is_not_told() {
    let mut world = World::plain();
    world
        .fire(0, "a")
        .fire(0, "b")
        .silence(20, 20, 500, "a")
        .resolve(30, "a")
        .run(200);
    assert_eq!(
        world.heard(),
        ["10 chat first notification: a@0 firing, b@0 firing"]
    );
}

#[test]
fn a_silence_names_itself_in_the_record_and_the_status() {
    let mut world = World::plain();
    world.silence(0, 0, 100, "a").fire(1, "a").run(20);
    let id: Arc<str> = "silence 1".into();
    assert_eq!(
        world.records[0].alerts[0].verdict,
        Verdict::Silenced(vec![Arc::clone(&id)])
    );
    let status = world.dispatch.status(fingerprint("a"), secs(20));
    assert_eq!(
        (status.silenced_by, status.receivers),
        (vec![id], vec!["ops".into()])
    );
    assert_eq!(
        world
            .dispatch
            .status(fingerprint("a"), secs(100))
            .silenced_by,
        []
    );
}

fn inhibited() -> World {
    let mut rules = rules(root(), &[("chat", true)]);
    rules.inhibit = vec![InhibitRule {
        source: matchers(&[("name", "site")]),
        target: matchers(&[("name", "disk")]),
        ..InhibitRule::default()
    }];
    World::new(rules)
}

#[test]
fn an_inhibited_alert_is_told_when_its_inhibitor_is_over() {
    let mut world = inhibited();
    world.fire(0, "site").fire(1, "disk").run(15);
    assert_eq!(world.heard(), ["10 chat first notification: site@0 firing"]);
    let verdicts: Vec<_> = world.records[0]
        .alerts
        .iter()
        .map(|a| a.verdict.clone())
        .collect();
    assert!(
        verdicts.contains(&Verdict::Inhibited(fingerprint("site"))),
        "{verdicts:?}"
    );
    let status = world.dispatch.status(fingerprint("disk"), secs(15));
    assert_eq!(status.inhibited_by, [fingerprint("site")]);
    world.resolve(20, "site").run(100);
    assert_eq!(
        world.heard(),
        ["70 chat new alerts added: disk@1 firing, site@0 resolved"]
    );
}

#[test]
fn an_alert_inhibited_until_its_end_is_never_told() {
    let mut world = inhibited();
    world
        .fire(0, "site")
        .fire(1, "disk")
        .resolve(20, "disk")
        .resolve(21, "site")
        .run(500);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: site@0 firing",
            "70 chat all alerts resolved: site@0 resolved"
        ]
    );
}

/// Quiet in the first hour of the day.
fn nightly(node: RouteNode) -> World {
    let mut rules = rules(node, &[("chat", true)]);
    let interval: Interval =
        serde_json::from_str(r#"{"times": [{"start_time": "00:00", "end_time": "01:00"}]}"#)
            .expect("interval");
    rules.intervals = BTreeMap::from([("night".to_owned(), vec![interval])]);
    World::new(rules)
}

fn child() -> RouteNode {
    RouteNode {
        matchers: matchers(&[("group", "g")]),
        ..RouteNode::default()
    }
}

#[test]
fn a_muted_group_is_told_after_the_interval() {
    let child = RouteNode {
        mute_time_intervals: vec!["night".into()],
        ..child()
    };
    let mut world = nightly(RouteNode {
        routes: vec![child],
        ..root()
    });
    world.fire(3000, "a").run(3599);
    assert_eq!(world.heard(), [""; 0]);
    assert_eq!(
        world.records[0].muted,
        Some(Mute::Inside(vec!["night".into()]))
    );
    assert_eq!(world.records[0].alerts[0].verdict, Verdict::Muted);
    let status = world.dispatch.status(fingerprint("a"), secs(3500));
    assert_eq!(status.muted_by, ["night".into()]);
    world.run(3700);
    assert_eq!(
        world.heard(),
        ["3610 chat first notification: a@3000 firing"]
    );
}

#[test]
fn an_active_interval_keeps_a_group_quiet_outside_of_it() {
    let child = RouteNode {
        active_time_intervals: vec!["night".into()],
        ..child()
    };
    let mut world = nightly(RouteNode {
        routes: vec![child],
        ..root()
    });
    world.fire(3500, "a").run(3599);
    assert_eq!(
        world.heard(),
        ["3510 chat first notification: a@3500 firing"]
    );
    world.resolve(3590, "a").run(8000);
    assert_eq!(world.heard(), [""; 0]);
    let last = world.records.last().expect("record");
    assert_eq!(last.muted, Some(Mute::Outside(vec!["night".into()])));
}

#[test]
fn an_alert_that_was_told_and_then_silenced_through_a_repeat_is_told_again_after_it() {
    let mut node = root();
    node.repeat_interval = Some(span(100));
    let mut world = World::new(rules(node, &[("chat", true)]));
    world
        .fire(0, "a")
        .fire(0, "b")
        .silence(20, 20, 180, "a")
        .run(200);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing, b@0 firing",
            "130 chat repeat interval elapsed: b@0 firing",
            "190 chat new alerts added: a@0 firing, b@0 firing"
        ]
    );
}
