//! `balefire deliveries`: what was told to whom, and dead letters sent again.

use anyhow::Result;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::alert::time;
use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use super::views::Notification;
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{data, harmless, json, say};

const EXAMPLES: &str = "Examples:
  balefire deliveries list --state dead_lettered
  balefire deliveries show 1042
  balefire deliveries redrive --account ops-robot";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Deliveries {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Notifications, newest first.
    #[command(
        after_help = "Example:\n  balefire deliveries list --state dead_lettered --account ops-robot"
    )]
    List(List),
    /// One notification: what it says, and every try.
    #[command(after_help = "Example:\n  balefire deliveries show 1042")]
    Show {
        /// Its number.
        seq: u64,
    },
    /// Try dead letters again.
    #[command(after_help = "Example:\n  balefire deliveries redrive --account ops-robot")]
    Redrive {
        /// Their numbers.
        #[arg(required_unless_present = "account")]
        seqs: Vec<u64>,
        /// All of this account.
        #[arg(long, conflicts_with = "seqs")]
        account: Option<String>,
    },
}

#[derive(Args)]
struct List {
    /// Only notifications that stand so.
    #[arg(long, value_parser = ["pending", "delivered", "dead_lettered", "handed_over", "superseded", "cancelled"])]
    state: Option<String>,
    /// Only of this account.
    #[arg(long)]
    account: Option<String>,
    /// Only of this receiver.
    #[arg(long)]
    receiver: Option<String>,
    /// Only those made at or after this time, RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Time>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Deliveries {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List(list) => list.run(&client, as_json).await,
            What::Show { seq } => {
                let path = format!("/api/v1/notifications/{seq}");
                let notification: Value = client.get(&path, &[]).await?;
                if as_json {
                    json(&notification)?;
                } else {
                    show(&serde_json::from_value(notification)?);
                }
                Ok(Exit::Ok)
            }
            What::Redrive { seqs, account } => {
                let redriven = match account {
                    Some(account) => redrive_account(&client, &account).await?,
                    None => redrive(&client, &seqs).await?,
                };
                if as_json {
                    json(&json!({"redriven": redriven}))?;
                } else {
                    say(&format!("{redriven} dead letter(s) are tried again"));
                }
                Ok(Exit::Ok)
            }
        }
    }
}

async fn redrive(client: &Client, seqs: &[u64]) -> Result<u64> {
    for seq in seqs {
        let path = format!("/api/v1/notifications/{seq}/redrive");
        let _: Value = client.post(&path, &json!({})).await?;
    }
    Ok(seqs.len() as u64)
}

/// The interface takes a thousand at a time and says whether there are more.
async fn redrive_account(client: &Client, account: &str) -> Result<u64> {
    let mut redriven = 0;
    loop {
        let body = json!({"account": account});
        let done: Value = client.post("/api/v1/notifications/redrive", &body).await?;
        let now = done["redriven"].as_u64().unwrap_or_default();
        redriven += now;
        if now == 0 || done["more"] != true {
            return Ok(redriven);
        }
        say(&format!("{redriven} …"));
    }
}

impl List {
    async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let asked = [
            ("state", self.state),
            ("account", self.account),
            ("receiver", self.receiver),
            ("since", self.since.map(|time| time.to_string())),
        ];
        let query = asked
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        let pages = Pages {
            path: "/api/v1/notifications",
            entries: "notifications",
            cursor: "before",
            query,
        };
        let read = pages.read(client, self.limit).await?;
        if as_json {
            json(&read.entries)?;
            return Ok(Exit::Ok);
        }
        let mut listing = Listing::new(&[
            "seq", "made", "state", "tries", "receiver", "target", "title",
        ]);
        for notification in read.entries {
            let n: Notification = serde_json::from_value(notification)?;
            let (made, to) = (local(n.created_at), to(&n));
            let tries = n.attempts.to_string();
            listing.row([
                n.seq.to_string(),
                made,
                n.state,
                tries,
                to,
                n.target_label,
                n.title,
            ]);
        }
        listing.print("notifications");
        if read.more {
            say("there are more: --limit");
        }
        Ok(Exit::Ok)
    }
}

/// The receiver, or the account that a message was sent through.
fn to(notification: &Notification) -> String {
    if notification.receiver.is_empty() {
        format!("account {}", notification.account)
    } else {
        notification.receiver.clone()
    }
}

fn show(notification: &Notification) {
    let n = notification;
    let mut listing = Listing::new(&["notification", &n.seq.to_string()]);
    let mut facts = vec![
        ("title", n.title.clone()),
        ("state", n.state.clone()),
        ("occasion", n.occasion.clone()),
        ("severity", n.severity.clone()),
        ("to", to(n)),
        ("target", n.target_label.clone()),
        ("made", local(n.created_at)),
    ];
    facts.extend(n.reason.clone().map(|reason| ("because of", reason)));
    facts.extend(n.fallback_of.map(|seq| ("instead of", seq.to_string())));
    facts.extend(n.next_try_at.map(|at| ("next try", local(at))));
    facts.extend(n.last_error.clone().map(|error| ("last error", error)));
    for (name, value) in facts {
        listing.row([name.to_owned(), value]);
    }
    listing.print("notification");
    if !n.text.is_empty() {
        data("");
        data(&harmless(&n.text));
    }
    if n.tries.is_empty() {
        return;
    }
    data("");
    let mut tries = Listing::new(&["try", "at", "took", "outcome", "answer"]);
    for attempt in &n.tries {
        tries.row([
            attempt.number.to_string(),
            local(attempt.at),
            format!("{} ms", attempt.millis()),
            attempt.kind.clone(),
            attempt.words(),
        ]);
    }
    tries.print("tries");
    if n.receipts.is_empty() {
        return;
    }
    data("");
    let mut receipts = Listing::new(&["receipt", "at", "detail"]);
    for receipt in &n.receipts {
        receipts.row([
            receipt.state.clone(),
            local(receipt.at),
            receipt.detail.clone(),
        ]);
    }
    receipts.print("receipts");
}
