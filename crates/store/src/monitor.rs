//! What was seen of monitors.

use std::sync::Arc;

use balefire_core::monitor::{Certificate, Sight};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO monitor (name, target, looked_at, expires_at, detail, failing_since, error, complained_at, \
     certificate) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)\
     {upsert:name:target,looked_at,expires_at,detail,failing_since,error,complained_at,certificate}",
);
const ALL: Sql = Sql::new(
    "SELECT name, target, looked_at, expires_at, detail, failing_since, error, complained_at, certificate \
     FROM monitor ORDER BY name",
);
const DROP: Sql = Sql::new("DELETE FROM monitor WHERE name = $1");

/// A monitor as it was looked at last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorRow {
    /// Its name, which no other has; at most 190 characters.
    pub name: Arc<str>,
    /// What was looked at, in words.
    pub target: Arc<str>,
    /// What was seen.
    pub sight: Sight,
}

fn read(row: &dyn Columns) -> Result<MonitorRow, StoreError> {
    let time = |column| -> Result<Option<Time>, StoreError> {
        Ok(row.opt_int(column)?.map(Time::from_micros))
    };
    Ok(MonitorRow {
        name: row.text(0)?.into(),
        target: row.text(1)?.into(),
        sight: Sight {
            looked_at: time(2)?,
            expires_at: time(3)?,
            detail: row.text(4)?,
            failing_since: time(5)?,
            error: row.text(6)?,
            complained_at: time(7)?,
            // What cannot be read is seen anew within a day.
            certificate: row.opt_text(8)?.and_then(|text| Certificate::read(&text)),
        },
    })
}

impl Writer {
    /// Stores a monitor as it was looked at.
    pub async fn put_monitor(&self, row: MonitorRow) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let sight = &row.sight;
            let micros = |time: Option<Time>| time.map(Time::micros).into();
            let certificate = sight.certificate.as_ref().map(Certificate::text);
            let args = vec![
                (&*row.name).into(),
                (&*row.target).into(),
                micros(sight.looked_at),
                micros(sight.expires_at),
                sight.detail.as_str().into(),
                micros(sight.failing_since),
                sight.error.as_str().into(),
                micros(sight.complained_at),
                certificate.as_deref().into(),
            ];
            Box::pin(async move { desk.execute(PUT, args).await })
        })
        .await
        .map(drop)
    }

    /// Forgets a monitor; the reminder of its name stays.
    pub async fn drop_monitor(&self, name: &str) -> Result<(), StoreError> {
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
    /// All monitors that were looked at, by name.
    pub async fn monitors(&self) -> Result<Vec<MonitorRow>, StoreError> {
        self.pool().fetch(ALL, Vec::new(), read).await
    }
}
