//! Calls that telephones are asked to place, and the telephones that ask.

use std::sync::Arc;

use balefire_core::time::Time;
use serde::Serialize;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PLACE: Sql = Sql::new(
    "INSERT INTO phone_call (id, seq, tried, at, title, phones, state, rounds, done) \
     VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8){ignore:id}",
);
/// A dead letter that is tried again is a call anew.
const PLACE_AGAIN: Sql = Sql::new(
    "UPDATE phone_call SET tried = $1, at = $2, phones = $3, rounds = $4, state = 0, done = 0, \
     ended_at = NULL, answered_by = NULL, person = NULL, agent = NULL WHERE id = $5 AND tried < $6",
);
const END: Sql = Sql::new(
    "UPDATE phone_call SET state = $1, ended_at = $2, answered_by = $3, person = $4, agent = $5 \
     WHERE id = $6 AND state = 0",
);
const ROUND: Sql = Sql::new("UPDATE phone_call SET done = $1 WHERE id = $2 AND state = 0");
const CALL: Sql = Sql::new(
    "SELECT id, seq, tried, at, title, phones, state, rounds, done, ended_at, answered_by, person, agent \
     FROM phone_call WHERE id = $1",
);
const CALLS: Sql = Sql::new(
    "SELECT id, seq, tried, at, title, phones, state, rounds, done, ended_at, answered_by, person, agent \
     FROM phone_call WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
);
const CALLS_IN: Sql = Sql::new(
    "SELECT id, seq, tried, at, title, phones, state, rounds, done, ended_at, answered_by, person, agent \
     FROM phone_call WHERE seq < $1 AND state = $2 ORDER BY seq DESC LIMIT $3",
);
const AGENT: Sql = Sql::new(
    "INSERT INTO phone_agent (name, at, address) VALUES ($1, $2, $3){upsert:name:at,address}",
);
const AGENTS: Sql =
    Sql::new("SELECT name, at, address FROM phone_agent ORDER BY at DESC, name LIMIT $1");
/// Since when the telephones have asked that are kept.
const OLDEST_KEPT: Sql = Sql::new("SELECT at FROM phone_agent ORDER BY at DESC LIMIT 1 OFFSET $1");
const FORGET_AGENTS: Sql = Sql::new("DELETE FROM phone_agent WHERE at < $1");

/// Telephones that are kept; anybody who may ask may say a new name each time.
const AGENTS_KEPT: i64 = 64;

/// What became of a call. The numbers are what the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It is to be placed, or a telephone is on it.
    Waiting = 0,
    /// Somebody answered.
    Answered = 1,
    /// Nobody did.
    Unanswered = 2,
    /// It is no longer wanted.
    Withdrawn = 3,
}

impl CallState {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Answered,
        Self::Unanswered,
        Self::Withdrawn,
    ];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Unanswered => "unanswered",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn from_number(number: i64) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|state| *state as i64 == number);
        found.ok_or_else(|| StoreError::Corrupt(format!("a call is in the unknown state {number}")))
    }
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneCall {
    /// The text of the notification's stable id; at most 190 characters.
    pub id: Arc<str>,
    /// The notification's number.
    pub seq: u64,
    /// Which of its tries asks for the call, from 1.
    pub tried: u32,
    /// When it was asked for.
    pub at: Time,
    /// What it is about.
    pub title: Arc<str>,
    /// The numbers, in the order in which they are tried; none holds a comma.
    pub phones: Vec<Arc<str>>,
    /// What became of it.
    pub state: CallState,
    /// How often the numbers are tried.
    pub rounds: u32,
    /// Rounds that are over.
    pub done: u32,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The number that answered, or why it is no longer wanted.
    pub answered_by: Option<Arc<str>>,
    /// The key of who answered, if somebody of that number is known.
    pub person: Option<Arc<str>>,
    /// The telephone that was on it.
    pub agent: Option<Arc<str>>,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEnd {
    /// What became of it.
    pub state: CallState,
    /// When.
    pub at: Time,
    /// The number that answered, or why it is no longer wanted.
    pub answered_by: Option<Arc<str>>,
    /// The key of who answered.
    pub person: Option<Arc<str>>,
    /// The telephone that said so.
    pub agent: Option<Arc<str>>,
}

/// A telephone that asks for calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneAgent {
    /// What it is known as; at most 190 characters.
    pub name: Arc<str>,
    /// When it asked last, to the minute.
    pub at: Time,
    /// From where.
    pub address: Arc<str>,
}

/// Which calls to list. Newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// In this state.
    pub state: Option<CallState>,
    /// Older than the notification of this number, for the next page.
    pub before: Option<u64>,
    /// How many.
    pub limit: usize,
}

