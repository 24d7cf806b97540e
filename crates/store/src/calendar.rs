//! Calendars that are fetched: what became of the tries, and the copy that counts.
//!
//! Of several nodes one gets leave to fetch, by moving on the time of the last try from what it saw. What it then writes
//! counts only while that time is still its own, so that a node that was held up never overwrites what is newer.

use std::sync::Arc;

use balefire_core::schedule::{CalendarCopy, Fetching};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const ALL: Sql = Sql::new(
    "SELECT id, schedule, layer, tried_at, fetched_at, failing_since, error, wait_until, etag, modified \
     FROM calendar ORDER BY id",
);
const COPIES: Sql = Sql::new("SELECT id, body FROM calendar_copy ORDER BY id");
const COPY: Sql = Sql::new("SELECT body FROM calendar_copy WHERE id = $1");
const FIRST: Sql = Sql::new(
    "INSERT INTO calendar (id, schedule, layer, tried_at, error, etag, modified) \
     VALUES ($1, $2, $3, $4, '', '', '')",
);
const CLAIM: Sql = Sql::new("UPDATE calendar SET tried_at = $1 WHERE id = $2 AND tried_at = $3");
const SETTLE: Sql = Sql::new(
    "UPDATE calendar SET layer = $1, fetched_at = $2, failing_since = $3, error = $4, wait_until = $5, \
     etag = $6, modified = $7 WHERE id = $8 AND tried_at = $9",
);
const PUT_COPY: Sql =
    Sql::new("INSERT INTO calendar_copy (id, body) VALUES ($1, $2){upsert:id:body}");
const DROP: Sql = Sql::new("DELETE FROM calendar WHERE id = $1");
const DROP_COPY: Sql = Sql::new("DELETE FROM calendar_copy WHERE id = $1");
const REVISION: Sql = Sql::new("SELECT content FROM meta WHERE item = 'calendar.revision'");
const SET_REVISION: Sql = Sql::new(
    "INSERT INTO meta (item, content) VALUES ('calendar.revision', $1){upsert:item:content}",
);

/// A calendar, and what became of fetching it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarRow {
    /// What it is kept by; at most 190 characters.
    pub key: Arc<str>,
    /// The schedule.
    pub schedule: Arc<str>,
    /// The name of the layer; empty when it has none.
    pub layer: Arc<str>,
    /// What became of the tries.
    pub fetching: Fetching,
}

/// All calendars with the copies that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    /// Changes with every change of a copy; empty before the first.
    pub revision: String,
    /// The calendars, each with its copy if it has one.
    pub list: Vec<(CalendarRow, Option<Arc<CalendarCopy>>)>,
}

/// What a fetch came to, and what it was the leave of.
#[derive(Clone, Debug)]
pub struct CalendarSettled {
    /// The calendar; its `tried_at` is that of the leave.
    pub row: CalendarRow,
    /// The copy that counts from now on; `None` when what counts stays.
    pub copy: Option<CalendarCopy>,
    /// The calendar of this key is forgotten: its place is taken by this one.
    pub instead_of: Option<Arc<str>>,
    /// A text that was never used for this; for a new copy.
    pub revision: String,
}

fn read(row: &dyn Columns) -> Result<CalendarRow, StoreError> {
    let time = |column| -> Result<Option<Time>, StoreError> {
        Ok(row.opt_int(column)?.map(Time::from_micros))
    };
    Ok(CalendarRow {
        key: row.text(0)?.into(),
        schedule: row.text(1)?.into(),
        layer: row.text(2)?.into(),
        fetching: Fetching {
            tried_at: time(3)?,
            fetched_at: time(4)?,
            failing_since: time(5)?,
            error: row.text(6)?,
            wait_until: time(7)?,
            etag: row.text(8)?,
            modified: row.text(9)?,
        },
    })
}

fn copy(id: &str, body: &str) -> Result<CalendarCopy, StoreError> {
    CalendarCopy::read(body)
        .ok_or_else(|| StoreError::Corrupt(format!("the copy of calendar {id:?} cannot be read")))
}

