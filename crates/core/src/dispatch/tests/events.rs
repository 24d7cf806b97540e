//! Alerts that are over at once: plain text, CI results.

use super::*;

fn event(name: &str, at: i64, text: &str) -> Alert {
    Alert {
        annotations: Labels::annotations([("text", text)]).expect("annotations"),
        lifecycle: Lifecycle::Event,
        timeout: true,
        ..refreshing(name, at, at, at + 300)
    }
}

#[test]
fn an_event_is_told_once_and_leaves() {
    let mut world = World::new(rules(root(), &[("chat", true), ("mail", false)]));
    world.post(0, event("a", 0, "built")).run(10_000);
    assert_eq!(
        world.heard(),
        [
            "10 chat first notification: a@0 firing",
            "10 mail first notification: a@0 firing"
        ]
    );
    assert_eq!(world.dispatch.groups().count(), 0);
}

#[test]
fn an_event_that_is_told_late_is_still_told_as_it_came() {
    let mut world = World::plain();
    world.post(0, event("a", 0, "built"));
    let flushes = world.dispatch.turn(secs(5000), 10);
    assert_eq!(
        flushes.iter().flat_map(told).collect::<Vec<_>>(),
        ["chat first notification: a@0 firing"]
    );
}

#[test]
fn events_with_the_same_labels_do_not_replace_each_other() {
    let mut world = World::plain();
    world
        .post(0, event("a", 0, "42 failed"))
        .post(1, event("a", 1, "43 failed"));
    world.post(1, event("a", 1, "44 failed"));
    let flushes = world.dispatch.turn(secs(10), 10);
    let mut texts: Vec<&str> = flushes[0]
        .alerts
        .iter()
        .map(|alert| alert.annotations.value("text"))
        .collect();
    texts.sort_unstable();
    assert_eq!(texts, ["42 failed", "43 failed", "44 failed"]);
    assert_eq!(flushes[0].record.obligations[0].episodes.len(), 3);
}

#[test]
fn an_event_sent_again_unchanged_is_one_event() {
    let mut world = World::plain();
    world
        .post(0, event("a", 0, "built"))
        .post(1, event("a", 0, "built"))
        .run(20);
    world.post(21, event("a", 0, "built")).run(1000);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
}

#[test]
fn a_silenced_event_leaves_untold() {
    let mut world = World::plain();
    world
        .silence(0, 0, 20, "a")
        .post(1, event("a", 1, "built"))
        .run(1000);
    assert_eq!(world.heard(), [""; 0]);
    assert_eq!(world.dispatch.groups().count(), 0);
}

#[test]
fn a_resolve_does_not_touch_an_event() {
    let mut world = World::plain();
    world
        .post(0, event("a", 0, "built"))
        .resolve(5, "a")
        .run(1000);
    assert_eq!(world.heard(), ["10 chat first notification: a@0 firing"]);
}
