//! Overrides of schedules that people make while the node runs.
//!
//! Whoever writes one first writes the revision, and holds its row until the end of the transaction: so of two
//! nodes the second sees what the first has booked, and whoever keeps a copy sees by the revision that it is old.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::schedule::{Booked, Booking, Deed, MAX_OVERRIDES};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

/// The columns of [`read`], in its order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT schedule, id, what, reason, made_by, made_at, cancelled_by, cancelled_at FROM schedule_override ",
            $rest
        )
    };
}

const ALL: Sql = Sql::new(select!("ORDER BY ends DESC, schedule, id LIMIT $1"));
const OF_ONE: Sql = Sql::new(select!(
    "WHERE schedule = $1 ORDER BY ends DESC, id LIMIT $2"
));
const PAGE: Sql = Sql::new(select!(
    "WHERE schedule = $1 AND ends > $2 ORDER BY begins, id LIMIT $3 OFFSET $4"
));
const BY_ID: Sql = Sql::new(select!("WHERE schedule = $1 AND id = $2"));
const PUT: Sql = Sql::new(
    "INSERT INTO schedule_override (schedule, id, begins, ends, what, reason, made_by, made_at, cancelled_by, \
     cancelled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)\
     {upsert:schedule,id:cancelled_by,cancelled_at}",
);
const REVISION: Sql =
    Sql::new("SELECT content FROM meta WHERE item = 'schedule_override.revision'");
const LEFT: Sql = Sql::new("SELECT content FROM meta WHERE item = 'schedule_override.left'");
const SET_LEFT: Sql = Sql::new(
    "INSERT INTO meta (item, content) VALUES ('schedule_override.left', $1){upsert:item:content}",
);
const SET_REVISION: Sql = Sql::new(
    "INSERT INTO meta (item, content) VALUES ('schedule_override.revision', $1){upsert:item:content}",
);

/// Everything that was booked, as far as schedules look back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookings {
    /// Changes with every change of what is booked; empty before the first.
    pub revision: String,
    /// The bookings, those that end last first; at most [`MAX_OVERRIDES`].
    pub list: Vec<Booking>,
    /// Who is named by a booking and is not in the document any more, and since when.
    pub left: BTreeMap<String, Time>,
}

fn read(row: &dyn Columns) -> Result<Booking, StoreError> {
    let (schedule, id) = (row.text(0)?, row.text(1)?);
    let what = Booked::read(&row.text(2)?).ok_or_else(|| {
        StoreError::Corrupt(format!("override {id:?} of {schedule:?} cannot be read"))
    })?;
    let cancelled_at = row.opt_int(7)?.map(Time::from_micros);
    Ok(Booking {
        id: id.into(),
        schedule: schedule.into(),
        what,
        reason: row.text(3)?,
        made: Deed {
            by: row.text(4)?,
            at: Time::from_micros(row.int(5)?),
        },
        cancelled: row
            .opt_text(6)?
            .zip(cancelled_at)
            .map(|(by, at)| Deed { by, at }),
    })
}

fn row(booking: &Booking) -> Vec<Arg> {
    let hull = booking.what.hull();
    let cancelled = booking.cancelled.as_ref();
    vec![
        (&*booking.schedule).into(),
        (&*booking.id).into(),
        hull.from.micros().into(),
        hull.to.micros().into(),
        booking.what.written().as_str().into(),
        booking.reason.as_str().into(),
        booking.made.by.as_str().into(),
        booking.made.at.micros().into(),
        cancelled.map(|deed| &*deed.by).into(),
        cancelled.map(|deed| deed.at.micros()).into(),
    ]
}

impl Writer {
    /// Makes or changes a booking of a schedule by what `decide` makes of those there are; when it answers no
    /// booking, nothing is changed. `revision` is a text that was never used for this. `decide` may be asked again
    /// when another node was first.
    pub async fn book<R, F>(
        &self,
        schedule: &str,
        revision: &str,
        decide: F,
    ) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: Fn(&[Booking]) -> (Option<Booking>, R) + Send + Sync + 'static,
    {
        let job = Arc::new((schedule.to_owned(), revision.to_owned(), decide));
        self.chore(move |desk: &mut Desk<'_>| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let (schedule, revision, decide) = &*job;
                desk.execute(SET_REVISION, vec![revision.as_str().into()])
                    .await?;
                let most = (MAX_OVERRIDES as i64).into();
                let known = desk
                    .conn
                    .fetch(OF_ONE, vec![schedule.as_str().into(), most], read)
                    .await?;
                let (change, answer) = decide(&known);
                if let Some(booking) = change {
                    desk.execute(PUT, row(&booking)).await?;
                }
                Ok(answer)
            })
        })
        .await
    }
}

impl Writer {
    /// Notes who is named by a booking and not in the document any more, and since when; `revision` as for [`Self::book`].
    pub async fn note_left(
        &self,
        left: &BTreeMap<String, Time>,
        revision: &str,
    ) -> Result<(), StoreError> {
        // A line for each; keys of people are words.
        let lines = left
            .iter()
            .map(|(person, at)| format!("{} {person}", at.micros()));
        let left: Arc<str> = lines.collect::<Vec<_>>().join("\n").into();
        let revision: Arc<str> = revision.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let (left, revision) = (Arc::clone(&left), Arc::clone(&revision));
            Box::pin(async move {
                desk.execute(SET_REVISION, vec![(&*revision).into()])
                    .await?;
                desk.execute(SET_LEFT, vec![(&*left).into()]).await
            })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// The revision of what is booked; empty before the first booking.
    pub async fn bookings_revision(&self) -> Result<String, StoreError> {
        let found = self.pool().one(REVISION, vec![], |row| row.text(0)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Everything that is booked. What is booked meanwhile may be in the list before it shows in the revision,
    /// never the other way round.
    pub async fn bookings(&self) -> Result<Bookings, StoreError> {
        let revision = self.bookings_revision().await?;
        let most = (MAX_OVERRIDES as i64).into();
        let list = self.pool().fetch(ALL, vec![most], read).await?;
        let left = self.pool().one(LEFT, vec![], |row| row.text(0)).await?;
        let left = left.unwrap_or_default();
        let lines = left.lines().filter_map(|line| line.split_once(' '));
        let left = lines.filter_map(|(at, person)| {
            Some((person.to_owned(), Time::from_micros(at.parse().ok()?)))
        });
        let left = left.collect();
        Ok(Bookings {
            revision,
            list,
            left,
        })
    }

    /// A page of a schedule's bookings that end after an instant, in the order of their beginnings.
    pub async fn bookings_of(
        &self,
        schedule: &str,
        after: Time,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Booking>, StoreError> {
        let args = vec![
            schedule.into(),
            after.micros().into(),
            (limit as i64).into(),
            offset.min(i64::MAX.cast_unsigned()).into(),
        ];
        self.pool().fetch(PAGE, args, read).await
    }

    /// One booking.
    pub async fn booking(&self, schedule: &str, id: &str) -> Result<Option<Booking>, StoreError> {
        let args = vec![schedule.into(), id.into()];
        self.pool().one(BY_ID, args, read).await
    }
}
