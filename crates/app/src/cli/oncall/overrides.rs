//! `balefire oncall override`, `swap`, `overrides` and `cancel`: for once, other people than the schedule says.

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json as object};

use super::path;
use super::views::{Person, names};
use crate::cli::incident::who;
use crate::cli::listing::{Listing, local};
use crate::cli::pages::Pages;
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, json, say};

/// How a time is written.
const TIME: &str =
    "2026-12-25T09:00 by the schedule's clock, or with a zone: 2026-12-25T09:00:00+08:00";

#[derive(Args)]
pub(super) struct OverrideArgs {
    /// The schedule.
    schedule: String,
    /// When it begins; what lies in the past stays as it was.
    #[arg(long, value_name = "TIME", help = TIME)]
    from: String,
    /// When it ends, as --from.
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Who is on call instead, keys of people, with commas; with --absent one at most.
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    people: Vec<String>,
    /// Nobody is on call instead.
    #[arg(long, conflicts_with = "people")]
    nobody: bool,
    /// In place of this person only, wherever they are on call; of whoever is on call without it.
    #[arg(long, value_name = "KEY")]
    absent: Option<String>,
    #[command(flatten)]
    words: Words,
}

#[derive(Args)]
pub(super) struct Swap {
    /// The schedule.
    schedule: String,
    /// Who gives this time away.
    #[arg(long, value_name = "KEY")]
    person: String,
    /// When it begins.
    #[arg(long, value_name = "TIME", help = TIME)]
    from: String,
    /// When it ends, as --from.
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Who takes it.
    #[arg(long, value_name = "KEY")]
    with: String,
    /// The beginning of the time that is given for it.
    #[arg(long, value_name = "TIME")]
    their_from: String,
    /// Its end.
    #[arg(long, value_name = "TIME")]
    their_to: String,
    #[command(flatten)]
    words: Words,
}

#[derive(Args)]
struct Words {
    /// Why.
    #[arg(long)]
    reason: Option<String>,
    /// What it shall be known by, so that the same command can be run again.
    #[arg(long)]
    id: Option<String>,
    /// Who makes it; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Args)]
pub(super) struct Overrides {
    /// The schedule.
    schedule: String,
    /// Those that have ended, too.
    #[arg(long)]
    past: bool,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Args)]
pub(super) struct Cancel {
    /// The schedule.
    schedule: String,
    /// The override's or swap's id.
    id: String,
    /// Who does it; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// An override as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    id: String,
    kind: String,
    state: String,
    from: Time,
    to: Time,
    absent: Option<Person>,
    people: Vec<Person>,
    swap: Option<Half>,
    reason: String,
    in_document: bool,
    made_by: Option<String>,
    problem: Option<String>,
    #[serde(default)]
    shifts: Vec<Shift>,
}

#[derive(Deserialize)]
struct Half {
    from: Time,
    to: Time,
}

#[derive(Deserialize)]
struct Shift {
    from: Time,
    to: Time,
    people: Vec<Person>,
}

impl View {
    fn what(&self) -> String {
        let there = names(&self.people);
        match (&self.absent, &self.swap) {
            (Some(absent), Some(half)) => format!(
                "{there} for {}, who is there {} to {}",
                absent.name,
                local(half.from),
                local(half.to)
            ),
            (Some(absent), None) => format!("{there} for {}", absent.name),
            (None, _) => there,
        }
    }
}

impl Words {
    fn body(self) -> Map<String, Value> {
        let fields = [
            ("reason", self.reason),
            ("id", self.id),
            ("madeBy", who(self.by)),
        ];
        let known = fields.into_iter();
        known
            .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
            .collect()
    }
}

async fn book(
    client: &Client,
    schedule: &str,
    (mut body, more): (Map<String, Value>, Value),
    as_json: bool,
) -> Result<Exit> {
    if let Value::Object(more) = more {
        body.extend(more);
    }
    let path = format!("{}/overrides", path(schedule)?);
    let answer: Value = client.post(&path, &Value::Object(body)).await?;
    tell(answer, as_json)
}

/// Tells what an override does, and who is on call then.
fn tell(answer: Value, as_json: bool) -> Result<Exit> {
    if as_json {
        json(&answer)?;
        return Ok(Exit::Ok);
    }
    let view: View = serde_json::from_value(answer)?;
    let state = view.state.replace('_', " ");
    say(&format!(
        "{} {}, {} to {}: {}",
        view.kind.replace('_', "-"),
        state,
        local(view.from),
        local(view.to),
        view.what()
    ));
    if let Some(problem) = &view.problem {
        say(&format!("it does not hold: {problem}"));
    }
    for shift in &view.shifts {
        let (from, to) = (local(shift.from), local(shift.to));
        say(&format!("  {from} to {to}  {}", names(&shift.people)));
    }
    data(&view.id);
    Ok(Exit::Ok)
}

impl OverrideArgs {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        if self.people.is_empty() && !self.nobody {
            let words = "say who is on call instead: --people KEY, or --nobody";
            return Err(crate::exit::Ended::invalid(words).into());
        }
        let mut more = object!({"from": self.from, "to": self.to});
        match self.absent {
            None => more["people"] = object!(self.people),
            Some(absent) => {
                if self.people.len() > 1 {
                    let words = "one person stands in for another: name one in --people";
                    return Err(crate::exit::Ended::invalid(words).into());
                }
                more["absent"] = absent.into();
                more["by"] = object!(self.people.first());
            }
        }
        book(client, &self.schedule, (self.words.body(), more), as_json).await
    }
}

impl Swap {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let more = object!({
            "absent": self.person, "from": self.from, "to": self.to,
            "swap": {"with": self.with, "from": self.their_from, "to": self.their_to},
        });
        book(client, &self.schedule, (self.words.body(), more), as_json).await
    }
}

impl Overrides {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let path = format!("{}/overrides", path(&self.schedule)?);
        let pages = Pages {
            path: &path,
            entries: "overrides",
            cursor: "offset",
            query: vec![("past", self.past.to_string())],
        };
        let read = pages.read(client, self.limit).await?;
        if as_json {
            json(&read.entries)?;
            return Ok(Exit::Ok);
        }
        let mut listing = Listing::new(&["id", "from", "to", "state", "who", "by", "reason"]);
        for entry in read.entries {
            let view: View = serde_json::from_value(entry)?;
            let what = view.what();
            let state = match view.problem {
                Some(_) => "does not hold".to_owned(),
                None => view.state.replace('_', " "),
            };
            let by = if view.in_document {
                "the document".to_owned()
            } else {
                view.made_by.unwrap_or_default()
            };
            let (from, to) = (local(view.from), local(view.to));
            listing.row([view.id, from, to, state, what, by, view.reason]);
        }
        listing.print("overrides");
        if read.more {
            say("there are more: --limit");
        }
        Ok(Exit::Ok)
    }
}

impl Cancel {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.id.is_empty() || !self.id.chars().all(plain) {
            let words = format!(
                "{:?} is no override that people have made; see balefire oncall overrides {}",
                self.id, self.schedule
            );
            return Err(crate::exit::Ended::new(Exit::NotFound, words).into());
        }
        let path = format!("{}/overrides/{}", path(&self.schedule)?, self.id);
        let by = who(self.by).map(|by| ("by", by));
        let call = Call {
            query: by.as_slice(),
            ..Call::default()
        };
        let answer = client.call(Method::DELETE, &path, call).await?;
        tell(client.read(&answer.body)?, as_json)
    }
}
