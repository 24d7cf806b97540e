//! Checkpoints: the dispatcher's memory, written in pieces between which appends go on.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::Sql;
use crate::error::StoreError;
use crate::record::Checkpoint;
use crate::writer::{Desk, Writer};

const LAST: Sql = Sql::new("SELECT MAX(id) FROM checkpoint");
const NEWEST: Sql =
    Sql::new("SELECT id, upto, decision, at, parts FROM checkpoint ORDER BY id DESC LIMIT 1");
const PARTS: Sql =
    Sql::new("SELECT part, crc, body FROM checkpoint_part WHERE checkpoint = $1 ORDER BY part");
const DROP_PARTS: Sql = Sql::new("DELETE FROM checkpoint_part WHERE checkpoint = $1");
const DROP_OLD_PARTS: Sql = Sql::new("DELETE FROM checkpoint_part WHERE checkpoint < $1");
const DROP_OLD: Sql = Sql::new("DELETE FROM checkpoint WHERE id < $1");
const PUT_PART: Sql =
    Sql::new("INSERT INTO checkpoint_part (checkpoint, part, crc, body) VALUES ($1, $2, $3, $4)");
const PUT: Sql =
    Sql::new("INSERT INTO checkpoint (id, upto, decision, at, parts) VALUES ($1, $2, $3, $4, $5)");

impl Writer {
    /// Writes a checkpoint; the one before it is removed once this one counts. One at a time.
    pub async fn checkpoint(&self, checkpoint: Checkpoint) -> Result<(), StoreError> {
        let Checkpoint {
            cursor,
            decision,
            at,
            chunks,
        } = checkpoint;
        let parts = chunks.len() as i64;
        // Parts that an interrupted checkpoint left under this number go first.
        let id = self
            .chore(|desk: &mut Desk<'_>| {
                Box::pin(async move {
                    let id = desk.next(LAST).await?;
                    desk.execute(DROP_PARTS, vec![id.into()]).await?;
                    Ok(id)
                })
            })
            .await?;
        for (part, chunk) in (0_i64..).zip(chunks) {
            let body = codec::pack(&chunk);
            let crc = codec::crc(&[id, part], &body);
            let body = Arc::new(body);
            self.chore(move |desk: &mut Desk<'_>| {
                let row = vec![id.into(), part.into(), crc.into(), body.to_vec().into()];
                Box::pin(async move { desk.execute(PUT_PART, row).await })
            })
            .await?;
        }
        self.chore(move |desk: &mut Desk<'_>| {
            Box::pin(async move {
                let row = vec![
                    id.into(),
                    cursor.into(),
                    decision.into(),
                    at.micros().into(),
                    parts.into(),
                ];
                desk.execute(PUT, row).await?;
                desk.execute(DROP_OLD, vec![id.into()]).await?;
                desk.execute(DROP_OLD_PARTS, vec![id.into()]).await
            })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// The newest checkpoint, whole and verified.
    pub async fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let newest = self.pool().one(NEWEST, Vec::new(), |row| {
            Ok((
                row.int(0)?,
                row.number(1)?,
                row.number(2)?,
                row.int(3)?,
                row.int(4)?,
            ))
        });
        let Some((id, cursor, decision, at, parts)) = newest.await? else {
            return Ok(None);
        };
        let stored = self.pool().fetch(PARTS, vec![id.into()], |row| {
            Ok((row.int(0)?, row.int(1)?, row.bytes(2)?))
        });
        let mut chunks = Vec::new();
        for (part, crc, body) in stored.await? {
            codec::verify("checkpoint part", part, crc, codec::crc(&[id, part], &body))?;
            chunks.push(codec::unpack(&body)?.into_owned());
        }
        if chunks.len() as i64 != parts {
            let found = chunks.len();
            return Err(StoreError::Corrupt(format!(
                "checkpoint {id} has {found} of {parts} parts"
            )));
        }
        Ok(Some(Checkpoint {
            cursor,
            decision,
            at: Time::from_micros(at),
            chunks,
        }))
    }
}
