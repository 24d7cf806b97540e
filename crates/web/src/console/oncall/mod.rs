//! On-call: who is there now, and the page of a schedule with its calendar, overrides and burden.

mod asked;
mod book;
mod calendars;
mod grid;
mod list;
mod one;
mod overview;

pub(super) use self::book::{cancel, override_, swap};
pub(super) use self::calendars::refresh;
pub(super) use self::one::one;
pub(super) use self::overview::overview;

use std::sync::Arc;

use balefire_config::plan::{Person, Plan};
use balefire_core::time::Time;
use balefire_core::wall::Zone;

/// The name people know somebody by; their key when they have left.
fn name_of(plan: &Plan, key: &str) -> String {
    let person = plan.people.get(key);
    person.map_or_else(|| key.to_owned(), known_as)
}

fn names(plan: &Plan, keys: &[Arc<str>]) -> String {
    let names: Vec<String> = keys.iter().map(|key| name_of(plan, key)).collect();
    names.join(", ")
}

/// Whoever of these is called, as the bar at the top shows it.
pub(super) fn now(people: &[&Person]) -> String {
    let names: Vec<String> = people.iter().map(|person| known_as(person)).collect();
    names.join(", ")
}

fn known_as(person: &Person) -> String {
    let name = &person.contact.name;
    if name.is_empty() { &person.key } else { name }.clone()
}

/// What a schedule's clock shows, as `2026-11-23 10:00`.
fn clock(zone: &Zone, at: Time) -> String {
    zone.clock(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment for a form: what the clock shows when that is one instant, else with its offset; and whether it is
/// the former.
fn for_form(zone: &Zone, at: Time) -> (String, bool) {
    let at = Time::from_secs(at.secs().div_euclid(60) * 60);
    let wall = zone.clock(at);
    if zone.exact(wall) == Ok(at) {
        return (wall.strftime("%Y-%m-%dT%H:%M").to_string(), true);
    }
    (at.rfc3339_millis(), false)
}
