//! Reading notifications and attempts.
//!
//! A notification's row never changes. While it waits, a row in `waiting` says for what; once it is settled, the
//! last attempt with a state says what became of it.

mod claim;

use std::sync::Arc;

use balefire_core::schedule::Stretch;
use balefire_core::time::Time;

use crate::Store;
use crate::codec;
use crate::db::{Arg, Columns, Sql};
use crate::detail::{Detail, MAX_TRIES, attempt_id};
use crate::error::StoreError;
use crate::notification::{Attempt, Notification, NotificationFilter, NotificationState};
use crate::said;

/// A query for [`Row`]: the sources of `n` (notification), `w` (waiting) and `a` (the settling attempt), then the rest.
macro_rules! select {
    ($sources:expr, $rest:literal) => {
        concat!(
            "SELECT n.seq, n.decision, n.grp, n.receiver, n.account, n.created_at, n.detail, \
             w.node, w.next_try_at, w.attempts, w.last_error, a.id, a.state, a.error FROM ",
            $sources,
            $rest
        )
    };
}

/// Whatever its state.
macro_rules! any {
    () => {
        "notification n LEFT JOIN waiting w ON w.seq = n.seq \
         LEFT JOIN attempt a ON a.id = (SELECT MAX(s.id) FROM attempt s WHERE s.id >= n.seq * 65536 \
         AND s.id < n.seq * 65536 + 65536 AND s.state IS NOT NULL) "
    };
}

/// Only what waits; there is no settling attempt to look for.
macro_rules! waiting {
    () => {
        "waiting w JOIN notification n ON n.seq = w.seq LEFT JOIN attempt a ON a.id = 0 "
    };
}

/// The filters that all lists share, from `$2` on.
macro_rules! narrowed {
    ($order:literal) => {
        concat!(
            "AND n.account >= $2 AND n.account <= $3 AND n.receiver >= $4 AND n.receiver <= $5 \
             AND n.grp >= $6 AND n.grp <= $7 AND n.created_at >= $8 ",
            $order
        )
    };
}

const ONE: Sql = Sql::new(select!(any!(), "WHERE n.seq = $1"));
const PENDING: Sql = Sql::new(select!(
    waiting!(),
    "WHERE w.seq > $1 ORDER BY w.seq LIMIT $2"
));
const PENDING_OF: Sql = Sql::new(select!(
    waiting!(),
    "WHERE w.seq > $1 AND n.account = $2 ORDER BY w.seq LIMIT $3"
));
const DUE: Sql = Sql::new(select!(
    waiting!(),
    "WHERE w.next_try_at IS NOT NULL AND w.next_try_at <= $1 \
     ORDER BY w.next_try_at, w.seq LIMIT $2"
));
const LIST: &str = concat!(
    select!(any!(), "WHERE n.seq < $1 "),
    narrowed!("ORDER BY n.seq DESC LIMIT $9")
);
const LIST_PENDING: &str = concat!(
    select!(waiting!(), "WHERE w.seq < $1 "),
    narrowed!("ORDER BY w.seq DESC LIMIT $9")
);
const LIST_DELIVERED: &str = concat!(
    select!(any!(), "WHERE n.seq < $1 "),
    narrowed!("AND w.seq IS NULL AND a.state = 1 ORDER BY n.seq DESC LIMIT $9")
);
/// From the index over rare states, checked to be the last word on the notification.
const LIST_RARE: &str = concat!(
    select!(
        "attempt a JOIN notification n ON n.seq = a.id >> 16 LEFT JOIN waiting w ON w.seq = n.seq ",
        "WHERE a.id < $1 * 65536 "
    ),
    narrowed!(
        "AND a.state = $9 AND a.state <> 1 AND w.seq IS NULL AND NOT EXISTS \
         (SELECT 1 FROM attempt s WHERE s.id > a.id AND s.id < n.seq * 65536 + 65536 \
         AND s.state IS NOT NULL) ORDER BY a.id DESC LIMIT $10"
    )
);
const WITHIN: Sql = Sql::new(select!(
    any!(),
    "WHERE n.seq > $1 AND n.created_at >= $2 AND n.created_at < $3 ORDER BY n.seq LIMIT $4"
));
const ATTEMPTS: Sql = Sql::new(
    "SELECT id, at, took, kind, answer, provider_id FROM attempt \
     WHERE id >= $1 AND id <= $2 AND kind IS NOT NULL ORDER BY id",
);
const KEPT: Sql = Sql::new("SELECT body FROM kept WHERE notification = $1");

/// No notification has a number from here on.
const MAX_SEQ: i64 = i64::MAX >> 16;

/// A row with its words still as numbers.
struct Row {
    notification: Notification,
    receiver: i64,
    account: i64,
    integration: i64,
}

