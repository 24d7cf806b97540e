//! `balefire events`: the log of everything that was accepted, one line an event.

use std::time::Duration;

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::listing::local;
use super::node::Node;
use super::views::{Map, Silence, labels};
use crate::client::{Client, ClientError};
use crate::exit::Exit;
use crate::output::{data, harmless, json_line, say};

/// How often --follow looks for more.
const EVERY: Duration = Duration::from_millis(500);
/// Events of one page at most.
const PAGE: usize = 1000;

const EXAMPLES: &str = "Examples:
  balefire events --limit 20
  balefire events --follow
  balefire events --follow --json | jq -r 'select(.kind == \"alert\") | .alert.labels.alertname'";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Events {
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// Only events after this number, oldest first; without it, the latest.
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// At most so many of those that are there.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    node: Node,
}

/// A page of the log.
#[derive(Debug, Deserialize)]
struct Page {
    events: Vec<Value>,
}

/// An event, as far as people are shown it.
#[derive(Debug, Deserialize)]
struct Event {
    seq: u64,
    at: Time,
    #[serde(flatten)]
    what: What,
}

/// What an event was; the interface's words.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
enum What {
    Alert {
        source: String,
        alert: Alert,
    },
    Refresh {
        fingerprint: String,
        ends_at: Time,
    },
    Silence {
        silence: Option<Silence>,
    },
    Configuration {
        version: String,
    },
    Key {
        source: String,
        key: String,
        fingerprint: String,
    },
    #[serde(other)]
    Other,
}

/// An alert as the log has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    fingerprint: String,
    labels: Map,
    ends_at: Option<Time>,
}

impl Events {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let mut last = self.after.unwrap_or_default();
        for event in self.first(&client).await? {
            last = self.print(event)?;
        }
        if !self.follow {
            return Ok(Exit::Ok);
        }
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut away = false;
        loop {
            ticks.tick().await;
            match page(&client, &[("after", last.to_string())], PAGE).await {
                Ok(events) => {
                    away = false;
                    for event in events {
                        last = self.print(event)?;
                    }
                }
                // A node that restarts is waited for, so that a stream outlives an upgrade.
                Err(error @ (ClientError::Unreachable { .. } | ClientError::TooSlow { .. })) => {
                    if !std::mem::replace(&mut away, true) {
                        say(&format!("{error}\nstill trying"));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What is there already, oldest first.
    async fn first(&self, client: &Client) -> Result<Vec<Value>, ClientError> {
        if self.limit == 0 {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        while found.len() < self.limit {
            let limit = (self.limit - found.len()).min(PAGE);
            let seen = found.last().and_then(seq);
            let cursor = match (self.after, seen) {
                (Some(after), seen) => Some(("after", seen.unwrap_or(after))),
                (None, Some(before)) => Some(("before", before)),
                (None, None) => None,
            };
            let query: Vec<_> = cursor
                .map(|(key, seq)| (key, seq.to_string()))
                .into_iter()
                .collect();
            let events = page(client, &query, limit).await?;
            let full = events.len() == limit;
            found.extend(events);
            if !full {
                break;
            }
        }
        if self.after.is_none() {
            found.reverse();
        }
        Ok(found)
    }

    /// Prints an event; answers its number.
    fn print(&self, event: Value) -> Result<u64> {
        let seq = seq(&event).unwrap_or_default();
        if self.node.json {
            json_line(&event)?;
            return Ok(seq);
        }
        let event: Event = serde_json::from_value(event)?;
        data(&format!(
            "{:<8} {}  {}",
            event.seq,
            local(event.at),
            harmless(&event.what.words())
        ));
        Ok(seq)
    }
}

fn seq(event: &Value) -> Option<u64> {
    event.get("seq")?.as_u64()
}

async fn page(
    client: &Client,
    query: &[(&str, String)],
    limit: usize,
) -> Result<Vec<Value>, ClientError> {
    let mut query = query.to_vec();
    query.push(("limit", limit.to_string()));
    Ok(client.get::<Page>("/api/v1/events", &query).await?.events)
}

impl What {
    fn words(&self) -> String {
        match self {
            Self::Alert { source, alert } => {
                let (fingerprint, labels) = (&alert.fingerprint, labels(&alert.labels));
                let end = alert
                    .ends_at
                    .map_or_else(String::new, |at| format!(" until {}", local(at)));
                format!("alert {fingerprint} from {source}: {labels}{end}")
            }
            Self::Refresh {
                fingerprint,
                ends_at,
            } => {
                format!("alert {fingerprint} again, until {}", local(*ends_at))
            }
            Self::Silence { silence: None } => "a silence that cannot be read".to_owned(),
            Self::Silence {
                silence: Some(silence),
            } => {
                let (id, matchers, ends) =
                    (&silence.id, silence.matchers(), local(silence.ends_at));
                format!(
                    "silence {id} of {matchers} until {ends} by {}",
                    silence.created_by
                )
            }
            Self::Configuration { version } => format!("configuration {version}"),
            Self::Key {
                source,
                key,
                fingerprint,
            } => {
                format!("key {key:?} of {source} is alert {fingerprint}")
            }
            Self::Other => "of a kind that this release does not know".to_owned(),
        }
    }
}
