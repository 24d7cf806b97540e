//! Reading single incidents.

use balefire_core::incident::{Acknowledgement, Incident, IncidentState, RoleHeld};
use balefire_core::severity::Severity;
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::incident::Which;

/// The columns of an incident, in the order in which [`read`] takes them.
macro_rules! select {
    ($rest:literal) => {
        select!("report", $rest)
    };
    ($report:literal, $rest:literal) => {
        concat!(
            "SELECT id, incident_key, state, severity, title, responsible, worker, started_at, ended_at, \
             cause, summary, ",
            $report,
            ", acknowledged_by, acknowledged_at, opened_at, changed_at, roles FROM incident ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) const BY_ID: Sql = Sql::new(select!("WHERE id = $1"));
pub(super) const BY_KEY: Sql = Sql::new(select!("WHERE incident_key = $1"));

/// How a state is written.
pub(super) const fn number(state: IncidentState) -> i64 {
    match state {
        IncidentState::Resolved => 0,
        IncidentState::Open => 1,
        IncidentState::Acknowledged => 2,
    }
}

pub(super) fn read(row: &dyn Columns) -> Result<Incident, StoreError> {
    let id = row.number(0)?;
    let odd =
        |what: &str, found: i64| StoreError::Corrupt(format!("incident {id}: {what} {found}"));
    let state = row.int(2)?;
    let severity = row.int(3)?;
    let acknowledged_at = row.opt_int(13)?.map(Time::from_micros);
    Ok(Incident {
        id,
        key: row.opt_text(1)?,
        state: IncidentState::ALL
            .into_iter()
            .find(|known| number(*known) == state)
            .ok_or_else(|| odd("state", state))?,
        severity: Severity::of_grade(severity).ok_or_else(|| odd("severity", severity))?,
        title: row.text(4)?,
        responsible: row.opt_text(5)?,
        worker: row.opt_text(6)?,
        started_at: Time::from_micros(row.int(7)?),
        ended_at: row.opt_int(8)?.map(Time::from_micros),
        cause: row.opt_text(9)?,
        summary: row.opt_text(10)?,
        report: row.opt_text(11)?,
        acknowledged: row
            .opt_text(12)?
            .zip(acknowledged_at)
            .map(|(by, at)| Acknowledgement { by, at }),
        opened_at: Time::from_micros(row.int(14)?),
        changed_at: Time::from_micros(row.int(15)?),
        // A row from before there were roles has none.
        roles: RoleHeld::read(row.opt_text(16)?.as_deref().unwrap_or_default())
            .ok_or_else(|| StoreError::Corrupt(format!("incident {id}: roles")))?,
    })
}

impl Store {
    /// One incident.
    pub async fn incident(&self, which: &Which) -> Result<Option<Incident>, StoreError> {
        let (sql, arg) = which.query();
        self.pool().one(sql, vec![arg], read).await
    }
}
