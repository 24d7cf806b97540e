//! Reading notifications and attempts, taking over those of another node, sending a dead letter again.

use std::sync::Arc;

use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::codec;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::notification::{Attempt, Notification, NotificationFilter, NotificationState};
use crate::writer::{Desk, Writer};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, state, node, decision, grp, receiver, account, created_at, next_try_at, \
             attempts, last_error, detail FROM notification ",
            $rest
        )
    };
}

const ONE: Sql = Sql::new(select!("WHERE seq = $1"));
const PENDING: Sql = Sql::new(select!(
    "WHERE state = 0 AND seq > $1 ORDER BY seq LIMIT $2"
));
const PENDING_OF: Sql = Sql::new(select!(
    "WHERE state = 0 AND seq > $1 AND account = $2 ORDER BY seq LIMIT $3"
));
const DUE: Sql = Sql::new(select!(
    "WHERE state = 0 AND next_try_at IS NOT NULL AND next_try_at <= $1 \
     ORDER BY next_try_at, seq LIMIT $2"
));
const LIST: Sql = Sql::new(select!(
    "WHERE seq < $1 AND state >= $2 AND state <= $3 AND account >= $4 AND account <= $5 \
     AND receiver >= $6 AND receiver <= $7 AND grp >= $8 AND grp <= $9 AND created_at >= $10 \
     ORDER BY seq DESC LIMIT $11"
));
const LIST_IN_STATE: Sql = Sql::new(select!(
    "WHERE seq < $1 AND state = $2 AND account >= $3 AND account <= $4 \
     AND receiver >= $5 AND receiver <= $6 AND grp >= $7 AND grp <= $8 AND created_at >= $9 \
     ORDER BY seq DESC LIMIT $10"
));
const ATTEMPTS: Sql = Sql::new(
    "SELECT notification, number, at, took, kind, answer, provider_id FROM attempt \
     WHERE notification = $1 ORDER BY number",
);
const KEPT: Sql = Sql::new("SELECT kept FROM notification WHERE seq = $1");
const CLAIMABLE: Sql = Sql::new(
    "SELECT seq FROM notification WHERE state = 0 AND node = $1 ORDER BY seq LIMIT $2{skip_locked}",
);
const CLAIMABLE_DUE: Sql = Sql::new(
    "SELECT seq FROM notification WHERE state = 0 AND next_try_at IS NOT NULL \
     AND next_try_at <= $1 AND node <> $2 ORDER BY next_try_at LIMIT $3{skip_locked}",
);
/// The state and the claimant are checked again where it counts.
const CLAIM: Sql =
    Sql::new("UPDATE notification SET node = $1 WHERE seq = $2 AND state = 0 AND node <> $3");
const DETAIL: Sql = Sql::new("SELECT detail FROM notification WHERE seq = $1 AND state = $2");
const REDRIVE: Sql = Sql::new(
    "UPDATE notification SET state = 0, node = $1, next_try_at = $2, detail = $3, kept = NULL \
     WHERE seq = $4 AND state = $5",
);

/// What never changes and is not searched for: one column, so that rows stay narrow. Fields are only
/// ever appended, behind a version of the row's body.
#[derive(Serialize, Deserialize)]
struct Detail<'d> {
    id: [u8; 16],
    integration: i64,
    target: &'d str,
    target_label: &'d str,
    occasion: Occasion,
    severity: Severity,
    deadline_at: Time,
    fallback_of: Option<u64>,
    payload: &'d [u8],
}

/// The column of a notification whose integration has this number.
pub(crate) fn detail(notification: &Notification, integration: i64) -> Result<Vec<u8>, StoreError> {
    let detail = Detail {
        id: notification.id,
        integration,
        target: &notification.target,
        target_label: &notification.target_label,
        occasion: notification.occasion,
        severity: notification.severity,
        deadline_at: notification.deadline_at,
        fallback_of: notification.fallback_of,
        payload: &notification.payload,
    };
    encode(&detail)
}

fn encode(detail: &Detail<'_>) -> Result<Vec<u8>, StoreError> {
    let plain = postcard::to_stdvec(detail)
        .map_err(|error| StoreError::Sql(format!("cannot encode: {error}")))?;
    Ok(codec::pack(&plain))
}

fn decode(plain: &[u8]) -> Result<Detail<'_>, StoreError> {
    postcard::from_bytes(plain)
        .map_err(|error| StoreError::Corrupt(format!("detail of a notification: {error}")))
}

