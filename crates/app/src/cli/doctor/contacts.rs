//! People: whether their ways are known to reach them, and whether platforms still know them.

use serde_json::Value;

use super::Finding;
use crate::cli::people::Person;
use crate::client::Client;

/// The word for what is looked at here.
const CHECK: &str = "contacts";
/// The same for who people are.
const PLATFORMS: &str = "people";
/// Ways that are named; the others are counted.
const NAMED: usize = 5;

/// Findings about people whom a platform does not know any more, and about those it does not speak of.
pub(super) async fn on_platforms(client: &Client) -> Vec<Finding> {
    let Ok(answer) = client.get::<Value>("/api/v1/people", &[]).await else {
        return Vec::new();
    };
    let people: Vec<Person> = serde_json::from_value(answer["people"].clone()).unwrap_or_default();
    let mut findings = Vec::new();
    let mut silent: Vec<String> = Vec::new();
    let mut why = None;
    for person in &people {
        for one in &person.identities {
            if one.lost {
                let places = match person.named_in.as_slice() {
                    [] => String::new(),
                    places => format!("; still named by {}", places.join("; ")),
                };
                let (key, platform, id) = (&person.key, &one.platform, &one.id);
                let seen = format!(
                    "{key} is not there at {platform}: {id} is {}{places}",
                    one.stands()
                );
                let fix = format!(
                    "put somebody else there and take {key} out, or correct people.{key}.{platform}"
                );
                findings.push(Finding::problem(PLATFORMS, seen, fix));
            } else if !one.failure.is_empty() {
                silent.push(format!("{} at {}", person.key, one.platform));
                why = Some(one.failure.clone());
            }
        }
    }
    if let Some(why) = why {
        let count = silent.len();
        let named = silent
            .into_iter()
            .take(NAMED)
            .collect::<Vec<_>>()
            .join(", ");
        let seen = format!("of {count} person(s) it is not known whether they are there: {named}");
        findings.push(Finding::advice(PLATFORMS, seen, why));
    }
    findings
}

/// A finding about ways by which nobody has said a code; `None` when the node does not answer that, or has no people.
pub(super) async fn on_node(client: &Client) -> Option<Finding> {
    let answer: Value = client.get("/api/v1/people", &[]).await.ok()?;
    let people: Vec<Person> = serde_json::from_value(answer["people"].clone()).ok()?;
    let all: usize = people.iter().map(|person| person.contacts.len()).sum();
    let unverified: Vec<String> = people
        .iter()
        .flat_map(|person| {
            let never = person.contacts.iter().filter(|contact| !contact.verified);
            never.map(|contact| format!("{} by {}", person.key, contact.way))
        })
        .collect();
    if all == 0 {
        return None;
    }
    let Some(first) = unverified.first() else {
        return Some(Finding::good(
            CHECK,
            format!("all {all} ways are known to reach their people"),
        ));
    };
    let named = unverified.iter().take(NAMED).cloned().collect::<Vec<_>>();
    let more = match unverified.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let seen = format!(
        "{} of {all} way(s) were never tried with a code: {}{more}",
        unverified.len(),
        named.join(", ")
    );
    let (person, way) = first.split_once(" by ").unwrap_or((first, ""));
    let fix =
        format!("balefire people verify {person} {way}, and confirm with the code that comes");
    Some(Finding::advice(CHECK, seen, fix))
}
