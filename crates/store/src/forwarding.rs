//! What telephones were told to forward their calls to.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::notification::Fact;

/// Without a word about what to do when the round is taken: then the decision is refused.
const TOLD: Sql = Sql::new(
    "INSERT INTO forwarding (series, round, at, person, number, notification) \
     VALUES ($1, $2, $3, $4, $5, $6)",
);
const FORGET: Sql = Sql::new("DELETE FROM forwarding WHERE series = $1 AND round <= $2");
const NEWEST: Sql = Sql::new(
    "SELECT round, at, person, number, notification FROM forwarding \
     WHERE series = $1 ORDER BY round DESC LIMIT 1",
);

/// How many times are kept of each telephone.
const KEPT: u64 = 50;

/// That a telephone is told to forward its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// Which telephone; also the group of its notifications, never 0.
    pub series: u64,
    /// How often it has been told, with this time; from 1.
    pub round: u64,
    /// When it was decided.
    pub at: Time,
    /// The key of the person whose number it is; empty for nobody's.
    pub person: Arc<str>,
    /// What it dials.
    pub number: Arc<str>,
}

/// The last time that a telephone was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// What it was told.
    pub told: Forwarding,
    /// The number of the notification that tells it.
    pub notification: u64,
}

impl Fact {
    /// That a telephone is told by the first notification of the decision that this is a fact of. Of two decisions
    /// for the same round the second is refused as a conflict.
    pub fn forwarded(told: &Forwarding) -> Vec<Self> {
        let row = vec![
            told.series.into(),
            told.round.into(),
            told.at.micros().into(),
            (&*told.person).into(),
            (&*told.number).into(),
            Arg::FirstNotification,
        ];
        let long_ago = told.round.saturating_sub(KEPT);
        vec![
            Self { sql: TOLD, row },
            Self {
                sql: FORGET,
                row: vec![told.series.into(), long_ago.into()],
            },
        ]
    }
}

impl Store {
    /// What a telephone was told last.
    pub async fn forwarded(&self, series: u64) -> Result<Option<Forwarded>, StoreError> {
        let read = move |row: &dyn crate::db::Columns| {
            Ok(Forwarded {
                told: Forwarding {
                    series,
                    round: row.number(0)?,
                    at: Time::from_micros(row.int(1)?),
                    person: row.text(2)?.into(),
                    number: row.text(3)?.into(),
                },
                notification: row.number(4)?,
            })
        };
        self.pool().one(NEWEST, vec![series.into()], read).await
    }
}
