//! Several nodes on one database: who takes over what.

use std::sync::Arc;

use balefire_store::{Notification, Store};

use crate::place::{Engine, Place};
use crate::sample::{at, decision, failed, notification};

/// Two nodes, where the database allows it; else the only process claims from a node of the past.
async fn nodes(place: &Place) -> (Store, Store) {
    let first = place.try_open(1).await.expect("opens");
    if place.engine == Engine::Sqlite {
        return (first.clone(), first);
    }
    (first, place.try_open(2).await.expect("opens"))
}

pub(crate) async fn the_notifications_of_a_dead_node_are_taken_over_once(place: Arc<Place>) {
    let (first, second) = nodes(&place).await;
    let theirs = Notification {
        node: 9,
        ..notification("a")
    };
    let notifications = vec![theirs; 40];
    first
        .writer()
        .decide(decision(0, notifications))
        .await
        .expect("decide");
    let (one, two) = tokio::join!(claim_all(&first), claim_all(&second));
    let mut all: Vec<_> = one.iter().chain(&two).copied().collect();
    all.sort_unstable();
    assert_eq!(all, (1..=40).collect::<Vec<_>>(), "each exactly once");
    for (store, seqs) in [(&first, one), (&second, two)] {
        for seq in seqs {
            let claimed = store
                .notification(seq)
                .await
                .expect("notification")
                .expect("is there");
            assert_eq!(claimed.node, store.node());
        }
    }
    first.close().await;
    second.close().await;
}

async fn claim_all(store: &Store) -> Vec<u64> {
    let mut claimed = Vec::new();
    loop {
        let some = store.claim_from(9, 7).await.expect("claim");
        // Nothing may also mean that the other one holds all rows just now, so it is asked again.
        if some.is_empty() && store.claim_from(9, 7).await.expect("claim").is_empty() {
            return claimed;
        }
        claimed.extend(some.iter().map(|notification| notification.seq));
    }
}

pub(crate) async fn only_overdue_retries_of_others_are_claimed(place: Arc<Place>) {
    let store = place.open().await;
    let on = |node| Notification {
        node,
        ..notification("a")
    };
    let decided = store
        .writer()
        .decide(decision(0, vec![on(9), on(9), on(1), on(9)]))
        .await;
    assert_eq!(decided.expect("decide").notifications, 1..5);
    let tries = vec![
        failed(1, 1, at(10)),
        failed(2, 1, at(99)),
        failed(3, 1, at(10)),
    ];
    store.writer().settle(tries).await.expect("settle");
    let claimed = store.claim_due(at(50), 10).await.expect("claim");
    assert_eq!(
        claimed.iter().map(|n| (n.seq, n.node)).collect::<Vec<_>>(),
        [(1, 1)]
    );
    assert!(store.claim_due(at(50), 10).await.expect("claim").is_empty());
    store.close().await;
}
