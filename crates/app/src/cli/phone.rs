//! `balefire phone`: calls by telephones of one's own.

use std::time::Duration;

use anyhow::Result;
use balefire_core::duration;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire phone call 'the database is down' --person chen-min --person li-wei
  balefire phone list --state waiting
  balefire phone agents";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Phone {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Have somebody called; prints the call's id.
    #[command(
        after_help = "Example:\n  balefire phone call 'shift change' --phone '*7213800138000' --rounds 1"
    )]
    Call(Call),
    /// Calls and what became of them, the newest first.
    #[command(after_help = "Example:\n  balefire phone list --state unanswered --limit 20")]
    List {
        /// Only calls that stand so.
        #[arg(long, value_parser = ["waiting", "answered", "unanswered", "withdrawn"])]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// The telephones that ask for calls.
    #[command(after_help = "Example:\n  balefire phone agents --json")]
    Agents,
}

#[derive(Args)]
struct Call {
    /// What it is about.
    title: String,
    /// The key of somebody in people; may be repeated, and the first is called first.
    #[arg(long, value_name = "KEY", required_unless_present = "phone")]
    person: Vec<String>,
    /// A number that is called after those of people; may be repeated.
    #[arg(long, value_name = "NUMBER")]
    phone: Vec<String>,
    /// How bad it is: info, warning, error or critical, which comes first.
    #[arg(long, short, default_value = "critical")]
    severity: String,
    /// How often the numbers are tried; as the configuration says when it is left out.
    #[arg(long)]
    rounds: Option<u32>,
    /// How long the call is kept; as the configuration says when it is left out.
    #[arg(long, value_parser = duration::parse)]
    max_age: Option<Duration>,
}

/// A call as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    id: String,
    state: String,
    at: Time,
    title: String,
    phones: Vec<String>,
    answered_by: Option<String>,
    person: Option<String>,
    agent: Option<String>,
    why: Option<String>,
}

/// A telephone as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Agent {
    name: String,
    asked_at: Time,
    address: String,
}

impl Phone {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::Call(call) => call.run(&client, as_json).await,
            What::List { state, limit } => list(&client, state, limit, as_json).await,
            What::Agents => agents(&client, as_json).await,
        }
    }
}

impl Call {
    async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let mut body = json!({
            "people": self.person,
            "phones": self.phone,
            "title": self.title,
            "severity": self.severity,
        });
        if let Some(rounds) = self.rounds {
            body["rounds"] = json!(rounds);
        }
        if let Some(age) = self.max_age {
            body["maxAge"] = json!(duration::format(age));
        }
        let made: Value = client.post("/api/v1/calls", &body).await?;
        if as_json {
            json(&made)?;
            return Ok(Exit::Ok);
        }
        say("stored; a telephone gets it as soon as one asks");
        data(made["id"].as_str().unwrap_or_default());
        Ok(Exit::Ok)
    }
}

async fn list(client: &Client, state: Option<String>, limit: usize, as_json: bool) -> Result<Exit> {
    let pages = Pages {
        path: "/api/v1/calls",
        entries: "calls",
        cursor: "before",
        query: state.map(|state| ("state", state)).into_iter().collect(),
    };
    let read = pages.read(client, limit).await?;
    if as_json {
        json(&read.entries)?;
        return Ok(Exit::Ok);
    }
    let mut listing = Listing::new(&["id", "at", "state", "about", "numbers", "by", "telephone"]);
    for call in read.entries {
        let call: View = serde_json::from_value(call)?;
        let by = call.person.or(call.answered_by).or(call.why);
        listing.row([
            call.id,
            local(call.at),
            call.state,
            call.title,
            call.phones.join(" "),
            by.unwrap_or_default(),
            call.agent.unwrap_or_default(),
        ]);
    }
    listing.print("calls");
    if read.more {
        say("there are more: --limit");
    }
    Ok(Exit::Ok)
}

async fn agents(client: &Client, as_json: bool) -> Result<Exit> {
    let answer: Value = client.get("/api/v1/phones", &[]).await?;
    let phones = answer["phones"].clone();
    if as_json {
        json(&phones)?;
        return Ok(Exit::Ok);
    }
    let phones: Vec<Agent> = serde_json::from_value(phones)?;
    let mut listing = Listing::new(&["telephone", "asked", "from"]);
    for phone in phones {
        listing.row([phone.name, local(phone.asked_at), phone.address]);
    }
    listing.print("telephone has asked");
    Ok(Exit::Ok)
}
