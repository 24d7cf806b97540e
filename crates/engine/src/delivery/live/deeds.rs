//! What people did about a group since its message was posted, as its incident's timeline has it, and by a silence that is in
//! force.

use balefire_config::plan::Plan;
use balefire_core::incident::{Entry, EntryKind, Incident, IncidentState, MAX_ACTOR};
use balefire_core::label::Labels;
use balefire_core::message::Answered;
use balefire_core::silence::Silence;
use balefire_core::time::Time;
use balefire_template::compose;

use super::super::change;
use super::super::shared::Shared;
use super::row::Live;

/// Entries of a timeline that are read.
const ENTRIES: usize = 256;
/// Deeds that a message shows, the latest.
const MOST: usize = 5;

/// What people did, a line each, and how things stand by it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    pub(super) lines: Vec<String>,
    /// Whether somebody has it.
    pub(super) is_held: bool,
    /// Whether a silence keeps all of it quiet.
    pub(super) is_quiet: bool,
    /// What they said last.
    pub(super) answered: Option<Answered>,
}

/// The deeds about what a message tells of; those of an incident that the store does not give are left out.
pub(super) async fn of(
    shared: &Shared,
    plan: &Plan,
    live: &Live,
    reader: &compose::Reader,
    now: Time,
) -> Deeds {
    let silence = silence(shared, live, now);
    let incident = incident(shared, live).await;
    let state = incident.as_ref().map(|(incident, _)| incident.state);
    let mut lines: Vec<(Time, String)> = Vec::new();
    if let Some((incident, timeline)) = &incident {
        let done = timeline.iter().filter(|entry| is_deed(incident, entry));
        lines.extend(done.map(|entry| (entry.at, line(plan, entry, reader))));
    }
    let said = state.zip(lines.last().map(|(at, _)| *at));
    if let Some(silence) = &silence {
        lines.push((silence.starts_at, quiet(plan, silence, reader)));
        lines.sort_by_key(|(at, _)| *at);
    }
    lines.drain(..lines.len().saturating_sub(MOST));
    let since = silence.as_ref().map(|silence| silence.starts_at);
    Deeds {
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        is_held: state.is_some_and(|state| state != IncidentState::Open),
        is_quiet: silence.is_some(),
        answered: answered(said, since).or(live.was_quiet.then_some(Answered::Open)),
    }
}

/// What was said last: of an incident's state and when, and of a silence in force and since when.
fn answered(said: Option<(IncidentState, Time)>, since: Option<Time>) -> Option<Answered> {
    let said = match said {
        Some((IncidentState::Resolved, _)) => return Some(Answered::Resolved),
        Some((IncidentState::Acknowledged, at)) => Some((Answered::Acknowledged, at)),
        Some((IncidentState::Open, at)) => Some((Answered::Open, at)),
        None => None,
    };
    let is_later = |since: &Time| said.is_none_or(|(_, at)| at <= *since);
    match since.filter(is_later) {
        Some(_) => Some(Answered::Silenced),
        None => said.map(|(answered, _)| answered),
    }
}

/// The incident of the message's alerts, with its timeline.
async fn incident(shared: &Shared, live: &Live) -> Option<(Incident, Vec<Entry>)> {
    let failed = |error| tracing::debug!(%error, "what people did could not be read");
    let found = change::last_of_group(shared, live.group).await;
    let incident = found.map_err(failed).ok()??;
    // That of an earlier firing says nothing of this one.
    if incident.state == IncidentState::Resolved && incident.changed_at < live.posted_at {
        return None;
    }
    let timeline = shared.store.incident_timeline(incident.id, 0, ENTRIES);
    let timeline = timeline.await.map_err(failed).unwrap_or_default();
    Some((incident, timeline))
}

/// The silence that keeps quiet all that the message tells of, and for longest, by whichever path it was made.
fn silence(shared: &Shared, live: &Live, now: Time) -> Option<Silence> {
    let views = live.seen.iter().filter_map(|seen| seen.alert.as_ref());
    let labels: Vec<&Labels> = views.map(|view| &view.labels).collect();
    let (first, others) = labels.split_first()?;
    let state = shared.state.read();
    let silences = state.silences();
    let ids = silences.mutes(first, now);
    let known = ids.iter().filter_map(|id| silences.get(id));
    let covers = known.filter(|silence| others.iter().all(|labels| silence.matches(labels)));
    covers.max_by_key(|silence| silence.ends_at).cloned()
}

/// Whether an entry tells of something that a person did and that others want to know.
fn is_deed(incident: &Incident, entry: &Entry) -> bool {
    let by_person = entry.actor != change::ALERTS;
    match entry.kind {
        EntryKind::Acknowledged
        | EntryKind::AlsoAcknowledged
        | EntryKind::Reopened
        | EntryKind::Snoozed
        | EntryKind::Reassigned
        | EntryKind::Escalated => by_person,
        EntryKind::Resolved => by_person && incident.state == IncidentState::Resolved,
        _ => false,
    }
}

fn line(plan: &Plan, entry: &Entry, reader: &compose::Reader) -> String {
    let by = name(plan, &entry.actor);
    let words = reader.text(compose::entry_key(entry.kind), &[("by", by.into())]);
    format!("✅ {words}, {}", reader.time(entry.at))
}

fn quiet(plan: &Plan, silence: &Silence, reader: &compose::Reader) -> String {
    // Whoever makes silences by an interface of Alertmanager's writes there what they like.
    let by: String = name(plan, &silence.created_by)
        .chars()
        .take(MAX_ACTOR)
        .collect();
    let until = reader.time(silence.ends_at);
    reader.text(
        "live-silenced",
        &[("by", by.into()), ("until", until.into())],
    )
}

/// What a person is called, or whatever else did it.
fn name<'n>(plan: &'n Plan, actor: &'n str) -> &'n str {
    let person = plan.people.get(actor);
    let name = person.map(|person| &*person.contact.name);
    name.filter(|name| !name.is_empty()).unwrap_or(actor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_last_counts_and_an_end_always_does() {
        use IncidentState::{Acknowledged, Open, Resolved};
        let at = |secs| Some(Time::from_secs(secs));
        let said = |state, secs| Some((state, Time::from_secs(secs)));
        assert_eq!(answered(None, None), None);
        assert_eq!(answered(None, at(1)), Some(Answered::Silenced));
        assert_eq!(answered(said(Open, 1), None), Some(Answered::Open));
        assert_eq!(answered(said(Open, 2), at(1)), Some(Answered::Open));
        let taken = said(Acknowledged, 2);
        assert_eq!(answered(taken, at(1)), Some(Answered::Acknowledged));
        assert_eq!(answered(taken, at(2)), Some(Answered::Silenced));
        assert_eq!(answered(said(Resolved, 1), at(2)), Some(Answered::Resolved));
    }
}
