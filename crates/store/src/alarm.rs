//! What came in by `/alarm_v2`: a row before anybody is told, the answer and the notifications of each way beside it.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::notification::{Fact, NotificationState};
use crate::writer::{Desk, Writer};

const LAST: Sql = Sql::new("SELECT MAX(seq) FROM alarm");
const OF_WEBHOOK: Sql = Sql::new("SELECT seq, at FROM alarm WHERE webhook = $1");
const UNMARK: Sql = Sql::new("UPDATE alarm SET webhook = NULL WHERE seq = $1");
const PUT: Sql = Sql::new(
    "INSERT INTO alarm (seq, at, node, env, owner, level, dep, fields, webhook) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const ANSWERED: Sql = Sql::new("UPDATE alarm SET code = $1 WHERE seq = $2");

/// The columns of [`read`], and what narrows them.
macro_rules! columns {
    ($($rest:literal)+) => {
        concat!(
            "SELECT seq, at, env, owner, level, dep, fields, code, dingtalk, dingtalk_count, \
             wecom, wecom_count, email, email_count FROM alarm ",
            $($rest),+
        )
    };
}

pub(crate) use columns;

/// Each narrowing is a value and whether all values are meant.
const LIST: Sql = Sql::new(columns!(
    "WHERE seq < $1 AND (env = $2 OR 1 = $3) AND (owner = $4 OR 1 = $5) \
     AND (level = $6 OR 1 = $7) AND (dep = $8 OR 1 = $9) AND (code = $10 OR 1 = $11) \
     AND at >= $12 AND at < $13 ORDER BY seq DESC LIMIT $14"
));
/// Where a notification stands: it waits, or its last settling attempt says so.
const STATES: &str = "SELECT n.seq, w.seq, a.state FROM notification n LEFT JOIN waiting w ON w.seq = n.seq \
    LEFT JOIN attempt a ON a.id = (SELECT MAX(s.id) FROM attempt s WHERE s.id >= n.seq * 65536 \
    AND s.id < n.seq * 65536 + 65536 AND s.state IS NOT NULL) WHERE n.seq IN ({list})";

/// Notifications that one question is about.
const ASKED: usize = 64;

/// A way by which an alarm's people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmWay {
    /// DingTalk.
    DingTalk,
    /// WeCom.
    WeCom,
    /// Mail.
    Email,
}

impl AlarmWay {
    /// All, in the order in which their codes count.
    pub const ALL: [Self; 3] = [Self::DingTalk, Self::WeCom, Self::Email];

    const fn told(self) -> Sql {
        Sql::new(match self {
            Self::DingTalk => "UPDATE alarm SET dingtalk = $1, dingtalk_count = $2 WHERE seq = $3",
            Self::WeCom => "UPDATE alarm SET wecom = $1, wecom_count = $2 WHERE seq = $3",
            Self::Email => "UPDATE alarm SET email = $1, email_count = $2 WHERE seq = $3",
        })
    }
}

/// An alarm that has passed the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// When it came.
    pub at: Time,
    /// Its environment; empty for `/alarm`, which has none.
    pub env: Arc<str>,
    /// Its `id`.
    pub owner: Arc<str>,
    /// Its `level` as it was sent.
    pub level: Arc<str>,
    /// Its department; empty for `/alarm`.
    pub dep: Arc<str>,
    /// Its fields without the signature, a JSON object.
    pub fields: Arc<str>,
    /// What stands for the signed id or the signature that it came with, at most 190 characters; the same one is
    /// stored once.
    pub webhook: Option<Arc<str>>,
    /// An alarm with the same mark that came before this time does not count any more; `None` lets it always count.
    pub once_since: Option<Time>,
}

/// A stored alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its number, ascending.
    pub seq: u64,
    /// When it came.
    pub at: Time,
    /// Its environment; empty for `/alarm`.
    pub env: Arc<str>,
    /// Its `id`.
    pub owner: Arc<str>,
    /// Its `level` as it was sent.
    pub level: Arc<str>,
    /// Its department; empty for `/alarm`.
    pub dep: Arc<str>,
    /// Its fields, a JSON object.
    pub fields: Arc<str>,
    /// What was answered; `None` while that is not known.
    pub code: Option<u16>,
    /// The notifications of each way, in the order of [`AlarmWay::ALL`]; empty where it was not told.
    pub notifications: [Vec<u64>; 3],
}

/// Which alarms to list; every `Some` narrows. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmFilter {
    /// Of this environment.
    pub env: Option<Arc<str>>,
    /// Of this `id`.
    pub owner: Option<Arc<str>>,
    /// Of this `level`, as it was sent.
    pub level: Option<Arc<str>>,
    /// Of this department.
    pub dep: Option<Arc<str>>,
    /// Answered so.
    pub code: Option<u16>,
    /// Come at or after this time.
    pub since: Option<Time>,
    /// Come before this time.
    pub until: Option<Time>,
    /// Older than this number, for the next page.
    pub before_seq: Option<u64>,
    /// How many.
    pub limit: usize,
}

