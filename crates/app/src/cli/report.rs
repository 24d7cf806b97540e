//! `balefire report`: how long incidents waited and lasted, who was paged, what made noise.

use std::time::Duration;

use anyhow::Result;
use balefire_core::clock::Clock;
use balefire_core::duration;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::alert::time;
use super::listing::Listing;
use super::node::Node;
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, json, say};

const DAY: Duration = Duration::from_hours(24);

const EXAMPLES: &str = "Examples:
  balefire report
  balefire report --days 90
  balefire report --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --json
  balefire report --csv incidents > incidents.csv";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Report {
    /// So many days back from --to.
    #[arg(long, default_value_t = 30, conflicts_with = "from", value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// From this time on.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Time>,
    /// Up to this time; now without it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Time>,
    /// A table for spreadsheets in place of the figures.
    #[arg(long, value_parser = ["incidents", "people", "noise", "days"], conflicts_with = "json")]
    csv: Option<String>,
    #[command(flatten)]
    node: Node,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    complete: bool,
    incidents: Figures,
    by_severity: Vec<Figures>,
    notifications: usize,
    people: Vec<Paged>,
    noisiest: Vec<Noise>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    #[serde(default)]
    severity: Option<String>,
    opened: usize,
    acknowledged: usize,
    resolved: usize,
    to_acknowledge: Spans,
    to_resolve: Spans,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spans {
    mean_seconds: Option<u64>,
    median_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paged {
    person: Person,
    pages: usize,
    at_night: usize,
    night_share: f64,
}

#[derive(Deserialize)]
struct Person {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Noise {
    group_key: String,
    notifications: usize,
}

impl Report {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let to = self.to.unwrap_or_else(|| SystemClock.now());
        let from = self.from.unwrap_or_else(|| to.before(DAY * self.days));
        let query = [("from", from.to_string()), ("to", to.to_string())];
        if let Some(table) = self.csv {
            return print(&client, &table, &query).await;
        }
        let answer: Value = client.get("/api/v1/reports/summary", &query).await?;
        if self.node.json {
            json(&answer)?;
            return Ok(Exit::Ok);
        }
        let found: Found = serde_json::from_value(answer)?;
        tell(&found);
        if !found.complete {
            say("more happened than is read for one report: ask for a shorter time");
        }
        Ok(Exit::Ok)
    }
}

async fn print(client: &Client, table: &str, query: &[(&str, String)]) -> Result<Exit> {
    let call = Call {
        query,
        ..Call::default()
    };
    let path = format!("/api/v1/reports/{table}.csv");
    let answer = client.call(Method::GET, &path, call).await?;
    let text = String::from_utf8_lossy(&answer.body);
    data(text.trim_end_matches(['\r', '\n']));
    Ok(Exit::Ok)
}

fn tell(found: &Found) {
    let mut listing = Listing::new(&[
        "incidents",
        "opened",
        "acknowledged",
        "resolved",
        "mtta",
        "median",
        "mttr",
        "median",
    ]);
    let span = |seconds: Option<u64>| {
        let seconds = seconds.map(Duration::from_secs);
        seconds.map_or_else(|| "-".to_owned(), duration::format)
    };
    for figures in std::iter::once(&found.incidents).chain(&found.by_severity) {
        listing.row([
            figures.severity.clone().unwrap_or_else(|| "all".to_owned()),
            figures.opened.to_string(),
            figures.acknowledged.to_string(),
            figures.resolved.to_string(),
            span(figures.to_acknowledge.mean_seconds),
            span(figures.to_acknowledge.median_seconds),
            span(figures.to_resolve.mean_seconds),
            span(figures.to_resolve.median_seconds),
        ]);
    }
    listing.print("incidents");
    data("");
    let mut listing = Listing::new(&["person", "pages", "at night", "night share"]);
    for one in &found.people {
        listing.row([
            one.person.name.clone(),
            one.pages.to_string(),
            one.at_night.to_string(),
            format!("{:.0} %", one.night_share * 100.0),
        ]);
    }
    listing.print("pages to people");
    data("");
    let mut listing = Listing::new(&["notifications", "group"]);
    for one in &found.noisiest {
        listing.row([one.notifications.to_string(), one.group_key.clone()]);
    }
    listing.print("notifications");
    say(&format!(
        "{} notification(s) that something fires",
        found.notifications
    ));
}
