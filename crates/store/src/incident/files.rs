//! Which files belong to an incident. The files themselves are elsewhere; here are their ids.

use std::sync::Arc;

use balefire_core::incident::{Entry, EntryKind};
use balefire_core::time::Time;

use super::{Which, timeline};
use crate::Store;
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// Files of one incident at most.
const MOST: usize = 100;

const FILES: Sql =
    Sql::new("SELECT file FROM incident_file WHERE incident = $1 ORDER BY file LIMIT $2");
const HAS: Sql = Sql::new("SELECT COUNT(*) FROM incident_file WHERE incident = $1 AND file = $2");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM incident_file WHERE incident = $1");
const PUT: Sql = Sql::new("INSERT INTO incident_file (incident, file) VALUES ($1, $2)");
const DROP: Sql = Sql::new("DELETE FROM incident_file WHERE incident = $1 AND file = $2");
/// Nobody else may remove the incident until the file is on its list.
const TOUCH: Sql = Sql::new("UPDATE incident SET changed_at = $1 WHERE id = $2");

/// What became of a file that was to be attached or detached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It is as was asked for; whether that changed anything.
    Done(bool),
    /// There is no such incident.
    NoIncident,
    /// The incident has as many files as it may have.
    TooMany(usize),
}

/// A file to be attached or detached, by whom and when.
struct Job {
    incident: u64,
    file: Box<str>,
    kind: EntryKind,
    actor: Box<str>,
    at: Time,
}

impl Job {
    fn pair(&self) -> Vec<Arg> {
        vec![self.incident.into(), (&*self.file).into()]
    }

    async fn run(&self, desk: &mut Desk<'_>) -> Result<Filed, StoreError> {
        let Some(incident) = Which::Id(self.incident).find(desk).await? else {
            return Ok(Filed::NoIncident);
        };
        let has = desk.conn.number(HAS, self.pair()).await?.unwrap_or(0) > 0;
        let attaches = self.kind == EntryKind::Attached;
        if has == attaches {
            return Ok(Filed::Done(false));
        }
        let count = desk.conn.number(COUNT, vec![self.incident.into()]).await?;
        if attaches && count.unwrap_or(0) >= MOST as i64 {
            return Ok(Filed::TooMany(MOST));
        }
        let entry = Entry::new(self.kind, &self.actor, &self.file, self.at);
        timeline::append(desk, self.incident, &[entry]).await?;
        let changed = incident.changed_at.max(self.at).micros();
        let touched = desk
            .execute(TOUCH, vec![changed.into(), self.incident.into()])
            .await?;
        if touched == 0 {
            let gone = format!("incident {} was removed meanwhile", self.incident);
            return Err(StoreError::Conflict(gone));
        }
        let write = if attaches { PUT } else { DROP };
        desk.execute(write, self.pair()).await?;
        Ok(Filed::Done(true))
    }
}

impl Writer {
    async fn file(&self, job: Job) -> Result<Filed, StoreError> {
        let job = Arc::new(job);
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move { job.run(desk).await })
        })
        .await
    }

    /// Puts a file, by its id of at most 190 characters, on an incident's list.
    pub async fn attach_file(
        &self,
        incident: u64,
        file: &str,
        actor: &str,
        at: Time,
    ) -> Result<Filed, StoreError> {
        self.file(Job {
            incident,
            file: file.into(),
            kind: EntryKind::Attached,
            actor: actor.into(),
            at,
        })
        .await
    }

    /// Takes a file off an incident's list; the file itself stays.
    pub async fn detach_file(
        &self,
        incident: u64,
        file: &str,
        actor: &str,
        at: Time,
    ) -> Result<Filed, StoreError> {
        self.file(Job {
            incident,
            file: file.into(),
            kind: EntryKind::Detached,
            actor: actor.into(),
            at,
        })
        .await
    }
}

impl Store {
    /// The ids of an incident's files, in byte order.
    pub async fn incident_files(&self, incident: u64) -> Result<Vec<String>, StoreError> {
        let args: Vec<Arg> = vec![incident.into(), (MOST as i64).into()];
        let mut files = self.pool().fetch(FILES, args, |row| row.text(0)).await?;
        files.sort_unstable();
        Ok(files)
    }
}
