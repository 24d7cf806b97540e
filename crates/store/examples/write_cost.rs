//! What an alert's whole life costs on disk: appended alone by one of 64 callers, decided, told
//! and settled. `cargo run --release -p balefire-store --example write_cost [FOLDER] [ALERTS]`
//!
//! Prints alerts per second and the bytes the process caused to be written per alert (Linux counts
//! them in `/proc/self/io`), then the times of a reopen and of reading what is pending.

#[path = "../benches/sample.rs"]
mod sample;

use std::io::Write as _;
use std::path::PathBuf;

use balefire_core::time::Time;
use balefire_store::{Decision, Options, Store, StoreUrl};
use sample::{alert, delivered, notification};
use tokio::sync::mpsc;
use tokio::time::Instant;

const CALLERS: u64 = 64;

fn written() -> u64 {
    let counters = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = counters
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|bytes| bytes.parse().ok()).unwrap_or(0)
}

/// As the dispatcher does: what was committed is decided on in one turn.
async fn dispatch(store: Store, alerts: u64, told: mpsc::Sender<std::ops::Range<u64>>) {
    let mut tail = store.tail(0);
    while tail.position() < alerts {
        let events = tail.next().await.expect("events");
        let decision = Decision {
            at: Time::from_secs(1_800_000_000),
            cursor: tail.position(),
            config_version: "c0ffee".into(),
            body: events
                .iter()
                .flat_map(|event| event.seq.to_le_bytes())
                .collect(),
            notifications: events.iter().map(|event| notification(event.seq)).collect(),
            settlements: Vec::new(),
            facts: Vec::new(),
        };
        let decided = store.writer().decide(decision).await.expect("decide");
        told.send(decided.notifications).await.expect("settler");
    }
}

/// As delivery does: outcomes that are there together are settled together.
async fn settle(store: Store, mut told: mpsc::Receiver<std::ops::Range<u64>>) {
    while let Some(range) = told.recv().await {
        let mut settlements: Vec<_> = range.map(delivered).collect();
        while let Ok(more) = told.try_recv() {
            settlements.extend(more.map(delivered));
        }
        store.writer().settle(settlements).await.expect("settle");
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let scratch = tempfile::tempdir().expect("folder");
    let folder = arguments
        .next()
        .map_or_else(|| scratch.path().join("data"), PathBuf::from);
    let alerts = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(200_000);
    let url = StoreUrl::Embedded(folder);
    let store = Store::open(&url, Options::default()).await.expect("opens");
    let (before, start) = (written(), Instant::now());
    let (tell, told) = mpsc::channel(64);
    let dispatcher = tokio::spawn(dispatch(store.clone(), alerts, tell));
    let settler = tokio::spawn(settle(store.clone(), told));
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let writer = store.writer().clone();
        let own = alerts / CALLERS + u64::from(caller < alerts % CALLERS);
        callers.spawn(async move {
            for i in 0..own {
                let inputs = vec![alert(caller << 32 | i)];
                writer
                    .append(inputs, Time::from_secs(1_800_000_000))
                    .await
                    .expect("append");
            }
        });
    }
    callers.join_all().await;
    let appended = start.elapsed();
    dispatcher.await.expect("dispatcher");
    settler.await.expect("settler");
    let (all, commits) = (start.elapsed(), store.writer().stats().commits);
    let bytes = written() - before;
    let size = store.size().await.expect("size");

    // Then a restart with as many pending as a bad day brings.
    for _ in 0..100 {
        let decision = Decision {
            at: Time::EPOCH,
            cursor: 0,
            config_version: "c0ffee".into(),
            body: Vec::new(),
            notifications: (0..1000).map(notification).collect(),
            settlements: Vec::new(),
            facts: Vec::new(),
        };
        store.writer().decide(decision).await.expect("decide");
    }
    store.close().await;
    let start = Instant::now();
    let store = Store::open(&url, Options::default()).await.expect("opens");
    let opened = start.elapsed();
    let pending = store
        .pending(None, 0, 1_000_000)
        .await
        .expect("pending")
        .len();
    let loaded = start.elapsed();
    store.close().await;

    let rate = |time: std::time::Duration| alerts as f64 / time.as_secs_f64();
    let mut out = std::io::stdout().lock();
    let report = format!(
        "append {:.0}/s, whole life {:.0}/s, {commits} commits\n\
         written {:.0} bytes per alert, store {:.0} bytes per alert\n\
         reopen {opened:?}, with {pending} pending read {loaded:?}\n",
        rate(appended),
        rate(all),
        bytes as f64 / alerts as f64,
        size as f64 / alerts as f64,
    );
    out.write_all(report.as_bytes()).expect("stdout");
}