/// A row with its words still as numbers.
struct Row {
    notification: Notification,
    receiver: i64,
    account: i64,
    integration: i64,
}

impl Row {
    fn read(row: &dyn Columns) -> Result<Self, StoreError> {
        let body = row.bytes(11)?;
        let plain = codec::unpack(&body)?;
        let detail = decode(&plain)?;
        let state = row.int(1)?;
        let state = NotificationState::from_number(state)
            .ok_or_else(|| StoreError::Corrupt(format!("notification in state {state}")))?;
        let unnamed = Arc::<str>::default();
        let notification = Notification {
            seq: row.number(0)?,
            id: detail.id,
            node: row.int(2)? as u16,
            decision: row.number(3)?,
            group: row.number(4)?,
            receiver: Arc::clone(&unnamed),
            integration: Arc::clone(&unnamed),
            account: unnamed,
            target: detail.target.into(),
            target_label: detail.target_label.into(),
            occasion: detail.occasion,
            severity: detail.severity,
            state,
            created_at: Time::from_micros(row.int(7)?),
            next_try_at: row.opt_int(8)?.map(Time::from_micros),
            deadline_at: detail.deadline_at,
            attempts: row.int(9)? as u32,
            last_error: row.opt_text(10)?.map(Into::into),
            fallback_of: detail.fallback_of,
            payload: detail.payload.to_vec(),
        };
        Ok(Self {
            notification,
            receiver: row.int(5)?,
            account: row.int(6)?,
            integration: detail.integration,
        })
    }
}

impl Store {
    async fn notifications_by(
        &self,
        sql: Sql,
        args: Vec<Arg>,
    ) -> Result<Vec<Notification>, StoreError> {
        let rows = self.pool().fetch(sql, args, Row::read).await?;
        let mut notifications = Vec::with_capacity(rows.len());
        for row in rows {
            let mut notification = row.notification;
            notification.receiver = self.word(row.receiver).await?;
            notification.account = self.word(row.account).await?;
            notification.integration = self.word(row.integration).await?;
            notifications.push(notification);
        }
        Ok(notifications)
    }

    /// One notification.
    pub async fn notification(&self, seq: u64) -> Result<Option<Notification>, StoreError> {
        Ok(self
            .notifications_by(ONE, vec![seq.into()])
            .await?
            .into_iter()
            .next())
    }

    /// Up to `limit` notifications after number `after` that are not settled, oldest first; of one account or of all.
    pub async fn pending(
        &self,
        account: Option<&str>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let limit = limit as i64;
        let Some(account) = account else {
            return self
                .notifications_by(PENDING, vec![after.into(), limit.into()])
                .await;
        };
        let Some(account) = self.word_id(account).await? else {
            return Ok(Vec::new());
        };
        self.notifications_by(PENDING_OF, vec![after.into(), account.into(), limit.into()])
            .await
    }

    /// Up to `limit` notifications whose next try is due, the longest overdue first.
    pub async fn due(&self, now: Time, limit: usize) -> Result<Vec<Notification>, StoreError> {
        self.notifications_by(DUE, vec![now.micros().into(), (limit as i64).into()])
            .await
    }

    /// A page of notifications, newest first.
    pub async fn notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError> {
        let mut ranges = Vec::new();
        for word in [&filter.account, &filter.receiver] {
            let range = match word {
                None => (i64::MIN, i64::MAX),
                Some(word) => match self.word_id(word).await? {
                    Some(id) => (id, id),
                    None => return Ok(Vec::new()),
                },
            };
            ranges.push(range);
        }
        let group = filter.group.map(u64::cast_signed);
        ranges.push((group.unwrap_or(i64::MIN), group.unwrap_or(i64::MAX)));
        let before = filter
            .before_seq
            .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let mut args: Vec<Arg> = vec![before.into()];
        // The index over what is pending is only used when the state is given as one value.
        let sql = if let Some(state) = filter.state {
            args.push(state.number().into());
            LIST_IN_STATE
        } else {
            args.extend([Arg::from(i64::MIN), Arg::from(i64::MAX)]);
            LIST
        };
        args.extend(
            ranges
                .into_iter()
                .flat_map(|(low, high)| [Arg::from(low), Arg::from(high)]),
        );
        args.push(filter.since.map_or(i64::MIN, Time::micros).into());
        let limit = if filter.limit == 0 {
            100
        } else {
            filter.limit.min(1000)
        };
        args.push((limit as i64).into());
        self.notifications_by(sql, args).await
    }

