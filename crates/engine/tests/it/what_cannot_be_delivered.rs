//! Fallbacks, dead letters and the alarms about them.

use std::time::Duration;

use balefire_channels::error::{ErrorKind, SendError};
use balefire_core::alert::Lifecycle;
use balefire_core::label::Annotations;
use balefire_core::message::{Message, Occasion};
use balefire_sources::parsed::ParsedAlert;
use balefire_store::Decision;
use balefire_store::NotificationState::{DeadLettered, Delivered, HandedOver, Pending};

use super::world::{Answer, EACH, Node, World, firing, message};

const FALLBACK: &str = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/}
  b: {kind: webhook, url: http://127.0.0.1:2/}
  c: {kind: webhook, url: http://127.0.0.1:3/}
receivers:
- {name: ops, webhook_configs: [{account: a}], fallback: backup}
- {name: backup, webhook_configs: [{account: b}, {account: c}]}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

const ALARM: &str = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/}
  m: {kind: webhook, url: http://127.0.0.1:2/}
receivers:
- {name: ops, webhook_configs: [{account: a}]}
- {name: watch, webhook_configs: [{account: m}]}
meta: {receiver: watch}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

#[test]
fn a_refusal_goes_to_the_fallback_with_its_content() {
    let mut world = World::new(FALLBACK);
    let (a, b, c) = (
        world.provider("a"),
        world.provider("b"),
        world.provider("c"),
    );
    a.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    for fallback in [&b, &c] {
        assert_eq!(fallback.taken()[0].says(), [("x".to_owned(), "firing")]);
    }
    assert_eq!(node.states("a"), [HandedOver]);
    assert_eq!(node.states("b"), [Delivered]);
    let rows = node.notifications();
    assert_eq!(rows[1].fallback_of, Some(rows[0].seq));
    node.pass(60);
    assert_eq!((a.calls().len(), b.calls().len()), (1, 1), "told once");
}

#[test]
fn one_notice_of_the_fallback_stands_for_all_targets_that_failed() {
    let mut world = World::new(FALLBACK);
    let (a, b) = (world.provider("a"), world.provider("b"));
    a.goes_to(&["p", "q", "r"]);
    a.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(a.calls().len(), 3);
    assert_eq!(node.states("a"), [HandedOver; 3]);
    assert_eq!(b.calls().len(), 1);
}

#[test]
fn a_fallback_that_reached_somebody_is_enough() {
    let mut world = World::new(FALLBACK);
    let (a, b, c) = (
        world.provider("a"),
        world.provider("b"),
        world.provider("c"),
    );
    a.always(Answer::fail(ErrorKind::Rejected));
    c.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    node.pass(60);
    assert_eq!(node.states("c"), [DeadLettered]);
    assert_eq!(
        (a.calls().len(), b.calls().len()),
        (1, 1),
        "nobody is told twice"
    );
}

#[test]
fn what_the_fallback_lost_too_is_told_again_by_the_first_way() {
    let mut world = World::new(FALLBACK);
    let (a, b, c) = (
        world.provider("a"),
        world.provider("b"),
        world.provider("c"),
    );
    for provider in [&a, &b, &c] {
        provider.always(Answer::fail(ErrorKind::Rejected));
    }
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(a.calls().len(), 1);
    a.heal();
    node.pass_until(12, || a.taken().len() == 1);
}

#[test]
fn a_group_that_changes_often_does_not_put_its_fallback_off() {
    let document = FALLBACK
        .replace("fallback: backup", "fallback: backup, deliver_within: 1m")
        .replace("group_by: [n]", "group_by: [alertname]");
    let mut world = World::new(&document);
    let (a, b) = (world.provider("a"), world.provider("b"));
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    for n in 0..9 {
        node.fire(&[&format!("{n}")]);
        node.pass(10);
    }
    let first = b.taken().first().cloned().expect("the fallback was told");
    let after = first.at.since(super::world::BEGIN).as_secs();
    assert!((55..=75).contains(&after), "{after} s");
    assert!(
        first.says().len() >= 5,
        "with all that was not told: {:?}",
        first.says()
    );
}

#[test]
fn a_dead_letter_raises_one_alarm_and_an_alarm_that_is_lost_none() {
    let mut world = World::new(ALARM);
    let (a, m) = (world.provider("a"), world.provider("m"));
    a.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x", "y"]);
    assert_eq!(m.taken().len(), 1);
    let alarm = &m.taken()[0].message;
    assert_eq!(alarm.occasion, Occasion::Meta);
    drop(node);

    let mut world = World::new(ALARM);
    let (a, m) = (world.provider("a"), world.provider("m"));
    a.always(Answer::fail(ErrorKind::Rejected));
    m.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    node.pass(60);
    assert_eq!(m.calls().len(), 1);
    assert_eq!(node.states("m"), [DeadLettered]);
}

#[test]
fn what_to_do_about_it_is_in_the_record_the_tries_and_the_alarm() {
    let mut world = World::new(ALARM);
    let (a, m) = (world.provider("a"), world.provider("m"));
    let fix = "add this machine's address to the trusted ones";
    let refusal = SendError::new(ErrorKind::Rejected, "60020 not allow to access").fix(fix);
    a.always(Answer::Fail(refusal));
    let node = world.start();
    node.fire(&["x"]);
    let row = node.notifications().remove(0);
    let error = row.last_error.as_deref();
    let told = format!("rejected: 60020 not allow to access; fix: {fix}");
    assert_eq!(error, Some(&*told));
    let tries = node.run(node.engine().store().attempts(row.seq));
    let first = tries.expect("attempts").remove(0);
    assert_eq!(first.answer.as_deref(), Some("60020 not allow to access"));
    assert_eq!(first.fix.as_deref(), Some(fix));
    let alarm = format!("{:?}", m.taken()[0].message);
    assert!(alarm.contains(fix), "{alarm}");
}

#[test]
fn a_message_sent_by_hand_that_is_lost_raises_the_alarm_too() {
    let mut world = World::new(ALARM);
    let (a, m) = (world.provider("a"), world.provider("m"));
    a.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    let mut hello = message("a", "hello");
    hello.to = balefire_engine::direct::Destination::Receiver("ops".to_owned());
    node.run(node.engine().send(&hello, None)).expect("stored");
    node.settle();
    assert_eq!(node.states("a"), [DeadLettered]);
    assert_eq!(m.taken().len(), 1);
}

#[test]
fn a_dead_letter_is_told_again_at_the_next_flush() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(node.states("a"), [DeadLettered]);
    node.pass(8);
    assert_eq!(a.calls().len(), 1, "not before");
    node.pass_until(3, || a.taken().len() == 1);
    assert_eq!(node.states("a"), [DeadLettered, Delivered]);
    node.pass(60);
    assert_eq!(a.calls().len(), 2);
}

#[test]
fn what_ended_before_it_could_be_told_comes_back_as_missed() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    node.resolve(&["x"]);
    node.pass_until(12, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].says(), [("x".to_owned(), "missed")]);
    node.pass(60);
    assert_eq!(a.calls().len(), 2);
}

