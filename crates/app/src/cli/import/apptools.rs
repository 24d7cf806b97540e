//! `balefire import apptools`: each row is handed to the node as AppTools' own clients hand it in, so that the same
//! rules hold; doing it again brings what was not there yet.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use balefire_store::{AppToolsRow, StoreUrl, read_apptools};
use clap::Args;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::listing::Listing;
use super::super::node::Node;
use crate::client::{Client, ClientError};
use crate::exit::{Ended, Exit};
use crate::output::{json, say};

/// Longest address that is read from standard input, in bytes.
const LONGEST_URL: u64 = 4096;
/// What `msg` says of a name that is there already.
const KNOWN: &str = "已经存在";

#[derive(Args)]
pub(crate) struct Apptools {
    /// Its database, as mysql://USER:PASSWORD@HOST/DATABASE; `-` reads the address from standard input, so that the
    /// password stands in no list of processes.
    #[arg(value_name = "URL")]
    database: String,
    /// Say what would come over and what would not; change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// The two kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Fault,
    Reminder,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Fault => "/fault",
            Self::Reminder => "/event_reminder",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Reminder => "reminder",
        }
    }

    /// The field that names a row, and those that must be there beside it.
    const fn required(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Fault => (
                "fault_name",
                &[
                    "fault_level",
                    "fault_state",
                    "fault_penson",
                    "fault_start_time",
                    "fault_end_time",
                ],
            ),
            Self::Reminder => ("name", &["content", "email", "advance_at", "expire_at"]),
        }
    }
}

/// What became of a row, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It came over.
    Added,
    /// It would come over.
    WouldAdd,
    /// The node has one of this name.
    Known,
    /// It cannot come over as it is.
    Refused,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::WouldAdd => "would be added",
            Self::Known => "there already",
            Self::Refused => "refused",
        }
    }
}

/// A line of the report.
#[derive(Debug, Serialize)]
struct Line {
    kind: Kind,
    id: i64,
    name: String,
    outcome: Outcome,
    why: String,
}

impl Apptools {
    pub(super) async fn run(self, node: &Node) -> Result<Exit> {
        let client = node.client()?;
        let url = address(&self.database)?;
        let rows = read_apptools(&url).await?;
        if rows.faults.is_none() && rows.reminders.is_none() {
            let why = "the database has neither itsm_fault_info nor itsm_event_reminder: is it AppTools'?";
            return Err(Ended::new(Exit::NotFound, why).into());
        }
        let mut report = Vec::new();
        for (kind, rows) in [(Kind::Fault, rows.faults), (Kind::Reminder, rows.reminders)] {
            let Some(rows) = rows else {
                say(&format!("it has no table of {}s", kind.word()));
                continue;
            };
            for row in rows {
                let line = self.bring(&client, kind, row).await?;
                report.push(line);
            }
        }
        tell(&report, node.json)
    }

    /// Brings one row over; what is wrong with it is its own.
    async fn bring(&self, client: &Client, kind: Kind, row: AppToolsRow) -> Result<Line> {
        let (named, _) = kind.required();
        let line = |outcome, why: &str| Line {
            kind,
            id: row.id,
            name: field(&row, named).unwrap_or_default().to_owned(),
            outcome,
            why: why.to_owned(),
        };
        if let Some(why) = problem(kind, &row) {
            return Ok(line(Outcome::Refused, &why));
        }
        if self.dry_run {
            let there = is_there(client, kind, field(&row, named).unwrap_or_default()).await?;
            return Ok(line(
                if there {
                    Outcome::Known
                } else {
                    Outcome::WouldAdd
                },
                "",
            ));
        }
        let body: Map<String, Value> = row
            .fields
            .iter()
            .filter_map(|(name, value)| Some(((*name).to_owned(), value.as_deref()?.into())))
            .collect();
        let answer: Value = client
            .post(kind.path(), &Value::Object(body))
            .await
            .map_err(off)?;
        let said = answer["msg"].as_str().unwrap_or_default();
        Ok(match answer["status"].as_i64() {
            Some(0) => line(Outcome::Added, ""),
            _ if said.contains(KNOWN) => line(Outcome::Known, ""),
            _ => line(Outcome::Refused, said),
        })
    }
}

