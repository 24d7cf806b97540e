//! The schema: numbered steps from `migrations/`, expanded by the dialect, run and checked by sqlx's Migrator.
//!
//! Where a schema change cannot be undone by the database (MySQL, MariaDB), each statement is a step of its own,
//! and one that was cut off by a crash is run again: such a step is a single atomic statement.

use std::borrow::Cow;

use sqlx::migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::db::Conn;
use crate::dialect::Dialect;
use crate::error::{OpenError, StoreError};

/// A file of `migrations/`.
struct File {
    number: i64,
    name: &'static str,
    /// For all databases that have none of their own.
    text: &'static str,
    /// `(suffix, text)` of a database that needs its own.
    own: &'static [(&'static str, &'static str)],
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../migrations/", $name, ".sql"))
    };
}

/// All of them, in order. One that was released is never changed.
static FILES: [File; 19] = [
    File {
        number: 1,
        name: "log",
        text: file!("0001_log"),
        own: &[],
    },
    File {
        number: 2,
        name: "rare states",
        text: file!("0002_rare_states"),
        own: &[("mysql", file!("0002_rare_states.mysql"))],
    },
    File {
        number: 3,
        name: "files",
        text: file!("0003_files"),
        own: &[],
    },
    File {
        number: 4,
        name: "incidents",
        text: file!("0004_incidents"),
        own: &[],
    },
    File {
        number: 5,
        name: "reminders",
        text: file!("0005_reminders"),
        own: &[],
    },
    File {
        number: 6,
        name: "calls",
        text: file!("0006_calls"),
        own: &[],
    },
    File {
        number: 7,
        name: "alarms",
        text: file!("0007_alarms"),
        own: &[],
    },
    File {
        number: 8,
        name: "escalations",
        text: file!("0008_escalations"),
        own: &[],
    },
    File {
        number: 9,
        name: "forwarding_and_departments",
        text: file!("0009_forwarding_and_departments"),
        own: &[],
    },
    File {
        number: 10,
        name: "heartbeats_and_monitors",
        text: file!("0010_heartbeats_and_monitors"),
        own: &[],
    },
    File {
        number: 11,
        name: "receipts",
        text: file!("0011_receipts"),
        own: &[],
    },
    File {
        number: 12,
        name: "overrides",
        text: file!("0012_overrides"),
        own: &[],
    },
    File {
        number: 13,
        name: "replies_and_contacts",
        text: file!("0013_replies_and_contacts"),
        own: &[],
    },
    File {
        number: 14,
        name: "storm_and_recurring_silences",
        text: file!("0014_storm_and_recurring_silences"),
        own: &[],
    },
    File {
        number: 15,
        name: "calendars",
        text: file!("0015_calendars"),
        own: &[],
    },
    File {
        number: 16,
        name: "heartbeats made at run time",
        text: file!("0016_heartbeats_made"),
        own: &[],
    },
    File {
        number: 17,
        name: "identities_and_roles",
        text: file!("0017_identities_and_roles"),
        own: &[],
    },
    File {
        number: 18,
        name: "posted_messages",
        text: file!("0018_posted_messages"),
        own: &[],
    },
    File {
        number: 19,
        name: "inquiries",
        text: file!("0019_inquiries"),
        own: &[],
    },
];

/// Statements a file may have on a database that takes them one by one.
const STEPS_PER_FILE: i64 = 1000;

fn migrations(dialect: Dialect) -> Vec<Migration> {
    let mut migrations = Vec::new();
    for file in &FILES {
        let own = file
            .own
            .iter()
            .find(|(suffix, _)| *suffix == dialect.suffix());
        let text = dialect.expand(own.map_or(file.text, |(_, text)| text), 1);
        let steps = if dialect.transactional_schema() {
            vec![text]
        } else {
            statements(&text)
        };
        for (step, text) in (0..).zip(steps) {
            migrations.push(Migration::new(
                file.number * STEPS_PER_FILE + step,
                Cow::Borrowed(file.name),
                MigrationType::Simple,
                AssertSqlSafe(text).into_sql_str(),
                false,
            ));
        }
    }
    migrations
}

