//! `balefire oncall`: who is on call when.

mod calendars;
mod coverage;
mod overrides;
mod views;

use anyhow::Result;
use balefire_core::time::Time;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Subcommand};
use serde_json::Value;

use self::overrides::{Cancel, OverrideArgs, Overrides, Swap};
use self::views::{OnCall, Shift, names};
use super::alert::time;
use super::listing::{Listing, local};
use super::node::Node;
use crate::client::Client;
use crate::exit::{Ended, Exit};
use crate::output::json;

const EXAMPLES: &str = "Examples:
  balefire oncall
  balefire oncall ops --at 2026-12-25T03:00:00Z
  balefire oncall shifts ops
  balefire oncall coverage ops --days 30
  balefire oncall refresh ops
  balefire oncall override ops --from 2026-12-25T09:00 --to 2026-12-26T09:00 --people li-wei
  balefire oncall overrides ops";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Oncall {
    #[command(subcommand)]
    what: Option<What>,
    /// Only this schedule.
    name: Option<String>,
    /// At this time, such as 2026-12-25T03:00:00Z; now without it.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Time>,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// Who is on call when, in order.
    #[command(
        after_help = "Example:\n  balefire oncall shifts ops --from 2026-12-24T00:00:00Z --to 2027-01-02T00:00:00Z"
    )]
    Shifts {
        /// The schedule.
        schedule: String,
        /// From this time on; now without it.
        #[arg(long, value_name = "TIME", value_parser = time)]
        from: Option<Time>,
        /// Up to this time, at most 400 days later; 28 days later without it.
        #[arg(long, value_name = "TIME", value_parser = time)]
        to: Option<Time>,
    },
    /// Where nobody is on call or nobody can be reached, and how the burden is shared.
    #[command(
        after_help = "Example:\n  balefire oncall coverage ops --days 30\n\nExit code 9 when there are gaps."
    )]
    Coverage {
        /// The schedule.
        schedule: String,
        /// So many days from now.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=400))]
        days: u32,
    },
    /// The calendars that its layers are fetched from, and what was read of them.
    #[command(
        after_help = "Example:\n  balefire oncall calendars ops\n\nExit code 9 when one of them was not fetched, or the last try failed."
    )]
    Calendars {
        /// The schedule.
        schedule: String,
    },
    /// Fetch its calendars now, and say what was read: events, people, names that nobody is known by.
    #[command(
        after_help = "Example:\n  balefire oncall refresh ops\n\nExit code 9 when one of them could not be fetched."
    )]
    Refresh {
        /// The schedule.
        schedule: String,
    },
    /// Put other people there for a while; prints the id.
    #[command(
        after_help = "Examples:\n  balefire oncall override ops --from 2026-12-25T09:00 --to 2026-12-26T09:00 --people li-wei\n  balefire oncall override ops --from 2026-12-25T09:00 --to 2027-01-02T09:00 --absent wang --people chen-min --reason 'on leave'"
    )]
    Override(OverrideArgs),
    /// Let two people change places; prints the id.
    #[command(
        after_help = "Example:\n  balefire oncall swap ops --person wang --from 2026-12-24T09:00 --to 2026-12-25T09:00 --with li-wei --their-from 2026-12-31T09:00 --their-to 2027-01-01T09:00"
    )]
    Swap(Swap),
    /// The overrides and swaps that hold or are to come.
    #[command(after_help = "Example:\n  balefire oncall overrides ops --past")]
    Overrides(Overrides),
    /// Take an override or a swap back; what held until now stays.
    #[command(
        after_help = "Example:\n  balefire oncall cancel ops 0f8fad5b-d9cb-469f-a165-70867728950e"
    )]
    Cancel(Cancel),
}

