//! What the writer takes on an embedded store: appends by 64 callers at once, and decisions with
//! their settlements. On the disk of the current folder's TMPDIR, with every commit synced.

mod sample;

use std::time::Duration;

use balefire_core::time::Time;
use balefire_store::{Decision, Options, Store, StoreUrl};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sample::{alert, delivered, notification};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::Instant;

const CALLERS: u64 = 64;

async fn append(store: &Store, calls: u64) -> Duration {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let writer = store.writer().clone();
        let own = calls / CALLERS + u64::from(caller < calls % CALLERS);
        callers.spawn(async move {
            for i in 0..own {
                writer
                    .append(vec![alert(i)], Time::EPOCH)
                    .await
                    .expect("append");
            }
        });
    }
    callers.join_all().await;
    start.elapsed()
}

/// `count` notifications, 64 a decision, each decision settled before the next.
async fn decide_and_settle(store: &Store, count: u64) -> Duration {
    let start = Instant::now();
    for turn in 0..count.div_ceil(CALLERS) {
        let decision = Decision {
            at: Time::EPOCH,
            cursor: turn,
            config_version: "c0ffee".into(),
            body: vec![0; 1024],
            notifications: (0..CALLERS)
                .map(|i| notification(turn * CALLERS + i))
                .collect(),
            settlements: Vec::new(),
            facts: Vec::new(),
        };
        let decided = store.writer().decide(decision).await.expect("decide");
        let settlements = decided.notifications.map(delivered).collect();
        store.writer().settle(settlements).await.expect("settle");
    }
    start.elapsed()
}

fn bench(c: &mut Criterion) {
    let runtime = Runtime::new().expect("runtime");
    let folder = tempfile::tempdir().expect("folder");
    let url = StoreUrl::Embedded(folder.path().to_owned());
    let store = runtime
        .block_on(Store::open(&url, Options::default()))
        .expect("opens");
    let mut group = c.benchmark_group("writer");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    group.measurement_time(Duration::from_secs(5));
    group.bench_function(BenchmarkId::new("append", "64 callers"), |bencher| {
        bencher.iter_custom(|calls| runtime.block_on(append(&store, calls)));
    });
    group.bench_function(
        BenchmarkId::new("decide and settle", "64 a decision"),
        |bencher| {
            bencher.iter_custom(|count| runtime.block_on(decide_and_settle(&store, count)));
        },
    );
    group.finish();
    runtime.block_on(store.close());
}

criterion_group!(benches, bench);
criterion_main!(benches);
