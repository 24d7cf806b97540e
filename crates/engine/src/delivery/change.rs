//! Changing incidents: the one path that every surface takes, so that the escalator hears of each change and pages nobody
//! in the middle of one; and the incidents of groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use balefire_core::incident::{
    Change, Changed, Draft, Incident, MAX_ACTOR, MAX_TITLE, Merged, Refused,
};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{IncidentFilter, Opened, StoreError, Which};

use super::shared::Shared;

/// Who opens and ends incidents of groups in their timelines, where no person does.
pub(crate) const ALERTS: &str = "alerts";
/// What keys of groups' incidents begin with.
const NAMESPACE: &str = "group";

/// Changes an incident by what `decide` makes of it as it is; `None` when there is none. Whoever is paged for it after
/// this resolves is paged with the change in mind.
pub(crate) async fn change<F>(
    shared: &Shared,
    which: Which,
    decide: F,
) -> Result<Option<Result<Incident, Refused>>, StoreError>
where
    F: Fn(&Incident) -> Result<Changed, Refused> + Send + Sync + 'static,
{
    let desk = shared.bell.desk().await;
    let was_free = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&was_free);
    let decide = move |incident: &Incident| {
        seen.store(incident.acknowledged.is_none(), Ordering::Relaxed);
        decide(incident)
    };
    let changed = shared.store.writer().change_incident(which, decide).await?;
    if let Some(Ok(incident)) = &changed {
        if let Some(held) = incident.acknowledged.as_ref()
            && was_free.load(Ordering::Relaxed)
        {
            let waited = held.at.since(incident.opened_at).as_secs_f64();
            shared.metrics.acknowledge_seconds.observe(waited);
        }
        shared.bell.touch(incident.id);
        shared.changed();
    }
    drop(desk);
    Ok(changed)
}

/// Merges an incident into another by what `decide` makes of the two as they are; `None` when one is not there. Whoever
/// is paged for either after this resolves is paged with that in mind.
pub(crate) async fn merge<F>(
    shared: &Shared,
    both: (u64, u64),
    decide: F,
) -> Result<Option<Result<(Incident, Incident), Refused>>, StoreError>
where
    F: Fn(&Incident, &Incident) -> Result<Merged, Refused> + Send + Sync + 'static,
{
    let desk = shared.bell.desk().await;
    let merged = shared.store.writer().merge_incidents(both, decide).await?;
    if let Some(Ok((gone, kept))) = &merged {
        shared.bell.touch(gone.id);
        shared.bell.touch(kept.id);
        shared.changed();
    }
    drop(desk);
    Ok(merged)
}

/// The same for something that Balefire does by itself: a rule that keeps it from being done was kept by somebody else.
pub(crate) async fn change_it(
    shared: &Shared,
    id: u64,
    change: Change,
    actor: &str,
) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let actor: Arc<str> = actor.chars().take(MAX_ACTOR).collect::<String>().into();
    let decide = move |incident: &Incident| incident.change(&change, &actor, now);
    if let Some(Err(refused)) = self::change(shared, Which::Id(id), decide).await? {
        tracing::debug!(%refused, "an incident stays as it is");
    }
    Ok(())
}

/// What a group's incident is opened with.
pub(crate) struct GroupDraft<'d> {
    pub(crate) group: u64,
    /// What tells it from the group's other incidents, past ones included.
    pub(crate) mark: String,
    pub(crate) severity: Severity,
    pub(crate) title: &'d str,
    pub(crate) started_at: Time,
    /// Who opens it, in its timeline.
    pub(crate) actor: &'d str,
    /// What they do to it in the same moment; nothing of it is done to one that is there.
    pub(crate) then: &'d [Change],
}

/// The incident of a group: the one that is not over, else a new one. A policy looks after it from then on, unless one
/// does already.
pub(crate) async fn of_group(
    shared: &Shared,
    draft: &GroupDraft<'_>,
    policy: Option<Arc<str>>,
) -> Result<Opened, StoreError> {
    let now = shared.clock.now();
    let title: String = draft.title.chars().take(MAX_TITLE).collect();
    let incident = Draft {
        key: Some(format!("{}/{}", keys_of(draft.group), draft.mark)),
        severity: draft.severity,
        title: if title.trim().is_empty() {
            "alerts".to_owned()
        } else {
            title
        },
        started_at: Some(draft.started_at),
        fields: Vec::new(),
    };
    let refused = |why: Refused| StoreError::Conflict(why.to_string());
    let opened = Incident::open(incident, draft.actor, now).map_err(refused)?;
    let step = |so_far: Changed, change| so_far.then(change, draft.actor, now);
    let changed = draft.then.iter().try_fold(opened, step).map_err(refused)?;
    let writer = shared.store.writer();
    let opened = writer.open_group_incident(keys_of(draft.group), changed, policy);
    let opened = opened.await?;
    shared.bell.touch(opened.incident.id);
    if opened.is_new {
        shared.changed();
    }
    Ok(opened)
}

/// The incident of a group that is not over, else the one that was last.
pub(crate) async fn last_of_group(
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

/// The incidents of a group that are not over.
pub(crate) async fn unresolved(shared: &Shared, group: u64) -> Result<Vec<Incident>, StoreError> {
    let filter = IncidentFilter {
        unresolved: true,
        namespace: Some(keys_of(group).into()),
        ..IncidentFilter::default()
    };
    shared.store.incidents(&filter).await
}

/// All alerts of a group are over: so are its incidents.
pub(crate) async fn resolve_group(
    shared: &Shared,
    group: u64,
    actor: &str,
) -> Result<(), StoreError> {
    for incident in unresolved(shared, group).await? {
        let change = Change::Resolve {
            ended_at: None,
            text: "all alerts of the group are over".to_owned(),
        };
        change_it(shared, incident.id, change, actor).await?;
    }
    Ok(())
}

/// What the keys of a group's incidents have in common, up to the last `/`.
pub(crate) fn keys_of(group: u64) -> String {
    format!("{NAMESPACE}/{group:016x}")
}

/// The group that an incident is about, if it is about one.
pub(crate) fn group_of(incident: &Incident) -> Option<u64> {
    let name = incident.key.as_deref()?.strip_prefix(NAMESPACE)?;
    let (group, _) = name.strip_prefix('/')?.split_once('/')?;
    u64::from_str_radix(group, 16).ok()
}
