//! How fast a batch from Prometheus is read: the only parser on the hot path.

use std::hint::black_box;

use balefire_core::time::Time;
use balefire_sources::registry;
use balefire_sources::spec::Inbound;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

/// A batch as Prometheus sends it: a handful of labels, two annotations, a link.
fn batch(alerts: usize) -> Vec<u8> {
    let alert = |i: usize| {
        json!({
            "labels": {
                "alertname": "InstanceDown", "cluster": "sh-prod-1", "instance": format!("10.0.{}.{}:9100", i / 256, i % 256),
                "job": "node", "severity": "critical", "team": "infra",
            },
            "annotations": {
                "summary": format!("10.0.{}.{}:9100 is down", i / 256, i % 256),
                "description": "It has been unreachable for more than 5 minutes.",
            },
            "startsAt": "2026-03-04T02:15:00.123Z",
            "endsAt": "2026-03-04T02:23:00.123Z",
            "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        })
    };
    Value::Array((0..alerts).map(alert).collect())
        .to_string()
        .into_bytes()
}

fn prometheus(criterion: &mut Criterion) {
    let spec = registry::find("prometheus").expect("prometheus is registered");
    let options = json!({});
    let mut group = criterion.benchmark_group("prometheus");
    for alerts in [1, 64, 256] {
        let body = batch(alerts);
        group.throughput(Throughput::Elements(alerts as u64));
        group.bench_function(format!("{alerts} alerts"), |bencher| {
            bencher.iter(|| {
                (spec.parse)(&Inbound {
                    method: "POST",
                    path: "",
                    query: "",
                    headers: &[],
                    body: black_box(&body),
                    options: &options,
                    timezone: "UTC",
                    now: Time::EPOCH,
                    certificate: None,
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, prometheus);
criterion_main!(benches);
