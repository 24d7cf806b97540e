//! What one account's trouble means for it and for the others: quotas, digests, room in memory.

use std::collections::BTreeSet;
use std::time::Duration;

use balefire_core::message::Occasion;
use balefire_engine::history::Told;
use balefire_store::NotificationState::Delivered;
use balefire_store::{Notification, NotificationFilter};

use super::world::{Answer, BEGIN, Call, EACH, Node, World};

const QUOTA: &str = "
accounts: {a: {kind: webhook, url: http://127.0.0.1:1/, quotas: [{calls: 2, per: 1m}]}}
receivers: [{name: ops, webhook_configs: [{account: a}]}]
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10m, repeat_interval: 1h}
";

#[test]
fn a_provider_that_hangs_does_not_delay_another() {
    let document = EACH
        .replace(
            "accounts: {",
            "accounts: {b: {kind: webhook, url: http://127.0.0.1:2/}, ",
        )
        .replace("[{account: a}]", "[{account: a}, {account: b}]");
    let mut world = World::new(&document);
    let (a, b) = (world.provider("a"), world.provider("b"));
    a.always(Answer::Hang);
    let node = world.start();
    let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    node.fire(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(b.taken().len(), 50);
    assert!(
        b.taken().iter().all(|call| call.at == BEGIN),
        "at the same instant"
    );
    assert_eq!(a.calls().len(), 16, "no more at once than its concurrency");
}

#[test]
fn a_short_quota_is_spent_on_a_digest() {
    let mut world = World::new(QUOTA);
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["1", "2", "3", "4", "5", "6", "7"]);
    node.pass(30);
    let calls = a.taken();
    assert!(calls.len() <= 2, "{}", calls.len());
    let last = calls.last().expect("a call");
    assert_eq!(last.message.occasion, Occasion::Digest);
    assert_eq!(node.states("a"), [Delivered; 7]);
}

#[test]
fn a_restart_does_not_spend_a_quota_twice() {
    let mut world = World::new(QUOTA);
    let a = world.provider("a");
    let node = world.start();
    node.fire(&["1"]);
    node.pass(1);
    node.fire(&["2"]);
    assert_eq!(a.calls().len(), 2);
    node.pass(9);
    node.crash();
    let node = world.start();
    node.fire(&["3"]);
    node.pass(45);
    assert_eq!(a.calls().len(), 2, "the minute is not over");
    node.pass_until(10, || a.taken().len() == 3);
}

/// All rows, oldest first, a page at a time.
fn all(node: &Node<'_>) -> Vec<Notification> {
    let store = node.engine().store();
    let mut rows: Vec<Notification> = Vec::new();
    loop {
        let filter = NotificationFilter {
            before_seq: rows.last().map(|row| row.seq),
            limit: 1000,
            ..NotificationFilter::default()
        };
        let page = node.run(store.notifications(&filter)).expect("rows");
        if page.is_empty() {
            rows.reverse();
            return rows;
        }
        rows.extend(page);
    }
}

/// Which alert a row tells of.
fn name_of(row: &Notification) -> String {
    let Told::Group(group) = Told::of(row) else {
        panic!("a group's notification");
    };
    group.group_labels().value("n").to_owned()
}

#[test]
fn more_than_fits_in_memory_is_told_once_and_in_order() {
    const MANY: usize = 5_600;
    /// Calls that may pass each other.
    const AT_ONCE: usize = 32;
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::Hang);
    let node = world.start();
    let names: Vec<String> = (0..MANY).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (first, late) = names.split_at(MANY - 100);
    node.fire(first);
    node.until(|| node.engine().metrics().notifications_pending.get() == first.len() as i64);
    node.run(async { a.heal() });
    node.fire(late);
    node.until(|| a.taken().len() >= MANY);
    node.settle();
    let told: Vec<String> = a
        .taken()
        .iter()
        .map(|call: &Call| call.says()[0].0.clone())
        .collect();
    assert_eq!(told.len(), MANY);
    assert_eq!(
        told.iter().collect::<BTreeSet<_>>().len(),
        MANY,
        "none twice"
    );
    let rows = all(&node);
    assert!(rows.iter().all(|row| row.state == Delivered));
    let order: Vec<String> = rows.iter().map(name_of).collect();
    for (place, name) in told.iter().enumerate() {
        // Calls that are under way together may end in any order.
        let from = place.saturating_sub(AT_ONCE);
        let near = &order[from..(place + AT_ONCE).min(order.len())];
        assert!(near.contains(name), "{name} at place {place}");
    }
    assert_eq!(node.engine().metrics().notifications_pending.get(), 0);
}

#[test]
fn a_stop_lets_calls_end_and_records_them() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.always(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    node.run(async {
        let stopping = node.engine().stop(Duration::from_secs(8));
        let healing = async {
            tokio::task::yield_now().await;
            a.heal();
        };
        tokio::join!(stopping, healing);
    });
    node.crash();
    let node = world.start();
    node.pass(30);
    assert_eq!(a.calls().len(), 1);
    assert_eq!(node.states("a"), [Delivered]);
}

#[test]
fn a_call_that_hangs_does_not_keep_a_stop_from_ending() {
    let mut world = World::new(EACH);
    let a = world.provider("a");
    a.next(Answer::Hang);
    let node = world.start();
    node.fire(&["x"]);
    node.stop(Duration::from_secs(4));
    let node = world.start();
    node.pass_until(5, || a.taken().len() == 1);
    assert_eq!(node.states("a"), [Delivered]);
    let calls = a.calls();
    assert_eq!(calls[0].id, calls[1].id, "known as the same by its key");
}

#[test]
fn five_hundred_notices_for_one_robot_are_one_digest_once_its_quota_is_short() {
    let mut world = World::new(QUOTA);
    let a = world.provider("a");
    let node = world.start();
    let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    node.fire(&names.iter().map(String::as_str).collect::<Vec<_>>());
    node.pass_until(150, || {
        node.states("a").iter().all(|state| *state == Delivered)
    });
    assert_eq!(node.states("a").len(), 500);
    let taken = a.taken();
    // What is there before the quota is known to be short goes out by itself; the rest of it all together.
    assert!(taken.len() <= 3, "{} calls", taken.len());
    let last = taken.last().expect("a call");
    assert_eq!(last.message.occasion, Occasion::Digest);
}
