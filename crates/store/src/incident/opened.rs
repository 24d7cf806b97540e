//! Incidents for reports: those opened in a part of time, without their long texts.

use balefire_core::incident::IncidentState;
use balefire_core::report::Handled;
use balefire_core::schedule::Stretch;
use balefire_core::severity::Severity;
use balefire_core::time::Time;

use super::read::number;
use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;

const OPENED: Sql = Sql::new(
    "SELECT id, title, severity, state, started_at, opened_at, acknowledged_at, ended_at FROM incident \
     WHERE id > $1 AND opened_at >= $2 AND opened_at < $3 ORDER BY id LIMIT $4",
);

fn read(row: &dyn Columns) -> Result<Handled, StoreError> {
    let id = row.number(0)?;
    let grade = row.int(2)?;
    let severity = Severity::of_grade(grade)
        .ok_or_else(|| StoreError::Corrupt(format!("incident {id}: severity {grade}")))?;
    let is_over = row.int(3)? == number(IncidentState::Resolved);
    Ok(Handled {
        id,
        title: row.text(1)?,
        severity,
        started_at: Time::from_micros(row.int(4)?),
        opened_at: Time::from_micros(row.int(5)?),
        acknowledged_at: row.opt_int(6)?.map(Time::from_micros),
        ended_at: row.opt_int(7)?.filter(|_| is_over).map(Time::from_micros),
    })
}

impl Store {
    /// Up to `limit` incidents after number `after` that were opened in a part of time, in the order of their
    /// numbers.
    pub async fn incidents_opened(
        &self,
        within: Stretch,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Handled>, StoreError> {
        let args: Vec<Arg> = vec![
            after.min(i64::MAX.cast_unsigned()).into(),
            within.from.micros().into(),
            within.to.micros().into(),
            (limit as i64).into(),
        ];
        self.pool().fetch(OPENED, args, read).await
    }
}
