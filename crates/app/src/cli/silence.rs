//! `balefire silence`: keep alerts quiet for a while.

use std::time::Duration;

use anyhow::Result;
use balefire_config::Env;
use balefire_core::duration;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::alert::{by_name, time};
use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use super::recurring::{self, Repeat};
use super::views;
use crate::client::{Call, Client};
use crate::environment::ProcessEnvironment;
use crate::exit::{Ended, Exit};
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire silence add alertname=DiskFull 'instance=~\"db-.*\"' --duration 2h --comment 'new disks'
  balefire silence list
  balefire silence expire 7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Silence {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Keep alerts quiet; prints the silence's id.
    #[command(
        after_help = "Example:\n  balefire silence add DiskFull instance=db-1 --duration 2h --comment 'new disks'"
    )]
    Add(Add),
    /// The silences that are in force or to come.
    #[command(after_help = "Example:\n  balefire silence list --state expired")]
    List {
        /// Only silences that stand so.
        #[arg(long, value_parser = ["active", "pending", "expired"])]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// One silence, and how many alerts it keeps quiet now.
    #[command(
        after_help = "Example:\n  balefire silence show 7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f"
    )]
    Show {
        /// Its id.
        #[arg(value_parser = id)]
        id: String,
    },
    /// Keep alerts quiet at certain times, again and again; prints the id.
    #[command(
        after_help = "Example:\n  balefire silence repeat 'job=\"backup\"' --days sunday --from 02:00 --to 04:00 --timezone Asia/Shanghai --comment backups"
    )]
    Repeat(Repeat),
    /// The silences that recur, and when each is on next.
    #[command(after_help = "Example:\n  balefire silence repeats")]
    Repeats,
    /// End silences that recur, and their occurrences; one occurrence alone is ended by expire.
    #[command(after_help = "Example:\n  balefire silence end 7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f")]
    End {
        /// Their ids.
        #[arg(value_parser = id, required = true)]
        ids: Vec<String>,
    },
    /// End silences now.
    #[command(
        after_help = "Example:\n  balefire silence expire $(balefire silence list --json | jq -r '.[].id')"
    )]
    Expire {
        /// Their ids.
        #[arg(value_parser = id, required = true)]
        ids: Vec<String>,
    },
}

/// What is kept quiet, why and by whom: of a silence, and of one that recurs.
#[derive(Args)]
pub(super) struct About {
    /// Matchers such as severity=critical or 'instance=~"db-.*"', all of which must pass; the first may
    /// be a bare name, which is then the alert's.
    #[arg(value_name = "MATCHER", required = true)]
    matchers: Vec<String>,
    /// Why.
    #[arg(long, short)]
    comment: String,
    /// Who; the user who runs this when it is left out.
    #[arg(long, short)]
    author: Option<String>,
}

impl About {
    /// As the interface takes it.
    pub(super) fn body(mut self) -> Result<Value> {
        by_name(&mut self.matchers);
        let author = match self.author {
            Some(author) => author,
            None => ProcessEnvironment
                .variable("USER")
                .filter(|name| !name.is_empty())
                .ok_or_else(|| Ended::invalid("say who makes the silence: --author NAME"))?,
        };
        Ok(json!({
            "matchers": self.matchers,
            "createdBy": author,
            "comment": self.comment,
        }))
    }
}

#[derive(Args)]
struct Add {
    #[command(flatten)]
    about: About,
    /// How long.
    #[arg(long, short, default_value = "1h", value_parser = duration::parse, conflicts_with = "end")]
    duration: Duration,
    /// When it begins, RFC 3339; now when it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    start: Option<Time>,
    /// When it ends, RFC 3339, instead of a duration.
    #[arg(long, value_name = "TIME", value_parser = time)]
    end: Option<Time>,
}

/// An id as the node gives them out.
fn id(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("an id looks like 7a1f6c1e-2f64-4a51-9f0e-0b6a5c1d2e3f".to_owned())
    }
}

impl Silence {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::Add(add) => add.run(&client, as_json).await,
            What::Repeat(repeat) => repeat.run(&client, as_json).await,
            What::Repeats => recurring::list(&client, as_json).await,
            What::End { ids } => recurring::end(&client, &ids, as_json).await,
            What::List { state, limit } => list(&client, state, limit, as_json).await,
            What::Show { id } => {
                let silence: Value = client.get(&path(&id), &[]).await?;
                if as_json {
                    json(&silence)?;
                } else {
                    show(&serde_json::from_value(silence)?);
                }
                Ok(Exit::Ok)
            }
            What::Expire { ids } => {
                for id in &ids {
                    client
                        .call(Method::DELETE, &path(id), Call::default())
                        .await?;
                    say(&format!("expired {id}"));
                }
                if as_json {
                    json(&json!({"expired": ids}))?;
                }
                Ok(Exit::Ok)
            }
        }
    }
}

fn path(id: &str) -> String {
    format!("/api/v1/silences/{id}")
}

impl Add {
    async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let mut body = self.about.body()?;
        if let Some(start) = self.start {
            body["startsAt"] = json!(start);
        }
        match self.end {
            Some(end) => body["endsAt"] = json!(end),
            None => body["duration"] = json!(duration::format(self.duration)),
        }
        let made: Value = client.post("/api/v1/silences", &body).await?;
        if as_json {
            json(&made)?;
            return Ok(Exit::Ok);
        }
        let made: views::Silence = serde_json::from_value(made)?;
        let quiet = made.matches.unwrap_or_default();
        say(&format!(
            "until {}; it keeps {quiet} firing alert(s) quiet now",
            local(made.ends_at)
        ));
        data(&made.id);
        Ok(Exit::Ok)
    }
}

async fn list(client: &Client, state: Option<String>, limit: usize, as_json: bool) -> Result<Exit> {
    let in_force = state.is_none();
    let query = state.map(|state| ("state", state)).into_iter().collect();
    let pages = Pages {
        path: "/api/v1/silences",
        entries: "silences",
        cursor: "offset",
        query,
    };
    let mut read = pages.read(client, limit).await?;
    if in_force {
        // The interface lists expired ones last.
        read.entries.retain(|silence| silence["state"] != "expired");
    }
    if as_json {
        json(&read.entries)?;
        return Ok(Exit::Ok);
    }
    let mut listing = Listing::new(&["id", "state", "ends", "by", "matchers", "comment"]);
    for silence in read.entries {
        let silence: views::Silence = serde_json::from_value(silence)?;
        let (ends, matchers) = (local(silence.ends_at), silence.matchers());
        listing.row([
            silence.id,
            silence.state,
            ends,
            silence.created_by,
            matchers,
            silence.comment,
        ]);
    }
    listing.print("silences");
    if read.more && !in_force {
        say("there are more: --limit");
    }
    Ok(Exit::Ok)
}

fn show(silence: &views::Silence) {
    let mut listing = Listing::new(&["silence", &silence.id]);
    let facts = [
        ("state", silence.state.clone()),
        ("matchers", silence.matchers()),
        ("begins", local(silence.starts_at)),
        ("ends", local(silence.ends_at)),
        ("by", silence.created_by.clone()),
        ("comment", silence.comment.clone()),
        (
            "firing alerts",
            silence.matches.unwrap_or_default().to_string(),
        ),
    ];
    for (name, value) in facts {
        listing.row([name.to_owned(), value]);
    }
    listing.print("silence");
}