#[test]
fn a_dead_letter_keeps_its_message_and_can_be_sent_again() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.fire(&["x"]);
    let seq = node.notifications()[0].seq;
    let store = node.engine().store();
    let body = node.run(store.kept_body(seq)).expect("a read");
    let message: Message = serde_json::from_slice(&body.expect("kept")).expect("a message");
    assert!(message.title.contains("Story"), "{message:?}");
    assert!(node.run(node.engine().redrive(seq)).expect("stored"));
    node.settle();
    assert_eq!(node.states("a"), [Delivered]);
    assert_eq!(a.calls()[1].says(), [("x".to_owned(), "firing")]);
    assert!(!node.run(node.engine().redrive(seq)).expect("asked"));
}

/// An alert whose words are only in its annotations.
fn with_words() -> ParsedAlert {
    ParsedAlert {
        annotations: Annotations::annotations([("summary", "the tower burns")]).expect("words"),
        ..firing("x")
    }
}

/// Lets a dead letter grow so old that nobody knows its alert any more.
fn outlive(node: &Node<'_>) {
    node.resolve(&["x"]);
    node.leap(Duration::from_hours(25));
    for _ in 0..3 {
        node.leap(Duration::from_mins(40));
    }
    assert_eq!(node.engine().state().alerts().len(), 0, "it is forgotten");
}

#[test]
fn a_dead_letter_can_be_sent_again_when_its_alerts_are_long_gone() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Rejected));
    let node = world.start();
    node.accept(Lifecycle::Explicit, vec![with_words()]);
    node.settle();
    let seq = node.notifications()[0].seq;
    outlive(&node);
    a.heal();
    assert!(node.run(node.engine().redrive(seq)).expect("stored"));
    node.until(|| a.taken().len() == 1);
    let told = format!("{:?}", a.taken()[0].message);
    assert!(told.contains("the tower burns"), "{told}");
}

#[test]
fn a_row_that_cannot_be_read_ends_as_a_dead_letter() {
    let mut world = World::new(EACH);
    let node = world.start();
    node.fire(&["x"]);
    let mut row = node.notifications().remove(0);
    row.state = Pending;
    row.payload = vec![0xff; 7];
    let store = node.engine().store();
    let decision = Decision {
        at: row.created_at,
        cursor: 0,
        config_version: "none".into(),
        body: node
            .run(store.decision(1))
            .expect("a read")
            .expect("a decision")
            .body,
        notifications: vec![row],
        settlements: Vec::new(),
        facts: Vec::new(),
    };
    node.run(store.writer().decide(decision)).expect("written");
    node.crash();
    let node = world.start();
    node.until(|| node.states("a") == [Delivered, DeadLettered]);
    let error = node.notifications()[1]
        .last_error
        .clone()
        .expect("a reason");
    assert!(error.contains("cannot be read"), "{error}");
}
