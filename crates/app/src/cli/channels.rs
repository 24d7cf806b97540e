//! `balefire channels`: the ways out and how they do.

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::listing::{Listing, local};
use super::node::Node;
use crate::exit::Exit;
use crate::output::{data, harmless, json, say};

const EXAMPLES: &str = "Examples:
  balefire channels                    # every account, and what to do where something is wrong
  balefire channels --kinds            # what there is to configure
  balefire send --test ops-robot       # have one say whether it works";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Channels {
    /// Every kind of channel there is, in place of the accounts.
    #[arg(long)]
    kinds: bool,
    #[command(flatten)]
    node: Node,
}

/// An account as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    name: String,
    kind: String,
    health: String,
    waiting: usize,
    more_in_store: bool,
    under_way: usize,
    breaker_until: Option<Time>,
    held_until: Option<Time>,
    quotas: Vec<Quota>,
    last_success_at: Option<Time>,
    last_failure: Option<Failure>,
}

#[derive(Deserialize)]
struct Quota {
    calls: u32,
    per: String,
    left: u32,
}

#[derive(Deserialize)]
struct Failure {
    at: Time,
    kind: String,
    detail: String,
    fix: String,
}

/// A kind as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    kind: String,
    title: String,
    receiver_key: String,
    accounts: usize,
}

impl Channels {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let answer: Value = client.get("/api/v1/channels", &[]).await?;
        let part = if self.kinds { "kinds" } else { "channels" };
        let part = answer[part].clone();
        if self.node.json {
            json(&part)?;
            return Ok(Exit::Ok);
        }
        if self.kinds {
            kinds(serde_json::from_value(part)?);
        } else {
            accounts(serde_json::from_value(part)?);
        }
        Ok(Exit::Ok)
    }
}

fn kinds(kinds: Vec<Offered>) {
    let mut listing = Listing::new(&["kind", "what", "in a receiver", "accounts"]);
    for kind in kinds {
        let accounts = kind.accounts.to_string();
        listing.row([kind.kind, kind.title, kind.receiver_key, accounts]);
    }
    listing.print("kinds of channels");
}

fn accounts(channels: Vec<Channel>) {
    let mut listing = Listing::new(&[
        "account", "kind", "state", "waiting", "until", "left", "success", "failure",
    ]);
    let mut troubles = Vec::new();
    for channel in channels {
        troubles.extend(channel.trouble());
        let waiting = channel.waiting + channel.under_way;
        let more = if channel.more_in_store { "+" } else { "" };
        let until = channel.breaker_until.or(channel.held_until);
        let quotas = channel.quotas.iter().map(|quota| {
            let Quota { calls, per, left } = quota;
            format!("{left}/{calls} in {per}")
        });
        let shown = |at: Option<Time>| at.map_or_else(String::new, local);
        listing.row([
            channel.name,
            channel.kind,
            channel.health,
            format!("{waiting}{more}"),
            shown(until),
            quotas.collect::<Vec<_>>().join(", "),
            shown(channel.last_success_at),
            shown(channel.last_failure.map(|failure| failure.at)),
        ]);
    }
    listing.print("accounts");
    if !troubles.is_empty() {
        say("");
    }
    for trouble in troubles {
        data(&trouble);
    }
}

impl Channel {
    /// What its last failure says, unless it has worked since.
    fn trouble(&self) -> Option<String> {
        let failure = self.last_failure.as_ref()?;
        if self.last_success_at.is_some_and(|at| at >= failure.at) {
            return None;
        }
        let fix = match &*failure.fix {
            "" => String::new(),
            fix => format!("\n  fix: {fix}"),
        };
        let (name, kind, detail) = (&self.name, &failure.kind, harmless(&failure.detail));
        Some(format!("{name}: {kind}: {detail}{fix}"))
    }
}
