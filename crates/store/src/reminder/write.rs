//! Making, changing and removing reminders.

use std::sync::Arc;

use balefire_core::reminder::{Edit, Reminder, Way};
use balefire_core::time::Time;

use super::{ReminderKey, ReminderPut, read};
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const LAST: Sql = Sql::new("SELECT MAX(id) FROM reminder");
/// A number is not given again after its reminder was removed: somebody may still hold it.
const LAST_GIVEN: Sql = Sql::new("SELECT content FROM meta WHERE item = 'reminder.last'");
const GIVEN: Sql =
    Sql::new("INSERT INTO meta (item, content) VALUES ('reminder.last', $1){upsert:item:content}");
const INSERT: Sql = Sql::new(
    "INSERT INTO reminder (name, content, email, ways, owner, advance_days, expires_at, \
     handled_at, handled_by, changed_at, created_at, id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);
const UPDATE: Sql = Sql::new(
    "UPDATE reminder SET name = $1, content = $2, email = $3, ways = $4, owner = $5, \
     advance_days = $6, expires_at = $7, handled_at = $8, handled_by = $9, changed_at = $10 \
     WHERE id = $11",
);
const DELETE: Sql = Sql::new("DELETE FROM reminder WHERE id = $1");
const DELETE_TOLD: Sql = Sql::new("DELETE FROM reminder_told WHERE reminder = $1");

impl Writer {
    /// Stores a new reminder; its number and times are given here.
    pub async fn add_reminder(&self, new: Reminder, now: Time) -> Result<ReminderPut, StoreError> {
        if let Err(fault) = new.check() {
            return Ok(ReminderPut::Refused(fault));
        }
        let new = Arc::new(new);
        self.chore(move |desk: &mut Desk<'_>| Box::pin(add(desk, Arc::clone(&new), now)))
            .await
    }

    /// Changes a reminder.
    pub async fn edit_reminder(
        &self,
        key: ReminderKey,
        edit: Edit,
        now: Time,
    ) -> Result<ReminderPut, StoreError> {
        let asked = Arc::new((key, edit));
        self.chore(move |desk: &mut Desk<'_>| Box::pin(change(desk, Arc::clone(&asked), now)))
            .await
    }

    /// Removes a reminder and what was noted of it; whether there was one.
    pub async fn remove_reminder(&self, key: ReminderKey) -> Result<bool, StoreError> {
        let key = Arc::new(key);
        self.chore(move |desk: &mut Desk<'_>| Box::pin(remove(desk, Arc::clone(&key))))
            .await
    }
}

async fn add(
    desk: &mut Desk<'_>,
    new: Arc<Reminder>,
    now: Time,
) -> Result<ReminderPut, StoreError> {
    if find(desk, &ReminderKey::Name(new.name.clone()))
        .await?
        .is_some()
    {
        return Ok(ReminderPut::Taken);
    }
    let given = desk
        .conn
        .fetch(LAST_GIVEN, Vec::new(), |row| row.text(0))
        .await?;
    let given = given
        .first()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let id = desk.next(LAST).await?.max(given + 1);
    let made = Reminder {
        id: id.cast_unsigned(),
        handled: None,
        created_at: now,
        changed_at: now,
        ..Reminder::clone(&new)
    };
    let mut row = row(&made);
    row.extend([now.micros().into(), id.into()]);
    desk.execute(INSERT, row).await?;
    desk.execute(GIVEN, vec![id.to_string().as_str().into()])
        .await?;
    Ok(ReminderPut::Stored(Box::new(made)))
}

async fn change(
    desk: &mut Desk<'_>,
    asked: Arc<(ReminderKey, Edit)>,
    now: Time,
) -> Result<ReminderPut, StoreError> {
    let (key, edit) = &*asked;
    let Some(before) = find(desk, key).await? else {
        return Ok(ReminderPut::Missing);
    };
    let after = match edit.apply(&before, now) {
        Ok(after) => after,
        Err(fault) => return Ok(ReminderPut::Refused(fault)),
    };
    let other = ReminderKey::Name(after.name.clone());
    if after.name != before.name && find(desk, &other).await?.is_some() {
        return Ok(ReminderPut::Taken);
    }
    let mut row = row(&after);
    row.push(after.id.into());
    desk.execute(UPDATE, row).await?;
    Ok(ReminderPut::Stored(Box::new(after)))
}

async fn remove(desk: &mut Desk<'_>, key: Arc<ReminderKey>) -> Result<bool, StoreError> {
    let Some(found) = find(desk, &key).await? else {
        return Ok(false);
    };
    desk.execute(DELETE_TOLD, vec![found.id.into()]).await?;
    desk.execute(DELETE, vec![found.id.into()]).await?;
    Ok(true)
}

async fn find(desk: &mut Desk<'_>, key: &ReminderKey) -> Result<Option<Reminder>, StoreError> {
    let (sql, args) = key.query();
    let found = desk.conn.fetch(sql, args, read).await?;
    Ok(found.into_iter().next())
}

/// The values of all columns that can change, in the statements' order.
fn row(reminder: &Reminder) -> Vec<Arg> {
    let handled = reminder.handled.as_ref();
    vec![
        reminder.name.as_str().into(),
        reminder.content.as_str().into(),
        reminder.email.as_str().into(),
        Way::write(&reminder.ways).as_str().into(),
        reminder.owner.as_deref().into(),
        i64::from(reminder.advance_days).into(),
        reminder.expires_at.micros().into(),
        handled.map(|handled| handled.at.micros()).into(),
        handled.map(|handled| handled.by.as_str()).into(),
        reminder.changed_at.micros().into(),
    ]
}
