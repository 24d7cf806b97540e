//! Groups of `/alarm_v2` that were set by API.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO alarm_group (id, owner, level, body, changed_at) \
     VALUES ($1, $2, $3, $4, $5){upsert:id:body,changed_at}",
);
const KNOWN: Sql = Sql::new("SELECT level FROM alarm_group WHERE id = $1");
const DROP: Sql = Sql::new("DELETE FROM alarm_group WHERE id = $1");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM alarm_group");
const ONE: Sql = Sql::new("SELECT owner, level, body, changed_at FROM alarm_group WHERE id = $1");
const ALL: Sql =
    Sql::new("SELECT owner, level, body, changed_at FROM alarm_group ORDER BY id LIMIT $1");

/// A group as it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmGroupRow {
    /// The `id` that callers send; at most [`AlarmGroupRow::LONGEST_OWNER`] characters.
    pub owner: Arc<str>,
    /// The `level` that callers send.
    pub level: u32,
    /// The rest, JSON.
    pub body: Arc<str>,
    /// When it was set last.
    pub changed_at: Time,
}

impl AlarmGroupRow {
    /// Longest `owner` in characters, as the original's table had it.
    pub const LONGEST_OWNER: usize = 100;
    /// Most groups that are kept.
    pub const MOST: usize = 10_000;
}

fn id(owner: &str, level: u32) -> String {
    format!("{level} {owner}")
}

fn read(row: &dyn Columns) -> Result<AlarmGroupRow, StoreError> {
    Ok(AlarmGroupRow {
        owner: row.text(0)?.into(),
        level: u32::try_from(row.int(1)?).unwrap_or_default(),
        body: row.text(2)?.into(),
        changed_at: Time::from_micros(row.int(3)?),
    })
}

impl Writer {
    /// Sets a group, in place of the one before; whether it is new. `None` when there are
    /// [`AlarmGroupRow::MOST`] already.
    pub async fn set_alarm_group(&self, group: AlarmGroupRow) -> Result<Option<bool>, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let group = group.clone();
            Box::pin(async move {
                let id = id(&group.owner, group.level);
                let known = desk.conn.number(KNOWN, vec![(&*id).into()]).await?;
                let count = desk.conn.number(COUNT, Vec::new()).await?.unwrap_or(0);
                if known.is_none() && count >= AlarmGroupRow::MOST as i64 {
                    return Ok(None);
                }
                let row = vec![
                    (&*id).into(),
                    (&*group.owner).into(),
                    i64::from(group.level).into(),
                    (&*group.body).into(),
                    group.changed_at.micros().into(),
                ];
                desk.execute(PUT, row).await?;
                Ok(Some(known.is_none()))
            })
        })
        .await
    }

    /// Takes a group back; whether there was one.
    pub async fn drop_alarm_group(&self, owner: &str, level: u32) -> Result<bool, StoreError> {
        let id = id(owner, level);
        let gone = self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*id).into()];
            Box::pin(async move { desk.execute(DROP, row).await })
        });
        Ok(gone.await? > 0)
    }
}

impl Store {
    /// The group of an owner and level.
    pub async fn alarm_group(
        &self,
        owner: &str,
        level: u32,
    ) -> Result<Option<AlarmGroupRow>, StoreError> {
        let id = id(owner, level);
        self.pool().one(ONE, vec![(&*id).into()], read).await
    }

    /// All groups.
    pub async fn alarm_groups(&self) -> Result<Vec<AlarmGroupRow>, StoreError> {
        let most = (AlarmGroupRow::MOST as i64).into();
        self.pool().fetch(ALL, vec![most], read).await
    }
}