impl Writer {
    /// Gives leave to fetch a calendar at `now`: `row` is as it was seen, without a time of a try when there was none. False when
    /// another node was first.
    pub async fn claim_calendar(&self, row: &CalendarRow, now: Time) -> Result<bool, StoreError> {
        let row = row.clone();
        let claimed = self
            .chore(move |desk: &mut Desk<'_>| {
                let row = row.clone();
                Box::pin(async move {
                    let (key, now) = ((&*row.key).into(), now.micros().into());
                    let Some(seen) = row.fetching.tried_at else {
                        let (schedule, layer) = ((&*row.schedule).into(), (&*row.layer).into());
                        return desk.execute(FIRST, vec![key, schedule, layer, now]).await;
                    };
                    desk.execute(CLAIM, vec![now, key, seen.micros().into()])
                        .await
                })
            })
            .await;
        match claimed {
            Ok(rows) => Ok(rows == 1),
            // Another node made the row.
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes down what a fetch came to. False, and nothing is written, when somebody else has had leave since.
    pub async fn settle_calendar(&self, settled: CalendarSettled) -> Result<bool, StoreError> {
        let body = settled.copy.as_ref().map(CalendarCopy::written);
        let job = Arc::new((settled, body));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (settled, body) = &*job;
                let row = &settled.row;
                if desk.execute(SETTLE, columns(row)).await? == 0 {
                    return Ok(false);
                }
                if let Some(body) = body {
                    let copy = vec![(&*row.key).into(), body.as_str().into()];
                    desk.execute(PUT_COPY, copy).await?;
                    desk.execute(SET_REVISION, vec![settled.revision.as_str().into()])
                        .await?;
                }
                if let Some(old) = &settled.instead_of {
                    desk.execute(DROP, vec![(&**old).into()]).await?;
                    desk.execute(DROP_COPY, vec![(&**old).into()]).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// Forgets a calendar and its copy.
    pub async fn drop_calendar(&self, key: &str) -> Result<(), StoreError> {
        let key: Arc<str> = key.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let key = Arc::clone(&key);
            Box::pin(async move {
                desk.execute(DROP_COPY, vec![(&*key).into()]).await?;
                desk.execute(DROP, vec![(&*key).into()]).await
            })
        })
        .await
        .map(drop)
    }
}

fn columns(row: &CalendarRow) -> Vec<Arg> {
    let fetching = &row.fetching;
    let micros = |time: Option<Time>| time.map(Time::micros).into();
    let tried = fetching.tried_at.unwrap_or(Time::EPOCH);
    vec![
        (&*row.layer).into(),
        micros(fetching.fetched_at),
        micros(fetching.failing_since),
        fetching.error.as_str().into(),
        micros(fetching.wait_until),
        fetching.etag.as_str().into(),
        fetching.modified.as_str().into(),
        (&*row.key).into(),
        tried.micros().into(),
    ]
}

impl Store {
    /// The revision of the copies; empty before the first.
    pub async fn calendars_revision(&self) -> Result<String, StoreError> {
        let found = self.pool().one(REVISION, vec![], |row| row.text(0)).await?;
        Ok(found.unwrap_or_default())
    }

    /// All calendars and what became of fetching them, without their copies.
    pub async fn calendar_rows(&self) -> Result<Vec<CalendarRow>, StoreError> {
        self.pool().fetch(ALL, vec![], read).await
    }

    /// All calendars with their copies. A copy that is written meanwhile may be in the list before it shows in the
    /// revision, never the other way round.
    pub async fn calendars(&self) -> Result<Calendars, StoreError> {
        let revision = self.calendars_revision().await?;
        let rows = self.calendar_rows().await?;
        let pair = |row: &dyn Columns| -> Result<(String, CalendarCopy), StoreError> {
            let id = row.text(0)?;
            let copy = copy(&id, &row.text(1)?)?;
            Ok((id, copy))
        };
        let mut copies = self.pool().fetch(COPIES, vec![], pair).await?;
        let list = rows.into_iter().map(|row| {
            let place = copies.iter().position(|(id, _)| **id == *row.key);
            let copy = place.map(|place| Arc::new(copies.swap_remove(place).1));
            (row, copy)
        });
        Ok(Calendars {
            revision,
            list: list.collect(),
        })
    }

    /// The copy of one calendar.
    pub async fn calendar_copy(&self, key: &str) -> Result<Option<CalendarCopy>, StoreError> {
        let found = self
            .pool()
            .one(COPY, vec![key.into()], |row| row.text(0))
            .await?;
        found.map(|body| copy(key, &body)).transpose()
    }
}
