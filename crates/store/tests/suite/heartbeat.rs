//! Heartbeats, written many at a time.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::heartbeat::{Beat, Down, Ping, Signal, Why};
use balefire_store::HeartbeatRow;

use crate::place::Place;
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
    let whole = HeartbeatRow {
        beat: Beat {
            pings: 7,
            last: Some(Ping {
                at: at(9),
                signal: Signal::Fail(Some(137)),
            }),
            waits_from: Some(at(1)),
            started_at: Some(at(2)),
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
