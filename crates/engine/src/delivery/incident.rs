//! The incident that a group's calls are about: opened with the first call, acknowledged by whoever answers, over when
//! the group is. While somebody has it, nobody else is called.

use std::sync::Arc;

use balefire_core::incident::{
    Change, Draft, Incident, IncidentState, MAX_ACTOR, MAX_TITLE, Refused,
};
use balefire_core::message::Message;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{IncidentFilter, Notification, StoreError, Which};

use super::content::Content;
use super::shared::Shared;

/// Who opens incidents and ends them in their timelines.
const ACTOR: &str = "autocall";
/// What keys of groups' incidents begin with.
const NAMESPACE: &str = "group";

/// What an incident of a group is opened with.
pub(crate) struct About {
    pub(crate) group: u64,
    pub(crate) severity: Severity,
    /// Cut where it is too long.
    pub(crate) title: String,
    /// When the first of its alerts began.
    pub(crate) started_at: Time,
}

/// The incident of a group that is not over, else the one that was last.
pub(crate) async fn incident_of(
    shared: &Shared,
    group: u64,
) -> Result<Option<Incident>, StoreError> {
    if let Some(incident) = unresolved(shared, group).await?.pop() {
        return Ok(Some(incident));
    }
    let filter = IncidentFilter {
        namespace: Some(keys_of(group).into()),
        limit: 1,
        ..IncidentFilter::default()
    };
    Ok(shared.store.incidents(&filter).await?.pop())
}

/// The incident of a group; opened unless there is one that is not over. `None` for what is about no group. A store
/// that is away keeps nobody from being called: then there is none either.
pub(super) async fn opened(
    shared: &Shared,
    content: &Content,
    row: &Notification,
    message: &Message,
) -> Option<Incident> {
    let started_at = since(content)?;
    let made = match unresolved(shared, row.group).await {
        Ok(mut there) => {
            if let Some(incident) = there.pop() {
                return Some(incident);
            }
            let about = About {
                group: row.group,
                severity: row.severity,
                title: message.title.clone(),
                started_at,
            };
            open(shared, about, ACTOR).await
        }
        Err(error) => Err(error),
    };
    let failed = |error: &StoreError| {
        tracing::warn!(%error, "the incident of a group could not be opened");
    };
    made.inspect_err(failed).ok()
}

/// Who has an incident.
pub(super) fn holder(incident: &Incident) -> Option<&str> {
    let has = incident.state == IncidentState::Acknowledged;
    let acknowledged = incident.acknowledged.as_ref().filter(|_| has)?;
    Some(&acknowledged.by)
}

/// Somebody answered the call that was about it.
pub(super) async fn acknowledge(shared: &Shared, incident: &Incident, who: &str) {
    let change = Change::Acknowledge {
        text: "answered a call by autocall".to_owned(),
    };
    change_it(shared, incident.id, change, who).await;
}

/// All alerts of a group are over: so are its incidents.
pub(super) async fn resolve(shared: &Shared, group: u64) {
    let there = match unresolved(shared, group).await {
        Ok(there) => there,
        Err(error) => {
            tracing::warn!(%error, "the incident of a group could not be looked for");
            return;
        }
    };
    for incident in there {
        let change = Change::Resolve {
            ended_at: None,
            text: "all alerts of the group are over".to_owned(),
        };
        change_it(shared, incident.id, change, ACTOR).await;
    }
}

/// Since when a group fires, as far as a notice tells.
fn since(content: &Content) -> Option<Time> {
    let starts = content.episodes().iter();
    starts.map(|(episode, _)| episode.starts_at).min()
}

/// What the keys of a group's incidents have in common, up to the last `/`.
fn keys_of(group: u64) -> String {
    format!("{NAMESPACE}/{group:016x}")
}

/// The group that an incident is about, if it is about one.
pub(crate) fn group_of(incident: &Incident) -> Option<u64> {
    let name = incident.key.as_deref()?.strip_prefix(NAMESPACE)?;
    let (group, _) = name.strip_prefix('/')?.split_once('/')?;
    u64::from_str_radix(group, 16).ok()
}

async fn unresolved(shared: &Shared, group: u64) -> Result<Vec<Incident>, StoreError> {
    let filter = IncidentFilter {
        unresolved: true,
        namespace: Some(keys_of(group).into()),
        ..IncidentFilter::default()
    };
    shared.store.incidents(&filter).await
}

/// Opens the incident of a group; one of the same start is there already, over or not.
pub(crate) async fn open(
    shared: &Shared,
    about: About,
    actor: &str,
) -> Result<Incident, StoreError> {
    let About {
        group, started_at, ..
    } = about;
    let title: String = about.title.chars().take(MAX_TITLE).collect();
    let draft = Draft {
        key: Some(format!("{}/{}", keys_of(group), started_at.secs())),
        severity: about.severity,
        title: if title.trim().is_empty() {
            "alerts".to_owned()
        } else {
            title
        },
        started_at: Some(started_at),
        fields: Vec::new(),
    };
    let refused = |why: Refused| StoreError::Conflict(why.to_string());
    let changed = Incident::open(draft, actor, shared.clock.now()).map_err(refused)?;
    let opened = shared.store.writer().open_incident(changed).await?;
    Ok(opened.incident)
}

async fn change_it(shared: &Shared, id: u64, change: Change, actor: &str) {
    let (now, actor) = (shared.clock.now(), actor.chars().take(MAX_ACTOR));
    let actor: Arc<str> = actor.collect::<String>().into();
    let change = move |incident: &Incident| incident.change(&change, &actor, now);
    match shared
        .store
        .writer()
        .change_incident(Which::Id(id), change)
        .await
    {
        Ok(Some(Ok(_)) | None) => shared.changed(),
        Ok(Some(Err(refused))) => tracing::debug!(%refused, "an incident stays as it is"),
        Err(error) => tracing::warn!(%error, "the incident of a group could not be changed"),
    }
}
