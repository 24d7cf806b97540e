//! Messages at chat platforms that later ones answer or change.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_store::PostedRow;

use crate::place::Place;

fn row(id: &str, at: i64, is_live: bool, body: &str) -> PostedRow {
    PostedRow {
        id: id.into(),
        at: Time::from_secs(at),
        is_live,
        body: body.into(),
    }
}

pub(crate) async fn a_message_is_found_by_its_id_and_only_live_ones_are_listed(place: Arc<Place>) {
    let store = place.open().await;
    let put = async |row: PostedRow| {
        let written = store.writer().put_posted(row).await;
        written.expect("written");
    };
    assert_eq!(store.posted("a").await.expect("read"), None);
    let long = format!("{{\"说\": \"{}\"}}", "火".repeat(40_000));
    put(row("b", 1, true, "{}")).await;
    put(row("a", 1, true, "{}")).await;
    put(row("c", 1, false, "{}")).await;
    put(row("a", 5, true, &long)).await;
    let a = row("a", 5, true, &long);
    assert_eq!(store.posted("a").await.expect("read"), Some(a.clone()));
    let live = store.posted_live(10).await.expect("read");
    assert_eq!(live, [a.clone(), row("b", 1, true, "{}")]);
    assert_eq!(store.posted_live(1).await.expect("read"), [a]);
    store.close().await;
}

pub(crate) async fn what_is_over_or_old_is_forgotten(place: Arc<Place>) {
    let store = place.open().await;
    for (id, at) in [("a", 1), ("b", 5), ("c", 9)] {
        let written = store.writer().put_posted(row(id, at, true, "{}")).await;
        written.expect("written");
    }
    store.writer().drop_posted("c").await.expect("dropped");
    store
        .writer()
        .drop_posted("c")
        .await
        .expect("dropped again");
    let since = Time::from_secs(5);
    let dropped = store.writer().drop_posted_before(since).await;
    dropped.expect("dropped");
    let left = store.posted_live(10).await.expect("read");
    assert_eq!(left, [row("b", 5, true, "{}")]);
    store.close().await;
}
