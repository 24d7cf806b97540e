//! `balefire oncall coverage`: gaps, people who are hidden or cannot be reached, and the burden.

use std::time::Duration;

use anyhow::Result;
use balefire_core::clock::Clock;
use balefire_core::duration;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use serde::Deserialize;
use serde_json::Value;

use super::path;
use super::views::{Person, names};
use crate::cli::listing::{Listing, local};
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{data, json, say};

const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    quality: Quality,
    gaps: Vec<Part>,
    hidden: Vec<Part>,
    unreachable: Vec<Part>,
    load: Vec<Load>,
    calendar_ends: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quality {
    covered: f64,
    reachable: f64,
    evenness: Option<f64>,
}

/// A part of time that something is wrong with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    from: Time,
    to: Time,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    overrides: Vec<String>,
    #[serde(default)]
    layer: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    is_gap: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Load {
    person: Person,
    shifts: usize,
    total_seconds: u64,
    night_seconds: u64,
    weekend_seconds: u64,
    holiday_seconds: u64,
}

pub(super) async fn look(
    client: &Client,
    schedule: &str,
    days: u32,
    as_json: bool,
) -> Result<Exit> {
    let from = SystemClock.now();
    let to = from.after(DAY * days);
    let query = [("from", from.to_string()), ("to", to.to_string())];
    let path = format!("{}/coverage", path(schedule)?);
    let answer: Value = client.get(&path, &query).await?;
    let found: Coverage = serde_json::from_value(answer.clone())?;
    // A shift of nobody who can be reached is as bad as one of nobody.
    let silent = found.unreachable.iter().filter(|one| one.is_gap).count();
    let gaps = found.gaps.len() + silent;
    if as_json {
        json(&answer)?;
    } else {
        tell(&found);
        let Quality {
            covered,
            reachable,
            evenness,
        } = found.quality;
        let evenness = evenness.map(|even| {
            let even = even * 100.0;
            format!("; whoever has least has {even:.0} % of what whoever has most has")
        });
        say(&format!(
            "somebody is on call {:.2} % of the time, somebody who can be reached {:.2} %{}",
            covered * 100.0,
            reachable * 100.0,
            evenness.unwrap_or_default()
        ));
        say(&format!("{gaps} gap(s) in the next {days} days"));
    }
    Ok(if gaps == 0 { Exit::Ok } else { Exit::Problems })
}

fn tell(found: &Coverage) {
    let mut listing = Listing::new(&["what", "from", "to", "why"]);
    let mut row = |what: &str, part: &Part, why: String| {
        listing.row([what.to_owned(), local(part.from), local(part.to), why]);
    };
    for gap in &found.gaps {
        let why = match gap.overrides.as_slice() {
            [] => "no layer is on".to_owned(),
            _ => "an override leaves nobody".to_owned(),
        };
        row("gap", gap, why);
    }
    for one in &found.unreachable {
        let what = if one.is_gap { "gap" } else { "unreachable" };
        let why = format!("no way to reach {}", names(&one.people));
        row(what, one, why);
    }
    for one in &found.hidden {
        let why = format!(
            "{} of {} not called: {} is on",
            names(&one.people),
            one.layer,
            one.by
        );
        row("hidden", one, why);
    }
    listing.print("gaps, and everybody can be reached");
    data("");
    let mut listing = Listing::new(&[
        "person", "shifts", "in all", "nights", "weekends", "holidays",
    ]);
    let hours = |seconds| duration::format(Duration::from_secs(seconds));
    for load in &found.load {
        listing.row([
            load.person.name.clone(),
            load.shifts.to_string(),
            hours(load.total_seconds),
            hours(load.night_seconds),
            hours(load.weekend_seconds),
            hours(load.holiday_seconds),
        ]);
    }
    listing.print("people");
    if let Some(day) = &found.calendar_ends {
        say(&format!(
            "the calendar ends on {day}: holidays after it are not known"
        ));
    }
}
