//! Retention: the oldest rows go, in small transactions between which everything else goes on.
//!
//! What is still needed stays, whatever its age: events and decisions after the checkpoint, what
//! pending notifications follow from, and the newest row of each table (its number must not be given again).

use std::time::Duration;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::event::event_key;
use crate::record::{Pruned, Retention};
use crate::writer::{Desk, Writer};

/// Rows a transaction deletes at most.
const ROWS: i64 = 1000;

/// How far the newest checkpoint reaches.
const CHECKPOINT: Sql = Sql::new("SELECT upto, decision FROM checkpoint ORDER BY id DESC LIMIT 1");
/// The oldest pending notification and the decision it follows from.
const PENDING: Sql = Sql::new(
    "SELECT n.seq, n.decision FROM waiting w JOIN notification n ON n.seq = w.seq \
     ORDER BY w.seq LIMIT 1",
);
const DECISION_CURSOR: Sql = Sql::new("SELECT upto FROM decision WHERE seq = $1");
const OLD_KEYS: Sql = Sql::new("SELECT hash FROM alert_key WHERE at < $1 LIMIT 1000");
const DROP_KEY: Sql = Sql::new("DELETE FROM alert_key WHERE hash = $1 AND at < $2");

/// A table whose keys ascend with time.
struct Table {
    /// Key, what a floor is about, and time of the oldest rows of a range.
    oldest: Sql,
    /// Removes a range of keys.
    delete: &'static [Sql],
}

static EVENTS: Table = Table {
    oldest: Sql::new(
        "SELECT id, last_seq, at FROM event WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3",
    ),
    delete: &[Sql::new("DELETE FROM event WHERE id >= $1 AND id <= $2")],
};
static DECISIONS: Table = Table {
    oldest: Sql::new(
        "SELECT seq, seq, at FROM decision WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3",
    ),
    delete: &[Sql::new(
        "DELETE FROM decision WHERE seq >= $1 AND seq <= $2",
    )],
};
static NOTIFICATIONS: Table = Table {
    oldest: Sql::new(
        "SELECT seq, seq, created_at FROM notification WHERE seq >= $1 AND seq <= $2 \
         ORDER BY seq LIMIT $3",
    ),
    delete: &[
        Sql::new("DELETE FROM attempt WHERE id >= $1 * 65536 AND id < ($2 + 1) * 65536"),
        Sql::new("DELETE FROM kept WHERE notification >= $1 AND notification <= $2"),
        Sql::new("DELETE FROM awaited WHERE notification >= $1 AND notification <= $2"),
        Sql::new("DELETE FROM receipt WHERE notification >= $1 AND notification <= $2"),
        Sql::new("DELETE FROM phone_call WHERE seq >= $1 AND seq <= $2"),
        Sql::new("DELETE FROM notification WHERE seq >= $1 AND seq <= $2"),
    ],
};
static REJECTED: Table = Table {
    oldest: Sql::new(
        "SELECT seq, seq, at FROM rejected WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3",
    ),
    delete: &[Sql::new(
        "DELETE FROM rejected WHERE seq >= $1 AND seq <= $2",
    )],
};
static ALARMS: Table = Table {
    oldest: Sql::new(
        "SELECT seq, seq, at FROM alarm WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3",
    ),
    delete: &[Sql::new("DELETE FROM alarm WHERE seq >= $1 AND seq <= $2")],
};

/// Up to where rows may go, whatever their age.
#[derive(Clone, Copy, Debug)]
struct Floors {
    events: i64,
    decisions: i64,
    notifications: i64,
}

impl Floors {
    async fn load(desk: &mut Desk<'_>) -> Result<Self, StoreError> {
        let pair = |row: &dyn crate::db::Columns| Ok((row.int(0)?, row.int(1)?));
        let checkpoint = desk.conn.fetch(CHECKPOINT, Vec::new(), pair).await?;
        // Without a checkpoint a start replays everything.
        let (mut events, mut decisions) = checkpoint.first().copied().unwrap_or((0, 0));
        let mut notifications = i64::MAX;
        let pending = desk.conn.fetch(PENDING, Vec::new(), pair).await?;
        if let Some(&(seq, decision)) = pending.first() {
            notifications = seq - 1;
            decisions = decisions.min(decision - 1);
            if let Some(cursor) = desk
                .conn
                .number(DECISION_CURSOR, vec![decision.into()])
                .await?
            {
                events = events.min(cursor);
            }
        }
        Ok(Self {
            events,
            decisions,
            notifications,
        })
    }
}

