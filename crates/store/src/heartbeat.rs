//! What is known of heartbeats. Many change in one second, so they are written together, each once with its latest
//! state.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::heartbeat::{Beat, Down, Ping, Runs, Signal, Why};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// The columns of [`read`] and [`args`], in their order.
macro_rules! columns {
    () => {
        "name, pace, pings, last_at, last_signal, last_code, waits_from, started_at, took, \
         excused_until, paused_at, down_since, down_why, down_code, raised, sender, body, runs"
    };
}

const PUT: &str = concat!(
    "INSERT INTO heartbeat (",
    columns!(),
    ") VALUES {rows:18}{upsert:name:pace,pings,last_at,last_signal,last_code,waits_from,started_at,\
     took,excused_until,paused_at,down_since,down_why,down_code,raised,sender,body,runs}"
);
const ALL: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM heartbeat ORDER BY name"
));
const DROP: Sql = Sql::new("DELETE FROM heartbeat WHERE name = $1");
/// Rows of one statement; few sizes, since each is prepared once.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// A heartbeat as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatRow {
    /// Its name, which no other has; at most 190 characters.
    pub name: Arc<str>,
    /// What it was waited for with, in words.
    pub pace: Arc<str>,
    /// What is known of it.
    pub beat: Beat,
    /// The labels of the alert that is out, JSON.
    pub raised: Option<Arc<str>>,
    /// Where the last signal came from.
    pub sender: Arc<str>,
    /// What came with it.
    pub body: Arc<str>,
}

fn args(row: &HeartbeatRow) -> [Arg; 18] {
    let beat = &row.beat;
    let micros = |time: Option<Time>| Arg::from(time.map(Time::micros));
    let code = |code: Option<u8>| Arg::from(code.map(i64::from));
    let took = beat
        .took
        .map(|took| i64::try_from(took.as_micros()).unwrap_or(i64::MAX));
    let last = beat.last.map(|ping| ping.signal);
    let down = beat.down.map(|down| down.why);
    [
        (&*row.name).into(),
        (&*row.pace).into(),
        beat.pings.into(),
        micros(beat.last.map(|ping| ping.at)),
        last.map(Signal::as_str).into(),
        code(last.and_then(Signal::code)),
        micros(beat.waits_from),
        micros(beat.runs.nameless()),
        took.into(),
        micros(beat.excused_until),
        micros(beat.paused_at),
        micros(beat.down.map(|down| down.since)),
        down.map(Why::as_str).into(),
        code(down.and_then(Why::code)),
        row.raised.as_deref().into(),
        (&*row.sender).into(),
        (&*row.body).into(),
        Some(beat.runs.text())
            .filter(|text| !text.is_empty())
            .as_deref()
            .into(),
    ]
}

fn read(row: &dyn Columns) -> Result<HeartbeatRow, StoreError> {
    let name: Arc<str> = row.text(0)?.into();
    let time = |column| -> Result<Option<Time>, StoreError> {
        Ok(row.opt_int(column)?.map(Time::from_micros))
    };
    let code = |column| -> Result<Option<u8>, StoreError> {
        Ok(row
            .opt_int(column)?
            .and_then(|code| u8::try_from(code).ok()))
    };
    let unknown = |what: &str| StoreError::Corrupt(format!("the heartbeat {name} holds {what:?}"));
    let last = match (time(3)?, row.opt_text(4)?) {
        (Some(at), Some(word)) => {
            let signal = Signal::from_parts(&word, code(5)?).ok_or_else(|| unknown(&word))?;
            Some(Ping { at, signal })
        }
        _ => None,
    };
    let down = match (time(11)?, row.opt_text(12)?) {
        (Some(since), Some(word)) => {
            let why = Why::from_parts(&word, code(13)?).ok_or_else(|| unknown(&word))?;
            Some(Down { since, why })
        }
        _ => None,
    };
    let took = row.opt_int(8)?;
    let named = row.opt_text(17)?.unwrap_or_default();
    let beat = Beat {
        pings: row.number(2)?,
        last,
        waits_from: time(6)?,
        runs: Runs::read(&named, time(7)?).ok_or_else(|| unknown(&named))?,
        took: took.map(|micros| Duration::from_micros(micros.unsigned_abs())),
        excused_until: time(9)?,
        paused_at: time(10)?,
        down,
    };
    Ok(HeartbeatRow {
        pace: row.text(1)?.into(),
        beat,
        raised: row.opt_text(14)?.map(Into::into),
        sender: row.text(15)?.into(),
        body: row.text(16)?.into(),
        name,
    })
}

impl Writer {
    /// Stores heartbeats as they are now, all or none; each name once.
    pub async fn put_heartbeats(&self, rows: Vec<HeartbeatRow>) -> Result<(), StoreError> {
        let rows: Arc<[HeartbeatRow]> = rows.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let rows = Arc::clone(&rows);
            Box::pin(async move {
                let mut left = &*rows;
                while !left.is_empty() {
                    let size = SIZES.into_iter().find(|size| *size <= left.len());
                    let (now, later) = left.split_at(size.unwrap_or(1));
                    let args = now.iter().flat_map(args).collect();
                    desk.execute(Sql::repeated(PUT, now.len()), args).await?;
                    left = later;
                }
                Ok(())
            })
        })
        .await
    }

    /// Forgets a heartbeat.
    pub async fn drop_heartbeat(&self, name: &str) -> Result<(), StoreError> {
        let name: Arc<str> = name.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*name).into()];
            Box::pin(async move { desk.execute(DROP, row).await })
        })
        .await
        .map(drop)
    }
}

impl Store {
    /// All heartbeats, by name.
    pub async fn heartbeats(&self) -> Result<Vec<HeartbeatRow>, StoreError> {
        self.pool().fetch(ALL, Vec::new(), read).await
    }
}
