//! `balefire heartbeat`: jobs that say by themselves that they have run.

mod made;
mod views;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::made::Fields;
use self::views::View;
use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use crate::client::Client;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json};

/// Heartbeats that are listed at most: more than a node takes.
const MOST: usize = 100_000;

const EXAMPLES: &str = "Examples:
  balefire heartbeat create backup --cron '0 2 * * *' --timezone Asia/Shanghai --grace 2h --label team=db
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
    /// Heartbeats, and how they stand.
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
    /// Make one; prints the address that the job calls, which is never told again.
    #[command(
        after_help = "Example:\n  balefire heartbeat create queue-worker --period 30s --grace 30s --severity error"
    )]
    Create {
        /// Its name: letters, digits, '-', '_' and '.'.
        name: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Change one that was made by command, on the console or through the interface; what is not given stays.
    #[command(after_help = "Example:\n  balefire heartbeat edit backup --grace 3h")]
    Edit {
        /// Its name.
        name: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Give one that was made so another address; the one before is nobody's.
    #[command(after_help = "Example:\n  balefire heartbeat new-token backup")]
    NewToken {
        /// Its name.
        name: String,
    },
    /// Take away those that were made so; an alert that is out ends.
    #[command(after_help = "Example:\n  balefire heartbeat delete backup")]
    Delete {
        /// Their names.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Where the badge of one is, or of all with a label, or of all: a picture, JSON, and what shields.io reads.
    #[command(
        after_help = "Examples:\n  balefire heartbeat badge backup\n  balefire heartbeat badge team=db\n  balefire heartbeat badge '*' --renew"
    )]
    Badge {
        /// The name of a heartbeat, LABEL=VALUE, or *.
        subject: String,
        /// Give it other addresses; those before show nothing any more.
        #[arg(long)]
        renew: bool,
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
            What::Create { name, fields } => made::create(&client, &name, fields, as_json).await,
            What::Edit { name, fields } => made::edit(&client, &name, fields, as_json).await,
            What::NewToken { name } => made::new_token(&client, &name, as_json).await,
            What::Delete { names } => made::delete(&client, &names, as_json).await,
            What::Badge { subject, renew } => made::badge(&client, &subject, renew, as_json).await,
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
    let pages = Pages {
        path: "/api/v1/heartbeats",
        entries: "heartbeats",
        cursor: "offset",
        query,
    };
    let heartbeats = Value::Array(pages.read(client, MOST).await?.entries);
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
    if !one.in_document {
        let by = one.made_by.unwrap_or_default();
        let at = one.made_at.map(local).unwrap_or_default();
        lines.push(format!("made by {by}, {at}"));
    }
    for text in lines {
        data(&harmless(&text));
    }
    for text in one.body.lines() {
        data(&harmless(&format!("  {text}")));
    }
    Ok(Exit::Ok)
}
