//! Which stages were told, and by which ways.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::reminder::{Mark, Reminder};
use balefire_core::time::Time;

use crate::Store;
use crate::db::Sql;
use crate::error::StoreError;
use crate::notification::Fact;

/// Without a word about what to do when it was told: then the decision is refused.
const TELL: Sql = Sql::new(
    "INSERT INTO reminder_told (reminder, day, stage, way, at) VALUES ($1, $2, $3, $4, $5)",
);
const OF_PAGE: Sql = Sql::new(
    "SELECT reminder, day, stage, way FROM reminder_told \
     WHERE reminder >= $1 AND reminder <= $2 AND day >= $3 AND day <= $4",
);
const OF_ONE: Sql = Sql::new(
    "SELECT day, stage, way, at FROM reminder_told WHERE reminder = $1 \
     ORDER BY at DESC, day DESC, stage, way LIMIT $2",
);
const DAY: i64 = 86_400;

/// How many of a reminder's stages are shown at most, the last ones first.
pub const TOLD_SHOWN: usize = 100;

/// A stage that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The date and the stage.
    pub mark: Mark,
    /// The key of the way; `mail` for the mail.
    pub way: String,
    /// When it was stored to be sent.
    pub at: Time,
}

/// What becomes true when a stage is told by a way: it is not told by it again. Of two decisions that tell it the
/// second is refused as a conflict, so that of two nodes that look at once one sends.
pub fn told(reminder: u64, mark: Mark, way: &str, at: Time) -> Fact {
    Fact {
        sql: TELL,
        row: vec![
            reminder.into(),
            mark.day.into(),
            mark.stage.into(),
            way.into(),
            at.micros().into(),
        ],
    }
}

impl Store {
    /// What was told of some reminders for the dates they have now, by number and way. They are a page in the
    /// order of their numbers.
    pub async fn told_of(
        &self,
        page: &[Reminder],
    ) -> Result<BTreeMap<(u64, String), BTreeSet<Mark>>, StoreError> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return Ok(BTreeMap::new());
        };
        let days = page.iter().map(|one| one.expires_at.secs().div_euclid(DAY));
        let (low, high) = days.fold((i64::MAX, i64::MIN), |(low, high), day| {
            (low.min(day), high.max(day))
        });
        // A date in some zone is at most a day from the one in UTC.
        let args = vec![
            first.id.into(),
            last.id.into(),
            (low - 1).into(),
            (high + 1).into(),
        ];
        let rows = self.pool().fetch(OF_PAGE, args, |row| {
            let mark = Mark {
                day: row.int(1)?,
                stage: row.int(2)?,
            };
            Ok(((row.number(0)?, row.text(3)?), mark))
        });
        let mut marks: BTreeMap<_, BTreeSet<Mark>> = BTreeMap::new();
        for (key, mark) in rows.await? {
            marks.entry(key).or_default().insert(mark);
        }
        Ok(marks)
    }

    /// The last [`TOLD_SHOWN`] stages of a reminder that were told, the newest first.
    pub async fn told_lately(&self, reminder: u64) -> Result<Vec<Told>, StoreError> {
        let args = vec![reminder.into(), (TOLD_SHOWN as i64).into()];
        self.pool()
            .fetch(OF_ONE, args, |row| {
                Ok(Told {
                    mark: Mark {
                        day: row.int(0)?,
                        stage: row.int(1)?,
                    },
                    way: row.text(2)?,
                    at: Time::from_micros(row.int(3)?),
                })
            })
            .await
    }
}
