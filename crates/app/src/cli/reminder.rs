//! `balefire reminder`: what will expire, and who is told of it in advance.

use anyhow::Result;
use balefire_config::Env;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use super::views;
use crate::client::{Call, Client};
use crate::environment::ProcessEnvironment;
use crate::exit::{Ended, Exit};
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire reminder add 'SSL www.example.com' --expires 2026-12-31 --advance 30 --email ops@example.com
  balefire reminder list
  balefire reminder edit 7 --expires 2027-12-31
  balefire reminder handled 7";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reminder {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Reminders, what expires first at the top.
    #[command(after_help = "Example:\n  balefire reminder list --search example.com")]
    List {
        /// Only those with this text in their name, content or addresses.
        #[arg(long)]
        search: Option<String>,
        /// Only those somebody has seen to.
        #[arg(long)]
        handled: bool,
        /// Those that somebody has seen to as well.
        #[arg(long, conflicts_with = "handled")]
        all: bool,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// One reminder, what was told of it, and when more is.
    #[command(after_help = "Example:\n  balefire reminder show 7")]
    Show {
        /// Its number.
        id: u64,
    },
    /// Make a reminder; prints its number.
    #[command(
        after_help = "Example:\n  balefire reminder add 'domain example.com' --expires '2026-12-31 10:00' --advance 30 --receiver ops"
    )]
    Add {
        /// Its name, which no other has.
        name: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Change a reminder; what is not given stays. Another time of expiry is told anew.
    #[command(after_help = "Example:\n  balefire reminder edit 7 --expires 2027-12-31")]
    Edit {
        /// Its number.
        id: u64,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Note that somebody has seen to it: nothing more is told of it.
    #[command(after_help = "Example:\n  balefire reminder handled 7")]
    Handled {
        /// Its number.
        id: u64,
        /// Who; the user who runs this when it is left out.
        #[arg(long, short)]
        by: Option<String>,
        /// Take it back instead.
        #[arg(long, conflicts_with = "by")]
        undo: bool,
    },
    /// Remove reminders.
    #[command(after_help = "Example:\n  balefire reminder delete 7 8")]
    Delete {
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<u64>,
    },
    /// Tell it now by all its ways, as a test; no stage counts as told.
    #[command(after_help = "Example:\n  balefire reminder test 7")]
    Test {
        /// Its number.
        id: u64,
    },
}

#[derive(Args)]
struct Fields {
    /// When it expires: a time such as 2026-12-31T15:59:00Z, or a date or time by the owner's clock.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// How many days ahead it is first told.
    #[arg(long, value_name = "DAYS")]
    advance: Option<u32>,
    /// What it is about.
    #[arg(long)]
    content: Option<String>,
    /// Addresses that are told by mail, with commas.
    #[arg(long)]
    email: Option<String>,
    /// A receiver that is told; may be repeated.
    #[arg(long = "receiver", value_name = "NAME")]
    receivers: Vec<String>,
    /// An account it is told through, with options as JSON where it needs some; may be repeated.
    #[arg(long = "account", value_name = "NAME[=JSON]", value_parser = account)]
    accounts: Vec<Value>,
    /// The key of the person whose language, zone and hours count.
    #[arg(long)]
    owner: Option<String>,
}

/// `name` or `name={"option": …}`.
fn account(text: &str) -> Result<Value, String> {
    let Some((name, options)) = text.split_once('=') else {
        return Ok(json!({"account": text}));
    };
    match serde_json::from_str(options) {
        Ok(Value::Object(options)) => Ok(json!({"account": name, "options": options})),
        Ok(_) => Err("options are a JSON object, such as {\"to\": \"ops@example.com\"}".to_owned()),
        Err(error) => Err(format!("options are a JSON object: {error}")),
    }
}

impl Fields {
    fn body(self, name: Option<String>) -> Value {
        let mut body = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), value);
            }
        };
        put("name", name.map(Value::from));
        put("content", self.content.map(Value::from));
        put("email", self.email.map(Value::from));
        put("owner", self.owner.map(Value::from));
        put("advanceDays", self.advance.map(Value::from));
        put("expiresAt", self.expires.map(Value::from));
        let receivers = self
            .receivers
            .into_iter()
            .map(|name| json!({"receiver": name}));
        let ways: Vec<Value> = self.accounts.into_iter().chain(receivers).collect();
        put("ways", (!ways.is_empty()).then(|| ways.into()));
        Value::Object(body)
    }
}

impl Reminder {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List {
                search,
                handled,
                all,
                limit,
            } => {
                let handled = (!all).then(|| handled.to_string());
                let query = search.map(|text| ("search", text)).into_iter();
                let query = query.chain(handled.map(|word| ("handled", word))).collect();
                list(&client, query, limit, as_json).await
            }
            What::Show { id } => {
                let reminder: Value = client.get(&path(id), &[]).await?;
                show(reminder, as_json)
            }
            What::Add { name, fields } => {
                let body = fields.body(Some(name));
                let made: Value = client.post("/api/v1/reminders", &body).await?;
                if !as_json {
                    data(&made["id"].to_string());
                }
                told(made, as_json)
            }
            What::Edit { id, name, fields } => {
                let body = fields.body(name);
                let changed = call(&client, Method::PATCH, &path(id), Some(&body)).await?;
                told(changed, as_json)
            }
            What::Handled { id, by, undo } => {
                let path = format!("{}/handled", path(id));
                let changed = if undo {
                    call(&client, Method::DELETE, &path, None).await?
                } else {
                    client.post(&path, &json!({"by": who(by)?})).await?
                };
                told(changed, as_json)
            }
            What::Delete { ids } => delete(&client, &ids, as_json).await,
            What::Test { id } => test(&client, id, as_json).await,
        }
    }
}

