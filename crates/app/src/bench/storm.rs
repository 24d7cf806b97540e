//! A storm: how soon somebody is paged, how often, and what it costs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use super::contender::{Contender, Kind};
use super::load::{Connection, post};
use super::report::Row;
use super::sink::Sink;

const PATH: &str = "/api/v2/alerts";
/// Alerts in one request, as Prometheus sends them.
const BATCH: usize = 64;
/// How long the storm lasts.
const LASTS: Duration = Duration::from_mins(1);
/// How long it is watched, in minutes after its first message.
const WATCHED: u64 = 2;

/// How much happens within a minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Accepted alerts in all, for each of the two storms.
    pub(crate) events: usize,
    /// Different alerts of the first storm; the second has one rule and as many instances as events.
    pub(crate) fingerprints: usize,
}

/// One person, paged by a webhook; each alert, or each rule, is an incident.
fn document(sink: &Sink, group_by: &str) -> String {
    format!(
        "accounts:\n  hook: {{kind: webhook, url: \"http://{}/\"}}\n\
         people:\n  ops: {{ways: {{hook: {{account: hook}}}}}}\n\
         escalations:\n  ops: {{steps: [{{notify: [person: ops], by: [hook], wait: 2h}}]}}\n\
         receivers: [{{name: ops, escalation: ops}}]\n\
         route: {{receiver: ops, group_by: [{group_by}], group_wait: 0s, group_interval: 1m, repeat_interval: 4h}}\n",
        sink.address
    )
}

/// Both storms, one after the other.
pub(crate) async fn measure(folder: &Path, scale: Scale) -> Result<Vec<Row>> {
    let Scale {
        events,
        fingerprints,
    } = scale;
    let mut rows = one(
        &folder.join("many"),
        "alertname, instance",
        events,
        fingerprints,
        "storm of many alerts",
    )
    .await?;
    let name = "storm of one rule";
    rows.extend(one(&folder.join("one-rule"), "alertname", events, events, name).await?);
    Ok(rows)
}

async fn one(
    folder: &Path,
    group_by: &str,
    events: usize,
    alerts: usize,
    name: &str,
) -> Result<Vec<Row>> {
    let sink = Sink::start(false).await?;
    let document = document(&sink, group_by);
    let server = Contender::start_with(Kind::Balefire, folder, &document).await?;
    let address = server.address;
    let began = Instant::now();
    let first = tokio::spawn({
        let sink = sink.clone();
        async move {
            while sink.requests() == 0 && began.elapsed() < Duration::from_mins(5) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            began.elapsed()
        }
    });
    let requests = events.div_ceil(BATCH);
    let seconds = LASTS.as_secs() as usize;
    let (mut sent, mut most) = (0, 0);
    for second in 1..=seconds {
        let until = requests * second / seconds;
        let from = sent;
        let batch = move |number: usize| body(from + number, alerts);
        let run = post(address, PATH, 8, until - sent, batch).await?;
        ensure!(run.refused == 0, "{} requests were refused", run.refused);
        sent = until;
        most = most.max(server.memory().unwrap_or(0));
        let due = began + Duration::from_secs(second as u64);
        tokio::time::sleep_until(due).await;
    }
    let first = first.await?;
    let end = began + first + Duration::from_mins(WATCHED) - Duration::from_secs(1);
    while Instant::now() < end {
        most = most.max(server.memory().unwrap_or(0));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let messages = sink.requests();
    let (status, answer) = Connection::open(address).await?.get(PATH).await?;
    ensure!(status == 200, "GET {PATH} answered {status}");
    let listed = serde_json::from_slice::<serde_json::Value>(&answer)?;
    let listed = listed.as_array().map_or(0, Vec::len);
    Ok(vec![
        Row::millis(&format!("{name}, first page"), first.as_secs_f64() * 1000.0),
        Row::count(
            &format!("… messages to the person in {WATCHED} minutes"),
            messages as f64,
        ),
        Row::count(&format!("… of {alerts} alerts, listed"), listed as f64),
        Row::megabytes("… most memory", most),
    ])
}

fn body(request: usize, alerts: usize) -> String {
    let one = |number: usize| {
        let number = number % alerts;
        format!(
            r#"{{"labels":{{"alertname":"Storm","instance":"i{number}","severity":"critical"}}}}"#
        )
    };
    let numbers = request * BATCH..(request + 1) * BATCH;
    let all: Vec<String> = numbers.map(one).collect();
    format!("[{}]", all.join(","))
}
