//! Departments of `/alarm_v2` that were set by API.

use std::sync::Arc;

use balefire_core::secret::Secret;
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO alarm_department (dep, salt, signing_secret, body, changed_at) \
     VALUES ($1, $2, $3, $4, $5){upsert:dep:salt,signing_secret,body,changed_at}",
);
const DROP: Sql = Sql::new("DELETE FROM alarm_department WHERE dep = $1");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM alarm_department");
const ONE: Sql = Sql::new(
    "SELECT dep, salt, signing_secret, body, changed_at FROM alarm_department WHERE dep = $1",
);
const ALL: Sql = Sql::new(
    "SELECT dep, salt, signing_secret, body, changed_at FROM alarm_department ORDER BY dep LIMIT $1",
);

/// A department as it was set. Its secrets are stored as they are: signatures are made from them.
#[derive(Clone, Debug)]
pub struct AlarmDepartmentRow {
    /// The `dep` that callers send; at most [`AlarmDepartmentRow::LONGEST_DEP`] characters.
    pub dep: Arc<str>,
    /// The salt of its signatures, if it has its own.
    pub salt: Option<Secret>,
    /// The secret of its Standard Webhooks signatures, if it has its own.
    pub signing_secret: Option<Secret>,
    /// The rest, JSON.
    pub body: Arc<str>,
    /// When it was set last.
    pub changed_at: Time,
}

/// What became of setting a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartmentPut {
    /// It is new.
    New,
    /// It stands in place of the one before.
    Changed,
    /// There are [`AlarmDepartmentRow::MOST`] already.
    TooMany,
}

impl AlarmDepartmentRow {
    /// Longest `dep` in characters.
    pub const LONGEST_DEP: usize = 64;
    /// Most departments that are kept.
    pub const MOST: usize = 1_000;
}

fn read(row: &dyn Columns) -> Result<AlarmDepartmentRow, StoreError> {
    let secret = |column| -> Result<Option<Secret>, StoreError> {
        Ok(row.opt_text(column)?.map(Secret::new))
    };
    Ok(AlarmDepartmentRow {
        dep: row.text(0)?.into(),
        salt: secret(1)?,
        signing_secret: secret(2)?,
        body: row.text(3)?.into(),
        changed_at: Time::from_micros(row.int(4)?),
    })
}

impl Writer {
    /// Sets a department. Of its secrets those that `kept` names stay as they were: the salt, the signing secret.
    pub async fn set_alarm_department(
        &self,
        department: AlarmDepartmentRow,
        kept: [bool; 2],
    ) -> Result<DepartmentPut, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let department = department.clone();
            Box::pin(async move { set(desk, department, kept).await })
        })
        .await
    }

    /// Takes a department back; whether there was one.
    pub async fn drop_alarm_department(&self, dep: &str) -> Result<bool, StoreError> {
        let dep: Arc<str> = dep.into();
        let gone = self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*dep).into()];
            Box::pin(async move { desk.execute(DROP, row).await })
        });
        Ok(gone.await? > 0)
    }
}

async fn set(
    desk: &mut Desk<'_>,
    mut department: AlarmDepartmentRow,
    [salt, signing_secret]: [bool; 2],
) -> Result<DepartmentPut, StoreError> {
    let dep = || vec![(&*department.dep).into()];
    let before = desk.conn.fetch(ONE, dep(), read).await?.into_iter().next();
    let count = desk.conn.number(COUNT, Vec::new()).await?.unwrap_or(0);
    let put = match before {
        None if count >= AlarmDepartmentRow::MOST as i64 => return Ok(DepartmentPut::TooMany),
        None => DepartmentPut::New,
        Some(before) => {
            if salt {
                department.salt = before.salt;
            }
            if signing_secret {
                department.signing_secret = before.signing_secret;
            }
            DepartmentPut::Changed
        }
    };
    let row = vec![
        (&*department.dep).into(),
        department.salt.as_ref().map(Secret::reveal).into(),
        department
            .signing_secret
            .as_ref()
            .map(Secret::reveal)
            .into(),
        (&*department.body).into(),
        department.changed_at.micros().into(),
    ];
    desk.execute(PUT, row).await?;
    Ok(put)
}

impl Store {
    /// The department of this name.
    pub async fn alarm_department(
        &self,
        dep: &str,
    ) -> Result<Option<AlarmDepartmentRow>, StoreError> {
        self.pool().one(ONE, vec![dep.into()], read).await
    }

    /// All departments.
    pub async fn alarm_departments(&self) -> Result<Vec<AlarmDepartmentRow>, StoreError> {
        let most = (AlarmDepartmentRow::MOST as i64).into();
        self.pool().fetch(ALL, vec![most], read).await
    }
}
