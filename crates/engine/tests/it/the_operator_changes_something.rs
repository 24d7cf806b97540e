//! Reloads, clocks that are set, shadow mode, templates, messages by hand.

use std::time::Duration;

use balefire_channels::error::{ErrorKind, SendError};
use balefire_core::message::Occasion;
use balefire_engine::direct::DirectError;
use balefire_store::NotificationFilter;
use balefire_store::NotificationState::{Cancelled, DeadLettered, Delivered, Pending};

use super::world::{Answer, EACH, World, message};

const OTHER: &str = "
accounts: {b: {kind: webhook, url: http://127.0.0.1:2/}}
receivers: [{name: ops, webhook_configs: [{account: b}]}]
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";

#[test]
fn a_reload_tells_nobody_again() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    node.reload(EACH);
    node.pass(30);
    node.reload(&EACH.replace("repeat_interval: 1h", "repeat_interval: 2h"));
    node.pass(30);
    assert_eq!(a.calls().len(), 1);
    node.crash();
    let node = world.start();
    node.pass(30);
    assert_eq!(a.calls().len(), 1);
}

#[test]
fn a_way_out_that_is_removed_cancels_what_waits_for_it_with_a_reason() {
    let mut world = World::new(EACH);
    let (a, b) = (world.provider("a"), world.provider("b"));
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    node.reload(OTHER);
    assert_eq!(node.states("a"), [Cancelled]);
    let why = node.notifications()[0]
        .last_error
        .clone()
        .expect("a reason");
    assert!(why.contains("no longer has this way out"), "{why}");
    let calls = a.calls().len();
    node.pass_until(12, || b.taken().len() == 1);
    assert_eq!(a.calls().len(), calls);
}

#[test]
fn what_was_delivered_while_its_way_out_was_removed_is_delivered() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    node.reload(OTHER);
    a.heal();
    node.until(|| node.states("a") == [Delivered]);
}

#[test]
fn a_flush_at_the_moment_of_a_reload_is_told_by_one_configuration_or_the_other() {
    let mut world = World::new(EACH);
    let (a, b) = (world.provider("a"), world.provider("b"));
    let node = world.start();
    for n in 0..20 {
        let document = if n % 2 == 0 { OTHER } else { EACH };
        node.fire(&[&format!("{n}")]);
        node.reload(document);
        node.pass(1);
    }
    node.pass(20);
    for n in 0..20 {
        let name = n.to_string();
        let tells = |call: &super::world::Call| call.says().iter().any(|(told, _)| *told == name);
        assert!(a.taken().iter().chain(&b.taken()).any(tells), "{name}");
    }
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut world = World::new(&EACH.replace("group_wait: 0s", "group_wait: 20s"));
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    node.pass(5);
    let hour_ago = node.now().before(Duration::from_hours(1));
    node.set_clock(hour_ago);
    let passed = node.pass_until(60, || a.calls().len() == 1);
    assert!(passed <= 31, "the group waited for {passed} s");
    let hour_ago = node.now().before(Duration::from_hours(1));
    node.set_clock(hour_ago);
    let passed = node.pass_until(60, || a.taken().len() == 1);
    assert!(passed <= 31, "the retry waited for {passed} s");
    node.fire(&["y"]);
    node.pass_until(25, || a.taken().len() == 2);
}

#[test]
fn a_clock_that_is_set_forward_tells_at_once_and_loses_nothing() {
    let mut world = World::new(&EACH.replace("group_wait: 0s", "group_wait: 20s"));
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["x"]);
    let tomorrow = node.now().after(Duration::from_hours(24));
    node.set_clock(tomorrow);
    node.pass_until(31, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].says(), [("x".to_owned(), "firing")]);
}

#[test]
fn in_shadow_mode_everything_is_decided_and_nothing_is_sent() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(node.states("a"), [Pending]);
    node.crash();
    let before = a.calls().len();
    world.shadow = true;
    let node = world.start();
    let decided = node
        .run(node.engine().store().last_decision())
        .expect("a read");
    node.fire(&["y"]);
    node.pass(90);
    let since = node
        .run(node.engine().store().last_decision())
        .expect("a read");
    assert!(since > decided, "decisions are recorded");
    let refused = node.run(node.engine().send(&message("a", "hello"), None));
    assert!(matches!(refused, Err(DirectError::NoTarget(why)) if why.contains("shadow")));
    assert_eq!(a.calls().len(), before);
    assert_eq!(node.notifications().len(), 1);
}

