//! What a node that comes back knows, tells and does not tell again.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::alert::Lifecycle;
use balefire_core::event::Input;
use balefire_core::matcher::{Matchers, Mode, parse};
use balefire_core::silence::Silence;
use balefire_store::NotificationState::{DeadLettered, Delivered};

use super::world::{Answer, EACH, Node, World, firing};

#[test]
fn what_was_under_way_at_a_crash_is_told_with_the_same_key() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(a.calls().len(), 1);
    node.crash();
    a.heal();
    let node = world.start();
    node.until(|| node.states("a") == [Delivered]);
    let calls = a.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].id, calls[1].id);
    node.pass(60);
    assert_eq!(a.calls().len(), 2);
}

#[test]
fn an_alert_that_was_only_accepted_is_told_after_the_crash() {
    let mut world = World::new(&EACH.replace("group_wait: 0s", "group_wait: 5s"));
    let a = world.provider("a");
    let node = world.start();
    node.accept(Lifecycle::Explicit, vec![firing("x")]);
    node.crash();
    let node = world.start();
    assert_eq!(node.engine().recovered().events, 1);
    node.pass_until(6, || a.taken().len() == 1);
}

#[test]
fn what_was_told_is_not_told_again_by_crash_stop_or_checkpoint() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    node.run(node.engine().checkpoint());
    node.fire(&["y"]);
    node.crash();
    let node = world.start();
    let recovered = node.engine().recovered();
    assert_eq!((recovered.events, recovered.decisions), (1, 1));
    node.pass(30);
    node.stop(Duration::from_secs(8));
    let node = world.start();
    let recovered = node.engine().recovered();
    assert_eq!(
        (recovered.events, recovered.decisions),
        (0, 0),
        "stopped in order"
    );
    node.pass(30);
    assert_eq!(a.calls().len(), 2);
    node.resolve(&["x"]);
    node.pass_until(12, || a.calls().len() == 3);
    assert_eq!(a.calls()[2].says(), [("x".to_owned(), "resolved")]);
}

#[test]
fn a_repeat_comes_when_it_is_due_whatever_happened_to_the_node() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    node.leap(Duration::from_mins(40));
    node.crash();
    let node = world.start();
    node.leap(Duration::from_mins(19));
    assert_eq!(a.calls().len(), 1);
    node.leap(Duration::from_mins(2));
    assert_eq!(a.calls().len(), 2);
}

#[test]
fn what_was_given_up_just_before_a_crash_is_told_again_and_reported() {
    let document = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/}
  m: {kind: webhook, url: http://127.0.0.1:2/}
receivers:
- {name: ops, webhook_configs: [{account: a}]}
- {name: watch, webhook_configs: [{account: m}]}
meta: {receiver: watch}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";
    let mut world = World::new(document);
    let (a, m) = (world.provider("a"), world.provider("m"));
    a.next(Answer::fail(ErrorKind::Rejected));
    m.next(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(node.states("a"), [DeadLettered]);
    node.crash();
    let node = world.start();
    node.until(|| !m.taken().is_empty());
    node.pass_until(12, || a.taken().len() == 1);
    node.pass(60);
    assert_eq!(a.taken().len(), 1);
    node.crash();
    let node = world.start();
    node.pass(60);
    assert_eq!(a.calls().len(), 2, "a later notice has told it");
}

#[test]
fn a_dead_letter_that_was_told_since_stays_where_it_is_after_a_restart() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    node.pass_until(12, || a.taken().len() == 1);
    node.resolve(&["x"]);
    node.pass_until(12, || a.taken().len() == 2);
    for _ in 0..2 {
        node.settle();
        node.engine();
    }
    node.stop(Duration::from_secs(8));
    let node = world.start();
    node.pass(60);
    assert_eq!(a.calls().len(), 3, "refused, told, over");
}

/// Every input in the log.
fn inputs(node: &Node<'_>) -> Vec<Input> {
    let events = node.run(node.engine().store().events(0, 100));
    events
        .expect("events")
        .into_iter()
        .map(|event| event.input)
        .collect()
}

#[test]
fn a_report_that_says_nothing_new_is_a_few_bytes_also_after_a_restart() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    for _ in 0..3 {
        node.accept(Lifecycle::Refreshing, vec![firing("x")]);
        node.pass(60);
    }
    let log = inputs(&node);
    assert!(matches!(
        log[..],
        [
            Input::Alert { .. },
            Input::Refresh { .. },
            Input::Refresh { .. }
        ]
    ));
    node.stop(Duration::from_secs(8));
    let node = world.start();
    node.accept(Lifecycle::Refreshing, vec![firing("x")]);
    node.pass(240);
    assert!(matches!(inputs(&node).last(), Some(Input::Refresh { .. })));
    assert_eq!(a.calls().len(), 1, "nothing new to tell");
    node.leap(Duration::from_mins(2));
    assert_eq!(a.calls().len(), 2);
    assert_eq!(
        a.calls()[1].says(),
        [("x".to_owned(), "resolved")],
        "it is not sent any more"
    );
}

fn silence_of_x(node: &Node<'_>) -> Silence {
    let now = node.now();
    Silence {
        id: "".into(),
        matcher_sets: vec![Matchers(parse("n=\"x\"", Mode::Utf8).expect("a matcher"))],
        starts_at: now,
        ends_at: now.after(Duration::from_hours(2)),
        updated_at: now,
        created_by: "me".to_owned(),
        comment: "works".to_owned(),
        annotations: balefire_core::label::Annotations::empty(),
    }
}

#[test]
fn a_silence_holds_across_crashes_and_what_fires_after_its_end_is_told() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let silence = silence_of_x(&node);
    let id = node
        .run(node.engine().put_silence(silence))
        .expect("a silence");
    node.fire(&["x"]);
    node.crash();
    let node = world.start();
    node.pass(30);
    node.run(node.engine().checkpoint());
    node.crash();
    let node = world.start();
    node.pass(30);
    assert_eq!(a.calls().len(), 0);
    node.run(node.engine().expire_silence(&id))
        .expect("its end");
    node.crash();
    let node = world.start();
    node.pass_until(12, || a.taken().len() == 1);
}