/// The address that was given, or that stands on standard input.
fn address(given: &str) -> Result<StoreUrl> {
    if given != "-" {
        return Ok(StoreUrl::parse(given)?);
    }
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(LONGEST_URL);
    input
        .read_to_string(&mut text)
        .context("the address cannot be read from standard input")?;
    Ok(StoreUrl::parse(text.trim())?)
}

/// A node that does not serve AppTools' paths says so with 404.
fn off(error: ClientError) -> anyhow::Error {
    match error {
        ClientError::Refused { status: 404, .. } => {
            let why = "the node does not serve AppTools: name it under legacy.apptools, with its mail account";
            Ended::new(Exit::NotFound, why).into()
        }
        other => other.into(),
    }
}

fn field<'r>(row: &'r AppToolsRow, name: &str) -> Option<&'r str> {
    let found = row.fields.iter().find(|(field, _)| *field == name);
    found.and_then(|(_, value)| value.as_deref())
}

/// What keeps a row from coming over, as far as it can be said without the node.
fn problem(kind: Kind, row: &AppToolsRow) -> Option<String> {
    let (named, others) = kind.required();
    let empty = |name: &&str| field(row, name).is_none_or(|text| text.trim().is_empty());
    let missing: Vec<&str> = std::iter::once(named)
        .chain(others.iter().copied())
        .filter(empty)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Some(format!(
            "{missing}: empty; fill it in there and import again"
        ));
    }
    let times = match kind {
        Kind::Fault => ["fault_start_time", "fault_end_time"].as_slice(),
        Kind::Reminder => ["expire_at"].as_slice(),
    };
    let mut read = Vec::new();
    for name in times {
        let text = field(row, name).unwrap_or_default();
        match text.parse::<DateTime>() {
            Ok(time) => read.push(time),
            Err(_) => return Some(format!("{name}: {text:?} is no date")),
        }
    }
    if let [start, end] = read.as_slice()
        && end < start
    {
        return Some(format!(
            "fault_end_time: {end} is before its start, {start}"
        ));
    }
    let level = field(row, "fault_level").unwrap_or("1");
    if !matches!(level, "1" | "2" | "3" | "4") {
        return Some(format!("fault_level: {level} is not one of 1 to 4"));
    }
    None
}

/// Whether the node has one of this name.
async fn is_there(client: &Client, kind: Kind, name: &str) -> Result<bool> {
    let (named, _) = kind.required();
    let mut page = 1;
    loop {
        let query = [
            ("format", "json".to_owned()),
            ("key", named.to_owned()),
            ("value", name.to_owned()),
            ("page", page.to_string()),
            ("limit", "100".to_owned()),
        ];
        let answer: Value = client.get(kind.path(), &query).await.map_err(off)?;
        let rows = answer["data"].as_array().map(Vec::as_slice);
        let rows = rows.unwrap_or_default();
        if rows.iter().any(|row| row[named] == name) {
            return Ok(true);
        }
        if rows.len() < 100 {
            return Ok(false);
        }
        page += 1;
    }
}

fn tell(report: &[Line], as_json: bool) -> Result<Exit> {
    if as_json {
        json(&report)?;
    } else {
        let mut listing = Listing::new(&["what", "id", "name", "outcome", "why"]);
        for line in report {
            listing.row([
                line.kind.word().to_owned(),
                line.id.to_string(),
                line.name.clone(),
                line.outcome.word().to_owned(),
                line.why.clone(),
            ]);
        }
        listing.print("rows");
    }
    let count = |outcome| report.iter().filter(|line| line.outcome == outcome).count();
    let (added, would) = (count(Outcome::Added), count(Outcome::WouldAdd));
    let (known, refused) = (count(Outcome::Known), count(Outcome::Refused));
    say(&match would {
        0 => format!("{added} added, {known} there already, {refused} refused"),
        _ => {
            format!("{would} would be added, {known} are there already, {refused} would be refused")
        }
    });
    Ok(if refused > 0 { Exit::Invalid } else { Exit::Ok })
}
