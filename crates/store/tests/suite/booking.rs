//! Overrides of schedules that people make.

use std::sync::Arc;

use balefire_core::schedule::{Booked, Booking, Deed, Given, Stretch};
use balefire_core::time::Time;
use balefire_store::{Store, StoreError};

use crate::place::{Engine, Place};
use crate::sample::at;

fn when(from: i64, to: i64) -> Stretch {
    Stretch::new(at(from), at(to)).expect("a stretch")
}

fn booking(schedule: &str, id: &str, what: Booked) -> Booking {
    let by = "' OR 1=1--".to_owned();
    let made = Deed { by, at: at(1) };
    Booking::new(id.into(), schedule.into(), what, "病假".to_owned(), made).expect("booked")
}

fn cover(from: i64, to: i64) -> Booked {
    Booked::Cover {
        when: when(from, to),
        people: vec!["陈敏".into(), "li".into()],
    }
}

async fn put(store: &Store, revision: &str, booking: Booking) -> usize {
    let schedule = Arc::clone(&booking.schedule);
    let booked = store
        .writer()
        .book(&schedule, revision, move |known| {
            (Some(booking.clone()), known.len())
        })
        .await;
    booked.expect("booked")
}

pub(crate) async fn a_booking_reads_back_as_it_was_made_and_cancelled(place: Arc<Place>) {
    let store = place.open().await;
    assert_eq!(store.bookings().await.expect("none").revision, "");
    let left = std::collections::BTreeMap::from([("li".to_owned(), at(3))]);
    store.writer().note_left(&left, "0").await.expect("noted");
    let noted = store.bookings().await.expect("read");
    assert_eq!((noted.revision.as_str(), noted.left), ("0", left));
    let swap = Booked::Swap {
        one: Given {
            person: "a".into(),
            when: when(20, 30),
        },
        other: Given {
            person: "b".into(),
            when: when(10, 20),
        },
    };
    let swap = booking("ops", "s", swap);
    let covered = booking("ops", "c", cover(5, 9));
    let elsewhere = booking("office", "c", cover(7, 8));
    assert_eq!(put(&store, "1", swap.clone()).await, 0);
    assert_eq!(put(&store, "2", covered.clone()).await, 1);
    assert_eq!(
        put(&store, "3", elsewhere.clone()).await,
        0,
        "of one schedule"
    );
    let deed = Deed {
        by: "li".to_owned(),
        at: at(6),
    };
    let cancelled = covered.cancel(deed).expect("cancels").expect("news");
    put(&store, "4", cancelled.clone()).await;
    store.close().await;

    let store = place.open().await;
    let all = store.bookings().await.expect("all");
    assert_eq!(all.revision, "4");
    assert_eq!(
        all.list,
        [swap.clone(), cancelled.clone(), elsewhere.clone()]
    );
    let page = |after, offset, limit| store.bookings_of("ops", after, offset, limit);
    assert_eq!(
        page(Time::EPOCH, 0, 9).await.expect("a page"),
        [cancelled.clone(), swap.clone()]
    );
    assert_eq!(
        page(at(9), 0, 9).await.expect("a page"),
        std::slice::from_ref(&swap),
        "what has ended is left out"
    );
    assert_eq!(page(Time::EPOCH, 1, 1).await.expect("a page"), [swap]);
    assert_eq!(
        store.booking("office", "c").await.expect("one"),
        Some(elsewhere)
    );
    assert_eq!(store.booking("ops", "x").await.expect("none"), None);
    store.close().await;
}

pub(crate) async fn of_two_nodes_the_second_sees_what_the_first_has_booked(place: Arc<Place>) {
    let first = place.open().await;
    // SQLite's folder belongs to one process.
    let second = match place.engine {
        Engine::Sqlite => first.clone(),
        Engine::Postgres | Engine::MySql => place.try_open(2).await.expect("a second node"),
    };
    let writers = (0..24).map(|number: i64| {
        let store = if number % 2 == 0 { &first } else { &second };
        let store = store.clone();
        tokio::spawn(async move {
            let mine = booking("ops", &format!("n{number}"), cover(10, 20));
            let revision = number.to_string();
            let booked = store.writer().book("ops", &revision, move |known| {
                let free = known.is_empty();
                (free.then(|| mine.clone()), free)
            });
            match booked.await {
                Ok(booked) => booked,
                // Overtaken twice in a row: nothing was written, and that is said.
                Err(StoreError::Conflict(_)) => false,
                Err(error) => panic!("{error}"),
            }
        })
    });
    let mut booked = 0;
    for writer in writers.collect::<Vec<_>>() {
        booked += usize::from(writer.await.expect("a writer"));
    }
    assert_eq!(booked, 1);
    assert_eq!(first.bookings().await.expect("all").list.len(), 1);
    second.close().await;
    first.close().await;
}