impl Writer {
    /// Notes that a try asks for this call; answers the call as it stands. One that was asked for before by the same
    /// try goes on where it was, and one that an earlier try has brought to its end begins anew.
    pub async fn place_call(&self, call: PhoneCall) -> Result<PhoneCall, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| Box::pin(place(desk, call.clone())))
            .await
    }

    /// Notes the end of a call; whether it had not ended before.
    pub async fn end_call(&self, id: &str, end: CallEnd) -> Result<bool, StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row: Vec<Arg> = vec![
                (end.state as i64).into(),
                end.at.micros().into(),
                end.answered_by.as_deref().into(),
                end.person.as_deref().into(),
                end.agent.as_deref().into(),
                (&*id).into(),
            ];
            Box::pin(async move { Ok(desk.execute(END, row).await? > 0) })
        })
        .await
    }

    /// Notes that so many rounds of a call are over.
    pub async fn call_rounds(&self, id: &str, done: u32) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![i64::from(done).into(), (&*id).into()];
            Box::pin(async move { desk.execute(ROUND, row).await })
        })
        .await?;
        Ok(())
    }

    /// Notes that a telephone asked.
    pub async fn phone_agent(&self, agent: PhoneAgent) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![
                (&*agent.name).into(),
                agent.at.micros().into(),
                (&*agent.address).into(),
            ];
            Box::pin(async move {
                desk.execute(AGENT, row).await?;
                let kept = vec![(AGENTS_KEPT - 1).into()];
                if let Some(oldest) = desk.conn.number(OLDEST_KEPT, kept).await? {
                    desk.execute(FORGET_AGENTS, vec![oldest.into()]).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn place(desk: &mut Desk<'_>, call: PhoneCall) -> Result<PhoneCall, StoreError> {
    let phones = call.phones.join(",");
    let (tried, rounds) = (i64::from(call.tried), i64::from(call.rounds));
    let row = vec![
        (&*call.id).into(),
        call.seq.into(),
        tried.into(),
        call.at.micros().into(),
        (&*call.title).into(),
        phones.as_str().into(),
        rounds.into(),
        i64::from(call.done).into(),
    ];
    desk.execute(PLACE, row).await?;
    let again = vec![
        tried.into(),
        call.at.micros().into(),
        phones.as_str().into(),
        rounds.into(),
        (&*call.id).into(),
        tried.into(),
    ];
    desk.execute(PLACE_AGAIN, again).await?;
    let found = desk.conn.fetch(CALL, vec![(&*call.id).into()], read_call);
    let missing = || StoreError::Corrupt("a call is gone that was just written".to_owned());
    found.await?.pop().ok_or_else(missing)
}

fn read_call(row: &dyn Columns) -> Result<PhoneCall, StoreError> {
    let phones = row.text(5)?;
    let count = |column| -> Result<u32, StoreError> {
        u32::try_from(row.int(column)?)
            .map_err(|_| StoreError::Corrupt("a call's count is no count".to_owned()))
    };
    let text = |column| -> Result<Option<Arc<str>>, StoreError> {
        Ok(row.opt_text(column)?.map(Into::into))
    };
    Ok(PhoneCall {
        id: row.text(0)?.into(),
        seq: row.number(1)?,
        tried: count(2)?,
        at: Time::from_micros(row.int(3)?),
        title: row.text(4)?.into(),
        phones: phones.split(',').map(Into::into).collect(),
        state: CallState::from_number(row.int(6)?)?,
        rounds: count(7)?,
        done: count(8)?,
        ended_at: row.opt_int(9)?.map(Time::from_micros),
        answered_by: text(10)?,
        person: text(11)?,
        agent: text(12)?,
    })
}

impl Store {
    /// A call by its id.
    pub async fn call(&self, id: &str) -> Result<Option<PhoneCall>, StoreError> {
        self.pool().one(CALL, vec![id.into()], read_call).await
    }

    /// Calls, the newest first.
    pub async fn calls(&self, filter: CallFilter) -> Result<Vec<PhoneCall>, StoreError> {
        let before = filter.before.map_or(i64::MAX, u64::cast_signed);
        let limit = (filter.limit as i64).into();
        let (sql, args) = match filter.state {
            None => (CALLS, vec![before.into(), limit]),
            Some(state) => (CALLS_IN, vec![before.into(), (state as i64).into(), limit]),
        };
        self.pool().fetch(sql, args, read_call).await
    }

    /// The telephones that ask, the last first.
    pub async fn phone_agents(&self) -> Result<Vec<PhoneAgent>, StoreError> {
        self.pool()
            .fetch(AGENTS, vec![AGENTS_KEPT.into()], |row| {
                Ok(PhoneAgent {
                    name: row.text(0)?.into(),
                    at: Time::from_micros(row.int(1)?),
                    address: row.text(2)?.into(),
                })
            })
            .await
    }
}
