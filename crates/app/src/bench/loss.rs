//! The silent-loss experiments: three cases in which Alertmanager answers 200 and then tells nobody.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::contender::{Contender, Kind, Timing};
use super::load::{Connection, until};
use super::report::Row;
use super::sink::Sink;

const TIMING: Timing = Timing {
    group_by: "alertname",
    wait: "2s",
    interval: "5s",
};
const PATH: &str = "/api/v2/alerts";

/// Runs the cases; a row says whether the notice arrived.
pub(crate) async fn measure(kind: &Kind, folder: &Path) -> Result<Vec<Row>> {
    let folders = ["a", "b", "c"].map(|name| folder.join(name));
    let (a, b, c) = tokio::join!(
        receiver_down(kind, &folders[0]),
        killed_in_group_wait(kind, &folders[1]),
        killed_while_firing(kind, &folders[2]),
    );
    Ok(vec![
        Row::verdict("A receiver down while it fired and resolved", a?),
        Row::verdict("B kill -9 inside group_wait", b?),
        Row::verdict("C kill -9 while firing, ends after the restart", c?),
    ])
}

async fn send(server: &Contender, name: &str, more: &str) -> Result<()> {
    let body = format!(r#"[{{"labels":{{"alertname":"{name}"}}{more}}}]"#);
    Connection::open(server.address)
        .await?
        .post(PATH, &body)
        .await?;
    Ok(())
}

fn now_plus(seconds: i64) -> String {
    let now = balefire_core::clock::Clock::now(&balefire_engine::clock::SystemClock);
    balefire_core::time::Time::from_secs(now.secs() + seconds).rfc3339_millis()
}

async fn seconds(n: u64) {
    tokio::time::sleep(Duration::from_secs(n)).await;
}

/// A: the receiver is down from the start until 24 s; the alert resolves at 12 s.
async fn receiver_down(kind: &Kind, folder: &Path) -> Result<bool> {
    let sink = Sink::start(true).await?;
    sink.set_down(true);
    let server = Contender::start(kind.clone(), folder, sink.address, TIMING).await?;
    let began = now_plus(0);
    send(&server, "CaseA", &format!(r#","startsAt":"{began}""#)).await?;
    seconds(12).await;
    let ended = now_plus(0);
    send(
        &server,
        "CaseA",
        &format!(r#","startsAt":"{began}","endsAt":"{ended}""#),
    )
    .await?;
    seconds(12).await;
    sink.set_down(false);
    let arrived = until("the notice", Duration::from_secs(25), async || {
        !sink.told("CaseA").is_empty()
    });
    Ok(arrived.await.is_ok())
}

/// B: kill -9 one second after the 200, inside group_wait.
async fn killed_in_group_wait(kind: &Kind, folder: &Path) -> Result<bool> {
    let sink = Sink::start(true).await?;
    let mut server = Contender::start(kind.clone(), folder, sink.address, TIMING).await?;
    send(&server, "CaseB", "").await?;
    seconds(1).await;
    server.kill().await?;
    server.spawn().await?;
    let arrived = until("the notice", Duration::from_secs(9), async || {
        !sink.told("CaseB").is_empty()
    });
    Ok(arrived.await.is_ok())
}

/// C: an alert with an end 14 s ahead is told; kill -9; the resolved notice is due after the restart.
async fn killed_while_firing(kind: &Kind, folder: &Path) -> Result<bool> {
    let sink = Sink::start(true).await?;
    let mut server = Contender::start(kind.clone(), folder, sink.address, TIMING).await?;
    send(
        &server,
        "CaseC",
        &format!(r#","endsAt":"{}""#, now_plus(14)),
    )
    .await?;
    let fired = async || sink.told("CaseC").iter().any(|told| told.firing);
    until("the firing notice", Duration::from_secs(6), fired).await?;
    server.kill().await?;
    server.spawn().await?;
    let over = async || sink.told("CaseC").iter().any(|told| !told.firing);
    Ok(until("the resolved notice", Duration::from_secs(25), over)
        .await
        .is_ok())
}
