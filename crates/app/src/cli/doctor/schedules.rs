//! Schedules: whether somebody is on call all the time, soon enough to do something about it.

use std::time::Duration;

use balefire_config::plan::{Person, Plan};
use balefire_core::schedule::Schedule;
use balefire_core::time::Time;

use super::Finding;

/// How far ahead is looked: a month of rotations.
const AHEAD: Duration = Duration::from_hours(30 * 24);

/// A finding for each schedule.
pub(super) fn look(plan: &Plan, now: Time) -> Vec<Finding> {
    let schedules = plan.schedules.values();
    schedules.map(|one| covered(one, plan, now)).collect()
}

fn covered(schedule: &Schedule, plan: &Plan, now: Time) -> Finding {
    let name = schedule.name();
    let is_reachable = |key: &str| plan.people.get(key).is_some_and(Person::is_reachable);
    let found = match schedule.coverage(now, now.after(AHEAD), &is_reachable) {
        Ok(found) => found,
        Err(error) => return Finding::problem("on_call", format!("{name}: {error}"), ""),
    };
    let ways = format!("see balefire oncall coverage {name} --days 30");
    if let Some(gap) = found.gaps.first() {
        let seen = format!(
            "{name}: nobody is on call {} time(s) in the next 30 days, first from {} to {}",
            found.gaps.len(),
            gap.stretch.from,
            gap.stretch.to
        );
        return Finding::advice("on_call", seen, ways);
    }
    let mut silent: Vec<&str> = found
        .unreachable
        .iter()
        .flat_map(|one| one.people.iter().map(|key| &**key))
        .collect();
    silent.sort_unstable();
    silent.dedup();
    if !silent.is_empty() {
        let seen = format!("{name}: nothing says how to reach {}", silent.join(", "));
        return Finding::advice(
            "on_call",
            seen,
            "give them a phone or an email under people",
        );
    }
    Finding::good(
        "on_call",
        format!("{name}: somebody is on call for the next 30 days"),
    )
}
