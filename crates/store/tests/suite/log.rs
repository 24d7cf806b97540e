//! The event log.

use std::sync::Arc;

use balefire_core::event::Input;
use balefire_core::fingerprint::Fingerprint;
use balefire_store::{OpenError, StoreError};

use crate::place::Place;
use crate::sample::{alert, at, names};

pub(crate) async fn what_is_appended_is_read_back_after_a_reopen(place: Arc<Place>) {
    let store = place.open().await;
    let writer = store.writer();
    let range = writer
        .append(vec![alert("a"), alert("b")], at(1))
        .await
        .expect("append");
    assert_eq!(range, 1..=2);
    assert_eq!(
        writer
            .append(vec![alert("c")], at(2))
            .await
            .expect("append"),
        3..=3
    );
    assert!(
        writer
            .append(Vec::new(), at(3))
            .await
            .expect("append")
            .is_empty()
    );
    store.close().await;

    let store = place.open().await;
    assert_eq!(store.last_event(), 3);
    let events = store.events(0, 10).await.expect("events");
    assert_eq!(names(&events), ["a", "b", "c"]);
    assert_eq!(events[0].input, alert("a"));
    assert_eq!(
        events.iter().map(|e| (e.seq, e.at)).collect::<Vec<_>>(),
        [(1, at(1)), (2, at(1)), (3, at(2))]
    );
    assert_eq!(
        store
            .writer()
            .append(vec![alert("d")], at(4))
            .await
            .expect("append"),
        4..=4
    );
    store.close().await;
}

pub(crate) async fn callers_that_wait_together_share_a_commit_and_keep_their_own_numbers(
    place: Arc<Place>,
) {
    let store = place.open().await;
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..200_i64 {
        let writer = store.writer().clone();
        callers.spawn(async move {
            let inputs = vec![alert(&format!("{i}-0")), alert(&format!("{i}-1"))];
            (i, writer.append(inputs, at(i)).await.expect("append"))
        });
    }
    let answers = callers.join_all().await;
    assert!(
        store.writer().stats().commits < 200,
        "{:?}",
        store.writer().stats()
    );
    let events = store.events(0, 1000).await.expect("events");
    assert_eq!(events.len(), 400);
    for (i, range) in answers {
        let own = &events[range.start().to_owned() as usize - 1..*range.end() as usize];
        assert_eq!(names(own), [format!("{i}-0"), format!("{i}-1")]);
        assert!(own.iter().all(|event| event.at == at(i)));
    }
    store.close().await;
}

pub(crate) async fn pages_go_forwards_and_backwards_across_rows(place: Arc<Place>) {
    let store = place.open().await;
    for batch in 0..50 {
        let inputs = (0..3)
            .map(|i| alert(&format!("{}", batch * 3 + i + 1)))
            .collect();
        store
            .writer()
            .append(inputs, at(batch))
            .await
            .expect("append");
    }
    for after in [0, 1, 2, 3, 75, 148, 149, 150, 151, 1000] {
        for limit in [1, 4, 100, 1000] {
            let seqs: Vec<_> = (after + 1..=150).take(limit).collect();
            let forwards = store.events(after, limit).await.expect("events");
            assert_eq!(
                forwards.iter().map(|e| e.seq).collect::<Vec<_>>(),
                seqs,
                "{after} {limit}"
            );
            let seqs: Vec<_> = (1..after.min(151)).rev().take(limit).collect();
            let backwards = store.events_before(after, limit).await.expect("events");
            assert_eq!(
                backwards.iter().map(|e| e.seq).collect::<Vec<_>>(),
                seqs,
                "{after} {limit}"
            );
        }
    }
    let one = store.event(77).await.expect("event").expect("is there");
    assert_eq!(names(&[one]), ["77"]);
    assert_eq!(store.event(151).await.expect("event"), None);
    assert_eq!(store.event(0).await.expect("event"), None);
    store.close().await;
}

