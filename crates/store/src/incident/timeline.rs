//! The timelines of incidents.

use balefire_core::incident::{Detail, Entry, EntryKind};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::Desk;

const LAST: Sql = Sql::new("SELECT MAX(number) FROM incident_event WHERE incident = $1");
const PUT: Sql = Sql::new(
    "INSERT INTO incident_event (incident, number, at, kind, actor, detail) VALUES ($1, $2, $3, $4, $5, $6)",
);
const READ: Sql = Sql::new(
    "SELECT number, at, kind, actor, detail FROM incident_event WHERE incident = $1 AND number > $2 \
     ORDER BY number LIMIT $3",
);

/// Writes what comes next in a timeline.
pub(super) async fn append(
    desk: &mut Desk<'_>,
    incident: u64,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let last = desk.conn.number(LAST, vec![incident.into()]).await?;
    for (number, entry) in (last.unwrap_or(0) + 1..).zip(entries) {
        let row: Vec<Arg> = vec![
            incident.into(),
            number.into(),
            entry.at.micros().into(),
            entry.kind.as_str().into(),
            (&*entry.actor).into(),
            (&*entry.detail.written()).into(),
        ];
        desk.execute(PUT, row).await?;
    }
    Ok(())
}

fn read(row: &dyn Columns) -> Result<Entry, StoreError> {
    let kind = row.text(2)?;
    let known = EntryKind::ALL.into_iter().find(|k| k.as_str() == kind);
    let odd = |what: String| StoreError::Corrupt(format!("an incident's timeline: {what}"));
    let detail = row.text(4)?;
    Ok(Entry {
        number: row.number(0)?,
        at: Time::from_micros(row.int(1)?),
        kind: known.ok_or_else(|| odd(format!("kind {kind:?}")))?,
        actor: row.text(3)?,
        detail: Detail::read(&detail).ok_or_else(|| odd(format!("detail {detail:?}")))?,
    })
}

impl Store {
    /// Up to `limit` entries of an incident's timeline after number `after`, in their order.
    pub async fn incident_timeline(
        &self,
        incident: u64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let after = after.min(i64::MAX.cast_unsigned());
        let args: Vec<Arg> = vec![incident.into(), after.into(), (limit as i64).into()];
        self.pool().fetch(READ, args, read).await
    }
}