impl Oncall {
    pub(crate) async fn run(self) -> Result<Exit> {
        if self.what.is_some() && (self.name.is_some() || self.at.is_some()) {
            let words =
                "a schedule and --at stand without a command such as shifts, which takes its own";
            super::Cli::command()
                .error(ErrorKind::ArgumentConflict, words)
                .exit();
        }
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            None => now(&client, self.name.as_deref(), self.at, as_json).await,
            Some(What::Shifts { schedule, from, to }) => {
                shifts(&client, &schedule, (from, to), as_json).await
            }
            Some(What::Coverage { schedule, days }) => {
                coverage::look(&client, &schedule, days, as_json).await
            }
            Some(What::Calendars { schedule }) => {
                calendars::list(&client, &schedule, as_json).await
            }
            Some(What::Refresh { schedule }) => {
                calendars::refresh(&client, &schedule, as_json).await
            }
            Some(What::Override(book)) => book.run(&client, as_json).await,
            Some(What::Swap(swap)) => swap.run(&client, as_json).await,
            Some(What::Overrides(list)) => list.run(&client, as_json).await,
            Some(What::Cancel(cancel)) => cancel.run(&client, as_json).await,
        }
    }
}

/// The path of a schedule; what would be another path is nobody's name.
fn path(schedule: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if schedule.is_empty() || !schedule.chars().all(plain) {
        let words = format!("no schedule is called {schedule:?}; see balefire oncall");
        return Err(Ended::new(Exit::NotFound, words).into());
    }
    Ok(format!("/api/v1/schedules/{schedule}"))
}

async fn now(client: &Client, only: Option<&str>, at: Option<Time>, as_json: bool) -> Result<Exit> {
    let answer: Value = match at {
        Some(at) => {
            let query = [("at", at.to_string())];
            client.get("/api/v1/on-call", &query).await?
        }
        None => client.get("/api/v1/schedules", &[]).await?,
    };
    let mut schedules: Vec<Value> = serde_json::from_value(answer["schedules"].clone())?;
    if let Some(only) = only {
        let known: Vec<String> = schedules
            .iter()
            .filter_map(|schedule| schedule["name"].as_str().map(ToOwned::to_owned))
            .collect();
        schedules.retain(|schedule| schedule["name"] == only);
        if schedules.is_empty() {
            let words = format!(
                "no schedule is called {only:?}; there are: {}",
                known.join(", ")
            );
            return Err(Ended::new(Exit::NotFound, words).into());
        }
    }
    if as_json {
        match (only, schedules.as_slice()) {
            (Some(_), [one]) => json(one)?,
            _ => json(&schedules)?,
        }
        return Ok(Exit::Ok);
    }
    let columns: &[&str] = match at {
        Some(_) => &["schedule", "on call", "by"],
        None => &["schedule", "on call", "by", "until", "then"],
    };
    let mut listing = Listing::new(columns);
    for schedule in schedules {
        let schedule: OnCall = serde_json::from_value(schedule)?;
        let (who, by) = (schedule.who(), schedule.by());
        let name = schedule.name;
        if at.is_some() {
            listing.row([name, who, by]);
            continue;
        }
        let next = schedule.next_handover;
        let until = next.as_ref().map(|next| local(next.at));
        let then = next.map(|next| names(&next.people));
        let (until, then) = (until.unwrap_or_default(), then.unwrap_or_default());
        listing.row([name, who, by, until, then]);
    }
    listing.print("schedules");
    Ok(Exit::Ok)
}

async fn shifts(
    client: &Client,
    schedule: &str,
    (from, to): (Option<Time>, Option<Time>),
    as_json: bool,
) -> Result<Exit> {
    let ends = [("from", from), ("to", to)].into_iter();
    let query: Vec<(&str, String)> = ends
        .filter_map(|(key, time)| Some((key, time?.to_string())))
        .collect();
    let answer: Value = client.get(&path(schedule)?, &query).await?;
    if as_json {
        json(&answer)?;
        return Ok(Exit::Ok);
    }
    let shifts: Vec<Shift> = serde_json::from_value(answer["shifts"].clone())?;
    let mut listing = Listing::new(&["from", "to", "on call", "by"]);
    for shift in shifts {
        let (who, by) = (names(&shift.people), shift.by());
        listing.row([local(shift.from), local(shift.to), who, by]);
    }
    listing.print("shifts: nobody is on call in this time");
    Ok(Exit::Ok)
}
