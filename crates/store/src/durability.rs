//! Whether the database keeps what it acknowledges (spec/reliability.md section 2).

use crate::db::{Conn, Sql};
use crate::dialect::Dialect;
use crate::error::{OpenError, StoreError};
use crate::record::DurabilityFinding;

/// A setting that decides about durability.
struct Setting {
    name: &'static str,
    query: Sql,
    safe: &'static [&'static str],
    /// Whether a wrong value keeps the store from opening, rather than being reported.
    required: bool,
    advice: &'static str,
}

static SQLITE: [Setting; 2] = [
    Setting {
        name: "synchronous",
        query: Sql::new("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous()"),
        safe: &["2", "3"],
        required: true,
        advice: "SQLite must run with synchronous=FULL",
    },
    Setting {
        name: "journal_mode",
        query: Sql::new("SELECT journal_mode FROM pragma_journal_mode()"),
        safe: &["wal"],
        required: true,
        advice: "the data folder must be on a file system that supports SQLite's WAL mode (not a network share)",
    },
];

static POSTGRES: [Setting; 3] = [
    Setting {
        name: "fsync",
        query: Sql::new("SELECT current_setting('fsync')"),
        safe: &["on"],
        required: true,
        advice: "PostgreSQL runs with fsync=off and would lose acknowledged alerts: set fsync=on",
    },
    Setting {
        name: "synchronous_commit",
        query: Sql::new("SELECT current_setting('synchronous_commit')"),
        safe: &["on", "remote_write", "remote_apply", "local"],
        required: false,
        advice: "PostgreSQL acknowledges before it has written: set synchronous_commit=on",
    },
    Setting {
        name: "full_page_writes",
        query: Sql::new("SELECT current_setting('full_page_writes')"),
        safe: &["on"],
        required: false,
        advice: "PostgreSQL can be left with torn pages after a power failure: set full_page_writes=on",
    },
];

static MYSQL: [Setting; 1] = [Setting {
    name: "innodb_flush_log_at_trx_commit",
    query: Sql::new("SELECT CAST(@@GLOBAL.innodb_flush_log_at_trx_commit AS CHAR)"),
    safe: &["1"],
    required: false,
    advice: "the last second can be lost in a crash: set innodb_flush_log_at_trx_commit=1",
}];

/// What the server is set to.
pub(crate) async fn findings(conn: &mut Conn) -> Result<Vec<DurabilityFinding>, StoreError> {
    let mut findings = Vec::new();
    for setting in settings(conn.dialect()) {
        let found = conn
            .fetch(setting.query, Vec::new(), |row| row.text(0))
            .await?;
        let value = found.into_iter().next().unwrap_or_default();
        let safe = setting.safe.contains(&value.as_str());
        if !safe {
            tracing::warn!(setting = setting.name, value, "{}", setting.advice);
        }
        findings.push(DurabilityFinding {
            setting: setting.name,
            value,
            safe,
            advice: if safe { "" } else { setting.advice },
        });
    }
    Ok(findings)
}

fn settings(dialect: Dialect) -> &'static [Setting] {
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
        Dialect::MariaDb | Dialect::MySql => &MYSQL,
    }
}

/// Refuses a database that is set to lose data.
pub(crate) fn refuse_unsafe(findings: &[DurabilityFinding]) -> Result<(), OpenError> {
    let required = SQLITE
        .iter()
        .chain(&POSTGRES)
        .filter(|setting| setting.required);
    for setting in required {
        if findings
            .iter()
            .any(|found| found.setting == setting.name && !found.safe)
        {
            return Err(OpenError::NotDurable(setting.advice.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(setting: &'static str, safe: bool) -> DurabilityFinding {
        DurabilityFinding {
            setting,
            value: String::new(),
            safe,
            advice: "",
        }
    }

    #[test]
    fn a_server_without_fsync_is_refused_and_a_lazy_one_only_reported() {
        let refused = refuse_unsafe(&[found("fsync", false)]);
        assert!(matches!(refused, Err(OpenError::NotDurable(text)) if text.contains("fsync=on")));
        assert!(refuse_unsafe(&[found("innodb_flush_log_at_trx_commit", false)]).is_ok());
        assert!(refuse_unsafe(&[found("fsync", true), found("synchronous_commit", false)]).is_ok());
    }
}
