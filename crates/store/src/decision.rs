//! Reading decisions.

use balefire_core::event::Seq;
use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::notification::DecisionRow;

const AFTER: Sql = Sql::new(
    "SELECT seq, at, upto, config, crc, body FROM decision WHERE seq > $1 ORDER BY seq LIMIT $2",
);
const LAST: Sql = Sql::new("SELECT MAX(seq) FROM decision");

/// A row with its configuration version still as a number.
pub(crate) struct StoredDecision {
    pub(crate) seq: i64,
    at: i64,
    upto: i64,
    config: i64,
    crc: i64,
    body: Vec<u8>,
}

impl StoredDecision {
    pub(crate) fn read(row: &dyn Columns) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.int(0)?,
            at: row.int(1)?,
            upto: row.int(2)?,
            config: row.int(3)?,
            crc: row.int(4)?,
            body: row.bytes(5)?,
        })
    }

    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        let computed = codec::crc(&[self.seq, self.at, self.upto, self.config], &self.body);
        codec::verify("decision", self.seq, self.crc, computed)
    }
}

impl Store {
    /// Up to `limit` decisions after number `after`, in order.
    pub async fn decisions(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        let args = vec![after.into(), (limit as i64).into()];
        let rows = self.pool().fetch(AFTER, args, StoredDecision::read).await?;
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            row.verify()?;
            decisions.push(DecisionRow {
                seq: row.seq.cast_unsigned(),
                at: Time::from_micros(row.at),
                cursor: row.upto.cast_unsigned() as Seq,
                config_version: self.word(row.config).await?,
                body: codec::unpack(&row.body)?.into_owned(),
            });
        }
        Ok(decisions)
    }

    /// One decision.
    pub async fn decision(&self, seq: u64) -> Result<Option<DecisionRow>, StoreError> {
        let Some(before) = seq.checked_sub(1) else {
            return Ok(None);
        };
        let found = self.decisions(before, 1).await?;
        Ok(found
            .into_iter()
            .next()
            .filter(|decision| decision.seq == seq))
    }

    /// The number of the last decision; 0 when there is none.
    pub async fn last_decision(&self) -> Result<u64, StoreError> {
        let last = self
            .pool()
            .one(LAST, Vec::new(), |row| row.opt_int(0))
            .await?;
        Ok(last.flatten().map_or(0, i64::cast_unsigned))
    }
}
