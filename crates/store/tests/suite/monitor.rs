//! What was seen of monitors.

use std::sync::Arc;

use balefire_core::monitor::{Certificate, Sight, Trust};
use balefire_store::MonitorRow;

use crate::place::Place;
use crate::sample::at;

pub(crate) async fn a_monitor_reads_back_as_it_was_looked_at(place: Arc<Place>) {
    let store = place.open().await;
    let row = |name: &str, sight: Sight| MonitorRow {
        name: name.into(),
        target: "example.com:443".into(),
        sight,
    };
    let whole = Sight {
        looked_at: Some(at(1)),
        expires_at: Some(at(2)),
        detail: "CN='测试'; DROP TABLE monitor;--".to_owned(),
        certificate: Some(Certificate {
            subject: "CN=测试".to_owned(),
            names: vec!["example.com".to_owned(), "192.0.2.1".to_owned()],
            covers: true,
            valid_from: at(1),
            shown: 2,
            trust: Trust::Incomplete,
        }),
        failing_since: Some(at(3)),
        error: "no TLS".to_owned(),
        complained_at: Some(at(4)),
    };
    let writer = store.writer();
    for row in [
        row("官网", Sight::default()),
        row("www", Sight::default()),
        row("官网", whole.clone()),
    ] {
        writer.put_monitor(row).await.expect("written");
    }
    let found = store.monitors().await.expect("read");
    assert_eq!(found, [row("www", Sight::default()), row("官网", whole)]);
    writer.drop_monitor("www").await.expect("dropped");
    assert_eq!(store.monitors().await.expect("read").len(), 1);
    store.close().await;
}
