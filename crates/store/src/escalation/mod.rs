//! Escalations of incidents: where each stands, whom it has paged, and what groups' flushes mean for them.
//!
//! Where an escalation stands is written in the decision that makes its pages, with their entries of the timeline: after a
//! crash both are there, or neither.

mod page;
mod word;

use std::sync::Arc;

use balefire_core::incident::Entry;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::notification::Fact;
use crate::writer::{Desk, Writer};

pub use self::page::{Page, PageOutcome, page_ended, paged};
pub use self::word::{GroupWord, word};

const BEGIN: Sql = Sql::new(
    "INSERT INTO escalation (incident, policy, ordinal, live, seen, body) VALUES ($1, $2, $3, 1, 0, ''){ignore:incident}",
);
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM escalation WHERE policy = $1");
const UPDATE: Sql =
    Sql::new("UPDATE escalation SET live = $1, seen = $2, body = $3 WHERE incident = $4");
const LIVE: Sql = Sql::new(
    "SELECT incident, policy, ordinal, seen, body FROM escalation WHERE live = 1 AND incident > $1 ORDER BY incident LIMIT $2",
);
const ONE: Sql =
    Sql::new("SELECT incident, policy, ordinal, seen, body FROM escalation WHERE incident = $1");
const DELETE: Sql = Sql::new("DELETE FROM escalation WHERE incident = $1");
const DELETE_PAGES: Sql = Sql::new("DELETE FROM page WHERE incident = $1");
/// The next entry of a timeline, written with a decision.
const NOTE: Sql = Sql::new(
    "INSERT INTO incident_event (incident, number, at, kind, actor, detail) \
     SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM incident_event WHERE incident = $6",
);

/// An incident's escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRow {
    /// The incident's number.
    pub incident: u64,
    /// The policy it began with.
    pub policy: Arc<str>,
    /// How many incidents the policy had before.
    pub ordinal: u64,
    /// The last entry of the timeline that it has taken in.
    pub seen: u64,
    /// Where it stands, as the engine writes it; empty until it is looked at first.
    pub body: String,
}

/// Where an escalation stands now; `live` while its incident is not over.
pub fn escalated(incident: u64, live: bool, seen: u64, body: &str) -> Fact {
    Fact {
        sql: UPDATE,
        row: vec![
            i64::from(live).into(),
            seen.into(),
            body.into(),
            incident.into(),
        ],
    }
}

/// What comes next in an incident's timeline.
pub fn noted(incident: u64, entry: &Entry) -> Fact {
    Fact {
        sql: NOTE,
        row: vec![
            incident.into(),
            entry.at.micros().into(),
            entry.kind.as_str().into(),
            (&*entry.actor).into(),
            (&*entry.detail.written()).into(),
            incident.into(),
        ],
    }
}

/// Lets a policy look after an incident, unless one does already.
pub(crate) async fn begin(
    desk: &mut Desk<'_>,
    incident: u64,
    policy: &str,
) -> Result<(), StoreError> {
    let before = desk.conn.number(COUNT, vec![policy.into()]).await?;
    let row: Vec<Arg> = vec![incident.into(), policy.into(), before.unwrap_or(0).into()];
    desk.execute(BEGIN, row).await?;
    Ok(())
}

/// Its incident is removed.
pub(crate) async fn remove(desk: &mut Desk<'_>, incident: u64) -> Result<(), StoreError> {
    desk.execute(DELETE, vec![incident.into()]).await?;
    desk.execute(DELETE_PAGES, vec![incident.into()]).await?;
    Ok(())
}

fn read(row: &dyn Columns) -> Result<EscalationRow, StoreError> {
    Ok(EscalationRow {
        incident: row.number(0)?,
        policy: row.text(1)?.into(),
        ordinal: row.number(2)?,
        seen: row.number(3)?,
        body: row.text(4)?,
    })
}

impl Writer {
    /// Lets a policy look after an incident, unless one does already.
    pub async fn begin_escalation(&self, incident: u64, policy: &str) -> Result<(), StoreError> {
        let policy: Arc<str> = policy.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let policy = Arc::clone(&policy);
            Box::pin(async move { begin(desk, incident, &policy).await })
        })
        .await
    }
}

impl Store {
    /// Up to `limit` escalations of incidents that are not over, in order of their numbers, after number `after`.
    pub async fn escalations(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let args = vec![after.into(), (limit as i64).into()];
        self.pool().fetch(LIVE, args, read).await
    }

    /// An incident's escalation, also when it is over.
    pub async fn escalation(&self, incident: u64) -> Result<Option<EscalationRow>, StoreError> {
        self.pool().one(ONE, vec![incident.into()], read).await
    }
}
