//! What an entry of an incident's timeline means for its escalation.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::escalation::{Directory, Event};
use balefire_core::incident::{Entry, EntryKind};
use balefire_core::severity::Severity;
use balefire_core::time::Time;

use crate::roster::Roster;

/// What an entry means; `None` for one that changes nothing, such as what the escalation wrote itself.
pub(crate) fn of(plan: &Plan, entry: &Entry, now: Time) -> Option<Event> {
    Some(match entry.kind {
        EntryKind::Acknowledged | EntryKind::AlsoAcknowledged => Event::Acknowledged {
            who: who(plan, &entry.actor),
        },
        EntryKind::Edited | EntryKind::MergedFrom => Event::Severity(severity(entry)?),
        EntryKind::Resolved | EntryKind::MergedInto => Event::Resolved,
        EntryKind::Reopened => Event::Reopened,
        // One that ended while nobody looked: whoever had it gave it up all the same.
        EntryKind::Snoozed => match entry.detail.until.filter(|until| *until > now) {
            Some(until) => Event::Snoozed { until },
            None => Event::EscalateNow,
        },
        EntryKind::Reassigned => Event::Reassigned {
            to: entry.detail.to.clone(),
        },
        EntryKind::Escalated => Event::EscalateNow,
        _ => return None,
    })
}

fn severity(entry: &Entry) -> Option<Severity> {
    let mut changes = entry.detail.changes.iter();
    let change = changes.find(|change| change.field == "severity")?;
    Severity::from_word(change.to.as_deref()?)
}

/// The key of the person who did something, as far as one is known by that name; else the name.
pub(crate) fn who(plan: &Plan, actor: &str) -> Arc<str> {
    if plan.people.contains_key(actor) {
        return actor.into();
    }
    let mut people = plan.people.values();
    let named = people.find(|person| person.contact.name == actor);
    named.map_or(actor, |person| &person.key).into()
}

/// What the configuration says at the moment.
pub(crate) fn directory(plan: &Plan, roster: &Roster) -> Directory {
    let people = plan.people.iter();
    let schedules = roster.schedules().iter();
    Directory {
        policies: plan.policies.clone(),
        people: people
            .map(|(key, person)| (Arc::from(key.as_str()), person.rules.clone()))
            .collect(),
        teams: plan.teams.clone(),
        storm: plan.storm,
        schedules: schedules
            .map(|(name, schedule)| (Arc::from(name.as_str()), schedule.clone()))
            .collect(),
    }
}
