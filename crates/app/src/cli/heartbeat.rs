//! `balefire heartbeat`: jobs that say by themselves that they have run.

use anyhow::Result;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use crate::client::Client;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json};

const EXAMPLES: &str = "Examples:
  balefire heartbeat list --status down
  balefire heartbeat show backup
  balefire heartbeat pause backup

A job signals with any HTTP client: curl -fsS -m 10 --retry 5 https://balefire.example.com/hb/TOKEN";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Heartbeat {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// The heartbeats of the document, and how they stand.
    #[command(after_help = "Example:\n  balefire heartbeat list --status late")]
    List {
        /// Only those that stand so.
        #[arg(long, value_parser = ["new", "up", "late", "down", "paused"])]
        status: Option<String>,
    },
    /// One heartbeat, with what came with its last signal.
    #[command(after_help = "Example:\n  balefire heartbeat show backup --json")]
    Show {
        /// Its name.
        name: String,
    },
    /// Let nobody hear of one until it is resumed; an alert that is out ends.
    #[command(after_help = "Example:\n  balefire heartbeat pause backup")]
    Pause {
        /// Its name.
        name: String,
    },
    /// Wait for one again, from now on.
    #[command(after_help = "Example:\n  balefire heartbeat resume backup")]
    Resume {
        /// Its name.
        name: String,
    },
}

/// A heartbeat as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    name: String,
    status: String,
    running: bool,
    due_at: Option<Time>,
    period: Option<String>,
    cron: Option<String>,
    timezone: Option<String>,
    grace: String,
    description: String,
    pings: u64,
    last: Option<Ping>,
    took_seconds: Option<f64>,
    down: Option<Down>,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ping {
    at: Time,
    signal: String,
    sender: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Down {
    since: Time,
    why: String,
    exit_code: Option<u8>,
}

impl Heartbeat {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List { status } => list(&client, status, as_json).await,
            What::Show { name } => {
                let found: Value = client.get(&path(&name, "")?, &[]).await?;
                shown(&found, as_json)
            }
            What::Pause { name } => deed(&client, &name, "/pause", as_json).await,
            What::Resume { name } => deed(&client, &name, "/resume", as_json).await,
        }
    }
}

/// The path of a heartbeat; what would be another path is nobody's name.
fn path(name: &str, deed: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let words = format!("no heartbeat is called {name:?}; see balefire heartbeat list");
        return Err(Ended::new(Exit::NotFound, words).into());
    }
    Ok(format!("/api/v1/heartbeats/{name}{deed}"))
}

async fn list(client: &Client, status: Option<String>, as_json: bool) -> Result<Exit> {
    let query: Vec<(&str, String)> = status
        .map(|status| ("status", status))
        .into_iter()
        .collect();
    let answer: Value = client.get("/api/v1/heartbeats", &query).await?;
    let heartbeats = answer["heartbeats"].clone();
    if as_json {
        json(&heartbeats)?;
        return Ok(Exit::Ok);
    }
    let heartbeats: Vec<View> = serde_json::from_value(heartbeats)?;
    let columns = ["name", "status", "every", "grace", "due", "heard", "pings"];
    let mut listing = Listing::new(&columns);
    for one in heartbeats {
        let (status, every) = (one.stands(), one.every());
        listing.row([
            one.name,
            status,
            every,
            one.grace,
            one.due_at.map(local).unwrap_or_default(),
            one.last.map(|last| local(last.at)).unwrap_or_default(),
            one.pings.to_string(),
        ]);
    }
    listing.print("heartbeats");
    Ok(Exit::Ok)
}

async fn deed(client: &Client, name: &str, deed: &str, as_json: bool) -> Result<Exit> {
    let changed: Value = client.post(&path(name, deed)?, &json!({})).await?;
    shown(&changed, as_json)
}

fn shown(found: &Value, as_json: bool) -> Result<Exit> {
    if as_json {
        json(found)?;
        return Ok(Exit::Ok);
    }
    let one: View = serde_json::from_value(found.clone())?;
    let mut lines = vec![
        format!("{}: {}", one.name, one.stands()),
        format!("every {}, grace {}", one.every(), one.grace),
    ];
    let mut line = |what: &str, text: Option<String>| {
        lines.extend(text.map(|text| format!("{what} {text}")));
    };
    line("due", one.due_at.map(local));
    line(
        "down since",
        one.down.as_ref().map(|down| local(down.since)),
    );
    let last = one.last.as_ref();
    let last = last.map(|last| format!("{} {} {}", local(last.at), last.signal, last.sender));
    line("heard", last);
    line("took", one.took_seconds.map(|took| format!("{took:.1} s")));
    line(
        "about",
        Some(one.description).filter(|text| !text.is_empty()),
    );
    for text in lines {
        data(&harmless(&text));
    }
    for text in one.body.lines() {
        data(&harmless(&format!("  {text}")));
    }
    Ok(Exit::Ok)
}

impl View {
    /// When it is due, as the document has it.
    fn every(&self) -> String {
        let cron = self.cron.as_deref().map(|cron| {
            let zone = self.timezone.as_deref().unwrap_or_default();
            format!("{cron} {zone}")
        });
        self.period.clone().or(cron).unwrap_or_default()
    }

    /// How it stands, and why where it is down.
    fn stands(&self) -> String {
        let why = self.down.as_ref().map(|down| match down.exit_code {
            Some(code) => format!(" ({} {code})", down.why),
            None => format!(" ({})", down.why),
        });
        let running = if self.running { ", running" } else { "" };
        format!("{}{}{running}", self.status, why.unwrap_or_default())
    }
}
