//! Calendars that are fetched.

use std::sync::Arc;

use balefire_core::schedule::{CalendarCopy, Fetching, LayerShift, Stretch};
use balefire_store::{CalendarRow, CalendarSettled, Store};

use crate::place::{Engine, Place};
use crate::sample::at;

fn row(key: &str, layer: &str) -> CalendarRow {
    CalendarRow {
        key: key.into(),
        schedule: "值班".into(),
        layer: layer.into(),
        fetching: Fetching::default(),
    }
}

fn copy(text: &str) -> CalendarCopy {
    CalendarCopy {
        text: text.to_owned(),
        since: at(50),
        past: vec![LayerShift {
            stretch: Stretch::new(at(10), at(50)).expect("a stretch"),
            people: ["陈敏".into(), "li".into()].into(),
        }],
    }
}

fn settled(row: &CalendarRow, copy: Option<CalendarCopy>, revision: &str) -> CalendarSettled {
    CalendarSettled {
        row: row.clone(),
        copy,
        instead_of: None,
        revision: revision.to_owned(),
    }
}

/// The calendar with leave to fetch it since then.
async fn claimed(store: &Store, row: &CalendarRow, secs: i64) -> CalendarRow {
    let claimed = store.writer().claim_calendar(row, at(secs)).await;
    assert!(claimed.expect("claimed"), "{secs}");
    let mut row = row.clone();
    row.fetching.tried_at = Some(at(secs));
    row
}

pub(crate) async fn a_calendar_reads_back_with_its_copy_and_is_forgotten_whole(place: Arc<Place>) {
    let store = place.open().await;
    let writer = store.writer();
    assert_eq!(store.calendars().await.expect("none").revision, "");
    let mut one = claimed(&store, &row("one", ""), 100).await;
    one.fetching.fetched(at(100));
    "W/\"'; DROP TABLE calendar;--\"".clone_into(&mut one.fetching.etag);
    "Sun, 29 Nov 2026 01:00:00 GMT".clone_into(&mut one.fetching.modified);
    // Larger than a TEXT of MariaDB.
    let large = copy(&"日历\n".repeat(30_000));
    let done = writer.settle_calendar(settled(&one, Some(large.clone()), "a"));
    assert!(done.await.expect("settled"));
    let mut two = claimed(&store, &row("two", "夜班"), 100).await;
    let wait = Some(std::time::Duration::from_mins(1));
    two.fetching.failed(at(100), "status 503".to_owned(), wait);
    let done = writer.settle_calendar(settled(&two, None, "b"));
    assert!(done.await.expect("settled"));

    let all = store.calendars().await.expect("all");
    assert_eq!(all.revision, "a", "a failure is no other copy");
    assert_eq!(
        all.list,
        [
            (one.clone(), Some(large.clone().into())),
            (two.clone(), None)
        ]
    );
    assert_eq!(
        store.calendar_rows().await.expect("rows"),
        [one.clone(), two]
    );
    let kept = store.calendar_copy("one").await.expect("a copy");
    assert_eq!(kept, Some(large));
    assert_eq!(store.calendar_copy("two").await.expect("none"), None);

    // The address of "two" was changed: what is fetched from the new one takes its place.
    let mut three = claimed(&store, &row("three", "夜班"), 200).await;
    three.fetching.fetched(at(200));
    let mut instead = settled(&three, Some(copy("x")), "c");
    instead.instead_of = Some("two".into());
    assert!(writer.settle_calendar(instead).await.expect("settled"));
    writer.drop_calendar("one").await.expect("dropped");
    let all = store.calendars().await.expect("all");
    assert_eq!(all.revision, "c");
    assert_eq!(all.list, [(three, Some(copy("x").into()))]);
    store.close().await;
}

pub(crate) async fn of_two_nodes_one_fetches_and_one_that_was_held_up_overwrites_nothing(
    place: Arc<Place>,
) {
    // The embedded store has one node; there, two try one after the other.
    let first = place.open().await;
    let second = match place.engine {
        Engine::Sqlite => first.clone(),
        Engine::Postgres | Engine::MySql => place.try_open(2).await.expect("a second node"),
    };
    let seen = row("one", "");
    let slow = claimed(&first, &seen, 100).await;
    let refused = second.writer().claim_calendar(&seen, at(101)).await;
    assert!(!refused.expect("asked"), "it is being fetched");
    let mut quick = claimed(&second, &slow, 1_000).await;
    quick.fetching.fetched(at(1_000));
    let done = settled(&quick, Some(copy("new")), "a");
    assert!(
        second
            .writer()
            .settle_calendar(done)
            .await
            .expect("settled")
    );
    let late = settled(&slow, Some(copy("old")), "b");
    let late = first.writer().settle_calendar(late).await;
    assert!(!late.expect("asked"), "it has no leave any more");
    let all = first.calendars().await.expect("all");
    assert_eq!(all.revision, "a");
    assert_eq!(all.list, [(quick, Some(copy("new").into()))]);
    first.close().await;
    second.close().await;
}
