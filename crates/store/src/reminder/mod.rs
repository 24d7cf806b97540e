//! Reminders, and which of their stages were told.

mod list;
mod told;
mod write;

use balefire_core::reminder::{Fault, Handled, Reminder, Way};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;

pub use self::list::{ReminderFilter, ReminderOrder};
pub use self::told::{TOLD_SHOWN, Told, told};

/// The columns of [`read`], in its order.
macro_rules! columns {
    () => {
        "id, name, content, email, ways, owner, advance_days, expires_at, handled_at, handled_by, created_at, changed_at"
    };
}
use columns;

const BY_ID: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM reminder WHERE id = $1"
));
const BY_NAME: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM reminder WHERE name = $1"
));

/// Which reminder is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReminderKey {
    /// The one of this number.
    Id(u64),
    /// The one of this name.
    Name(String),
}

impl ReminderKey {
    fn query(&self) -> (Sql, Vec<Arg>) {
        match self {
            Self::Id(id) => (BY_ID, vec![(*id).into()]),
            Self::Name(name) => (BY_NAME, vec![name.as_str().into()]),
        }
    }
}

/// What became of a reminder that was to be made or changed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReminderPut {
    /// It is stored, like this.
    Stored(Box<Reminder>),
    /// There is none like the one that was meant.
    Missing,
    /// Another one has this name.
    Taken,
    /// It may not be like this; nothing was changed.
    Refused(Fault),
}

fn read(row: &dyn Columns) -> Result<Reminder, StoreError> {
    let id = row.number(0)?;
    let ways = Way::read(&row.text(4)?)
        .ok_or_else(|| StoreError::Corrupt(format!("the ways of reminder {id} cannot be read")))?;
    let handled_by = row.opt_text(9)?.unwrap_or_default();
    Ok(Reminder {
        id,
        name: row.text(1)?,
        content: row.text(2)?,
        email: row.text(3)?,
        ways,
        owner: row.opt_text(5)?,
        advance_days: u32::try_from(row.int(6)?).unwrap_or_default(),
        expires_at: Time::from_micros(row.int(7)?),
        handled: row.opt_int(8)?.map(|at| Handled {
            at: Time::from_micros(at),
            by: handled_by,
        }),
        created_at: Time::from_micros(row.int(10)?),
        changed_at: Time::from_micros(row.int(11)?),
    })
}

impl Store {
    /// A reminder by its number or name.
    pub async fn reminder(&self, key: &ReminderKey) -> Result<Option<Reminder>, StoreError> {
        let (sql, args) = key.query();
        self.pool().one(sql, args, read).await
    }
}
