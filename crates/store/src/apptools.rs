//! The two tables of an AppTools database (MySQL or MariaDB), read as they are, to be taken over.
//!
//! Every value is a text or missing: what it means, and whether it can be used, is for the caller to say row by
//! row, so that one that cannot be used does not cost the others.

use crate::StoreUrl;
use crate::db::{Columns, Conn, Sql};
use crate::error::{OpenError, StoreError};
use crate::open::reach;

const HAS_TABLE: Sql = Sql::new(
    "SELECT COUNT(*) FROM information_schema.tables \
     WHERE table_schema = DATABASE() AND table_name = $1",
);

/// A table of AppTools.
struct Table {
    name: &'static str,
    /// The number, then the fields in their order, numbers and times as texts.
    rows: Sql,
    fields: &'static [&'static str],
}

static FAULTS: Table = Table {
    name: "itsm_fault_info",
    rows: Sql::new(
        "SELECT id, fault_name, CAST(fault_level AS CHAR), CAST(fault_state AS CHAR), \
         fault_penson, processing_penson, fault_report, CAST(fault_start_time AS CHAR), \
         CAST(fault_end_time AS CHAR), fault_issue, fault_summary FROM itsm_fault_info ORDER BY id",
    ),
    fields: &[
        "fault_name",
        "fault_level",
        "fault_state",
        "fault_penson",
        "processing_penson",
        "fault_report",
        "fault_start_time",
        "fault_end_time",
        "fault_issue",
        "fault_summary",
    ],
};
static REMINDERS: Table = Table {
    name: "itsm_event_reminder",
    rows: Sql::new(
        "SELECT id, name, content, email, CAST(advance_at AS CHAR), CAST(expire_at AS CHAR) \
         FROM itsm_event_reminder ORDER BY id",
    ),
    fields: &["name", "content", "email", "advance_at", "expire_at"],
};

/// A row of one of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppToolsRow {
    /// Its number there.
    pub id: i64,
    /// Its fields by the names that the service gives them, in its order; `None` where it holds NULL. Times are in
    /// the zone of that server: `2018-11-22 10:00:00`.
    pub fields: Vec<(&'static str, Option<String>)>,
}

/// What was found; `None` where the table is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppToolsRows {
    /// `itsm_fault_info`.
    pub faults: Option<Vec<AppToolsRow>>,
    /// `itsm_event_reminder`.
    pub reminders: Option<Vec<AppToolsRow>>,
}

/// Reads both tables. Nothing is written there.
///
/// # Errors
///
/// [`OpenError::Address`] when `url` is not `mysql://…`, else what the server said.
pub async fn read_apptools(url: &StoreUrl) -> Result<AppToolsRows, OpenError> {
    if !matches!(url, StoreUrl::MySql(_)) {
        return Err(OpenError::Address(url.to_string()));
    }
    let (target, _) = reach(url)?;
    let in_place = |error| OpenError::Store {
        place: url.to_string(),
        error,
    };
    let mut conn = target.connect().await.map_err(in_place)?;
    let rows = async {
        Ok(AppToolsRows {
            faults: FAULTS.read(&mut conn).await?,
            reminders: REMINDERS.read(&mut conn).await?,
        })
    };
    let rows = rows.await;
    conn.close().await;
    rows.map_err(in_place)
}

impl Table {
    async fn read(&self, conn: &mut Conn) -> Result<Option<Vec<AppToolsRow>>, StoreError> {
        let found = conn.number(HAS_TABLE, vec![self.name.into()]).await?;
        if found.unwrap_or(0) == 0 {
            return Ok(None);
        }
        let read = |row: &dyn Columns| {
            let mut fields = Vec::with_capacity(self.fields.len());
            for (column, name) in (1..).zip(self.fields) {
                fields.push((*name, row.opt_text(column)?));
            }
            let id = row.int(0)?;
            Ok(AppToolsRow { id, fields })
        };
        Ok(Some(conn.fetch(self.rows, Vec::new(), read).await?))
    }
}