impl Row {
    fn read(row: &dyn Columns) -> Result<Self, StoreError> {
        let body = row.bytes(6)?;
        let plain = codec::unpack(&body)?;
        let detail = Detail::decode(&plain)?;
        let seq = row.number(0)?;
        let standing = Standing::read(row, seq, detail.node)?;
        let created_at = Time::from_micros(row.int(5)?);
        let unnamed = Arc::<str>::default();
        let notification = Notification {
            seq,
            id: detail.id,
            node: standing.node,
            decision: row.number(1)?,
            group: row.number(2)?,
            receiver: Arc::clone(&unnamed),
            integration: Arc::clone(&unnamed),
            account: unnamed,
            target: detail.target.into(),
            target_label: detail.target_label.into(),
            occasion: detail.occasion,
            severity: detail.severity,
            state: standing.state,
            created_at,
            next_try_at: standing.next_try_at,
            deadline_at: detail.deadline_at(created_at),
            attempts: standing.attempts,
            last_error: standing.last_error.map(Into::into),
            fallback_of: detail.fallback_of,
            payload: detail.payload.to_vec(),
        };
        Ok(Self {
            notification,
            receiver: row.int(3)?,
            account: row.int(4)?,
            integration: detail.integration,
        })
    }
}

/// Where a notification stands.
struct Standing {
    state: NotificationState,
    node: u16,
    next_try_at: Option<Time>,
    attempts: u32,
    last_error: Option<String>,
}

impl Standing {
    fn read(row: &dyn Columns, seq: u64, first_node: u16) -> Result<Self, StoreError> {
        if let Some(node) = row.opt_int(7)? {
            return Ok(Self {
                state: NotificationState::Pending,
                node: node as u16,
                next_try_at: row.opt_int(8)?.map(Time::from_micros),
                attempts: row.int(9)? as u32,
                last_error: row.opt_text(10)?,
            });
        }
        let state = row.opt_int(12)?.and_then(NotificationState::from_number);
        let state = state.ok_or_else(|| {
            StoreError::Corrupt(format!("notification {seq} neither waits nor is settled"))
        })?;
        Ok(Self {
            state,
            node: first_node,
            next_try_at: None,
            attempts: ((row.int(11)? & 0xFFFF) >> 1) as u32,
            last_error: row.opt_text(13)?,
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
        let before = filter
            .before_seq
            .map_or(MAX_SEQ, |seq| seq.min(MAX_SEQ as u64) as i64);
        let mut args: Vec<Arg> = vec![before.into()];
        for word in [&filter.account, &filter.receiver] {
            let (low, high) = match word {
                None => (i64::MIN, i64::MAX),
                Some(word) => match self.word_id(word).await? {
                    Some(id) => (id, id),
                    None => return Ok(Vec::new()),
                },
            };
            args.extend([Arg::from(low), Arg::from(high)]);
        }
        let group = filter.group.map(u64::cast_signed);
        args.push(group.unwrap_or(i64::MIN).into());
        args.push(group.unwrap_or(i64::MAX).into());
        args.push(filter.since.map_or(i64::MIN, Time::micros).into());
        let sql = match filter.state {
            None => LIST,
            Some(NotificationState::Pending) => LIST_PENDING,
            Some(NotificationState::Delivered) => LIST_DELIVERED,
            Some(rare) => {
                args.push(rare.number().into());
                LIST_RARE
            }
        };
        let limit = if filter.limit == 0 {
            100
        } else {
            filter.limit.min(1000)
        };
        args.push((limit as i64).into());
        self.notifications_by(Sql::new(sql), args).await
    }

    /// Up to `limit` notifications after number `after` that were decided in a part of time, oldest first.
    pub async fn notifications_within(
        &self,
        within: Stretch,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let args: Vec<Arg> = vec![
            after.min(MAX_SEQ as u64).into(),
            within.from.micros().into(),
            within.to.micros().into(),
            (limit as i64).into(),
        ];
        self.notifications_by(WITHIN, args).await
    }

    /// The tries at a notification, in order.
    pub async fn attempts(&self, notification: u64) -> Result<Vec<Attempt>, StoreError> {
        let args: Vec<Arg> = vec![
            attempt_id(notification, 0).into(),
            (attempt_id(notification, MAX_TRIES) + 1).into(),
        ];
        let rows = self.pool().fetch(ATTEMPTS, args, |row| {
            let (answer, fix) = said::read(row.opt_text(4)?);
            let attempt = Attempt {
                notification,
                number: ((row.int(0)? & 0xFFFF) >> 1) as u32,
                at: Time::from_micros(row.int(1)?),
                took_micros: row.number(2)?,
                kind: Arc::default(),
                answer,
                fix,
                provider_id: row.opt_text(5)?.map(Into::into),
            };
            Ok((attempt, row.int(3)?))
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
            .one(KEPT, vec![notification.into()], |row| row.bytes(0));
        match found.await? {
            Some(body) => Ok(Some(codec::unpack(&body)?.into_owned())),
            None => Ok(None),
        }
    }
}
