//! `balefire incident`: what people work on.

mod hand_on;
mod link;
mod merge;
mod role;
mod show;
mod views;

use anyhow::Result;
use balefire_config::Env;
use balefire_core::duration;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use self::merge::Merge;
use self::show::show;
use super::alert::time;
use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use crate::client::Client;
use crate::environment::ProcessEnvironment;
use crate::exit::Exit;
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire incident open 'database is down' --severity critical
  balefire incident list
  balefire incident ack 7
  balefire incident resolve 7 --text 'new disk'";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Incident {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// The incidents that are not resolved, the newest first.
    #[command(after_help = "Example:\n  balefire incident list --state resolved --search disk")]
    List(List),
    /// One incident with its timeline.
    #[command(after_help = "Example:\n  balefire incident show 7")]
    Show {
        /// Its number.
        id: u64,
    },
    /// Open an incident by hand; prints its number.
    #[command(
        after_help = "Example:\n  balefire incident open 'database is down' --severity critical --key group/db"
    )]
    Open(Open),
    /// Say that you have it; the first who says so keeps it.
    #[command(after_help = "Example:\n  balefire incident ack 7")]
    Ack(Word),
    /// Say that it is over.
    #[command(
        after_help = "Example:\n  balefire incident resolve 7 --text 'new disk' --end 2026-11-28T08:30:00Z"
    )]
    Resolve {
        #[command(flatten)]
        word: Word,
        /// Since when, RFC 3339; now when it is left out.
        #[arg(long, value_name = "TIME", value_parser = time)]
        end: Option<Time>,
    },
    /// Say that it is not over.
    #[command(after_help = "Example:\n  balefire incident reopen 7 --text 'it is full again'")]
    Reopen(Word),
    /// Put it off: nobody is paged for so long.
    #[command(after_help = "Example:\n  balefire incident snooze 7 --for 30m")]
    Snooze(hand_on::Snooze),
    /// Give it to others, who are paged for it.
    #[command(after_help = "Example:\n  balefire incident reassign 7 li-wei --team dba")]
    Reassign(hand_on::Reassign),
    /// Page the next in line now.
    #[command(after_help = "Example:\n  balefire incident escalate 7")]
    Escalate(hand_on::Escalate),
    /// Give a part in it to somebody, take it, or give it back: commander, scribe, communications, or your own word.
    #[command(after_help = "Examples:
  balefire incident role 7 commander chen-min
  balefire incident role 7 scribe
  balefire incident role 7 commander --give-back")]
    Role(role::Role),
    /// A link by which somebody answers for an incident without logging in; good for three days.
    #[command(after_help = "Example:\n  balefire incident link 7 --person chen-min")]
    Link {
        /// Its number.
        id: u64,
        /// The key of somebody in people, under whose name it answers.
        #[arg(long, value_name = "KEY")]
        person: Option<String>,
    },
    /// Make all links that were handed out worthless, those in messages, too.
    #[command(after_help = "Example:\n  balefire incident call-back-links")]
    CallBackLinks,
    /// Let an incident go on as another one.
    #[command(after_help = "Example:\n  balefire incident merge 8 7 --text 'the same disk'")]
    Merge(Merge),
    /// Print the report of an incident, Markdown.
    #[command(after_help = "Example:\n  balefire incident report 7 > incident-7.md")]
    Report {
        /// Its number.
        id: u64,
    },
    /// Write something down.
    #[command(after_help = "Example:\n  balefire incident note 7 'changing the disk'")]
    Note {
        /// Its number.
        id: u64,
        /// What.
        text: String,
        /// Who; the user who runs this when it is left out.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[derive(Args)]
struct List {
    /// Only incidents that stand so.
    #[arg(long, default_value = "unresolved", value_parser = ["open", "acknowledged", "resolved", "unresolved", "all"])]
    state: String,
    /// Only incidents as bad as this.
    #[arg(long, value_parser = ["info", "warning", "error", "critical"])]
    severity: Option<String>,
    /// Only those with this in title, responsible, worker, cause or summary.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// In this order; with a - before it, the other way round.
    #[arg(long, default_value = "-id", allow_hyphen_values = true, value_parser = ["id", "-id", "startedAt", "-startedAt", "changedAt", "-changedAt", "severity", "-severity"])]
    sort: String,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Args)]
