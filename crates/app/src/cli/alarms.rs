//! `balefire alarms`: what came by `/alarm_v2`, and how its people were told.

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;

use super::alert::time;
use super::listing::{Listing, local};
use super::node::Node;
use super::pages::Pages;
use crate::exit::Exit;
use crate::output::{json, say};

const EXAMPLES: &str = "Examples:
  balefire alarms --env prod
  balefire alarms --owner chenmin --code 4001";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Alarms {
    /// Only of this environment.
    #[arg(long, value_parser = ["prod", "pre", "dev"])]
    env: Option<String>,
    /// Only with this id.
    #[arg(long)]
    owner: Option<String>,
    /// Only of this department.
    #[arg(long)]
    dep: Option<String>,
    /// Only those that were answered so.
    #[arg(long)]
    code: Option<u16>,
    /// Only those that came at or after this time, RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Time>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    node: Node,
}

/// An alarm, as far as people are shown it.
#[derive(Debug, Deserialize)]
struct Alarm {
    seq: u64,
    at: Time,
    env: Option<String>,
    owner: String,
    level: String,
    dep: Option<String>,
    code: Option<u16>,
    dingtalk: Way,
    wecom: Way,
    email: Way,
}

#[derive(Debug, Deserialize)]
struct Way {
    status: Option<String>,
}

impl Alarms {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let asked = [
            ("env", self.env),
            ("owner", self.owner),
            ("dep", self.dep),
            ("code", self.code.map(|code| code.to_string())),
            ("since", self.since.map(|time| time.to_string())),
        ];
        let given = asked.into_iter();
        let pages = Pages {
            path: "/api/v1/alarms",
            entries: "alarms",
            cursor: "before",
            query: given
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
        };
        let read = pages.read(&client, self.limit).await?;
        if self.node.json {
            json(&read.entries)?;
            return Ok(Exit::Ok);
        }
        let mut listing = Listing::new(&[
            "seq", "came", "env", "dep", "id", "level", "code", "dingtalk", "wecom", "email",
        ]);
        for alarm in read.entries {
            let alarm: Alarm = serde_json::from_value(alarm)?;
            let word = Option::unwrap_or_default;
            listing.row([
                alarm.seq.to_string(),
                local(alarm.at),
                word(alarm.env),
                word(alarm.dep),
                alarm.owner,
                alarm.level,
                alarm.code.map_or_else(String::new, |code| code.to_string()),
                word(alarm.dingtalk.status),
                word(alarm.wecom.status),
                word(alarm.email.status),
            ]);
        }
        listing.print("alarms");
        if read.more {
            say("there are more: --limit");
        }
        Ok(Exit::Ok)
    }
}
