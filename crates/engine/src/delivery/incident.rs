//! The incident that a group's calls are about: opened with the first call, if not before, acknowledged by whoever
//! answers, over when the group is. While somebody has it, nobody else is called.

use balefire_core::incident::{Change, Incident, IncidentState};
use balefire_core::message::Message;
use balefire_core::time::Time;
use balefire_store::{Notification, StoreError};

use super::change::{self, GroupDraft};
use super::content::{Content, PageContent};
use super::shared::Shared;

/// Who opens incidents and ends them in their timelines.
const ACTOR: &str = "autocall";

/// The incident of a group; opened unless there is one that is not over. `None` for what is about no group. A store
/// that is away keeps nobody from being called: then there is none either.
pub(super) async fn opened(
    shared: &Shared,
    content: &Content,
    row: &Notification,
    message: &Message,
) -> Option<Incident> {
    let started_at = since(content)?;
    let draft = GroupDraft {
        group: row.group,
        mark: started_at.secs().to_string(),
        severity: row.severity,
        title: &message.title,
        started_at,
        actor: ACTOR,
        then: &[],
    };
    let failed = |error: &StoreError| {
        tracing::warn!(%error, "the incident of a group could not be opened");
    };
    let opened = change::of_group(shared, &draft, None).await;
    Some(opened.inspect_err(failed).ok()?.incident)
}

/// Who has an incident.
pub(super) fn holder(incident: &Incident) -> Option<&str> {
    let has = incident.state == IncidentState::Acknowledged;
    let acknowledged = incident.acknowledged.as_ref().filter(|_| has)?;
    Some(&acknowledged.by)
}

/// Somebody answered the call that was about it.
pub(super) async fn acknowledge(shared: &Shared, incident: u64, who: &str) {
    let acknowledge = Change::Acknowledge {
        text: "answered a call by autocall".to_owned(),
    };
    if let Err(error) = change::change_it(shared, incident, acknowledge, who).await {
        tracing::warn!(%error, "the incident of an answered call could not be changed");
    }
}

/// Who was paged by telephone has answered: they have all that the page was about.
pub(super) async fn acknowledge_page(shared: &Shared, page: &PageContent) {
    for incident in &page.incidents {
        acknowledge(shared, *incident, &page.person).await;
    }
}

/// All alerts of a group are over: so are its incidents.
pub(super) async fn resolve(shared: &Shared, group: u64) {
    if let Err(error) = change::resolve_group(shared, group, ACTOR).await {
        tracing::warn!(%error, "the incident of a group could not be looked for");
    }
}

/// Since when a group fires, as far as a notice tells.
fn since(content: &Content) -> Option<Time> {
    let starts = content.episodes().iter();
    starts.map(|(episode, _)| episode.starts_at).min()
}
