//! What goes and what stays.

use std::sync::Arc;
use std::time::Duration;

use balefire_store::{Checkpoint, NotificationState, Retention, Settlement, Store};

use crate::place::Place;
use crate::sample::{alert, at, decision, delivered, notification};

const HOUR: Retention = Retention {
    age: Duration::from_hours(1),
    bytes: None,
};

/// `count` rounds of an event, a decision on it and a delivered notification, one a minute.
async fn fill(store: &Store, count: u64) {
    for i in 1..=count {
        let when = at(i as i64 * 60);
        store
            .writer()
            .append(vec![alert("a")], when)
            .await
            .expect("append");
        let mut decision = decision(i, vec![notification("a")]);
        decision.at = when;
        decision.notifications[0].created_at = when;
        store.writer().decide(decision).await.expect("decide");
    }
}

async fn deliver(store: &Store, seqs: impl Iterator<Item = u64>) {
    store
        .writer()
        .settle(seqs.map(delivered).collect())
        .await
        .expect("settle");
}

async fn checkpoint(store: &Store, cursor: u64) {
    let checkpoint = Checkpoint {
        cursor,
        decision: cursor,
        at: at(0),
        chunks: Vec::new(),
    };
    store
        .writer()
        .checkpoint(checkpoint)
        .await
        .expect("checkpoint");
}

pub(crate) async fn nothing_goes_without_a_checkpoint(place: Arc<Place>) {
    let store = place.open().await;
    fill(&store, 10).await;
    deliver(&store, 1..=10).await;
    let pruned = store.prune(HOUR, at(1_000_000)).await.expect("prune");
    assert_eq!((pruned.event_rows, pruned.decisions), (0, 0));
    assert_eq!(store.events(0, 100).await.expect("events").len(), 10);
    store.close().await;
}

pub(crate) async fn what_is_old_goes_and_numbers_go_on(place: Arc<Place>) {
    let store = place.open().await;
    fill(&store, 100).await;
    deliver(&store, 1..=100).await;
    checkpoint(&store, 90).await;
    let pruned = store.prune(HOUR, at(150 * 60)).await.expect("prune");
    // What is from minute 90 on is younger than an hour; the checkpoint reaches to event 90.
    assert_eq!(
        (pruned.event_rows, pruned.decisions, pruned.notifications),
        (89, 89, 89)
    );
    assert_eq!(store.events(0, 100).await.expect("events")[0].seq, 90);
    assert!(store.attempts(89).await.expect("attempts").is_empty());
    assert_eq!(store.attempts(90).await.expect("attempts").len(), 1);
    let pruned = store.prune(HOUR, at(1_000_000)).await.expect("prune");
    assert_eq!(
        (pruned.event_rows, pruned.decisions),
        (1, 1),
        "no further than the checkpoint"
    );
    checkpoint(&store, 100).await;
    store.prune(HOUR, at(1_000_000)).await.expect("prune");
    store.close().await;

    let store = place.open().await;
    assert_eq!(
        store
            .writer()
            .append(vec![alert("b")], at(0))
            .await
            .expect("append"),
        101..=101
    );
    let decided = store
        .writer()
        .decide(decision(0, vec![notification("a")]))
        .await;
    let decided = decided.expect("decide");
    assert_eq!((decided.decision, decided.notifications), (101, 101..102));
    store.close().await;
}

pub(crate) async fn what_a_pending_notification_needs_stays(place: Arc<Place>) {
    let store = place.open().await;
    fill(&store, 50).await;
    deliver(&store, (1..=50).filter(|seq| *seq != 20)).await;
    checkpoint(&store, 50).await;
    let pruned = store.prune(HOUR, at(1_000_000)).await.expect("prune");
    assert_eq!(
        (pruned.event_rows, pruned.decisions, pruned.notifications),
        (20, 19, 19)
    );
    assert!(store.decision(20).await.expect("decision").is_some());
    let cancelled = Settlement::state(20, NotificationState::Cancelled, 0);
    store
        .writer()
        .settle(vec![cancelled])
        .await
        .expect("settle");
    let pruned = store.prune(HOUR, at(1_000_000)).await.expect("prune");
    assert_eq!(
        (pruned.event_rows, pruned.decisions, pruned.notifications),
        (29, 30, 30)
    );
    store.close().await;
}

pub(crate) async fn a_store_that_is_too_large_loses_its_oldest_rows(place: Arc<Place>) {
    let store = place.open().await;
    fill(&store, 32).await;
    deliver(&store, 1..=32).await;
    checkpoint(&store, 32).await;
    // Nothing is small enough, so everything goes but the newest of each; then it ends.
    let tiny = Retention {
        age: Duration::from_hours(1),
        bytes: Some(1),
    };
    let pruned = store.prune(tiny, at(33 * 60)).await.expect("prune");
    assert_eq!(
        (pruned.event_rows, pruned.decisions, pruned.notifications),
        (31, 31, 31)
    );
    assert!(pruned.bytes > 1);
    let roomy = Retention {
        age: Duration::from_hours(1),
        bytes: Some(1 << 40),
    };
    let pruned = store.prune(roomy, at(33 * 60)).await.expect("prune");
    assert_eq!(
        pruned.event_rows + pruned.decisions + pruned.notifications,
        0
    );
    assert_eq!(pruned.bytes, store.size().await.expect("size"));
    store.close().await;
}
