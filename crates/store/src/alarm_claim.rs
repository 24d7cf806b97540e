//! Alarms that nobody came back to: of several nodes one gets leave to tell them.

use std::time::Duration;

use balefire_core::time::Time;

use crate::alarm::{Alarm, columns, read};
use crate::db::Sql;
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// Without an answer, among the newest, and nobody has leave.
macro_rules! cut_off {
    ($which:literal) => {
        Sql::new(columns!(
            "WHERE seq > (SELECT COALESCE(MAX(newest.seq), 0) - $1 FROM alarm newest) AND code IS NULL \
             AND NOT EXISTS (SELECT 1 FROM alarm_claim c \
             WHERE c.seq = alarm.seq AND c.until > $2 AND c.until <= $3) AND "
            $which
            " ORDER BY seq LIMIT 32"
        ))
    };
}

const OF_NODE: Sql = cut_off!("at < $4 AND node = $5");
const OF_ALL: Sql = cut_off!("at < $4");
const KNOWN: Sql = Sql::new("SELECT seq FROM alarm_claim WHERE seq = $1");
const FIRST: Sql = Sql::new("INSERT INTO alarm_claim (seq, node, until) VALUES ($1, $2, $3)");
/// The leave is looked at again where it counts.
const NEXT: Sql = Sql::new(
    "UPDATE alarm_claim SET node = $1, until = $2 WHERE seq = $3 AND (until <= $4 OR until > $5)",
);
const FORGET: Sql = Sql::new("DELETE FROM alarm_claim WHERE until < $1");

/// An alarm that a crash cut off is among so many newest: far more than are ever under way at once.
const UNDER_WAY: i64 = 4096;
/// How long a node has for telling an alarm, the one that took it, too: many times what the slowest provider takes.
const LEAVE: Duration = Duration::from_mins(10);
/// How long a leave is remembered after it has ended.
const REMEMBERED: Duration = Duration::from_hours(24);

/// How often another node may be first before the next turn has to do.
const REFUSALS: u32 = 3;

/// Whose alarms are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutOff {
    /// Those that this node took before this time, and before it started: it is not at them any more.
    OfThisNode(Time),
    /// Those that any node took and nobody has answered for ten minutes.
    OfAll,
}

impl Writer {
    /// Gives leave to tell alarms that have no answer, 32 at most, oldest first. For ten minutes nobody else
    /// gets it.
    pub async fn claim_alarms(&self, which: CutOff, now: Time) -> Result<Vec<Alarm>, StoreError> {
        let mut refused = 0;
        loop {
            let claimed = self
                .chore(move |desk: &mut Desk<'_>| Box::pin(claim(desk, which, now)))
                .await;
            // Another node got leave for the same alarm at the same time: asked again, its row is seen.
            if refused < REFUSALS && matches!(claimed, Err(StoreError::Conflict(_))) {
                refused += 1;
                continue;
            }
            return claimed;
        }
    }
}

async fn claim(desk: &mut Desk<'_>, which: CutOff, now: Time) -> Result<Vec<Alarm>, StoreError> {
    let (node, until) = (i64::from(desk.node), now.after(LEAVE).micros());
    let now_micros = now.micros();
    // A leave further ahead is one from before the clock was set back.
    let mut args = vec![UNDER_WAY.into(), now_micros.into(), until.into()];
    let sql = match which {
        CutOff::OfThisNode(before) => {
            args.extend([before.micros().into(), node.into()]);
            OF_NODE
        }
        CutOff::OfAll => {
            args.push(now.before(LEAVE).micros().into());
            OF_ALL
        }
    };
    let found = desk.conn.fetch(sql, args, read).await?;
    let mut claimed = Vec::with_capacity(found.len());
    for alarm in found {
        let seq = alarm.seq;
        let again = vec![
            node.into(),
            until.into(),
            seq.into(),
            now_micros.into(),
            until.into(),
        ];
        if desk.execute(NEXT, again).await? == 1 {
            claimed.push(alarm);
            continue;
        }
        let known = desk.conn.number(KNOWN, vec![seq.into()]).await?;
        if known.is_none() {
            // Of two nodes one is refused here.
            let row = vec![seq.into(), node.into(), until.into()];
            desk.execute(FIRST, row).await?;
            claimed.push(alarm);
        }
    }
    let long_ago = now.before(REMEMBERED).micros();
    desk.execute(FORGET, vec![long_ago.into()]).await?;
    Ok(claimed)
}
