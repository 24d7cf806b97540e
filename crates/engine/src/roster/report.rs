//! What is wrong with a schedule in the time ahead.

use std::time::Duration;

use balefire_config::plan::{Person, Plan};
use balefire_core::schedule::{Schedule, Stretch};
use balefire_core::time::Time;

/// How far ahead schedules are looked at for holes, unless something else is asked for: a quarter.
pub const LOOKED_AHEAD: Duration = Duration::from_hours(90 * 24);

/// Whether the document says how to reach a person.
pub fn is_reachable(plan: &Plan, key: &str) -> bool {
    plan.people.get(key).is_some_and(Person::is_reachable)
}

/// The first time within `ahead` in which nobody is on call, or nobody who can be reached, and how many there
/// are; `None` when there is none.
pub fn gap_ahead(
    schedule: &Schedule,
    plan: &Plan,
    now: Time,
    ahead: Duration,
) -> Option<(Stretch, usize)> {
    let to = now.after(ahead);
    let found = schedule.coverage(now, to, &|key| is_reachable(plan, key));
    let found = found.ok()?;
    let silent = found.unreachable.iter().filter(|one| one.is_gap());
    let silent = silent.map(|one| one.shift.stretch);
    let mut gaps: Vec<Stretch> = found.gaps.iter().map(|gap| gap.stretch).collect();
    gaps.extend(silent);
    let first = gaps.iter().min()?;
    Some((*first, gaps.len()))
}
