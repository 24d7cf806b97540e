//! Is what is stored what was written? A short look at every start, the whole in the background.

use crate::Store;
use crate::db::{Columns, Conn, Sql};
use crate::decision::StoredDecision;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::event::EventRow;

/// Rows at the end of each log that every start verifies: a torn write is found there.
const TAIL_EVENTS: Sql =
    Sql::new("SELECT id, last_seq, at, crc, body FROM event ORDER BY id DESC LIMIT 64");
const TAIL_DECISIONS: Sql =
    Sql::new("SELECT seq, at, upto, config, crc, body FROM decision ORDER BY seq DESC LIMIT 64");
const EVENTS: Sql =
    Sql::new("SELECT id, last_seq, at, crc, body FROM event WHERE id > $1 ORDER BY id LIMIT 256");
const DECISIONS: Sql = Sql::new(
    "SELECT seq, at, upto, config, crc, body FROM decision WHERE seq > $1 ORDER BY seq LIMIT 256",
);
const COUNTS: Sql =
    Sql::new("SELECT (SELECT COUNT(*) FROM event) + (SELECT COUNT(*) FROM decision)");
/// The structure; the rows' own checksums find what it does not.
const STRUCTURE: Sql = Sql::new("SELECT integrity_check FROM pragma_integrity_check()");

/// How far a full check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckProgress {
    /// Rows verified.
    pub done: u64,
    /// Rows there were when it began.
    pub of: u64,
}

/// The start check.
pub(crate) async fn tail(conn: &mut Conn) -> Result<(), StoreError> {
    conn.fetch(TAIL_EVENTS, Vec::new(), |row| EventRow::read(row)?.verify())
        .await?;
    conn.fetch(TAIL_DECISIONS, Vec::new(), |row| {
        StoredDecision::read(row)?.verify()
    })
    .await?;
    Ok(())
}

fn event_id(row: &dyn Columns) -> Result<i64, StoreError> {
    let row = EventRow::read(row)?;
    row.verify()?;
    Ok(row.id)
}

fn decision_seq(row: &dyn Columns) -> Result<i64, StoreError> {
    let row = StoredDecision::read(row)?;
    row.verify()?;
    Ok(row.seq)
}

impl Store {
    /// Verifies the whole store: the file's structure (SQLite), each row of the log and the
    /// checkpoint. Yields to others between pages; `progress` is told after each.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] with the first thing that is wrong.
    pub async fn full_check(
        &self,
        mut progress: impl FnMut(CheckProgress) + Send,
    ) -> Result<(), StoreError> {
        if self.pool().dialect() == Dialect::Sqlite {
            let found = self
                .pool()
                .one(STRUCTURE, Vec::new(), |row| row.text(0))
                .await?;
            if let Some(found) = found.filter(|found| found != "ok") {
                return Err(StoreError::Corrupt(format!("{}: {found}", self.place())));
            }
        }
        let of = self
            .pool()
            .one(COUNTS, Vec::new(), |row| row.number(0))
            .await?
            .unwrap_or(0);
        let mut done = 0;
        for (sql, read) in [
            (EVENTS, event_id as fn(&dyn Columns) -> _),
            (DECISIONS, decision_seq),
        ] {
            let mut after = i64::MIN;
            loop {
                let page = self.pool().fetch(sql, vec![after.into()], read).await?;
                let Some(last) = page.last() else { break };
                after = *last;
                done += page.len() as u64;
                progress(CheckProgress { done, of });
                tokio::task::yield_now().await;
            }
        }
        self.checkpoint().await.map(drop)
    }
}
