//! An account's quiet hours: what would be told waits, is told as one digest, and is late for nobody.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_core::alert::Lifecycle;
use balefire_core::message::Occasion;
use balefire_core::time::Time;
use balefire_store::NotificationState::{Delivered, Pending, Superseded};

use super::world::{Answer, BEGIN, Node, World, as_bad, message};

/// It is 08:30 on a Saturday, and quiet until 10:00.
const QUIET: &str = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/, quiet: {timezone: UTC, hours: [{from: '00:00', to: '10:00'}]}}
  b: {kind: webhook, url: http://127.0.0.1:2/}
receivers:
- {name: ops, webhook_configs: [{account: a}], fallback: other}
- {name: other, webhook_configs: [{account: b}]}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 24h}
";
const HOUR: Duration = Duration::from_hours(1);

fn ten() -> Time {
    BEGIN.after(Duration::from_mins(90))
}

fn fire(node: &Node<'_>, names: &[&str], severity: &str) {
    let alerts = names.iter().map(|name| as_bad(name, severity)).collect();
    node.accept(Lifecycle::Explicit, alerts);
    node.settle();
}

#[test]
fn what_waits_is_told_as_one_digest_when_the_hours_are_over() {
    let mut world = World::new(QUIET);
    let (a, b) = (world.provider("a"), world.provider("b"));
    let node = world.start();
    fire(&node, &["1", "2", "3"], "warning");
    node.leap(HOUR);
    assert!(a.calls().is_empty(), "quiet");
    let held = &node.notifications()[0];
    assert_eq!((held.state, held.next_try_at), (Pending, Some(ten())));
    assert_eq!(
        held.last_error.as_deref(),
        Some("held until 2026-11-21 10:00 (UTC) by the account's quiet hours")
    );
    node.leap(Duration::from_secs(1_795));
    node.pass_until(20, || a.taken().len() == 1);
    let digest = &a.taken()[0];
    assert_eq!(digest.message.occasion, Occasion::Digest);
    assert_eq!(digest.at, ten());
    node.until(|| node.states("a") == [Delivered; 3]);
    assert!(b.calls().is_empty(), "nothing was late");
}

#[test]
fn what_is_as_bad_as_what_breaks_them_is_told_at_once() {
    let mut world = World::new(QUIET);
    let a = world.provider("a");
    let node = world.start();
    fire(&node, &["1"], "warning");
    fire(&node, &["2"], "critical");
    node.until(|| a.taken().len() == 1);
    assert_eq!(a.taken()[0].says()[0].0, "2");
    node.until(|| node.states("a") == [Pending, Delivered]);
}

#[test]
fn what_ended_meanwhile_is_told_as_such() {
    let mut world = World::new(QUIET);
    let a = world.provider("a");
    let node = world.start();
    fire(&node, &["1"], "warning");
    node.pass(15);
    let mut over = as_bad("1", "warning");
    over.signal = balefire_sources::parsed::Signal::Resolved;
    node.accept(Lifecycle::Explicit, vec![over]);
    node.pass(15);
    node.leap(HOUR + HOUR / 2);
    node.pass_until(20, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].says(), [("1".to_owned(), "missed")]);
    node.until(|| node.states("a") == [Superseded, Delivered]);
}

#[test]
fn they_hold_over_a_crash_and_begin_the_time_to_be_told_when_they_end() {
    let mut world = World::new(QUIET);
    let (a, b) = (world.provider("a"), world.provider("b"));
    let node = world.start();
    fire(&node, &["1", "2"], "warning");
    node.pass(5);
    node.crash();
    let node = world.start();
    node.leap(HOUR);
    assert!(a.calls().is_empty() && b.calls().is_empty(), "still quiet");
    node.crash();
    world.skip(HOUR / 2);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.pass_until(20, || !a.calls().is_empty());
    assert_eq!(a.calls()[0].message.occasion, Occasion::Digest);
    node.pass(60);
    assert!(b.calls().is_empty(), "the ten minutes have only begun");
    node.leap(Duration::from_mins(10));
    node.pass_until(120, || b.taken().len() == 2);
}

#[test]
fn a_reload_that_ends_them_tells_what_waited() {
    let mut world = World::new(QUIET);
    let a = world.provider("a");
    let node = world.start();
    fire(&node, &["1", "2"], "warning");
    node.pass(5);
    assert!(a.calls().is_empty());
    node.reload(&QUIET.replace("'10:00'", "'08:00'"));
    node.pass_until(10, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].message.occasion, Occasion::Digest);
}

#[test]
fn what_somebody_sends_by_hand_does_not_wait() {
    let mut world = World::new(QUIET);
    let a = world.provider("a");
    let node = world.start();
    let hello = message("a", "hello");
    node.run(node.engine().send(&hello, None)).expect("sent");
    node.until(|| a.taken().len() == 1);
}
