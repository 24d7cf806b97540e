//! When groups are looked at.

use super::*;

#[test]
fn a_new_group_waits_then_looks_every_interval() {
    let mut world = World::plain();
    world.fire(100, "a").fire(105, "b").run(110);
    assert_eq!(
        world.heard(),
        ["110 chat first notification: a@100 firing, b@105 firing"]
    );
    world.fire(111, "c").run(169);
    assert_eq!(world.heard(), [""; 0]);
    world.run(170);
    assert_eq!(
        world.heard(),
        ["170 chat new alerts added: a@100 firing, b@105 firing, c@111 firing"]
    );
}

#[test]
fn an_alert_older_than_the_wait_is_told_at_once_until_the_first_flush() {
    let mut world = World::plain();
    world.post(100, alert("a", 89, None)).run(100);
    assert_eq!(world.heard(), ["100 chat first notification: a@89 firing"]);
    world.post(101, alert("b", 0, None)).run(159);
    assert_eq!(world.heard(), [""; 0]);
}

#[test]
fn an_alert_exactly_as_old_as_the_wait_still_waits() {
    let mut world = World::plain();
    world.post(100, alert("a", 90, None)).run(109);
    assert_eq!(world.heard(), [""; 0]);
}

#[test]
fn an_old_alert_hurries_the_group_that_waits_for_it() {
    let mut world = World::plain();
    world.fire(100, "a").post(103, alert("b", 0, None)).run(103);
    assert_eq!(
        world.heard(),
        ["103 chat first notification: a@100 firing, b@0 firing"]
    );
}

#[test]
fn a_refresh_hurries_a_waiting_group_too() {
    let mut world = World::plain();
    world.post(100, refreshing("a", 95, 100, 400));
    let input = Input::Refresh {
        fingerprint: fingerprint("a"),
        ends_at: secs(406),
        timeout: false,
    };
    world.input(106, input);
    world.run(106);
    assert_eq!(world.heard(), ["106 chat first notification: a@95 firing"]);
}

#[test]
fn an_unchanged_group_is_told_again_at_the_first_look_after_the_repeat_interval() {
    let mut node = root();
    node.repeat_interval = Some(span(130));
    let mut world = World::new(rules(node, &[("chat", true)]));
    world.fire(0, "a").run(400);
    // 10 + 130 = 140 is rounded up to the look at 190, then 190 + 130 to 370.
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "190 chat repeat interval elapsed: a@0 firing",
            "370 chat repeat interval elapsed: a@0 firing"
        ]
    );
}

#[test]
fn an_alert_that_is_not_sent_again_ends_by_itself_at_the_next_look() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 80));
    let input = Input::Refresh {
        fingerprint: fingerprint("a"),
        ends_at: secs(135),
        timeout: true,
    };
    world.input(50, input);
    world.run(1000);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "190 chat all alerts resolved: a@0 resolved"
        ]
    );
}

#[test]
fn an_alert_whose_end_is_this_very_instant_is_over() {
    let mut world = World::plain();
    world.post(0, refreshing("a", 0, 0, 70)).run(70);
    assert_eq!(
        world.heard()[1],
        "70 chat all alerts resolved: a@0 resolved"
    );
}

#[test]
fn an_empty_group_ends_and_the_next_alert_waits_again() {
    let mut world = World::plain();
    world.fire(0, "a").resolve(20, "a").run(70);
    assert_eq!(
        (world.dispatch.groups().count(), world.dispatch.next_due()),
        (0, None)
    );
    world.heard();
    world.fire(75, "a").run(200);
    assert_eq!(world.heard(), ["85 chat first notification: a@75 firing"]);
}

#[test]
fn a_turn_that_comes_late_counts_the_interval_from_its_own_time() {
    let mut world = World::plain();
    world.fire(0, "a");
    assert_eq!(world.dispatch.turn(secs(25), 10).len(), 1);
    assert_eq!(world.dispatch.next_due(), Some(secs(25 + INTERVAL)));
}

#[test]
fn a_turn_flushes_at_most_what_it_is_asked_for_and_the_longest_due_first() {
    let mut node = root();
    node.group_by = Some(vec!["...".into()]);
    let mut world = World::new(rules(node, &[("chat", true)]));
    world.fire(0, "a").fire(1, "b").fire(2, "c");
    let names = |flushes: Vec<Flush>| -> Vec<String> {
        flushes
            .iter()
            .map(|flush| flush.group_labels.value("name").to_owned())
            .collect()
    };
    assert_eq!(names(world.dispatch.turn(secs(100), 2)), ["a", "b"]);
    assert_eq!(world.dispatch.next_due(), Some(secs(12)));
    assert_eq!(names(world.dispatch.turn(secs(100), 2)), ["c"]);
}

#[test]
fn a_clock_set_back_takes_the_timers_along() {
    let mut world = World::plain();
    world.fire(10_000, "a").run(10_010);
    world.heard();
    // An hour back: the look at 10 070 is 60 s after the last, not an hour and 60 s.
    assert_eq!(world.dispatch.turn(secs(6_410), 10), []);
    assert_eq!(world.dispatch.next_due(), Some(secs(6_470)));
    world.resolve(6_420, "a").run(6_470);
    assert_eq!(
        world.heard(),
        ["6470 chat all alerts resolved: a@10000 resolved"]
    );
}

#[test]
fn an_event_is_taken_in_once() {
    let mut world = World::plain();
    let event = world.input(
        0,
        Input::Alert {
            source: "test".into(),
            alert: Box::new(alert("a", 0, None)),
        },
    );
    world.resolve(5, "a");
    world.dispatch.apply(&event);
    assert!(
        world
            .dispatch
            .alert(fingerprint("a"))
            .expect("alert")
            .resolved_at(secs(5))
    );
    assert_eq!(world.dispatch.cursor(), 2);
}
