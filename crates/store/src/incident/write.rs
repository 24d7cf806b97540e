//! Opening, changing and removing incidents.

use std::sync::Arc;

use balefire_core::incident::{Changed, Entry, Incident, Refused, RoleHeld};
use balefire_core::time::Time;

use super::read::{BY_ID, BY_KEY, number, read};
use super::timeline;
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::escalation;
use crate::writer::{Desk, Writer};

const LAST: Sql = Sql::new("SELECT MAX(id) FROM incident");
const PUT: Sql = Sql::new(
    "INSERT INTO incident (id, incident_key, state, severity, title, responsible, worker, started_at, ended_at, \
     cause, summary, report, acknowledged_by, acknowledged_at, opened_at, changed_at, roles) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
);
const UPDATE: Sql = Sql::new(
    "UPDATE incident SET state = $1, severity = $2, title = $3, responsible = $4, worker = $5, \
     started_at = $6, ended_at = $7, cause = $8, summary = $9, report = $10, acknowledged_by = $11, \
     acknowledged_at = $12, opened_at = $13, changed_at = $14, roles = $15 WHERE id = $16",
);
const DELETE: Sql = Sql::new("DELETE FROM incident WHERE id = $1");
const DELETE_ENTRIES: Sql = Sql::new("DELETE FROM incident_event WHERE incident = $1");
const DELETE_FILES: Sql = Sql::new("DELETE FROM incident_file WHERE incident = $1");
/// The number of the newest incident that was removed, so that no number is given twice.
const REMOVED: Sql = Sql::new("SELECT content FROM meta WHERE item = 'incident_removed'");
const SET_REMOVED: Sql = Sql::new(
    "INSERT INTO meta (item, content) VALUES ('incident_removed', $1){upsert:item:content}",
);

/// Which incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one of this number.
    Id(u64),
    /// The one of this key.
    Key(Arc<str>),
}

impl Which {
    pub(super) fn query(&self) -> (Sql, Arg) {
        match self {
            Self::Id(id) => (BY_ID, (*id).into()),
            Self::Key(key) => (BY_KEY, (&**key).into()),
        }
    }

    pub(super) async fn find(&self, desk: &mut Desk<'_>) -> Result<Option<Incident>, StoreError> {
        let (sql, arg) = self.query();
        let found = desk.conn.fetch(sql, vec![arg], read).await?;
        Ok(found.into_iter().next())
    }
}

/// What became of an incident that was to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The incident of that key as it is.
    pub incident: Incident,
    /// Whether it was opened now; else it was there already and nothing was changed.
    pub is_new: bool,
}

/// What changes, in the order of the columns.
fn facts(incident: &Incident) -> Vec<Arg> {
    let acknowledged = incident.acknowledged.as_ref();
    vec![
        number(incident.state).into(),
        i64::from(incident.severity.grade()).into(),
        (&*incident.title).into(),
        incident.responsible.as_deref().into(),
        incident.worker.as_deref().into(),
        incident.started_at.micros().into(),
        incident.ended_at.map(Time::micros).into(),
        incident.cause.as_deref().into(),
        incident.summary.as_deref().into(),
        incident.report.as_deref().into(),
        acknowledged.map(|held| &*held.by).into(),
        acknowledged.map(|held| held.at.micros()).into(),
        incident.opened_at.micros().into(),
        incident.changed_at.micros().into(),
        RoleHeld::written(&incident.roles).as_deref().into(),
    ]
}

/// A number that no incident has or had.
async fn fresh_id(desk: &mut Desk<'_>) -> Result<u64, StoreError> {
    let last = desk.conn.number(LAST, Vec::new()).await?.unwrap_or(0);
    Ok(last.max(removed(desk).await?).cast_unsigned() + 1)
}

async fn removed(desk: &mut Desk<'_>) -> Result<i64, StoreError> {
    let found = desk.conn.fetch(REMOVED, Vec::new(), |row| row.text(0));
    let found = found.await?;
    Ok(found
        .first()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0))
}