    /// The tries at a notification, in order.
    pub async fn attempts(&self, notification: u64) -> Result<Vec<Attempt>, StoreError> {
        let rows = self
            .pool()
            .fetch(ATTEMPTS, vec![notification.into()], |row| {
                let attempt = Attempt {
                    notification: row.number(0)?,
                    number: row.int(1)? as u32,
                    at: Time::from_micros(row.int(2)?),
                    took_micros: row.number(3)?,
                    kind: Arc::default(),
                    answer: row.opt_text(5)?.map(Into::into),
                    provider_id: row.opt_text(6)?.map(Into::into),
                };
                Ok((attempt, row.int(4)?))
            });
        let mut attempts = Vec::new();
        for (mut attempt, kind) in rows.await? {
            attempt.kind = self.word(kind).await?;
            attempts.push(attempt);
        }
        Ok(attempts)
    }

    /// The message of a dead letter as it was rendered, if it was kept.
    pub async fn kept_body(&self, notification: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self
            .pool()
            .one(KEPT, vec![notification.into()], |row| row.opt_bytes(0));
        match found.await?.flatten() {
            Some(body) => Ok(Some(codec::unpack(&body)?.into_owned())),
            None => Ok(None),
        }
    }

    /// Takes over up to `limit` pending notifications: all of node `from`, which is known to be gone.
    /// Two nodes that do this at once get different ones.
    pub async fn claim_from(
        &self,
        from: u16,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let args = move || vec![i64::from(from).into(), (limit as i64).into()];
        self.claim(CLAIMABLE, args).await
    }

    /// Takes over up to `limit` notifications whose next try was due at `due_before` and whose node
    /// has not made it.
    pub async fn claim_due(
        &self,
        due_before: Time,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let node = i64::from(self.node());
        let args = move || {
            vec![
                due_before.micros().into(),
                node.into(),
                (limit as i64).into(),
            ]
        };
        self.claim(CLAIMABLE_DUE, args).await
    }

    async fn claim(
        &self,
        claimable: Sql,
        args: impl Fn() -> Vec<Arg> + Send + Sync + Clone + 'static,
    ) -> Result<Vec<Notification>, StoreError> {
        let claim = move |desk: &mut Desk<'_>, args: Vec<Arg>| {
            let node = i64::from(desk.node);
            (node, args)
        };
        let seqs = self
            .writer()
            .chore(move |desk: &mut Desk<'_>| {
                let (node, args) = claim(desk, args());
                Box::pin(async move {
                    let mut claimed = Vec::new();
                    for seq in desk
                        .conn
                        .fetch(claimable, args, |row| row.number(0))
                        .await?
                    {
                        let row = vec![node.into(), seq.into(), node.into()];
                        if desk.execute(CLAIM, row).await? == 1 {
                            claimed.push(seq);
                        }
                    }
                    Ok(claimed)
                })
            })
            .await?;
        let mut claimed = Vec::with_capacity(seqs.len());
        for seq in seqs {
            claimed.extend(self.notification(seq).await?);
        }
        Ok(claimed)
    }
}

impl Writer {
    /// Makes a dead letter pending again, to be tried at `at` by this node until `deadline`; whether
    /// it was one. Its tries go on counting.
    pub async fn redrive(&self, seq: u64, at: Time, deadline: Time) -> Result<bool, StoreError> {
        let dead = NotificationState::DeadLettered.number();
        self.chore(move |desk: &mut Desk<'_>| {
            Box::pin(async move {
                let found = desk
                    .conn
                    .fetch(DETAIL, vec![seq.into(), dead.into()], |row| row.bytes(0))
                    .await?;
                let Some(body) = found.into_iter().next() else {
                    return Ok(false);
                };
                let plain = codec::unpack(&body)?;
                let detail = Detail {
                    deadline_at: deadline,
                    ..decode(&plain)?
                };
                let row = vec![
                    i64::from(desk.node).into(),
                    at.micros().into(),
                    encode(&detail)?.into(),
                    seq.into(),
                    dead.into(),
                ];
                Ok(desk.execute(REDRIVE, row).await? == 1)
            })
        })
        .await
    }
}
