//! Pages of reminders, and those that may have to be told.

use std::time::Duration;

use balefire_core::reminder::Reminder;
use balefire_core::time::Time;

use super::{columns, read};
use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;

/// The filters that a page and its count share. `!` keeps what was searched for from being a pattern.
macro_rules! narrowed {
    () => {
        "FROM reminder WHERE LOWER(name) LIKE LOWER($1) ESCAPE '!' \
         AND LOWER(content) LIKE LOWER($2) ESCAPE '!' AND LOWER(email) LIKE LOWER($3) ESCAPE '!' \
         AND (LOWER(name) LIKE LOWER($4) ESCAPE '!' OR LOWER(content) LIKE LOWER($5) ESCAPE '!' \
         OR LOWER(email) LIKE LOWER($6) ESCAPE '!') \
         AND CASE WHEN handled_at IS NULL THEN 0 ELSE 1 END >= $7 \
         AND CASE WHEN handled_at IS NULL THEN 0 ELSE 1 END <= $8 "
    };
}

macro_rules! page {
    ($order:literal) => {
        Sql::new(concat!(
            "SELECT ",
            columns!(),
            " ",
            narrowed!(),
            "ORDER BY ",
            $order,
            " LIMIT $9 OFFSET $10"
        ))
    };
}

const COUNT: Sql = Sql::new(concat!("SELECT COUNT(*) ", narrowed!()));
const TO_TELL: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM reminder WHERE id > $1 AND handled_at IS NULL AND expires_at >= $2 \
     AND expires_at - advance_days * 86400000000 <= $3 ORDER BY id LIMIT $4"
));

const STANDING: Sql = Sql::new(
    "SELECT CASE WHEN expires_at <= $1 THEN 2 WHEN expires_at - advance_days * 86400000000 <= $2 THEN 1 ELSE 0 END, \
     COUNT(*) FROM reminder WHERE handled_at IS NULL GROUP BY 1",
);

/// A day anywhere begins and ends less than this from UTC's.
const ZONES: Duration = Duration::from_hours(48);

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReminderOrder {
    /// What expires first comes first.
    #[default]
    Expires,
    /// What expires last comes first.
    ExpiresLast,
    /// By name, byte by byte.
    Name,
    /// By name, the other way round.
    NameLast,
    /// In the order in which they were made.
    Made,
    /// The newest first.
    MadeLast,
}

impl ReminderOrder {
    const fn page(self) -> Sql {
        match self {
            Self::Expires => page!("expires_at, id"),
            Self::ExpiresLast => page!("expires_at DESC, id DESC"),
            Self::Name => page!("name"),
            Self::NameLast => page!("name DESC"),
            Self::Made => page!("id"),
            Self::MadeLast => page!("id DESC"),
        }
    }
}

/// Which reminders to list; every `Some` narrows. Texts are looked for anywhere, upper and lower case alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReminderFilter {
    /// In the name.
    pub name: Option<String>,
    /// In the content.
    pub content: Option<String>,
    /// In the addresses.
    pub email: Option<String>,
    /// In any of the three.
    pub any: Option<String>,
    /// Whether somebody has seen to it.
    pub handled: Option<bool>,
    /// The order.
    pub order: ReminderOrder,
    /// How many to leave out.
    pub offset: u64,
    /// How many at most.
    pub limit: usize,
}

impl ReminderFilter {
    fn args(&self) -> Vec<Arg> {
        let any = pattern(self.any.as_deref());
        let (least, most) = match self.handled {
            None => (0_i64, 1_i64),
            Some(handled) => (i64::from(handled), i64::from(handled)),
        };
        let own = [&self.name, &self.content, &self.email];
        let texts = own.map(|text| pattern(text.as_deref()));
        let texts = texts.iter().chain([&any, &any, &any]);
        texts
            .map(|text| text.as_str().into())
            .chain([least.into(), most.into()])
            .collect()
    }
}

/// A pattern that finds a text anywhere; everything without one.
fn pattern(text: Option<&str>) -> String {
    let mut pattern = String::from("%");
    for c in text.unwrap_or_default().chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    if pattern.len() > 1 {
        pattern.push('%');
    }
    pattern
}

impl Store {
    /// A page of reminders, and how many there are on all pages.
    pub async fn reminders(
        &self,
        filter: &ReminderFilter,
    ) -> Result<(Vec<Reminder>, u64), StoreError> {
        let mut args = filter.args();
        let total = self
            .pool()
            .one(COUNT, args.clone(), |row| row.number(0))
            .await?;
        let offset = i64::try_from(filter.offset).unwrap_or(i64::MAX);
        args.extend([(filter.limit as i64).into(), offset.into()]);
        let rows = self.pool().fetch(filter.order.page(), args, read).await?;
        Ok((rows, total.unwrap_or(0)))
    }

    /// How many reminders that nobody has seen to are not due, due (within their days ahead), and past their date.
    pub async fn reminders_standing(&self, now: Time) -> Result<[u64; 3], StoreError> {
        let args = vec![now.micros().into(), now.micros().into()];
        let counted = |row: &dyn Columns| Ok((row.int(0)?, row.number(1)?));
        let mut standing = [0; 3];
        for (which, count) in self.pool().fetch(STANDING, args, counted).await? {
            let which = usize::try_from(which).ok();
            if let Some(place) = which.and_then(|which| standing.get_mut(which)) {
                *place = count;
            }
        }
        Ok(standing)
    }

    /// Up to `limit` reminders after number `after` that may have to be told now, in the order of their numbers: all
    /// that have begun anywhere on earth and that nobody has seen to; those that are over only with `overdue`.
    pub async fn reminders_to_tell(
        &self,
        after: u64,
        now: Time,
        overdue: bool,
        limit: usize,
    ) -> Result<Vec<Reminder>, StoreError> {
        let since = if overdue {
            i64::MIN
        } else {
            now.before(ZONES).micros()
        };
        let args = vec![
            after.into(),
            since.into(),
            now.after(ZONES).micros().into(),
            (limit as i64).into(),
        ];
        self.pool().fetch(TO_TELL, args, read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_no_pattern() {
        assert_eq!(pattern(None), "%");
        assert_eq!(pattern(Some("")), "%");
        assert_eq!(pattern(Some("50%_!\\")), "%50!%!_!!\\%");
    }
}
