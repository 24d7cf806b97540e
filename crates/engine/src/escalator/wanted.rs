//! Whether a page is still wanted, asked before each try: somebody may have answered since it was decided.

use std::sync::Arc;

use balefire_core::escalation::{Directory, Escalation, Event, State};
use balefire_core::incident::{Incident, IncidentState};
use balefire_store::{Page, PageOutcome, StoreError, Which};

use super::event;
use crate::delivery::content::{Content, PageContent};
use crate::delivery::shared::Shared;

/// Entries of a timeline that are read at a time; more than a turn of the escalator ever leaves unread.
const ENTRIES: usize = 256;

/// Why a page is not wanted any more; `None` while it is, for whatever is no page, and when the store does not say:
/// better one page too many.
pub(crate) async fn not_any_more(shared: &Shared, content: &Content, seq: u64) -> Option<Arc<str>> {
    let Content::Page(page) = content else {
        return None;
    };
    match look(shared, page, seq).await {
        Ok(why) => why,
        Err(error) => {
            tracing::warn!(%error, "it could not be seen whether a page is still wanted: it goes out");
            None
        }
    }
}

async fn look(
    shared: &Shared,
    content: &PageContent,
    seq: u64,
) -> Result<Option<Arc<str>>, StoreError> {
    let mut why: Arc<str> = "its incident was removed".into();
    for page in shared.store.pages_by(seq).await? {
        match unwanted(shared, content, &page).await? {
            None => return Ok(None),
            Some(found) => why = found,
        }
    }
    Ok(Some(why))
}

/// Why one incident does not need the page.
async fn unwanted(
    shared: &Shared,
    content: &PageContent,
    page: &Page,
) -> Result<Option<Arc<str>>, StoreError> {
    let which = Which::Id(page.incident);
    let Some(incident) = shared.store.incident(&which).await? else {
        return Ok(Some("its incident was removed".into()));
    };
    if incident.state == IncidentState::Resolved || page.outcome == PageOutcome::Withdrawn {
        return Ok(Some(reason(&incident)));
    }
    let Some(row) = shared.store.escalation(page.incident).await? else {
        return Ok(None);
    };
    let Ok(mut stands) = serde_json::from_str::<Escalation>(&row.body) else {
        return Ok(None);
    };
    let (plan, now) = (shared.plan.load_full(), shared.clock.now());
    let directory = Directory {
        policies: plan.policies.clone(),
        ..Directory::default()
    };
    let newer = shared
        .store
        .incident_timeline(page.incident, row.seen, ENTRIES);
    for entry in newer.await? {
        let Some(event) = event::of(&plan, &entry, now) else {
            continue;
        };
        stands.apply(&event, &directory, now);
        if matches!(event, Event::Reassigned { .. }) {
            return Ok(Some(reason(&incident)));
        }
    }
    let has_answered = stands.acknowledged().any(|who| *who == content.person);
    let pages = matches!(stands.state(), State::Running | State::Exhausted);
    Ok((has_answered || !pages).then(|| reason(&incident)))
}

/// Why nobody need be paged for an incident any more, as it stands.
pub(crate) fn reason(incident: &Incident) -> Arc<str> {
    match (incident.state, &incident.acknowledged) {
        (IncidentState::Resolved, _) => "its incident is over".into(),
        (_, Some(held)) => format!("acknowledged by {}", held.by).into(),
        _ => "it was put off, or given to others".into(),
    }
}
