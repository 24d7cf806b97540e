//! Incidents: opened, acknowledged, changed and ended. Every surface (older clients, API, command line, pages, the
//! answer to a phone call) comes through here.

use balefire_core::incident::{Change, Changed, Draft, Entry, Incident, Refused};
use balefire_store::{Filed, IncidentFilter, Opened, StoreError, Which};

use super::Engine;
use crate::delivery::change;

impl Engine {
    /// Opens an incident and does to it what follows from what is known already, such as that it is over. One
    /// of the same key that is there already stays as it is, and is the answer.
    pub async fn open_incident(
        &self,
        draft: Draft,
        then: &[Change],
        actor: &str,
    ) -> Result<Opened, IncidentFailure> {
        self.open_escalated(draft, then, actor, None).await
    }

    /// The same; a new one is looked after by the escalation of this name.
    pub async fn open_escalated(
        &self,
        draft: Draft,
        then: &[Change],
        actor: &str,
        escalation: Option<&str>,
    ) -> Result<Opened, IncidentFailure> {
        let policy = escalation.map(|name| self.policy(name)).transpose()?;
        let now = self.now();
        let opened = Incident::open(draft, actor, now)?;
        let step = |so_far: Changed, change| so_far.then(change, actor, now);
        let changed = then.iter().try_fold(opened, step)?;
        let writer = self.store().writer();
        let opened = match policy {
            None => writer.open_incident(changed).await?,
            Some(policy) => writer.open_escalated(changed, policy).await?,
        };
        if opened.is_new {
            self.inner.shared.bell.touch(opened.incident.id);
            self.inner.shared.changed();
        }
        Ok(opened)
    }

    /// Changes an incident; all of the changes take effect, or none.
    pub async fn change_incident(
        &self,
        which: Which,
        changes: Vec<Change>,
        actor: &str,
    ) -> Result<Incident, IncidentFailure> {
        self.decide_incident(which, move |_| changes.clone(), actor)
            .await
    }

    /// Changes an incident by what `decide` makes of how it stands. It may be asked again when somebody else
    /// was first.
    pub async fn decide_incident<F>(
        &self,
        which: Which,
        decide: F,
        actor: &str,
    ) -> Result<Incident, IncidentFailure>
    where
        F: Fn(&Incident) -> Vec<Change> + Send + Sync + 'static,
    {
        let (actor, now) = (actor.to_owned(), self.now());
        let decided = move |incident: &Incident| {
            let changes = decide(incident);
            incident.changes(&changes, &actor, now)
        };
        let changed = change::change(&self.inner.shared, which, decided);
        let incident = changed.await?.ok_or(IncidentFailure::NotFound)??;
        self.calls_follow(&incident);
        Ok(incident)
    }

    /// Merges an incident into another, which is the answer; both change, or neither.
    pub async fn merge_incident(
        &self,
        from: u64,
        into: u64,
        actor: &str,
        text: String,
    ) -> Result<Incident, IncidentFailure> {
        let (actor, now) = (actor.to_owned(), self.now());
        let decide =
            move |one: &Incident, other: &Incident| one.merge_into(other, &actor, &text, now);
        let merged = change::merge(&self.inner.shared, (from, into), decide);
        let (gone, kept) = merged.await?.ok_or(IncidentFailure::NotFound)??;
        self.calls_follow(&gone);
        Ok(kept)
    }

    /// Says that `actor` has it. The first who says so keeps it; who comes later is written down.
    pub async fn acknowledge_incident(
        &self,
        which: Which,
        actor: &str,
        text: String,
    ) -> Result<Incident, IncidentFailure> {
        let change = Change::Acknowledge { text };
        self.change_incident(which, vec![change], actor).await
    }

    /// One incident.
    pub async fn incident(&self, which: &Which) -> Result<Option<Incident>, StoreError> {
        self.store().incident(which).await
    }

    /// A page of incidents.
    pub async fn incidents(&self, filter: &IncidentFilter) -> Result<Vec<Incident>, StoreError> {
        self.store().incidents(filter).await
    }

    /// How many incidents there are on all pages.
    pub async fn count_incidents(&self, filter: &IncidentFilter) -> Result<u64, StoreError> {
        self.store().count_incidents(filter).await
    }

    /// Up to `limit` entries of an incident's timeline after number `after`, in their order.
    pub async fn incident_timeline(
        &self,
        id: u64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.store().incident_timeline(id, after, limit).await
    }

    /// Puts a file, by its id, on an incident's list.
    pub async fn attach_file(&self, id: u64, file: &str, actor: &str) -> Result<Filed, StoreError> {
        let filed = self
            .store()
            .writer()
            .attach_file(id, file, actor, self.now());
        let filed = filed.await?;
        self.filed(filed);
        Ok(filed)
    }

    /// Takes a file off an incident's list; the file itself stays.
    pub async fn detach_file(&self, id: u64, file: &str, actor: &str) -> Result<Filed, StoreError> {
        let filed = self
            .store()
            .writer()
            .detach_file(id, file, actor, self.now());
        let filed = filed.await?;
        self.filed(filed);
        Ok(filed)
    }

    fn filed(&self, filed: Filed) {
        if filed == Filed::Done(true) {
            self.inner.shared.changed();
        }
    }

    /// The ids of an incident's files.
    pub async fn incident_files(&self, id: u64) -> Result<Vec<String>, StoreError> {
        self.store().incident_files(id).await
    }

    /// Removes an incident with its timeline; what it was, or `None` when there was none.
    pub async fn delete_incident(&self, which: Which) -> Result<Option<Incident>, StoreError> {
        let shared = &self.inner.shared;
        let desk = shared.bell.desk().await;
        let gone = shared.store.writer().delete_incident(which).await?;
        drop(desk);
        if let Some(incident) = &gone {
            shared.bell.touch(incident.id);
            shared.changed();
        }
        Ok(gone)
    }
}

/// Why an incident was not opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum IncidentFailure {
    /// There is none like that.
    #[error("there is no such incident")]
    NotFound,
    /// Something it names does not exist.
    #[error("no {kind} is named {name:?}; there are: {known}")]
    Unknown {
        /// `escalation`, `person`, `team` or `schedule`.
        kind: &'static str,
        /// As asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// No escalation looks after it.
    #[error("no escalation looks after it: name one, as in escalate with an escalation")]
    NotEscalated,
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] Refused),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
