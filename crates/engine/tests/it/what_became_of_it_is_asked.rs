//! A provider that takes everything and says only when asked whom it did not reach: whoever was missed goes to the fallback, and
//! nobody else.

use std::time::Duration;

use balefire_channels::callback::Said;
use balefire_channels::channel::Fate;
use balefire_store::NotificationState::{Delivered, HandedOver};
use balefire_store::{Receipt, ReceiptState};

use super::world::{BEGIN, Node, Provider, World};

const DOCUMENT: &str = "
accounts:
  a: {kind: webhook, url: http://127.0.0.1:1/}
  b: {kind: webhook, url: http://127.0.0.1:2/}
receivers:
- {name: ops, webhook_configs: [{account: a}], fallback: backup}
- {name: backup, webhook_configs: [{account: b}]}
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 24h}
";

fn fate(said: Said, is_last: bool) -> Fate {
    Fate {
        said,
        detail: format!("{said:?}, says the provider"),
        is_last,
    }
}

/// When it was asked, in seconds from the beginning.
fn asked(provider: &Provider) -> Vec<u64> {
    let asked = provider.questions().into_iter();
    asked.map(|(at, _)| at.since(BEGIN).as_secs()).collect()
}

/// What stands beside the notification to this target.
fn receipts(node: &Node<'_>, target: &str) -> Vec<ReceiptState> {
    let rows = node.notifications();
    let row = rows
        .iter()
        .find(|row| *row.target == *target)
        .expect("a row");
    let receipts: Vec<Receipt> = node
        .run(node.engine().store().receipts(row.seq))
        .expect("receipts");
    receipts.into_iter().map(|receipt| receipt.state).collect()
}

/// Whether somebody was asked about `after` seconds after the message, and not before.
fn is_about(asked: u64, after: u64) -> bool {
    (after..after + 8).contains(&asked)
}

#[test]
fn only_whoever_was_missed_goes_to_the_fallback_and_reading_ends_the_questions() {
    let mut world = World::new(DOCUMENT);
    let (a, b) = (world.provider_of("a", 10), world.provider("b"));
    a.goes_to(&["p", "q", "r"]);
    a.answers_questions([
        ("p", fate(Said::Delivered, false)),
        ("q", fate(Said::Refused, true)),
    ]);
    let node = world.start();
    node.fire(&["x"]);
    assert_eq!(node.states("a"), [Delivered; 3]);
    node.pass(9);
    assert_eq!((asked(&a).len(), b.calls().len()), (0, 0));
    node.pass_until(10, || !b.calls().is_empty());
    assert_eq!(node.states("a"), [Delivered, HandedOver, Delivered]);
    assert_eq!(b.taken()[0].says(), [("x".to_owned(), "firing")]);
    assert_eq!(receipts(&node, "p"), [ReceiptState::Delivered]);
    assert_eq!(receipts(&node, "q"), [ReceiptState::Refused]);
    assert_eq!(receipts(&node, "r"), []);
    a.answers_questions([("p", fate(Said::Read, true)), ("r", fate(Said::Read, true))]);
    node.pass_until(70, || asked(&a).len() == 2);
    let told = [ReceiptState::Delivered, ReceiptState::Read];
    node.until(|| receipts(&node, "p") == told);
    node.pass(600);
    let asked = asked(&a);
    assert!(
        asked.len() == 2 && is_about(asked[0], 10) && is_about(asked[1], 60),
        "{asked:?}"
    );
    assert_eq!(b.calls().len(), 1, "told once");
}

#[test]
fn a_question_outlives_a_crash_and_is_asked_four_times_at_most() {
    let mut world = World::new(DOCUMENT);
    let a = world.provider_of("a", 10);
    a.goes_to(&["p"]);
    a.answers_questions([]);
    let node = world.start();
    node.fire(&["x"]);
    node.pass_until(20, || asked(&a).len() == 1);
    node.crash();
    world.skip(Duration::from_mins(2));
    let node = world.start();
    // What was due meanwhile is asked at the start.
    node.until(|| asked(&a).len() == 2);
    for _ in 0..40 {
        node.leap(Duration::from_mins(1));
    }
    let asked = asked(&a);
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(
        (300..370).contains(&asked[2]) && (1_800..1_870).contains(&asked[3]),
        "{asked:?}"
    );
}

#[test]
fn a_provider_that_does_not_answer_is_asked_each_minute_and_not_for_ever() {
    let mut world = World::new(DOCUMENT);
    let (a, b) = (world.provider_of("a", 10), world.provider("b"));
    a.goes_to(&["p"]);
    a.answers_questions([("p", fate(Said::Failed, true))]);
    a.set_mute(true);
    let node = world.start();
    node.fire(&["x"]);
    for _ in 0..5 {
        node.leap(Duration::from_mins(1));
    }
    assert_eq!(asked(&a).len(), 5);
    assert!(b.calls().is_empty());
    a.set_mute(false);
    node.leap(Duration::from_mins(1));
    node.until(|| b.calls().len() == 1);
    node.leap(Duration::from_mins(10));
    assert_eq!(asked(&a).len(), 6, "it has said its last word");

    a.set_mute(true);
    node.fire(&["y"]);
    for _ in 0..200 {
        node.leap(Duration::from_mins(1));
    }
    let asked = asked(&a).len() - 6;
    assert!((115..=125).contains(&asked), "{asked}");
}
