//! `balefire alert`: bring an alert in, and look at those that are there.

use anyhow::Result;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use super::views::{self, labels};
use crate::client::{Call, Client};
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json, say};

const EXAMPLES: &str = "Examples:
  balefire alert add DiskFull instance=db-1 severity=critical --annotation summary='95 % full'
  balefire alert list severity=critical 'instance=~\"db-.*\"'
  balefire alert show 8facc2af9008977e";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Alert {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Bring an alert in, as Prometheus would; it ends by itself unless it is brought in again.
    #[command(
        after_help = "Example:\n  balefire alert add DiskFull instance=db-1 severity=critical"
    )]
    Add(Add),
    /// The alerts in memory.
    #[command(after_help = "Example:\n  balefire alert list --state active severity=critical")]
    List {
        /// Matchers such as severity=critical or 'instance=~"db-.*"'; all must pass.
        #[arg(value_name = "MATCHER")]
        matchers: Vec<String>,
        /// Only alerts that stand so.
        #[arg(long, value_parser = ["active", "suppressed", "resolved"])]
        state: Option<String>,
        /// Only alerts whose routes lead there.
        #[arg(long)]
        receiver: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// One alert; `balefire explain` says why it is (not) told.
    #[command(after_help = "Example:\n  balefire alert show 8facc2af9008977e")]
    Show {
        /// Its fingerprint, 16 hexadecimal digits.
        fingerprint: Fingerprint,
    },
}

#[derive(Args)]
struct Add {
    /// The labels; the first may be a bare name, which is then the alert's.
    #[arg(value_name = "NAME=VALUE", required = true)]
    labels: Vec<String>,
    /// What it says to people, such as summary='95 % full'; may be repeated.
    #[arg(long = "annotation", value_name = "NAME=VALUE")]
    annotations: Vec<String>,
    /// Where it comes from.
    #[arg(long, value_name = "URL")]
    generator_url: Option<String>,
    /// When it began, RFC 3339; now when it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    start: Option<Time>,
    /// When it ends, RFC 3339; after the document's resolve_timeout when it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    end: Option<Time>,
}

/// Reads a time as RFC 3339 writes it.
pub(super) fn time(text: &str) -> Result<Time, String> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(Time::from)
        .map_err(|_| "write a time such as 2026-11-22T08:00:00Z".to_owned())
}

/// `name=value` pairs.
fn pairs(texts: &[String]) -> Result<Vec<(&str, &str)>, Ended> {
    let pair = |text: &'_ String| format!("{text:?} is not NAME=VALUE");
    let split = texts.iter().map(|text| {
        text.split_once('=')
            .ok_or_else(|| Ended::invalid(pair(text)))
    });
    split.collect()
}

impl Alert {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::Add(add) => add.run(&client, as_json).await,
            What::List {
                matchers,
                state,
                receiver,
                limit,
            } => {
                let mut query: Vec<(&str, String)> = matchers
                    .into_iter()
                    .map(|matcher| ("filter", matcher))
                    .collect();
                query.extend(state.map(|state| ("state", state)));
                query.extend(receiver.map(|receiver| ("receiver", receiver)));
                list(&client, query, limit, as_json).await
            }
            What::Show { fingerprint } => {
                let alert: Value = client.get(&path(fingerprint), &[]).await?;
                if as_json {
                    json(&alert)?;
                } else {
                    show(&serde_json::from_value(alert)?);
                }
                Ok(Exit::Ok)
            }
        }
    }
}

/// Takes a bare word at the beginning of matchers for the alert's name, as amtool does.
pub(super) fn by_name(matchers: &mut [String]) {
    if let Some(first) = matchers
        .first_mut()
        .filter(|first| !first.contains(['=', '~']))
    {
        *first = format!("alertname={first:?}");
    }
}

/// Where an alert's page is.
pub(super) fn path(fingerprint: Fingerprint) -> String {
    format!("/api/v1/alerts/{fingerprint}")
}

impl Add {
    async fn run(mut self, client: &Client, as_json: bool) -> Result<Exit> {
        if let Some(first) = self.labels.first_mut().filter(|first| !first.contains('=')) {
            *first = format!("alertname={first}");
        }
        let invalid = |error: balefire_core::label::LabelError| Ended::invalid(error.to_string());
        let labels = Labels::from_pairs(pairs(&self.labels)?).map_err(invalid)?;
        let annotations = Annotations::annotations(pairs(&self.annotations)?).map_err(invalid)?;
        let mut alert = json!({"labels": labels, "annotations": annotations});
        let times = [("startsAt", self.start), ("endsAt", self.end)];
        for (key, time) in times
            .into_iter()
            .filter_map(|(key, time)| Some((key, time?)))
        {
            alert[key] = json!(time);
        }
        if let Some(url) = &self.generator_url {
            alert["generatorURL"] = json!(url);
        }
        let body = Value::Array(vec![alert]);
        let call = Call {
            body: Some(&body),
            ..Call::default()
        };
        client.call(Method::POST, "/api/v2/alerts", call).await?;
        let fingerprint = Fingerprint::of(&labels).to_string();
        if as_json {
            json(&json!({"fingerprint": fingerprint}))?;
        } else {
            data(&fingerprint);
        }
        Ok(Exit::Ok)
    }
}

async fn list(
    client: &Client,
    query: Vec<(&str, String)>,
    limit: usize,
    as_json: bool,
) -> Result<Exit> {
    let pages = Pages {
        path: "/api/v1/alerts",
        entries: "alerts",
        cursor: "after",
        query,
    };
    let read = pages.read(client, limit).await?;
    if as_json {
        json(&read.entries)?;
        return Ok(Exit::Ok);
    }
    let mut listing = Listing::new(&["fingerprint", "state", "severity", "since", "labels"]);
    for alert in read.entries {
        let alert: views::Alert = serde_json::from_value(alert)?;
        let since = local(alert.starts_at);
        listing.row([
            alert.fingerprint,
            alert.state,
            alert.severity,
            since,
            labels(&alert.labels),
        ]);
    }
    listing.print("alerts");
    if read.more {
        say("there are more: --limit");
    }
    Ok(Exit::Ok)
}

fn show(alert: &views::Alert) {
    let mut listing = Listing::new(&["alert", &alert.fingerprint]);
    let end = alert
        .ends_at
        .map_or_else(|| "when its source says so".to_owned(), local);
    let facts = [
        ("labels", labels(&alert.labels)),
        ("annotations", labels(&alert.annotations)),
        ("state", alert.state.clone()),
        ("severity", alert.severity.clone()),
        ("since", local(alert.starts_at)),
        ("ends", end),
        ("receivers", alert.receivers.join(", ")),
    ];
    for (name, value) in facts {
        listing.row([name.to_owned(), value]);
    }
    listing.print("alert");
    for (what, by) in [
        ("silenced by", &alert.silenced_by),
        ("inhibited by", &alert.inhibited_by),
        ("muted by", &alert.muted_by),
    ] {
        if !by.is_empty() {
            data(&format!("{what} {}", harmless(&by.join(", "))));
        }
    }
}