#[test]
fn a_template_that_fails_gives_way_to_the_plain_message_and_an_alarm() {
    let document = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/}
  m: {kind: webhook, url: http://127.0.0.1:2/}
receivers:
- {name: ops, webhook_configs: [{account: a}]}
- {name: watch, webhook_configs: [{account: m}]}
meta: {receiver: watch}
messages: {default: {title: '{{ group.status }}'}}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";
    let mut world = World::new(document);
    let (a, m) = (world.provider("a"), world.provider("m"));
    let node = world.start();
    node.fire(&["x"]);
    node.until(|| a.taken().len() == 1);
    let told = a.taken().remove(0).message;
    assert!(told.custom.is_none());
    assert!(told.title.contains("Story"), "{}", told.title);
    node.until(|| m.taken().len() == 1);
    let alarm = m.taken().remove(0).message;
    assert_eq!(alarm.occasion, Occasion::Meta);
    assert!(
        format!("{alarm:?}").contains("messages.default"),
        "{alarm:?}"
    );
}

#[test]
fn who_waits_for_a_message_hears_how_it_ended() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let node = world.start();
    let hello = message("a", "hello");
    let wait = Some(Duration::from_secs(5));
    let sent = node.run(node.engine().send(&hello, wait)).expect("stored");
    assert_eq!(sent[0].state, Delivered);
    assert!(a.taken()[0].message.title.contains("hello"));
    a.next(Answer::fail(ErrorKind::Rejected));
    let sent = node.run(node.engine().send(&hello, wait)).expect("stored");
    assert_eq!(sent[0].state, DeadLettered);
    assert!(sent[0].detail.contains("rejected"), "{:?}", sent[0]);
}

#[test]
fn a_test_ends_with_the_first_answer_whatever_it_is() {
    for kind in [
        ErrorKind::Misconfigured,
        ErrorKind::Rejected,
        ErrorKind::Transient,
    ] {
        let mut world = World::new(EACH);
        let a = world.provider("a");
        let fix = "check the secret";
        a.always(Answer::Fail(SendError::new(kind, "no").fix(fix)));
        let node = world.start();
        let mut test = message("a", "hello");
        test.words = balefire_engine::direct::Words::Test;
        let wait = Some(Duration::from_secs(5));
        let sent = node.run(node.engine().send(&test, wait)).expect("stored");
        assert_eq!(sent[0].state, DeadLettered, "{kind:?}");
        let told = format!("{}: no; fix: {fix}", kind.as_str());
        assert_eq!(sent[0].detail, told);
        node.pass(90);
        assert_eq!(a.calls().len(), 1, "{kind:?}");
    }
}

#[test]
fn a_message_by_hand_through_a_wrong_account_ends_at_once_and_can_be_sent_again() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    let wrong = SendError::new(ErrorKind::Misconfigured, "no").fix("check the secret");
    a.next(Answer::Fail(wrong));
    let node = world.start();
    let hello = message("a", "hello");
    let wait = Some(Duration::from_secs(5));
    let sent = node.run(node.engine().send(&hello, wait)).expect("stored");
    assert_eq!(sent[0].state, DeadLettered);
    assert_eq!(sent[0].detail, "misconfigured: no; fix: check the secret");
    assert!(node.run(node.engine().redrive(sent[0].seq)).expect("asked"));
    node.until(|| node.states("a") == [Delivered]);
    assert!(a.taken()[0].message.title.contains("hello"));
}

#[test]
fn who_does_not_want_to_wait_so_long_hears_where_it_stands() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::fail(ErrorKind::Transient));
    a.next(Answer::Hang);
    let node = world.start();
    let hello = message("a", "hello");
    let all = NotificationFilter {
        limit: 10,
        ..NotificationFilter::default()
    };
    let sent = node.run(async {
        let sending = node.engine().send(&hello, Some(Duration::from_secs(5)));
        tokio::pin!(sending);
        loop {
            tokio::select! {
                biased;
                sent = &mut sending => break sent,
                () = node.turn() => {
                    // The wait goes on once it is on record that the first try failed.
                    let rows = node.engine().store().notifications(&all).await.expect("rows");
                    if rows.iter().any(|row| row.last_error.is_some()) {
                        tokio::time::advance(Duration::from_millis(500)).await;
                    }
                }
            }
        }
    });
    let sent = sent.expect("stored");
    assert_eq!(sent[0].state, Pending);
    assert!(sent[0].detail.contains("transient"), "{:?}", sent[0]);
    a.heal();
    node.until(|| node.states("a") == [Delivered]);
}
