//! What people did about a group since its message was posted, as its incident's timeline has it.

use balefire_config::plan::Plan;
use balefire_core::incident::{Entry, EntryKind, Incident, IncidentState};
use balefire_core::message::Answered;
use balefire_core::time::Time;
use balefire_template::compose;

use super::super::change;
use super::super::shared::Shared;

/// Entries of a timeline that are read.
const ENTRIES: usize = 256;
/// Deeds that a message shows, the latest.
const MOST: usize = 5;

/// What people did, a line each, and whether somebody has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    pub(super) lines: Vec<String>,
    pub(super) is_held: bool,
    /// How things stand by them.
    pub(super) answered: Option<Answered>,
}

/// The deeds since `since`; none where the store does not say.
pub(super) async fn of_group(
    shared: &Shared,
    plan: &Plan,
    (group, since): (u64, Time),
    reader: &compose::Reader,
) -> Deeds {
    let failed = |error| tracing::debug!(%error, "what people did could not be read");
    let found = change::last_of_group(shared, group).await;
    let Ok(Some(incident)) = found.map_err(failed) else {
        return Deeds::default();
    };
    // That of an earlier firing says nothing of this one.
    if incident.state == IncidentState::Resolved && incident.changed_at < since {
        return Deeds::default();
    }
    let timeline = shared.store.incident_timeline(incident.id, 0, ENTRIES);
    let timeline = timeline.await.map_err(failed).unwrap_or_default();
    let done = timeline.iter().filter(|entry| is_deed(&incident, entry));
    let mut lines: Vec<String> = done.map(|entry| line(plan, entry, reader)).collect();
    lines.drain(..lines.len().saturating_sub(MOST));
    Deeds {
        answered: (!lines.is_empty()).then(|| answered(incident.state)),
        lines,
        is_held: incident.state != IncidentState::Open,
    }
}

fn answered(state: IncidentState) -> Answered {
    match state {
        IncidentState::Open => Answered::Open,
        IncidentState::Acknowledged => Answered::Acknowledged,
        IncidentState::Resolved => Answered::Resolved,
    }
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
    let person = plan.people.get(&entry.actor);
    let name = person.map(|person| &person.contact.name);
    let by = name.filter(|name| !name.is_empty()).unwrap_or(&entry.actor);
    let words = reader.text(
        compose::entry_key(entry.kind),
        &[("by", by.as_str().into())],
    );
    format!("✅ {words}, {}", reader.time(entry.at))
}
