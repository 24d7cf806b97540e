//! The speed rows of DESIGN's table: ingest, delivery, latency, memory, restart.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::contender::{Contender, Kind, Timing};
use super::load::{Connection, percentile, post, until};
use super::report::Row;
use super::sink::Sink;

const CONNECTIONS: usize = 64;
const PATH: &str = "/api/v2/alerts";
const EVERY_ALERT: Timing = Timing {
    group_by: "alertname, instance",
    wait: "0s",
    interval: "5m",
};
const FEW_GROUPS: Timing = Timing {
    group_by: "alertname",
    wait: "10s",
    interval: "5m",
};

/// How much is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Requests of a single-alert run.
    pub(crate) singles: usize,
    /// Requests of a batch run, 64 alerts each.
    pub(crate) batches: usize,
    /// Active alerts for memory, listing and restart.
    pub(crate) active: usize,
    /// Alerts of the latency run, 200 a second.
    pub(crate) paced: usize,
}

/// An alert as a Prometheus rule would send it.
fn alert(run: &str, number: usize) -> String {
    format!(
        r#"{{"labels":{{"alertname":"HighLatency{}","instance":"10.0.{}.{}:{run}{number}","job":"api","cluster":"eu-1","severity":"warning"}},"annotations":{{"summary":"p99 above 500 ms for 5 minutes"}},"generatorURL":"http://prometheus.example.com/graph?g0.expr=latency"}}"#,
        number % 16,
        number / 256 % 256,
        number % 256,
    )
}

fn batch(run: &str, number: usize, size: usize) -> String {
    let alerts: Vec<String> = (0..size).map(|i| alert(run, number * size + i)).collect();
    format!("[{}]", alerts.join(","))
}

/// All rows of one server.
pub(crate) async fn measure(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    rows.extend(new_groups(kind, &folder.join("new-groups"), scale).await?);
    rows.extend(few_groups(kind, &folder.join("few-groups"), scale).await?);
    rows.extend(batches(kind, &folder.join("batches"), scale).await?);
    rows.extend(latency(kind, &folder.join("latency"), scale).await?);
    rows.extend(active(kind, &folder.join("active"), scale).await?);
    Ok(rows)
}

async fn new_groups(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let sink = Sink::start(false).await?;
    let server = Contender::start(kind.clone(), folder, sink.address, EVERY_ALERT).await?;
    let idle = server.memory();
    let written = server.written();
    let began = Instant::now();
    let run = post(server.address, PATH, CONNECTIONS, scale.singles, |n| {
        format!("[{}]", alert("n", n))
    })
    .await?;
    ensure!(
        run.refused == 0,
        "{} refused {} alerts",
        server.name(),
        run.refused
    );
    let all = scale.singles;
    let told = until("every delivery", Duration::from_mins(2), async || {
        sink.requests() >= all
    });
    let told = told
        .await
        .map(|_| all as f64 / began.elapsed().as_secs_f64());
    let mut rows = vec![
        Row::rate("new group per POST, accepted/s", run.rate()),
        Row::millis("new group per POST, p99", run.percentile(0.99)),
        Row::rate(
            "… delivered/s (end to end)",
            told.unwrap_or_else(|_| sink.requests() as f64 / began.elapsed().as_secs_f64()),
        ),
        Row::count(
            "… deliveries missing after 120 s",
            all.saturating_sub(sink.requests()) as f64,
        ),
    ];
    if let (Some(before), Some(after)) = (written, server.written()) {
        rows.push(Row::bytes(
            "… written per alert",
            (after - before) as f64 / all as f64,
        ));
    }
    if let Some(idle) = idle {
        rows.push(Row::megabytes("memory idle", idle));
    }
    Ok(rows)
}

async fn few_groups(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let sink = Sink::start(false).await?;
    let server = Contender::start(kind.clone(), folder, sink.address, FEW_GROUPS).await?;
    let run = post(server.address, PATH, CONNECTIONS, scale.singles, |n| {
        format!("[{}]", alert("f", n))
    })
    .await?;
    Ok(vec![Row::rate(
        "few groups, one per POST, accepted/s",
        run.rate(),
    )])
}

async fn batches(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let sink = Sink::start(false).await?;
    let server = Contender::start(kind.clone(), folder, sink.address, FEW_GROUPS).await?;
    let run = post(server.address, PATH, CONNECTIONS / 4, scale.batches, |n| {
        batch("b", n, 64)
    })
    .await?;
    Ok(vec![Row::rate(
        "batches of 64, alerts accepted/s",
        run.rate() * 64.0,
    )])
}

/// From the POST to the provider's having the request, at 200 alerts a second.
async fn latency(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let sink = Sink::start(true).await?;
    let server = Contender::start(kind.clone(), folder, sink.address, EVERY_ALERT).await?;
    let mut connection = Connection::open(server.address).await?;
    let mut sent = Vec::with_capacity(scale.paced);
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    for number in 0..scale.paced {
        ticks.tick().await;
        sent.push(Instant::now());
        let body = format!(r#"[{{"labels":{{"alertname":"Paced{number}","instance":"a"}}}}]"#);
        connection.post(PATH, &body).await?;
    }
    let last = format!("Paced{}", scale.paced - 1);
    let arrived = until("the last delivery", Duration::from_secs(20), async || {
        !sink.told(&last).is_empty()
    });
    arrived.await?;
    let mut took: Vec<u32> = sent
        .iter()
        .enumerate()
        .filter_map(|(number, began)| {
            let told = sink.told(&format!("Paced{number}"));
            let micros = told.first()?.at.duration_since(*began).as_micros();
            u32::try_from(micros).ok()
        })
        .collect();
    took.sort_unstable();
    Ok(vec![
        Row::millis("POST → provider, 200/s, p50", percentile(&took, 0.50)),
        Row::millis("POST → provider, 200/s, p99", percentile(&took, 0.99)),
    ])
}

/// Memory, listing and restart with many active alerts and as many notifications waiting.
async fn active(kind: &Kind, folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let sink = Sink::start(false).await?;
    sink.set_down(true);
    let mut server = Contender::start(kind.clone(), folder, sink.address, EVERY_ALERT).await?;
    let number = scale.active / 64;
    post(server.address, PATH, 8, number, |n| batch("a", n, 64)).await?;
    let mut rows = Vec::new();
    // What the burst took is given back; what stays is what the alerts need.
    tokio::time::sleep(Duration::from_secs(3)).await;
    if let Some(memory) = server.memory() {
        let label = format!("memory, {} k active alerts", scale.active / 1000);
        rows.push(Row::megabytes(&label, memory));
    }
    let mut connection = Connection::open(server.address).await?;
    let began = Instant::now();
    let (status, body) = connection.get("/api/v2/alerts").await?;
    ensure!(status == 200, "GET /api/v2/alerts answered {status}");
    let label = format!("GET /api/v2/alerts, {} k alerts", scale.active / 1000);
    rows.push(Row::seconds(&label, began.elapsed().as_secs_f64()));
    rows.push(Row::megabytes("… size of the answer", body.len() as u64));
    drop(body);
    server.kill().await?;
    let ready = server.spawn().await?;
    rows.push(Row::seconds(
        "restart after kill -9 until ready",
        ready.as_secs_f64(),
    ));
    sink.set_down(false);
    Ok(rows)
}
