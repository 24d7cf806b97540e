//! Tries that fail, what follows, and in which time.

use std::time::Duration;

use balefire_channels::error::{ErrorKind, Receipt, SendError};
use balefire_store::Attempt;
use balefire_store::NotificationState::{Delivered, Superseded};

use super::world::{Answer, EACH, Node, World};

/// The tries at the first notification.
fn attempts(node: &Node<'_>) -> Vec<Attempt> {
    let seq = node.notifications()[0].seq;
    node.run(node.engine().store().attempts(seq))
        .expect("attempts")
}

#[test]
fn a_failed_try_is_made_again_until_it_is_taken() {
    let mut world = World::new(EACH);
    let provider = world.provider("a");
    provider.next(Answer::fail(ErrorKind::Transient));
    provider.next(Answer::fail(ErrorKind::UnknownOutcome));
    let node = world.start();
    node.fire(&["x"]);
    node.pass_until(10, || provider.taken().len() == 1);
    let calls = provider.calls();
    assert_eq!(calls[2].says(), [("x".to_owned(), "firing")]);
    let ids: Vec<&str> = calls.iter().map(|call| &*call.id).collect();
    assert_eq!(ids, [ids[0]; 3], "one idempotency key");
    let numbers: Vec<u32> = calls.iter().map(|call| call.attempt).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(node.states("a"), [Delivered]);
    let kinds: Vec<_> = attempts(&node).into_iter().map(|a| a.kind).collect();
    assert_eq!(
        kinds,
        ["transient".into(), "unknown_outcome".into(), "ok".into()]
    );
}

#[test]
fn what_was_down_for_seconds_is_told_within_as_many() {
    let mut world = World::new(EACH);
    let provider = world.provider("a");
    provider.always(Answer::fail(ErrorKind::Transient));
    let node = world.start();
    let names = ["1", "2", "3", "4", "5", "6", "7", "8"];
    node.fire(&names);
    node.pass(24);
    assert!(provider.taken().is_empty());
    provider.heal();
    let told = || provider.taken().len() == names.len();
    let passed = node.pass_until(60, told);
    assert!(passed <= 25, "{passed} s");
}

#[test]
fn an_account_s_own_time_limit_ends_a_try() {
    let document = EACH.replace("url:", "timeout: 3s, url:");
    let mut world = World::new(&document);
    let provider = world.provider("a");
    provider.next(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    // The channel keeps it itself; one that does not is cut off two seconds later.
    node.leap(Duration::from_millis(4_900));
    assert_eq!(attempts(&node).len(), 0);
    node.leap(Duration::from_millis(200));
    let first = attempts(&node).remove(0);
    assert_eq!(&*first.kind, "unknown_outcome", "{first:?}");
    node.pass_until(10, || provider.taken().len() == 1);
}

#[test]
fn an_account_s_own_time_limit_lets_a_try_take_longer_than_its_kind() {
    let document = EACH.replace("url:", "timeout: 30s, url:");
    let mut world = World::new(&document);
    let provider = world.provider("a");
    assert_eq!(provider.spec().timeout, Duration::from_secs(10));
    provider.next(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    node.pass(29);
    assert_eq!(attempts(&node).len(), 0, "it is waited for");
    provider.heal();
    node.until(|| node.states("a") == [Delivered]);
    assert_eq!(provider.calls().len(), 1);
    provider.next(Answer::Hang);
    node.fire(&["y"]);
    node.pass(31);
    assert_eq!(provider.calls().len(), 2);
    node.pass_until(10, || provider.taken().len() == 2);
}

#[test]
fn a_stale_credential_is_refreshed_at_once_and_only_once() {
    let mut world = World::new(EACH);
    let provider = world.provider("a");
    for _ in 0..4 {
        provider.next(Answer::fail(ErrorKind::StaleCredential));
    }
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(
        provider.calls().len(),
        2,
        "the second try at the same instant"
    );
    node.settle();
    assert_eq!(provider.calls().len(), 2, "the third waits");
    node.pass_until(20, || provider.taken().len() == 1);
}

#[test]
fn a_channel_that_breaks_is_tried_again_and_its_lane_goes_on() {
    let mut world = World::new(EACH);
    let provider = world.provider("a");
    provider.next(Answer::Panic);
    let node = world.start();
    node.fire(&["x"]);
    node.fire(&["y"]);
    assert_eq!(provider.taken()[0].says(), [("y".to_owned(), "firing")]);
    node.pass_until(10, || provider.taken().len() == 2);
}

#[test]
fn a_provider_s_wish_when_to_come_back_is_kept() {
    let mut world = World::new(EACH);
    let provider = world.provider("a");
    let wish = SendError::new(ErrorKind::RateLimited, "slower").after(Duration::from_secs(30));
    provider.next(Answer::Fail(wish));
    let node = world.start();
    node.fire(&["x"]);
    node.fire(&["y"]);
    node.pass(29);
    assert_eq!(provider.calls().len(), 1, "nothing else leaves either");
    node.pass_until(10, || provider.taken().len() == 2);
}

#[test]
fn a_target_that_failed_is_not_told_what_a_newer_notice_has_told_it() {
    let mut world = World::new(EACH);
    let provider = world.provider_of("a", 10);
    provider.goes_to(&["p", "q"]);
    let later = SendError::new(ErrorKind::Transient, "busy").after(Duration::from_secs(100));
    provider.next(Answer::Each(vec![Ok(Receipt::default()), Err(later)]));
    let node = world.start();
    node.fire(&["x"]);
    node.resolve(&["x"]);
    node.pass(200);
    let targets: Vec<_> = provider.calls().into_iter().map(|c| c.targets).collect();
    assert_eq!(targets, vec![vec!["p".into(), "q".into()]; 2]);
    assert_eq!(
        node.states("a"),
        [Delivered, Superseded, Delivered, Delivered]
    );
}
