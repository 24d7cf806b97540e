//! What a newer notice of a group makes of an older one that was not told.

use std::time::Duration;

use balefire_channels::error::ErrorKind;
use balefire_store::NotificationState::{Delivered, Superseded};

use super::world::{Answer, EACH, World};

#[test]
fn what_fired_and_ended_during_an_outage_is_told_once_as_missed() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    node.pass(5);
    node.resolve(&["x"]);
    node.pass(10);
    a.heal();
    node.pass_until(40, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].says(), [("x".to_owned(), "missed")]);
    node.pass(60);
    assert_eq!(a.taken().len(), 1);
    assert_eq!(node.states("a"), [Superseded, Delivered]);
}

#[test]
fn that_it_was_missed_is_not_forgotten_by_a_crash() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    node.fire(&["x"]);
    node.resolve(&["x"]);
    node.pass(15);
    node.crash();
    a.heal();
    let node = world.start();
    node.pass_until(40, || a.taken().len() == 1);
    assert_eq!(a.taken()[0].says(), [("x".to_owned(), "missed")]);
    node.pass(60);
    assert_eq!(a.taken().len(), 1);
    assert_eq!(node.states("a"), [Superseded, Delivered]);
}

#[test]
fn a_notice_under_way_is_followed_by_the_newer_never_the_other_way_round() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    node.resolve(&["x"]);
    node.leap(Duration::from_secs(10));
    assert_eq!(a.calls().len(), 1, "the newer waits");
    a.heal();
    node.until(|| a.taken().len() == 2);
    let words: Vec<_> = a.taken().iter().map(|call| call.says()[0].1).collect();
    assert_eq!(words, ["firing", "resolved"]);
}

#[test]
fn an_outage_of_many_changes_ends_with_one_notice_of_all() {
    let document = EACH.replace("group_by: [n]", "group_by: [alertname]");
    let mut world = World::new(&document);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    for name in ["1", "2", "3", "4"] {
        node.fire(&[name]);
        node.pass(10);
    }
    node.resolve(&["2"]);
    node.pass(10);
    a.heal();
    node.pass_until(60, || !a.taken().is_empty());
    let expected = [
        ("1", "firing"),
        ("2", "missed"),
        ("3", "firing"),
        ("4", "firing"),
    ];
    let expected = expected.map(|(name, word)| (name.to_owned(), word));
    assert_eq!(a.taken()[0].says(), expected);
    node.pass(60);
    assert_eq!(a.taken().len(), 1);
}

#[test]
fn what_was_absorbed_by_a_notice_that_is_given_up_is_told_again() {
    let document = EACH.replace("group_by: [n]", "group_by: [alertname]");
    let mut world = World::new(&document);
    let a = world.provider("a");
    a.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    // The first notice waits; the second, which no longer holds "gone", absorbs it and is refused.
    node.fire(&["gone", "stays"]);
    node.resolve(&["gone"]);
    node.pass(11);
    a.always(Answer::fail(ErrorKind::Rejected));
    node.fire(&["new"]);
    node.pass_until(40, || {
        node.states("a")
            .contains(&balefire_store::NotificationState::DeadLettered)
    });
    a.heal();
    node.pass_until(40, || !a.taken().is_empty());
    let told: Vec<_> = a
        .taken()
        .iter()
        .flat_map(super::world::Call::says)
        .collect();
    assert!(told.contains(&("gone".to_owned(), "missed")), "{told:?}");
    assert!(told.contains(&("stays".to_owned(), "firing")), "{told:?}");
}