pub(super) async fn open(desk: &mut Desk<'_>, changed: &Changed) -> Result<Opened, StoreError> {
    if let Some(key) = &changed.incident.key {
        let known = Which::Key(key.as_str().into()).find(desk).await?;
        if let Some(incident) = known {
            return Ok(Opened {
                incident,
                is_new: false,
            });
        }
    }
    let mut incident = changed.incident.clone();
    incident.id = fresh_id(desk).await?;
    let mut row: Vec<Arg> = vec![incident.id.into(), incident.key.as_deref().into()];
    row.extend(facts(&incident));
    desk.execute(PUT, row).await?;
    timeline::append(desk, incident.id, &changed.entries).await?;
    Ok(Opened {
        incident,
        is_new: true,
    })
}

/// Writes a new state with what the timeline says of it.
pub(super) async fn update(
    desk: &mut Desk<'_>,
    incident: &Incident,
    entries: &[Entry],
) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    timeline::append(desk, incident.id, entries).await?;
    let mut row = facts(incident);
    row.push(incident.id.into());
    if desk.execute(UPDATE, row).await? == 0 {
        let gone = format!("incident {} was removed meanwhile", incident.id);
        return Err(StoreError::Conflict(gone));
    }
    Ok(())
}

async fn delete(desk: &mut Desk<'_>, which: &Which) -> Result<Option<Incident>, StoreError> {
    let Some(incident) = which.find(desk).await? else {
        return Ok(None);
    };
    let id = || vec![Arg::from(incident.id)];
    // The row goes first: whoever changes it meanwhile waits for it, and finds nothing.
    desk.execute(DELETE, id()).await?;
    desk.execute(DELETE_ENTRIES, id()).await?;
    desk.execute(DELETE_FILES, id()).await?;
    escalation::remove(desk, incident.id).await?;
    if incident.id.cast_signed() > removed(desk).await? {
        let number = incident.id.to_string();
        desk.execute(SET_REMOVED, vec![number.as_str().into()])
            .await?;
    }
    Ok(Some(incident))
}

impl Writer {
    /// Opens an incident. One of the same key that is there already stays as it is, and is the answer.
    pub async fn open_incident(&self, changed: Changed) -> Result<Opened, StoreError> {
        let changed = Arc::new(changed);
        self.chore(move |desk: &mut Desk<'_>| {
            let changed = Arc::clone(&changed);
            Box::pin(async move { open(desk, &changed).await })
        })
        .await
    }

    /// The same, and a policy looks after it from then on. One that was there already stays without.
    pub async fn open_escalated(
        &self,
        changed: Changed,
        policy: Arc<str>,
    ) -> Result<Opened, StoreError> {
        let job = Arc::new((changed, policy));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let opened = open(desk, &job.0).await?;
                if opened.is_new {
                    escalation::begin(desk, opened.incident.id, &job.1).await?;
                }
                Ok(opened)
            })
        })
        .await
    }

    /// Changes an incident by what `decide` makes of it as it is; `None` when there is none. `decide` may be
    /// asked again when another node was first.
    pub async fn change_incident<F>(
        &self,
        which: Which,
        decide: F,
    ) -> Result<Option<Result<Incident, Refused>>, StoreError>
    where
        F: Fn(&Incident) -> Result<Changed, Refused> + Send + Sync + 'static,
    {
        let job = Arc::new((which, decide));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (which, decide) = &*job;
                let Some(incident) = which.find(desk).await? else {
                    return Ok(None);
                };
                let changed = match decide(&incident) {
                    Ok(changed) => changed,
                    Err(refused) => return Ok(Some(Err(refused))),
                };
                update(desk, &changed.incident, &changed.entries).await?;
                Ok(Some(Ok(changed.incident)))
            })
        })
        .await
    }

    /// Removes an incident with its timeline and its list of files; what it was, or `None` when there was none.
    pub async fn delete_incident(&self, which: Which) -> Result<Option<Incident>, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let which = which.clone();
            Box::pin(async move { delete(desk, &which).await })
        })
        .await
    }
}
