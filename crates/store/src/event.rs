//! Reading the event log. Each row holds the events of one group commit.

use balefire_core::event::{Event, Seq};
use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::{Columns, Sql};
use crate::error::StoreError;

/// Rows read at once: a row is at most a few MiB.
const ROWS: i64 = 32;
/// The largest number an event of one node can have.
const MAX_SEQ: Seq = Seq::MAX >> 16;

/// From the row that holds `$2`, or the first of the node, on.
const FROM: Sql = Sql::new(
    "SELECT id, last_seq, at, crc, body FROM event \
     WHERE id >= COALESCE((SELECT MAX(id) FROM event WHERE id >= $1 AND id <= $2), $3) \
     AND id <= $4 ORDER BY id LIMIT $5",
);
const BEFORE: Sql = Sql::new(
    "SELECT id, last_seq, at, crc, body FROM event WHERE id >= $1 AND id < $2 \
     ORDER BY id DESC LIMIT $3",
);

/// The key of a row: the node's stream, then the first number in it.
pub(crate) const fn event_key(node: u16, first: Seq) -> i64 {
    ((node as u64) << 48 | first).cast_signed()
}

/// A row of the event log.
pub(crate) struct EventRow {
    pub(crate) id: i64,
    pub(crate) last: i64,
    at: i64,
    crc: i64,
    body: Vec<u8>,
}

impl EventRow {
    pub(crate) fn read(row: &dyn Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int(0)?,
            last: row.int(1)?,
            at: row.int(2)?,
            crc: row.int(3)?,
            body: row.bytes(4)?,
        })
    }

    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        let computed = codec::crc(&[self.id, self.last, self.at], &self.body);
        codec::verify("event row", self.id, self.crc, computed)
    }

    fn decode(&self) -> Result<Vec<Event>, StoreError> {
        self.verify()?;
        let first = self.id.cast_unsigned() & MAX_SEQ;
        codec::decode_batch(first, Time::from_micros(self.at), &self.body)
    }
}

impl Store {
    /// The number of the last committed event; 0 when there is none.
    pub fn last_event(&self) -> Seq {
        self.fresh().last()
    }

    /// Up to `limit` events after `after`, oldest first.
    pub async fn events(&self, after: Seq, limit: usize) -> Result<Vec<Event>, StoreError> {
        let mut events: Vec<Event> = Vec::new();
        let mut after = after;
        while events.len() < limit {
            let node = self.node();
            let (first, last) = (event_key(node, 0), event_key(node, MAX_SEQ));
            let from = event_key(node, after.saturating_add(1).min(MAX_SEQ));
            let args = vec![
                first.into(),
                from.into(),
                first.into(),
                last.into(),
                ROWS.into(),
            ];
            let rows = self.pool().fetch(FROM, args, EventRow::read).await?;
            let before = events.len();
            for row in &rows {
                events.extend(row.decode()?.into_iter().filter(|event| event.seq > after));
                if events.len() >= limit {
                    break;
                }
            }
            if events.len() == before {
                break;
            }
            after = events[events.len() - 1].seq;
        }
        events.truncate(limit);
        Ok(events)
    }

    /// Up to `limit` events before `before`, newest first.
    pub async fn events_before(&self, before: Seq, limit: usize) -> Result<Vec<Event>, StoreError> {
        let first = event_key(self.node(), 0);
        let mut upto = event_key(self.node(), before.min(MAX_SEQ));
        let mut events = Vec::new();
        while events.len() < limit {
            let args = vec![first.into(), upto.into(), ROWS.into()];
            let rows = self.pool().fetch(BEFORE, args, EventRow::read).await?;
            let Some(oldest) = rows.last() else { break };
            upto = oldest.id;
            for row in &rows {
                let decoded = row.decode()?;
                events.extend(decoded.into_iter().rev().filter(|event| event.seq < before));
                if events.len() >= limit {
                    break;
                }
            }
        }
        events.truncate(limit);
        Ok(events)
    }

    /// One event by its number.
    pub async fn event(&self, seq: Seq) -> Result<Option<Event>, StoreError> {
        let Some(before) = seq.checked_sub(1) else {
            return Ok(None);
        };
        let events = self.events(before, 1).await?;
        Ok(events.into_iter().next().filter(|event| event.seq == seq))
    }
}