pub(crate) async fn a_tail_hands_out_every_event_once_and_in_order(place: Arc<Place>) {
    let store = place.open().await;
    store
        .writer()
        .append(vec![alert("before")], at(0))
        .await
        .expect("append");
    let mut tail = store.tail(0);
    let reader = tokio::spawn(async move {
        let mut seqs = Vec::new();
        while seqs.len() < 301 {
            seqs.extend(
                tail.next()
                    .await
                    .expect("next")
                    .iter()
                    .map(|event| event.seq),
            );
        }
        seqs
    });
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..100 {
        let writer = store.writer().clone();
        let inputs = vec![alert("x"), alert("y"), alert("z")];
        callers.spawn(async move { writer.append(inputs, at(i)).await.expect("append") });
    }
    callers.join_all().await;
    assert_eq!(reader.await.expect("reader"), (1..=301).collect::<Vec<_>>());
    // From the middle of a batch on, and with more than one reader.
    let (mut first, mut second) = (store.tail(300), store.tail(299));
    assert_eq!(first.next().await.expect("next")[0].seq, 301);
    assert_eq!(second.next().await.expect("next")[0].seq, 300);
    assert_eq!(
        second.position() + 301 - first.position(),
        second.position()
    );
    store.close().await;
}

pub(crate) async fn a_tail_that_fell_behind_reads_the_gap_from_the_database(place: Arc<Place>) {
    let store = place.open().await;
    let mut tail = store.tail(0);
    let _other = store.tail(0);
    // Three times what is kept in memory.
    let text: Arc<str> = "x".repeat(1 << 20).into();
    for i in 0..12 {
        let inputs = vec![Input::Silence(Arc::clone(&text)), alert(&format!("{i}"))];
        store.writer().append(inputs, at(i)).await.expect("append");
    }
    let mut seqs = Vec::new();
    while seqs.len() < 24 {
        seqs.extend(
            tail.next()
                .await
                .expect("next")
                .iter()
                .map(|event| event.seq),
        );
    }
    assert_eq!(seqs, (1..=24).collect::<Vec<_>>());
    let waiting = tokio::spawn(async move { tail.next().await });
    store.close().await;
    assert!(matches!(
        waiting.await.expect("task"),
        Err(StoreError::Closed)
    ));
}

pub(crate) async fn a_key_is_found_again_with_the_alert_it_stood_for_last(place: Arc<Place>) {
    let store = place.open().await;
    let long = format!("zabbix\u{1f}{}", "问题".repeat(400));
    let key = |key: &str, print| Input::Key {
        key: key.into(),
        fingerprint: Fingerprint(print),
    };
    let inputs = vec![
        key("zabbix\u{1f}1", 1),
        key(&long, u64::MAX),
        key("zabbix\u{1f}1", 2),
    ];
    store.writer().append(inputs, at(1)).await.expect("append");
    store
        .writer()
        .append(vec![key("zabbix\u{1f}2", 5)], at(1))
        .await
        .expect("append");
    store
        .writer()
        .append(vec![key("zabbix\u{1f}2", 6)], at(2))
        .await
        .expect("append");
    let find = async |key: &str| {
        store
            .alert_of_key(key)
            .await
            .expect("key")
            .map(|print| print.0)
    };
    assert_eq!(find("zabbix\u{1f}1").await, Some(2));
    assert_eq!(find("zabbix\u{1f}2").await, Some(6));
    assert_eq!(find(&long).await, Some(u64::MAX));
    assert_eq!(find("zabbix\u{1f}3").await, None);
    store.close().await;
}

pub(crate) async fn nothing_is_accepted_after_a_close(place: Arc<Place>) {
    let store = place.open().await;
    let writer = store.writer().clone();
    assert!(writer.failure().is_none());
    store.close().await;
    writer.stopped().await;
    let refused = writer.append(vec![alert("late")], at(1)).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
    assert!(matches!(store.events(0, 1).await, Err(StoreError::Closed)));
}

pub(crate) async fn a_damaged_row_is_found_at_the_start(place: Arc<Place>) {
    let store = place.open().await;
    store
        .writer()
        .append(vec![alert("a")], at(1))
        .await
        .expect("append");
    store.close().await;
    place.meddle("UPDATE event SET at = at + 1").await;
    let refused = place.try_open(1).await.map(drop);
    let Err(OpenError::Store {
        error: StoreError::Corrupt(what),
        ..
    }) = &refused
    else {
        panic!("{refused:?}")
    };
    assert!(what.contains("event row"), "{what}");
    assert!(
        refused
            .expect_err("refused")
            .to_string()
            .contains("balefire restore")
    );
}
