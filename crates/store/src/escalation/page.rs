//! The notifications by which people are paged.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::notification::Fact;

const PUT: Sql = Sql::new(
    "INSERT INTO page (incident, seq, person, way, at, outcome) VALUES ($1, $2, $3, $4, $5, 0){ignore:incident,seq}",
);
const END: Sql =
    Sql::new("UPDATE page SET outcome = $1 WHERE incident = $2 AND seq = $3 AND outcome = 0");
/// One that was taken back while it was under way may have arrived all the same.
const ARRIVED: Sql = Sql::new("UPDATE page SET outcome = $1 WHERE incident = $2 AND seq = $3");
const WAITING: Sql = Sql::new(
    "SELECT incident, seq, person, way, at, outcome FROM page WHERE outcome = 0 AND seq > $1 ORDER BY seq, incident LIMIT $2",
);
const OF_INCIDENT: Sql = Sql::new(
    "SELECT incident, seq, person, way, at, outcome FROM page WHERE incident = $1 ORDER BY seq",
);
const OF_NOTIFICATION: Sql = Sql::new(
    "SELECT incident, seq, person, way, at, outcome FROM page WHERE seq = $1 ORDER BY incident",
);

/// What became of a page. The numbers are what the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOutcome {
    /// It is not known yet.
    Waiting = 0,
    /// A provider took it, or somebody answered the call.
    Delivered = 1,
    /// It could not be delivered, or nobody took the call.
    Failed = 2,
    /// It was taken back.
    Withdrawn = 3,
}

impl PageOutcome {
    const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Delivered,
        Self::Failed,
        Self::Withdrawn,
    ];
}

/// One notification by which somebody is paged for one incident; a notification may tell of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The incident's number.
    pub incident: u64,
    /// The notification's number.
    pub seq: u64,
    /// The key of who is paged.
    pub person: Arc<str>,
    /// The way by which they are.
    pub way: Arc<str>,
    /// When it was decided.
    pub at: Time,
    /// What became of it.
    pub outcome: PageOutcome,
}

/// A page, by the notification of its decision that `nth` others come before. Its own number is not looked at.
pub fn paged(page: &Page, nth: usize) -> Fact {
    Fact {
        sql: PUT,
        row: vec![
            page.incident.into(),
            Arg::Notification(nth as u64),
            (&*page.person).into(),
            (&*page.way).into(),
            page.at.micros().into(),
        ],
    }
}

/// What became of a page, unless it is known already; that it has arrived counts more than that it was taken back.
pub fn page_ended(page: &Page, outcome: PageOutcome) -> Fact {
    Fact {
        sql: if outcome == PageOutcome::Delivered {
            ARRIVED
        } else {
            END
        },
        row: vec![
            (outcome as i64).into(),
            page.incident.into(),
            page.seq.into(),
        ],
    }
}

fn read(row: &dyn Columns) -> Result<Page, StoreError> {
    let outcome = row.int(5)?;
    let known = PageOutcome::ALL.into_iter();
    let found = known.into_iter().find(|known| *known as i64 == outcome);
    Ok(Page {
        incident: row.number(0)?,
        seq: row.number(1)?,
        person: row.text(2)?.into(),
        way: row.text(3)?.into(),
        at: Time::from_micros(row.int(4)?),
        outcome: found
            .ok_or_else(|| StoreError::Corrupt(format!("a page has the outcome {outcome}")))?,
    })
}

impl Store {
    /// Up to `limit` pages after notification `after` of which it is not known what became, oldest first.
    pub async fn pages_waiting(&self, after: u64, limit: usize) -> Result<Vec<Page>, StoreError> {
        let args = vec![after.into(), (limit as i64).into()];
        self.pool().fetch(WAITING, args, read).await
    }

    /// All pages of an incident, oldest first.
    pub async fn pages_of(&self, incident: u64) -> Result<Vec<Page>, StoreError> {
        self.pool()
            .fetch(OF_INCIDENT, vec![incident.into()], read)
            .await
    }

    /// The incidents that a notification pages for.
    pub async fn pages_by(&self, notification: u64) -> Result<Vec<Page>, StoreError> {
        self.pool()
            .fetch(OF_NOTIFICATION, vec![notification.into()], read)
            .await
    }
}