/// The statements of a file, without comments. No migration has a semicolon or `--` inside a text.
fn statements(text: &str) -> Vec<String> {
    let lines: Vec<_> = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or("").trim_end())
        .collect();
    let bare = lines.join("\n");
    bare.split(';')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Brings the schema up to date.
///
/// # Errors
///
/// [`OpenError::Newer`] when a newer Balefire was here, [`OpenError::Altered`] when its history differs.
pub(crate) async fn run(conn: &mut Conn, place: &str) -> Result<(), OpenError> {
    let migrator = Migrator::with_migrations(migrations(conn.dialect()));
    let known = migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    let done = match conn {
        Conn::Sqlite(conn) => migrator.run_direct(None, conn, false).await,
        Conn::Postgres(conn) => migrator.run_direct(None, conn, false).await,
        Conn::MySql(conn, _) => run_mysql(migrator, conn).await,
    };
    done.map_err(|error| match error {
        MigrateError::VersionMissing(found) => OpenError::Newer { found, known },
        MigrateError::VersionMismatch(step) => OpenError::Altered(step),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            OpenError::Store {
                place: place.to_owned(),
                error: error.into(),
            }
        }
        other => OpenError::Store {
            place: place.to_owned(),
            error: StoreError::Sql(other.to_string()),
        },
    })
}

/// Steps that a crash cut off are forgotten first, all under the migrator's own lock.
async fn run_mysql(
    mut migrator: Migrator,
    conn: &mut sqlx::MySqlConnection,
) -> Result<(), MigrateError> {
    migrator.set_locking(false);
    conn.lock().await?;
    conn.ensure_migrations_table("_sqlx_migrations").await?;
    forget_unfinished(&migrator, conn).await?;
    let done = migrator.run_direct(None, conn, false).await;
    conn.unlock().await?;
    done
}

/// A step whose statement was done but not noted is noted; one that was not done is taken back.
async fn forget_unfinished(
    migrator: &Migrator,
    conn: &mut sqlx::MySqlConnection,
) -> Result<(), MigrateError> {
    let Some(step) = conn.dirty_version("_sqlx_migrations").await? else {
        return Ok(());
    };
    sqlx::query("DELETE FROM _sqlx_migrations WHERE success = FALSE")
        .execute(&mut *conn)
        .await?;
    let Some(migration) = migrator.iter().find(|migration| migration.version == step) else {
        return Ok(());
    };
    match conn.apply("_sqlx_migrations", migration).await {
        Err(MigrateError::ExecuteMigration(error, _)) if already_there(&error) => {
            sqlx::query("UPDATE _sqlx_migrations SET success = TRUE WHERE version = ?")
                .bind(step)
                .execute(conn)
                .await?;
            Ok(())
        }
        other => other.map(drop),
    }
}

/// 1050: the table exists. 1060: the column. 1061: the index.
fn already_there(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .is_some_and(|error| matches!(error.number(), 1050 | 1060 | 1061))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_in_a_migration_is_known_to_every_dialect() {
        for dialect in [
            Dialect::Sqlite,
            Dialect::Postgres,
            Dialect::MariaDb,
            Dialect::MySql,
        ] {
            for migration in migrations(dialect) {
                let code: Vec<_> = statements(migration.sql.as_str());
                assert!(!code.iter().any(|text| text.contains('{')), "{code:?}");
            }
        }
    }

    #[test]
    fn a_database_without_transactional_schema_takes_one_statement_per_step() {
        for migration in migrations(Dialect::MariaDb) {
            assert!(
                !migration.sql.as_str().contains(';'),
                "{}",
                migration.sql.as_str()
            );
        }
        assert_eq!(migrations(Dialect::Sqlite).len(), FILES.len());
    }
}