fn path(id: u64) -> String {
    format!("/api/v1/reminders/{id}")
}

async fn call(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
    let call = Call {
        body,
        ..Call::default()
    };
    let answer = client.call(method, path, call).await?;
    Ok(client.read(&answer.body)?)
}

fn who(by: Option<String>) -> Result<String> {
    let user = || {
        ProcessEnvironment
            .variable("USER")
            .filter(|name| !name.is_empty())
    };
    let by = by.or_else(user);
    by.ok_or_else(|| Ended::invalid("say who has seen to it: --by NAME").into())
}

async fn list(
    client: &Client,
    query: Vec<(&str, String)>,
    limit: usize,
    as_json: bool,
) -> Result<Exit> {
    let pages = Pages {
        path: "/api/v1/reminders",
        entries: "reminders",
        cursor: "offset",
        query,
    };
    let read = pages.read(client, limit).await?;
    if as_json {
        json(&read.entries)?;
        return Ok(Exit::Ok);
    }
    let mut listing = Listing::new(&["id", "expires", "ahead", "name", "told by", "seen to by"]);
    for reminder in read.entries {
        let reminder: views::Reminder = serde_json::from_value(reminder)?;
        listing.row([
            reminder.id.to_string(),
            local(reminder.expires_at),
            format!("{} d", reminder.advance_days),
            reminder.name.clone(),
            reminder.ways(),
            reminder.seen_by(),
        ]);
    }
    listing.print("reminders");
    if read.more {
        say("there are more: --limit");
    }
    Ok(Exit::Ok)
}

fn show(reminder: Value, as_json: bool) -> Result<Exit> {
    if as_json {
        json(&reminder)?;
        return Ok(Exit::Ok);
    }
    let reminder: views::Reminder = serde_json::from_value(reminder)?;
    let mut listing = Listing::new(&["reminder", &reminder.id.to_string()]);
    let next = reminder.next_told_at.map_or("never".to_owned(), local);
    let facts = [
        ("name", reminder.name.clone()),
        ("content", reminder.content.clone()),
        ("expires", local(reminder.expires_at)),
        ("told first", format!("{} d ahead", reminder.advance_days)),
        ("told by", reminder.ways()),
        ("owner", reminder.owner.clone().unwrap_or_default()),
        ("seen to by", reminder.seen_by()),
        ("told next", next),
    ];
    for (name, value) in facts {
        listing.row([name.to_owned(), value]);
    }
    for told in &reminder.told {
        let words = format!("{} d ahead of {} by {}", told.stage, told.date, told.way);
        listing.row([format!("told {}", local(told.at)), words]);
    }
    listing.print("reminder");
    Ok(Exit::Ok)
}

/// Says when a reminder that was made or changed is told next.
fn told(reminder: Value, as_json: bool) -> Result<Exit> {
    if as_json {
        json(&reminder)?;
        return Ok(Exit::Ok);
    }
    let reminder: views::Reminder = serde_json::from_value(reminder)?;
    say(&match reminder.next_told_at {
        Some(at) => format!("it is told next at {}", local(at)),
        None => "nothing more is told of it".to_owned(),
    });
    Ok(Exit::Ok)
}

async fn delete(client: &Client, ids: &[u64], as_json: bool) -> Result<Exit> {
    for id in ids {
        client
            .call(Method::DELETE, &path(*id), Call::default())
            .await?;
        say(&format!("deleted {id}"));
    }
    if as_json {
        json(&json!({"deleted": ids}))?;
    }
    Ok(Exit::Ok)
}

async fn test(client: &Client, id: u64, as_json: bool) -> Result<Exit> {
    let path = format!("{}/test", path(id));
    let tested = call(client, Method::POST, &path, None).await?;
    let all = tested["ways"].as_array().cloned().unwrap_or_default();
    let mut listing = Listing::new(&["way", "target", "state", "detail"]);
    let mut arrived = !all.is_empty();
    for way in &all {
        let way: views::Tested = serde_json::from_value(way.clone())?;
        if let Some(error) = &way.error {
            arrived = false;
            listing.row([
                way.way.clone(),
                String::new(),
                "failed".to_owned(),
                error.clone(),
            ]);
        }
        for sent in way.notifications {
            arrived &= sent.state == "delivered";
            listing.row([way.way.clone(), sent.target, sent.state, sent.detail]);
        }
    }
    if as_json {
        json(&tested)?;
    } else {
        listing.print("ways");
    }
    Ok(if arrived {
        Exit::Ok
    } else {
        Exit::NotDelivered
    })
}
