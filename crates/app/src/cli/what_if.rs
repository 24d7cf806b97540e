//! `balefire what-if`: whom another document would have told in the last days.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use balefire_core::duration;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::listing::Listing;
use super::node::Node;
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire what-if --config new.yml
  balefire what-if --config new.yml --last 24h --json";
/// How often the node is asked how far it is.
const ASK: Duration = Duration::from_secs(2);

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WhatIf {
    /// The other document; the node reads the files and variables that it names.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How far back, up to 31d.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    last: String,
    #[command(flatten)]
    node: Node,
}

#[derive(Deserialize)]
struct Found {
    from: Time,
    to: Time,
    complete: bool,
    events: u64,
    people: Vec<Counted>,
    receivers: Vec<Counted>,
    count: usize,
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Counted {
    name: String,
    before: usize,
    after: usize,
}

#[derive(Deserialize)]
struct Difference {
    at: Time,
    who: String,
    way: String,
    how: String,
    seconds: Option<u64>,
    count: usize,
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
struct Alert {
    labels: BTreeMap<String, String>,
    firing: bool,
}

#[derive(Deserialize)]
struct Progress {
    running: bool,
    taken: u64,
    total: u64,
}

impl WhatIf {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let config = std::fs::read_to_string(&self.config)
            .with_context(|| format!("{} cannot be read", self.config.display()))?;
        let body = serde_json::json!({"config": config, "last": self.last});
        let answer: Value = asked(&client, &body).await?;
        if self.node.json {
            json(&answer)?;
            return Ok(Exit::Ok);
        }
        let found: Found = serde_json::from_value(answer)?;
        tell(&found);
        Ok(Exit::Ok)
    }
}

/// Asks, and says now and then how far it is.
async fn asked(client: &Client, body: &Value) -> Result<Value> {
    let asking = client.post("/api/v1/what-if", body);
    tokio::pin!(asking);
    loop {
        tokio::select! {
            answer = &mut asking => return Ok(answer?),
            () = tokio::time::sleep(ASK) => {}
        }
        // That it cannot be told how far it is keeps nobody from the answer.
        let progress = client.get::<Progress>("/api/v1/what-if", &[]).await;
        if let Ok(progress) = progress
            && progress.running
        {
            say(&format!(
                "{} of {} events …",
                progress.taken, progress.total
            ));
        }
    }
}

fn tell(found: &Found) {
    for (head, counts) in [("person", &found.people), ("receiver", &found.receivers)] {
        let mut listing = Listing::new(&[head, "before", "after"]);
        for one in counts {
            let cells = [
                one.name.clone(),
                one.before.to_string(),
                one.after.to_string(),
            ];
            listing.row(cells);
        }
        listing.print(&format!("messages by {head}"));
        data("");
    }
    let mut listing = Listing::new(&["at", "who", "way", "how", "alerts"]);
    for one in &found.differences {
        listing.row([
            one.at.to_string(),
            one.who.clone(),
            one.way.clone(),
            how(one),
            alerts(one),
        ]);
    }
    listing.print("differences");
    if found.count > found.differences.len() {
        let more = found.count - found.differences.len();
        say(&format!("and {more} more differences"));
    }
    say(&format!(
        "{} events from {} to {}; answers of people are taken as they came, and everything counts as delivered",
        found.events, found.from, found.to
    ));
    if !found.complete {
        say("more happened than is gone through at once: ask for a shorter time");
    }
}

fn how(one: &Difference) -> String {
    let span = duration::format(Duration::from_secs(one.seconds.unwrap_or_default()));
    match one.how.as_str() {
        "only_before" => "only before".to_owned(),
        "only_after" => "only after".to_owned(),
        how => format!("{how} by {span}"),
    }
}

fn alerts(one: &Difference) -> String {
    let name = |alert: &Alert| {
        let labels = alert.labels.iter();
        let words: Vec<String> = labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let over = if alert.firing { "" } else { " is over" };
        format!("{{{}}}{over}", words.join(", "))
    };
    let first = one.alerts.first().map(name).unwrap_or_default();
    match one.count.saturating_sub(1) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
