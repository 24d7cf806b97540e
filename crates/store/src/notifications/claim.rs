//! Taking over the notifications of another node, and sending a dead letter again.

use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::{Arg, Sql};
use crate::detail::{Detail, attempt_id};
use crate::error::StoreError;
use crate::notification::{Notification, NotificationState};
use crate::writer::{Desk, Writer};

const CLAIMABLE: Sql =
    Sql::new("SELECT seq FROM waiting WHERE node = $1 ORDER BY seq LIMIT $2{skip_locked}");
const CLAIMABLE_DUE: Sql = Sql::new(
    "SELECT seq FROM waiting WHERE next_try_at IS NOT NULL AND next_try_at <= $1 AND node <> $2 \
     ORDER BY next_try_at LIMIT $3{skip_locked}",
);
/// The claimant is checked again where it counts.
const CLAIM: Sql = Sql::new("UPDATE waiting SET node = $1 WHERE seq = $2 AND node <> $3");
const DEAD: Sql = Sql::new(
    "SELECT n.created_at, n.detail, a.id FROM notification n \
     JOIN attempt a ON a.id = (SELECT MAX(s.id) FROM attempt s \
     WHERE s.id >= $1 AND s.id <= $2 AND s.state IS NOT NULL) \
     WHERE n.seq = $3 AND a.state = $4 \
     AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.seq = n.seq)",
);
const WAIT_AGAIN: Sql =
    Sql::new("INSERT INTO waiting (seq, node, next_try_at, attempts) VALUES ($1, $2, $3, $4)");
const POSTPONE: Sql = Sql::new("UPDATE notification SET detail = $1 WHERE seq = $2");
const FORGET_BODY: Sql = Sql::new("DELETE FROM kept WHERE notification = $1");

impl Store {
    /// Takes over up to `limit` pending notifications: all of node `from`, which is known to be gone.
    /// Two nodes that do this at once get different ones.
    pub async fn claim_from(
        &self,
        from: u16,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        self.claim(
            CLAIMABLE,
            vec![i64::from(from).into(), (limit as i64).into()],
        )
        .await
    }

    /// Takes over up to `limit` notifications whose next try was due at `due_before` and whose node
    /// has not made it.
    pub async fn claim_due(
        &self,
        due_before: Time,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let node = i64::from(self.node());
        let args = vec![
            due_before.micros().into(),
            node.into(),
            (limit as i64).into(),
        ];
        self.claim(CLAIMABLE_DUE, args).await
    }

    async fn claim(&self, claimable: Sql, args: Vec<Arg>) -> Result<Vec<Notification>, StoreError> {
        let seqs = self
            .writer()
            .chore(move |desk: &mut Desk<'_>| Box::pin(claim(desk, claimable, args.clone())))
            .await?;
        let mut claimed = Vec::with_capacity(seqs.len());
        for seq in seqs {
            claimed.extend(self.notification(seq).await?);
        }
        Ok(claimed)
    }
}

async fn claim(
    desk: &mut Desk<'_>,
    claimable: Sql,
    args: Vec<Arg>,
) -> Result<Vec<u64>, StoreError> {
    let node = i64::from(desk.node);
    let mut claimed = Vec::new();
    for seq in desk
        .conn
        .fetch(claimable, args, |row| row.number(0))
        .await?
    {
        if desk
            .execute(CLAIM, vec![node.into(), seq.into(), node.into()])
            .await?
            == 1
        {
            claimed.push(seq);
        }
    }
    Ok(claimed)
}

impl Writer {
    /// Makes a dead letter pending again, to be tried at `at` by this node until `deadline`; whether
    /// it was one. Its tries go on counting.
    pub async fn redrive(&self, seq: u64, at: Time, deadline: Time) -> Result<bool, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| Box::pin(redrive(desk, seq, at, deadline)))
            .await
    }
}

async fn redrive(
    desk: &mut Desk<'_>,
    seq: u64,
    at: Time,
    deadline: Time,
) -> Result<bool, StoreError> {
    let (first, last) = (attempt_id(seq, 0), attempt_id(seq, u32::MAX) + 1);
    let dead = NotificationState::DeadLettered.number();
    let args = vec![first.into(), last.into(), seq.into(), dead.into()];
    let found = desk.conn.fetch(DEAD, args, |row| {
        Ok((row.int(0)?, row.bytes(1)?, row.int(2)?))
    });
    let Some((created_at, body, settled_by)) = found.await?.into_iter().next() else {
        return Ok(false);
    };
    let plain = codec::unpack(&body)?;
    let detail = Detail::decode(&plain)?
        .until(Time::from_micros(created_at), deadline)
        .encode()?;
    let tries = (settled_by - first) / 2;
    let waiting = vec![
        seq.into(),
        i64::from(desk.node).into(),
        at.micros().into(),
        tries.into(),
    ];
    desk.execute(WAIT_AGAIN, waiting).await?;
    desk.execute(POSTPONE, vec![detail.into(), seq.into()])
        .await?;
    desk.execute(FORGET_BODY, vec![seq.into()]).await?;
    Ok(true)
}