struct Open {
    /// One line: what is wrong.
    title: String,
    /// What it is opened for, as namespace/name; of one key there is one incident at most.
    #[arg(long)]
    key: Option<String>,
    /// How bad it is.
    #[arg(long, default_value = "warning", value_parser = ["info", "warning", "error", "critical"])]
    severity: String,
    /// Who answers for it.
    #[arg(long, value_name = "NAME")]
    responsible: Option<String>,
    /// Who works on it.
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// When it began, RFC 3339; now when it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    start: Option<Time>,
    /// The escalation that pages people for it.
    #[arg(long, value_name = "NAME")]
    escalation: Option<String>,
    /// Who opens it; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Args)]
struct Word {
    /// Its number.
    id: u64,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Who runs this, unless they say otherwise. A token's or user's own name counts more on the node.
pub(super) fn who(by: Option<String>) -> Option<String> {
    let user = || ProcessEnvironment.variable("USER");
    by.or_else(user).filter(|name| !name.is_empty())
}

/// A body of what is known.
fn body<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}

fn text(text: Option<String>) -> Option<Value> {
    text.map(Value::from)
}

impl Incident {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List(list) => list.run(&client, as_json).await,
            What::Open(open) => open.run(&client, as_json).await,
            What::Show { id } => {
                let incident: Value = client.get(&format!("/api/v1/incidents/{id}"), &[]).await?;
                if as_json {
                    json(&incident)?;
                } else {
                    show(&serde_json::from_value(incident)?);
                }
                Ok(Exit::Ok)
            }
            What::Ack(word) => word.post(&client, "acknowledge", None, as_json).await,
            What::Resolve { word, end } => word.post(&client, "resolve", end, as_json).await,
            What::Snooze(snooze) => snooze.run(&client, as_json).await,
            What::Reassign(reassign) => reassign.run(&client, as_json).await,
            What::Escalate(escalate) => escalate.run(&client, as_json).await,
            What::Role(role) => role.run(&client, as_json).await,
            What::Merge(merge) => merge.run(&client, as_json).await,
            What::Report { id } => merge::report(&client, id).await,
            What::Reopen(word) => word.post(&client, "reopen", None, as_json).await,
            What::Link { id, person } => link::make(&client, id, person, as_json).await,
            What::CallBackLinks => link::call_back(&client, as_json).await,
            What::Note { id, text, by } => {
                let text = Some(text);
                let word = Word { id, text, by };
                word.post(&client, "notes", None, as_json).await
            }
        }
    }
}

impl Word {
    async fn post(
        self,
        client: &Client,
        deed: &str,
        end: Option<Time>,
        as_json: bool,
    ) -> Result<Exit> {
        let id = self.id;
        let body = body([
            ("text", text(self.text)),
            ("endedAt", end.map(|end| json!(end))),
            ("by", text(who(self.by))),
        ]);
        post(client, id, deed, &body, as_json).await
    }
}

/// Does something to an incident, and says how it stands then.
async fn post(client: &Client, id: u64, deed: &str, body: &Value, as_json: bool) -> Result<Exit> {
    let path = format!("/api/v1/incidents/{id}/{deed}");
    let changed: Value = client.post(&path, body).await?;
    if as_json {
        json(&changed)?;
        return Ok(Exit::Ok);
    }
    let incident: views::Incident = serde_json::from_value(changed)?;
    say(&format!("incident {id} is {}", incident.standing()));
    Ok(Exit::Ok)
}

impl Open {
    async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let body = body([
            ("title", Some(self.title.into())),
            ("key", text(self.key)),
            ("severity", Some(self.severity.into())),
            ("responsible", text(self.responsible)),
            ("worker", text(self.worker)),
            ("startedAt", self.start.map(|start| json!(start))),
            ("escalation", text(self.escalation)),
            ("by", text(who(self.by))),
        ]);
        let opened: Value = client.post("/api/v1/incidents", &body).await?;
        if as_json {
            json(&opened)?;
            return Ok(Exit::Ok);
        }
        let incident: views::Incident = serde_json::from_value(opened)?;
        say(&format!(
            "incident {} is {}",
            incident.id,
            incident.standing()
        ));
        data(&incident.id.to_string());
        Ok(Exit::Ok)
    }
}

impl List {
    async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let mut query = vec![("sort", self.sort)];
        if self.state != "all" {
            query.push(("state", self.state));
        }
        query.extend(self.severity.map(|severity| ("severity", severity)));
        query.extend(self.search.map(|search| ("search", search)));
        let pages = Pages {
            path: "/api/v1/incidents",
            entries: "incidents",
            cursor: "offset",
            query,
        };
        let read = pages.read(client, self.limit).await?;
        if as_json {
            json(&read.entries)?;
            return Ok(Exit::Ok);
        }
        let mut listing = Listing::new(&[
            "id", "state", "severity", "started", "lasted", "who", "title",
        ]);
        for incident in read.entries {
            let incident: views::Incident = serde_json::from_value(incident)?;
            listing.row([
                incident.id.to_string(),
                incident.state.clone(),
                incident.severity.clone(),
                local(incident.started_at),
                lasted(&incident),
                incident.who(),
                incident.title,
            ]);
        }
        listing.print("incidents");
        if read.more {
            say("there are more: --limit");
        }
        Ok(Exit::Ok)
    }
}

fn lasted(incident: &views::Incident) -> String {
    let seconds = incident
        .duration_seconds
        .map(std::time::Duration::from_secs);
    seconds.map(duration::format).unwrap_or_default()
}