impl AlarmFilter {
    fn args(&self) -> Vec<Arg> {
        let before = self
            .before_seq
            .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let mut args = vec![Arg::from(before)];
        for word in [&self.env, &self.owner, &self.level, &self.dep] {
            args.push(word.as_deref().unwrap_or_default().into());
            args.push(i64::from(word.is_none()).into());
        }
        args.push(self.code.map_or(0, i64::from).into());
        args.push(i64::from(self.code.is_none()).into());
        args.push(self.since.map_or(i64::MIN, Time::micros).into());
        args.push(self.until.map_or(i64::MAX, Time::micros).into());
        args.push((self.limit as i64).into());
        args
    }
}

impl Fact {
    /// That an alarm is told by `way`, in the notifications of the decision that this is a fact of. What the way
    /// had before no longer counts.
    pub fn alarm_told(alarm: u64, way: AlarmWay) -> Self {
        Self {
            sql: way.told(),
            row: vec![Arg::FirstNotification, Arg::NotificationCount, alarm.into()],
        }
    }
}

pub(crate) fn read(row: &dyn Columns) -> Result<Alarm, StoreError> {
    let text = |column| row.text(column).map(Arc::from);
    let numbers = |column| -> Result<Vec<u64>, StoreError> {
        let first = row.opt_int(column)?.map(i64::cast_unsigned);
        let count = row.opt_int(column + 1)?.unwrap_or(0).cast_unsigned();
        Ok(first.map_or_else(Vec::new, |first| (first..first + count).collect()))
    };
    Ok(Alarm {
        seq: row.number(0)?,
        at: Time::from_micros(row.int(1)?),
        env: text(2)?,
        owner: text(3)?,
        level: text(4)?,
        dep: text(5)?,
        fields: text(6)?,
        code: row.opt_int(7)?.and_then(|code| u16::try_from(code).ok()),
        notifications: [numbers(8)?, numbers(10)?, numbers(12)?],
    })
}

impl Writer {
    /// Stores an alarm; its number, or `None` when one with the same mark is there and counts.
    pub async fn alarm(&self, alarm: NewAlarm) -> Result<Option<u64>, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let alarm = alarm.clone();
            Box::pin(async move {
                if let Some(webhook) = &alarm.webhook {
                    let mark = vec![(&**webhook).into()];
                    let known = desk.conn.fetch(OF_WEBHOOK, mark, |row| {
                        Ok((row.int(0)?, Time::from_micros(row.int(1)?)))
                    });
                    for (known, at) in known.await? {
                        if alarm.once_since.is_none_or(|since| at >= since) {
                            return Ok(None);
                        }
                        desk.execute(UNMARK, vec![known.into()]).await?;
                    }
                }
                let seq = desk.next(LAST).await?;
                let row = vec![
                    seq.into(),
                    alarm.at.micros().into(),
                    i64::from(desk.node).into(),
                    (&*alarm.env).into(),
                    (&*alarm.owner).into(),
                    (&*alarm.level).into(),
                    (&*alarm.dep).into(),
                    (&*alarm.fields).into(),
                    alarm.webhook.as_deref().into(),
                ];
                desk.execute(PUT, row).await?;
                Ok(Some(seq.cast_unsigned()))
            })
        })
        .await
    }

    /// Notes what was answered to an alarm.
    pub async fn alarm_answered(&self, seq: u64, code: u16) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![i64::from(code).into(), seq.into()];
            Box::pin(async move { desk.execute(ANSWERED, row).await })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// A page of alarms, newest first.
    pub async fn alarms(&self, filter: &AlarmFilter) -> Result<Vec<Alarm>, StoreError> {
        self.pool().fetch(LIST, filter.args(), read).await
    }

    /// Where notifications stand; those that are no longer kept are left out.
    pub async fn states(
        &self,
        notifications: &[u64],
    ) -> Result<Vec<(u64, NotificationState)>, StoreError> {
        let mut states = Vec::with_capacity(notifications.len());
        for asked in notifications.chunks(ASKED) {
            // One size of statement: the last number fills it up.
            let last = asked.last().copied().unwrap_or_default();
            let padded = asked.iter().copied().chain(std::iter::repeat(last));
            let args = padded.take(ASKED).map(Arg::from).collect();
            let found = self
                .pool()
                .fetch(Sql::repeated(STATES, ASKED), args, |row| {
                    let state = if row.opt_int(1)?.is_some() {
                        Some(NotificationState::Pending)
                    } else {
                        row.opt_int(2)?.and_then(NotificationState::from_number)
                    };
                    Ok((row.number(0)?, state))
                });
            let found = found.await?.into_iter();
            states.extend(found.filter_map(|(seq, state)| Some((seq, state?))));
        }
        Ok(states)
    }
}
