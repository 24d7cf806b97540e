//! `balefire oncall calendars` and `refresh`: the calendars that a schedule's layers are fetched from.

use anyhow::Result;
use balefire_core::time::Time;
use serde::Deserialize;
use serde_json::Value;

use super::path;
use crate::cli::listing::{Listing, local};
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{harmless, json, say};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calendar {
    layer: String,
    address: String,
    status: String,
    fetched_at: Option<Time>,
    error: String,
    events: Option<usize>,
    people: Vec<Person>,
    unknown: Vec<String>,
    left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    events: usize,
}

/// Shows them as they stand.
pub(super) async fn list(client: &Client, schedule: &str, as_json: bool) -> Result<Exit> {
    let path = format!("{}/calendars", path(schedule)?);
    let answer: Value = client.get(&path, &[]).await?;
    show(&answer, as_json)
}

/// Fetches them first.
pub(super) async fn refresh(client: &Client, schedule: &str, as_json: bool) -> Result<Exit> {
    let path = format!("{}/refresh", path(schedule)?);
    let answer: Value = client.post(&path, &Value::Null).await?;
    show(&answer, as_json)
}

/// Code 9 when one of them was not fetched.
fn show(answer: &Value, as_json: bool) -> Result<Exit> {
    let calendars: Vec<Calendar> = serde_json::from_value(answer["calendars"].clone())?;
    let good = calendars.iter().all(|one| one.status == "fetched");
    let exit = if good { Exit::Ok } else { Exit::Problems };
    if as_json {
        json(answer)?;
        return Ok(exit);
    }
    let mut listing = Listing::new(&["layer", "address", "state", "fetched", "events", "people"]);
    for one in &calendars {
        let people = one.people.iter();
        let people = people.map(|person| format!("{} ({})", person.name, person.events));
        listing.row([
            one.layer.clone(),
            one.address.clone(),
            one.status.clone(),
            one.fetched_at.map(local).unwrap_or_default(),
            one.events
                .map(|count| count.to_string())
                .unwrap_or_default(),
            people.collect::<Vec<_>>().join(", "),
        ]);
    }
    listing.print("calendars: no layer of this schedule is fetched from an address");
    for one in &calendars {
        if !one.error.is_empty() {
            say(&format!("{}: {}", one.layer, harmless(&one.error)));
        }
        if !one.unknown.is_empty() {
            let unknown = one.unknown.join(", ");
            say(&format!(
                "{}: nobody is known by: {}; names says who is meant",
                one.layer,
                harmless(&unknown)
            ));
        }
        let others = one.left_out.iter();
        for told in others.filter(|told| !told.ends_with("names nobody known")) {
            say(&format!("{}: left out: {}", one.layer, harmless(told)));
        }
    }
    Ok(exit)
}
