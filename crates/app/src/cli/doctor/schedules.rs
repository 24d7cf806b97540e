//! Schedules: whether somebody is on call all the time, soon enough to do something about it.

use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::clock::Clock;
use balefire_core::schedule::Schedule;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use balefire_engine::roster::is_reachable;
use serde::Deserialize;
use serde_json::Value;

use super::{Finding, Verdict};
use crate::client::Client;

/// The word for what is looked at here.
pub(super) const CHECK: &str = "on_call";
/// How far ahead is looked: a month of rotations.
const AHEAD: Duration = Duration::from_hours(30 * 24);

/// What was seen of a schedule.
struct Seen {
    name: String,
    /// How many gaps, and the first.
    gaps: usize,
    first: Option<(Time, Time)>,
    /// Who cannot be reached.
    silent: Vec<String>,
}

/// A finding for each schedule of a document.
pub(super) fn look(plan: &Plan, now: Time) -> Vec<Finding> {
    let schedules = plan.schedules.values();
    let look = |one: &Schedule| {
        let name = one.name();
        let is_fetched = plan.calendars.iter().any(|own| *own.schedule == *name);
        if !is_fetched {
            return covered(one, plan, now);
        }
        let seen = format!("{name}: who is on call stands in a calendar that a node fetches");
        let fix = "start the node and ask again, then its copy is looked at";
        Finding::of(CHECK, Verdict::Skipped, seen, fix)
    };
    schedules.map(look).collect()
}

fn covered(schedule: &Schedule, plan: &Plan, now: Time) -> Finding {
    let name = schedule.name();
    let found = match schedule.coverage(now, now.after(AHEAD), &|key| is_reachable(plan, key)) {
        Ok(found) => found,
        Err(error) => return Finding::problem(CHECK, format!("{name}: {error}"), ""),
    };
    let silent = found.unreachable.iter();
    let silent = silent.flat_map(|one| one.people.iter().map(ToString::to_string));
    told(Seen {
        name: name.to_owned(),
        gaps: found.gaps.len(),
        first: found
            .gaps
            .first()
            .map(|gap| (gap.stretch.from, gap.stretch.to)),
        silent: silent.collect(),
    })
}

fn told(seen: Seen) -> Finding {
    let Seen {
        name,
        gaps,
        first,
        mut silent,
    } = seen;
    if let Some((from, to)) = first {
        let ways = format!("see balefire oncall coverage {name} --days 30");
        let seen = format!(
            "{name}: nobody is on call {gaps} time(s) in the next 30 days, first from {from} to {to}"
        );
        return Finding::advice(CHECK, seen, ways);
    }
    silent.sort_unstable();
    silent.dedup();
    if !silent.is_empty() {
        let seen = format!("{name}: nothing says how to reach {}", silent.join(", "));
        let fix = "give them a phone or an email under people";
        return Finding::advice(CHECK, seen, fix);
    }
    Finding::good(
        CHECK,
        format!("{name}: somebody is on call for the next 30 days"),
    )
}

#[derive(Deserialize)]
struct Coverage {
    gaps: Vec<Part>,
    unreachable: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    from: Time,
    to: Time,
    #[serde(default)]
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    key: String,
}

/// A calendar of a schedule.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calendar {
    layer: String,
    address: String,
    status: String,
    fetched_at: Option<Time>,
    error: String,
}

/// A finding for each calendar that cannot be fetched.
async fn calendars(client: &Client, name: &str) -> Vec<Finding> {
    let path = format!("/api/v1/schedules/{name}/calendars");
    // A node that is older has none.
    let Ok(answer) = client.get::<Value>(&path, &[]).await else {
        return Vec::new();
    };
    let list = serde_json::from_value(answer["calendars"].clone());
    let list: Vec<Calendar> = list.unwrap_or_default();
    let findings = list.into_iter().filter_map(|one| {
        let since = one.fetched_at.map(|at| at.to_string()).unwrap_or_default();
        let (layer, address, error) = (one.layer, one.address, one.error);
        let fix = format!("mend what it says, then: balefire oncall refresh {name}");
        Some(match one.status.as_str() {
            "unfetched" => {
                let seen = format!(
                    "{name}: {layer} is off, as its calendar {address} has never been fetched: {error}"
                );
                Finding::problem(CHECK, seen, fix)
            }
            "stale" => {
                let seen = format!(
                    "{name}: {layer}: its calendar {address} was fetched last at {since} and may be out of date: {error}"
                );
                Finding::problem(CHECK, seen, fix)
            }
            "failing" => {
                let seen = format!(
                    "{name}: {layer}: its calendar {address} cannot be fetched since its copy of {since}: {error}"
                );
                Finding::advice(CHECK, seen, fix)
            }
            _ => return None,
        })
    });
    findings.collect()
}

/// A finding for each schedule of the running node and for each override that does not hold any more; `None` when
/// the node does not answer that.
pub(super) async fn on_node(client: &Client) -> Option<Vec<Finding>> {
    let list: Value = client.get("/api/v1/schedules", &[]).await.ok()?;
    let names = list["schedules"].as_array()?.iter();
    let names: Vec<&str> = names.filter_map(|one| one["name"].as_str()).collect();
    let now = SystemClock.now();
    let ends = [
        ("from", now.to_string()),
        ("to", now.after(AHEAD).to_string()),
    ];
    let mut findings = Vec::new();
    for name in names {
        let path = format!("/api/v1/schedules/{name}");
        let found = client.get(&format!("{path}/coverage"), &ends).await;
        let Coverage { gaps, unreachable } = found.ok()?;
        let silent = unreachable.into_iter().flat_map(|one| one.people);
        findings.push(told(Seen {
            name: name.to_owned(),
            gaps: gaps.len(),
            first: gaps.first().map(|gap| (gap.from, gap.to)),
            silent: silent.map(|person| person.key).collect(),
        }));
        findings.extend(calendars(client, name).await);
        let limit = [("limit", "1000".to_owned())];
        let booked: Value = client
            .get(&format!("{path}/overrides"), &limit)
            .await
            .ok()?;
        let booked = booked["overrides"].as_array()?.iter();
        findings.extend(booked.filter_map(|one| {
            let (id, why) = (one["id"].as_str()?, one["problem"].as_str()?);
            let seen = format!("{name}: an override does not hold any more: {why}");
            let fix =
                format!("balefire oncall cancel {name} {id}, and make another where one is needed");
            Some(Finding::problem(CHECK, seen, fix))
        }));
    }
    Some(findings)
}
