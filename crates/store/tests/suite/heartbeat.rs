//! Heartbeats, written many at a time.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::heartbeat::{Beat, Down, Ping, RunId, Runs, Signal, Why};
use balefire_store::{HeartbeatChange, HeartbeatRow, MadeHeartbeat, StoreError};

use crate::place::{Engine, Place};
use crate::sample::at;

fn row(name: &str, pings: u64) -> HeartbeatRow {
    HeartbeatRow {
        name: name.into(),
        pace: "5m 1m".into(),
        beat: Beat {
            pings,
            ..Beat::default()
        },
        raised: None,
        sender: "".into(),
        body: "".into(),
    }
}

pub(crate) async fn heartbeats_read_back_as_they_were_left(place: Arc<Place>) {
    let store = place.open().await;
    let run = "123e4567e89b12d3a456426614174000";
    assert!(RunId::read(run).is_some());
    let runs = Runs::read(&format!("{run}@5"), Some(at(2))).expect("two runs");
    let whole = HeartbeatRow {
        beat: Beat {
            pings: 7,
            last: Some(Ping {
                at: at(9),
                signal: Signal::Fail(Some(137)),
            }),
            waits_from: Some(at(1)),
            runs,
            took: Some(Duration::from_micros(1_500_001)),
            excused_until: Some(at(3)),
            paused_at: Some(at(4)),
            down: Some(Down {
                since: at(5),
                why: Why::Failed(Some(137)),
            }),
        },
        raised: Some(r#"{"alertname":"HeartbeatMissed"}"#.into()),
        sender: "192.0.2.1".into(),
        body: "'; DROP TABLE heartbeat;-- 备份失败\n".into(),
        ..row("backup", 0)
    };
    let rows = vec![whole.clone(), row("Backup", 1), row("清理", 2)];
    store.writer().put_heartbeats(rows).await.expect("written");
    store.close().await;
    let store = place.open().await;
    let found = store.heartbeats().await.expect("read");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.contains(&whole), "{found:?}");
    let writer = store.writer();
    writer
        .put_heartbeats(vec![row("backup", 8)])
        .await
        .expect("written");
    writer.drop_heartbeat("Backup").await.expect("dropped");
    writer.drop_heartbeat("nobody").await.expect("asked");
    let found = store.heartbeats().await.expect("read");
    assert_eq!(found, [row("backup", 8), row("清理", 2)]);
    store.close().await;
}

pub(crate) async fn any_number_of_heartbeats_is_one_write(place: Arc<Place>) {
    let store = place.open().await;
    let before = store.writer().stats().commits;
    let many: Vec<_> = (0..187).map(|n| row(&format!("job-{n:03}"), n)).collect();
    let written = store.writer().put_heartbeats(many.clone()).await;
    written.expect("written");
    store
        .writer()
        .put_heartbeats(Vec::new())
        .await
        .expect("nothing");
    assert_eq!(store.heartbeats().await.expect("read"), many);
    assert!(store.writer().stats().commits - before <= 2);
    store.close().await;
}

fn made(name: &str, by: &str) -> MadeHeartbeat {
    MadeHeartbeat {
        name: name.into(),
        token: "00ff".repeat(16).into(),
        body: r#"{"name":"备份","period":"5m"}"#.into(),
        made_by: by.into(),
        made_at: at(1),
        changed_by: by.into(),
        changed_at: at(1),
    }
}

pub(crate) async fn a_heartbeat_that_was_made_reads_back_and_its_revision_moves_with_it(
    place: Arc<Place>,
) {
    let store = place.open().await;
    assert_eq!(store.heartbeats_revision().await.expect("read"), "");
    let put = |row: MadeHeartbeat| {
        move |found: Option<&MadeHeartbeat>, count: usize| {
            let answer = (found.map(|found| Arc::clone(&found.made_by)), count);
            (HeartbeatChange::Put(row.clone()), answer)
        }
    };
    let writer = store.writer();
    let first = writer.change_heartbeat("backup", "r1", put(made("backup", "chen")));
    assert_eq!(first.await.expect("written"), (None, 0));
    let changed = MadeHeartbeat {
        changed_at: at(2),
        ..made("backup", "li")
    };
    let second = writer.change_heartbeat("backup", "r2", put(changed));
    assert_eq!(second.await.expect("written"), (Some("chen".into()), 1));
    let other = writer.change_heartbeat("Backup", "r3", put(made("Backup", "li")));
    assert_eq!(other.await.expect("written"), (None, 1), "capitals differ");
    store.close().await;
    let store = place.open().await;
    let all = store.made_heartbeats().await.expect("read");
    assert_eq!((all.revision.as_str(), all.list.len()), ("r3", 2));
    let backup = all.list.iter().find(|one| &*one.name == "backup");
    let expected = MadeHeartbeat {
        made_by: "chen".into(),
        changed_at: at(2),
        ..made("backup", "li")
    };
    assert_eq!(backup, Some(&expected), "who made it stays");
    let dropped = store.writer().change_heartbeat("backup", "r4", |found, _| {
        (HeartbeatChange::Drop, found.is_some())
    });
    assert!(dropped.await.expect("written"));
    let nothing = store.writer().change_heartbeat("backup", "r5", |found, _| {
        (HeartbeatChange::Leave, found.is_some())
    });
    assert!(!nothing.await.expect("written"));
    let all = store.made_heartbeats().await.expect("read");
    assert_eq!((all.revision.as_str(), all.list.len()), ("r5", 1));
    store.close().await;
}

pub(crate) async fn of_two_nodes_that_make_a_heartbeat_of_one_name_the_second_sees_the_first(
    place: Arc<Place>,
) {
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
            let revision = number.to_string();
            let decide = move |found: Option<&MadeHeartbeat>, _: usize| match found {
                None => (HeartbeatChange::Put(made("backup", "one")), true),
                Some(_) => (HeartbeatChange::Leave, false),
            };
            let writer = store.writer();
            match writer.change_heartbeat("backup", &revision, decide).await {
                Ok(made) => made,
                // Overtaken twice in a row: nothing was written, and that is said.
                Err(StoreError::Conflict(_)) => false,
                Err(error) => panic!("{error}"),
            }
        })
    });
    let mut count = 0;
    for writer in writers.collect::<Vec<_>>() {
        count += usize::from(writer.await.expect("a writer"));
    }
    assert_eq!(count, 1);
    second.close().await;
    first.close().await;
}

pub(crate) async fn a_badges_address_is_renewed_for_itself_alone(place: Arc<Place>) {
    let store = place.open().await;
    for _ in 0..2 {
        store.writer().renew_badge("backup").await.expect("written");
    }
    assert_eq!(store.badge_renewed("backup").await.expect("read"), 2);
    assert_eq!(store.badge_renewed("team=db").await.expect("read"), 0);
    store.close().await;
}