impl Table {
    /// Deletes the oldest rows of `range` that are older than `cutoff` and not above `floor`; how
    /// many, at most [`ROWS`].
    async fn delete_oldest(
        &self,
        desk: &mut Desk<'_>,
        range: (i64, i64),
        floor: i64,
        cutoff: Time,
    ) -> Result<u64, StoreError> {
        let args: Vec<Arg> = vec![range.0.into(), range.1.into(), (ROWS + 1).into()];
        let rows = desk
            .conn
            .fetch(self.oldest, args, |row| {
                Ok((row.int(0)?, row.int(1)?, row.int(2)?))
            })
            .await?;
        // The last row that was read is never deleted: it may be the newest of all.
        let old = rows[..rows.len().saturating_sub(1)]
            .iter()
            .take_while(|(_, about, at)| *about <= floor && *at < cutoff.micros())
            .count();
        if old == 0 {
            return Ok(0);
        }
        for delete in self.delete {
            desk.execute(*delete, vec![range.0.into(), rows[old - 1].0.into()])
                .await?;
        }
        Ok(old as u64)
    }
}

/// One step: what one transaction removed.
async fn step(desk: &mut Desk<'_>, cutoff: Time) -> Result<Pruned, StoreError> {
    let floors = Floors::load(desk).await?;
    // No number is larger than this: an attempt's key holds it beside the number of the try.
    let all = (0, (i64::MAX >> 16) - 1);
    let mut pruned = Pruned {
        notifications: NOTIFICATIONS
            .delete_oldest(desk, all, floors.notifications, cutoff)
            .await?,
        ..Pruned::default()
    };
    if pruned.notifications > 0 {
        return Ok(pruned);
    }
    pruned.decisions = DECISIONS
        .delete_oldest(desk, all, floors.decisions, cutoff)
        .await?;
    if pruned.decisions > 0 {
        return Ok(pruned);
    }
    let own = (
        event_key(desk.node, 0),
        event_key(desk.node, u64::MAX >> 16),
    );
    pruned.event_rows = EVENTS
        .delete_oldest(desk, own, floors.events, cutoff)
        .await?;
    if pruned.event_rows > 0 {
        return Ok(pruned);
    }
    pruned.rejected = REJECTED.delete_oldest(desk, all, i64::MAX, cutoff).await?;
    pruned.alarms = ALARMS.delete_oldest(desk, all, i64::MAX, cutoff).await?;
    Ok(pruned)
}

/// Forgets keys that no sender has used since `cutoff`; how many.
async fn forget_keys(desk: &mut Desk<'_>, cutoff: Time) -> Result<u64, StoreError> {
    let old = desk
        .conn
        .fetch(OLD_KEYS, vec![cutoff.micros().into()], |row| row.bytes(0))
        .await?;
    let mut forgotten = 0;
    for hash in old {
        forgotten += desk
            .execute(DROP_KEY, vec![hash.into(), cutoff.micros().into()])
            .await?;
    }
    Ok(forgotten)
}

impl Writer {
    /// Removes what is older than `cutoff`, in steps; what was removed is added to `pruned`.
    async fn prune_before(&self, cutoff: Time, pruned: &mut Pruned) -> Result<bool, StoreError> {
        let mut any = false;
        loop {
            let done = self
                .chore(move |desk: &mut Desk<'_>| Box::pin(step(desk, cutoff)))
                .await?;
            let rows = done.event_rows + done.decisions + done.notifications + done.rejected;
            let rows = rows + done.alarms;
            if rows == 0 {
                return Ok(any);
            }
            any = true;
            pruned.event_rows += done.event_rows;
            pruned.decisions += done.decisions;
            pruned.notifications += done.notifications;
            pruned.rejected += done.rejected;
            pruned.alarms += done.alarms;
            tokio::task::yield_now().await;
        }
    }
}

impl Store {
    /// The bytes that the store's rows take: the file without its free pages, or the server's tables.
    pub async fn size(&self) -> Result<u64, StoreError> {
        let sql = Sql::new(self.pool().dialect().size_query());
        Ok(self
            .pool()
            .one(sql, Vec::new(), |row| row.number(0))
            .await?
            .unwrap_or(0))
    }

    /// Its bytes without those of files, which have a quota of their own: history does not make room for them.
    async fn size_of_history(&self) -> Result<u64, StoreError> {
        let files = self.file_totals().await?;
        Ok(self.size().await?.saturating_sub(files.bytes))
    }

    /// Applies a retention at `now`. Space is used again for new rows; the file does not shrink.
    pub async fn prune(&self, retention: Retention, now: Time) -> Result<Pruned, StoreError> {
        /// The span that is kept is cut back by this part of it until the size fits.
        const PARTS: u32 = 16;
        let writer = self.writer();
        let mut pruned = Pruned::default();
        let cutoff = now.before(retention.age);
        writer.prune_before(cutoff, &mut pruned).await?;
        while writer
            .chore(move |desk: &mut Desk<'_>| Box::pin(forget_keys(desk, cutoff)))
            .await?
            > 0
        {}
        pruned.bytes = self.size_of_history().await?;
        let Some(most) = retention.bytes else {
            return Ok(pruned);
        };
        for part in 1..=PARTS {
            if pruned.bytes <= most {
                break;
            }
            let kept: Duration = retention.age * (PARTS - part) / PARTS;
            if writer.prune_before(now.before(kept), &mut pruned).await? {
                pruned.bytes = self.size_of_history().await?;
            }
        }
        Ok(pruned)
    }
}
