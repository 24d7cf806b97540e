//! People: whether their ways are known to reach them.

use serde_json::Value;

use super::Finding;
use crate::cli::people::Person;
use crate::client::Client;

/// The word for what is looked at here.
const CHECK: &str = "contacts";
/// Ways that are named; the others are counted.
const NAMED: usize = 5;

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
