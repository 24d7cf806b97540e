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
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When it ends, HH:MM up to 24:00, of the next day where it is earlier; or 'monday 08:00'.
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Days on which it begins, such as sunday or monday:friday; every day without it.
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    days: Vec<String>,
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
#[serde(rename_all = "camelCase")]
struct Occurrence {
    starts_at: Time,
    ends_at: Time,
}

impl Repeat {
    pub(crate) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let mut times = json!({"from": self.from, "to": self.to});
        if !self.days.is_empty() {
            times["days"] = json!(self.days);
        }
        let mut body = self.about.body()?;
        body["timezone"] = self.timezone.into();
        body["times"] = json!([times]);
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
        let times: Vec<String> = one.times.iter().map(words).collect();
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
