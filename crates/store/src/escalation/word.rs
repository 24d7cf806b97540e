//! What a group's last flush means for its incident, until it is done.

use std::sync::Arc;

use balefire_core::severity::Severity;
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::notification::Fact;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO group_word (grp, ordinal, is_over, policy, severity, title, started_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7){upsert:grp:ordinal,is_over,policy,severity,title,started_at}",
);
const READ: Sql = Sql::new(
    "SELECT grp, ordinal, is_over, policy, severity, title, started_at FROM group_word ORDER BY ordinal LIMIT $1",
);
const DONE: Sql = Sql::new("DELETE FROM group_word WHERE grp = $1 AND ordinal = $2");

/// What a flush means for the incident of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupWord {
    /// The group.
    pub group: u64,
    /// The flush's number.
    pub ordinal: u64,
    /// Whether all of the group's alerts are over.
    pub is_over: bool,
    /// The policy that looks after it.
    pub policy: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// When the first of its alerts began.
    pub started_at: Time,
}

/// A word that takes the place of the group's last one.
pub fn word(word: &GroupWord) -> Fact {
    Fact {
        sql: PUT,
        row: vec![
            word.group.into(),
            word.ordinal.into(),
            i64::from(word.is_over).into(),
            (&*word.policy).into(),
            i64::from(word.severity.grade()).into(),
            (&*word.title).into(),
            word.started_at.micros().into(),
        ],
    }
}

fn read(row: &dyn Columns) -> Result<GroupWord, StoreError> {
    let grade = row.int(4)?;
    let odd = || StoreError::Corrupt(format!("the severity {grade} of a group"));
    Ok(GroupWord {
        group: row.number(0)?,
        ordinal: row.number(1)?,
        is_over: row.int(2)? != 0,
        policy: row.text(3)?.into(),
        severity: Severity::of_grade(grade).ok_or_else(odd)?,
        title: row.text(5)?,
        started_at: Time::from_micros(row.int(6)?),
    })
}

impl Writer {
    /// A word is done, unless the group has a newer one.
    pub async fn word_done(&self, word: &GroupWord) -> Result<(), StoreError> {
        let (group, ordinal) = (word.group, word.ordinal);
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![group.into(), ordinal.into()];
            Box::pin(async move { desk.execute(DONE, row).await })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// Up to `limit` words that are not done, the oldest first.
    pub async fn group_words(&self, limit: usize) -> Result<Vec<GroupWord>, StoreError> {
        self.pool()
            .fetch(READ, vec![(limit as i64).into()], read)
            .await
    }
}
