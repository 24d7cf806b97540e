//! Where the document and what is booked still name somebody.

use balefire_config::plan::Plan;
use balefire_core::escalation::Notify;
use balefire_core::schedule::Schedule;
use balefire_core::time::Time;

use crate::roster::{LOOKED_AHEAD, Roster};

/// Where a person of the document is still named, in words, with their next shift.
pub fn named(roster: &Roster, key: &str, now: Time) -> Vec<String> {
    let plan: &Plan = roster.plan();
    let schedules = roster.schedules().values();
    let mut places: Vec<String> = schedules
        .filter_map(|schedule| shift(schedule, key, now))
        .collect();
    for name in plan.policies.names() {
        let steps = plan.policies.get(name).into_iter();
        let steps = steps.flat_map(|policy| policy.steps().enumerate());
        let named = steps.filter(|(_, (notify, ..))| {
            let is_them = |one: &Notify| matches!(one, Notify::Person(person) if **person == *key);
            notify.iter().any(is_them)
        });
        let steps: Vec<String> = named.map(|(nth, _)| (nth + 1).to_string()).collect();
        if !steps.is_empty() {
            places.push(format!("escalation {name} step {}", steps.join(", ")));
        }
    }
    for (team, people) in &plan.teams {
        if people.iter().any(|person| **person == *key) {
            places.push(format!("team {team}"));
        }
    }
    for receiver in &plan.receivers {
        let mut entries = receiver.integrations.iter();
        if entries.any(|entry| entry.mention.iter().any(|person| **person == *key)) {
            places.push(format!("mentions of receiver {}", receiver.name));
        }
    }
    places.extend(groups(plan, key));
    places
}

/// A schedule whose layers or overrides name them, with their next shift.
fn shift(schedule: &Schedule, key: &str, now: Time) -> Option<String> {
    let name = schedule.name();
    let to = now.after(LOOKED_AHEAD);
    let is_them = |people: &[std::sync::Arc<str>]| people.iter().any(|person| **person == *key);
    let shifts = schedule.shifts(now, to).unwrap_or_default();
    if let Some(next) = shifts.iter().find(|shift| is_them(&shift.people)) {
        let clock = |at| schedule.zone().clock(at).strftime("%Y-%m-%d %H:%M");
        let when = if next.stretch.from <= now {
            format!("on call now, until {}", clock(next.stretch.to))
        } else {
            format!("next shift {}", clock(next.stretch.from))
        };
        return Some(format!(
            "schedule {name} ({when} {})",
            schedule.zone().name()
        ));
    }
    let layers = schedule.layer_shifts(now, to).unwrap_or_default();
    let mut turns = layers.iter().flatten();
    let is_named = turns.any(|turn| is_them(&turn.people));
    is_named.then(|| format!("schedule {name} (no shift of theirs in the next 90 days)"))
}

/// The groups of `/alarm_v2` that tell them, by key or name.
fn groups(plan: &Plan, key: &str) -> Vec<String> {
    let name = plan.people.get(key).map(|person| &*person.contact.name);
    let is_them = |one: &String| one == key || Some(one.as_str()) == name;
    let groups = plan.legacy.alarm_v2.iter().flat_map(|alarm| &alarm.groups);
    let theirs = groups.filter(|group| {
        let lists = [
            &group.dingtalk_people,
            &group.wecom_people,
            &group.email_people,
        ];
        lists.into_iter().any(|list| list.iter().any(is_them))
    });
    theirs
        .map(|group| format!("alarm group {} level {}", group.owner, group.level))
        .collect()
}
