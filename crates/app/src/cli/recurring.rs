//! `balefire silence repeat`: silences that recur by the clock of a place.

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::silence::About;
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, json as print_json, say};

const PATH: &str = "/api/v1/silence-series";

#[derive(Args)]
pub(crate) struct Repeat {
    #[command(flatten)]
    about: About,
    /// When it begins, HH:MM on each of the days, or 'friday 18:00'.
    #[arg(long, value_name = "TIME", required_unless_present = "rrule")]
    from: Option<String>,
    /// When it ends, HH:MM up to 24:00, of the next day where it is earlier; or 'monday 08:00'.
    #[arg(long, value_name = "TIME", required_unless_present = "rrule")]
    to: Option<String>,
    /// Days on which it begins, such as sunday or monday:friday; every day without it.
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    days: Vec<String>,
    /// A rule of repetition instead (RFC 5545), by days, weeks, months or years, such as FREQ=MONTHLY;BYDAY=2TU.
    #[arg(long, value_name = "RULE", requires_all = ["starts", "lasts"], conflicts_with_all = ["from", "to", "days"])]
    rrule: Option<String>,
    /// Since when the rule counts, such as 2026-12-08T02:00; its time of day is that of each repetition.
    #[arg(long, value_name = "TIME", requires = "rrule")]
    starts: Option<String>,
    /// How long each repetition of the rule is on, such as 2h.
    #[arg(long, value_name = "DURATION", requires = "rrule")]
    lasts: Option<String>,
    /// The zone by whose clock it goes, such as Asia/Shanghai.
    #[arg(long, value_name = "ZONE")]
    timezone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Series {
    id: String,
    matchers: Vec<String>,
    timezone: String,
    times: Vec<Times>,
    #[serde(default)]
    rules: Vec<Rule>,
    created_by: String,
    comment: String,
    ended: bool,
    next: Option<Occurrence>,
}

#[derive(Deserialize)]
struct Times {
    from: Option<String>,
    to: Option<String>,
    days: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Rule {
    rrule: String,
    starts: String,
    lasts: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Occurrence {
    starts_at: Time,
    ends_at: Time,
}

impl Repeat {
    pub(crate) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let mut body = self.about.body()?;
        body["timezone"] = self.timezone.into();
        if let Some(rule) = self.rrule {
            let rule = json!({"rrule": rule, "starts": self.starts, "lasts": self.lasts});
            body["rules"] = json!([rule]);
        } else {
            let mut times = json!({"from": self.from, "to": self.to});
            if !self.days.is_empty() {
                times["days"] = json!(self.days);
            }
            body["times"] = json!([times]);
        }
        let made: Value = client.post(PATH, &body).await?;
        if as_json {
            print_json(&made)?;
            return Ok(Exit::Ok);
        }
        let made: Series = serde_json::from_value(made)?;
        if let Some(next) = &made.next {
            let (from, to) = (local(next.starts_at), local(next.ends_at));
            say(&format!("next from {from} to {to}"));
        }
        data(&made.id);
        Ok(Exit::Ok)
    }
}

/// All of them.
pub(crate) async fn list(client: &Client, as_json: bool) -> Result<Exit> {
    let answer: Value = client.get(PATH, &[]).await?;
    if as_json {
        print_json(&answer["series"])?;
        return Ok(Exit::Ok);
    }
    let all: Vec<Series> = serde_json::from_value(answer["series"].clone())?;
    let mut listing = Listing::new(&["id", "next", "times", "by", "matchers", "comment"]);
    for one in all {
        let next = one.next.map(|next| local(next.starts_at));
        let next = next.unwrap_or_else(|| if one.ended { "ended" } else { "-" }.to_owned());
        let rule = |rule: &Rule| format!("{} from {} for {}", rule.rrule, rule.starts, rule.lasts);
        let rules = one.rules.iter().map(rule);
        let times: Vec<String> = one.times.iter().map(words).chain(rules).collect();
        listing.row([
            one.id,
            next,
            format!("{} {}", times.join("; "), one.timezone),
            one.created_by,
            one.matchers.join(", "),
            one.comment,
        ]);
    }
    listing.print("recurring silences");
    Ok(Exit::Ok)
}

fn words(times: &Times) -> String {
    let days = times
        .days
        .as_ref()
        .map(|days| format!("{} ", days.join(",")));
    let (from, to) = (times.from.as_deref(), times.to.as_deref());
    let span = format!("{}-{}", from.unwrap_or("00:00"), to.unwrap_or("24:00"));
    format!("{}{span}", days.unwrap_or_default())
}

/// Ends some of them, with the occurrences that are not over.
pub(crate) async fn end(client: &Client, ids: &[String], as_json: bool) -> Result<Exit> {
    for id in ids {
        let path = format!("{PATH}/{id}");
        client.call(Method::DELETE, &path, Call::default()).await?;
        say(&format!("ended {id}"));
    }
    if as_json {
        print_json(&json!({"ended": ids}))?;
    }
    Ok(Exit::Ok)
}
