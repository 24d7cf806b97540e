//! The one place that knows the three databases: column types, clauses, placeholders, error codes.
//!
//! Statements elsewhere are written once, with `$1…$n` and `{clause}` marks; [`Dialect::expand`]
//! makes each database's own text of them.

use std::fmt::Write as _;

use crate::error::StoreError;

/// Which database is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// SQLite, in the data folder.
    Sqlite,
    /// PostgreSQL 13 or newer.
    Postgres,
    /// MariaDB 10.6 or newer: its own name for the binary collation without blank padding.
    MariaDb,
    /// MySQL 8 or newer.
    MySql,
}

impl Dialect {
    /// The suffix of migration files that are only for this database.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MariaDb | Self::MySql => "mysql",
        }
    }

    /// Whether a failed schema change is undone by the database; where not, each statement is a step.
    pub(crate) const fn transactional_schema(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }

    /// How a transaction that will write begins.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
            Self::MariaDb | Self::MySql => "START TRANSACTION",
        }
    }

    /// How the writer's session begins. A connection that a network has cut off may leave a transaction open:
    /// the server ends it after half a minute, so that its locks do not stop the next connection for hours.
    pub(crate) const fn session(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SET idle_in_transaction_session_timeout = '30s'"),
            Self::MariaDb | Self::MySql => Some("SET SESSION wait_timeout = 30"),
        }
    }

    /// The bytes the store's data takes, as one number.
    pub(crate) const fn size_query(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT (c.page_count - f.freelist_count) * s.page_size \
                 FROM pragma_page_count() c, pragma_freelist_count() f, pragma_page_size() s"
            }
            Self::Postgres => {
                "SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
            }
            Self::MariaDb | Self::MySql => {
                "SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS SIGNED) FROM information_schema.tables WHERE table_schema = DATABASE()"
            }
        }
    }

    /// What a `{mark}` or `{mark:argument}` stands for. The marks:
    ///
    /// - column types: `i64 f64 bool text longtext key id16 bytes`;
    /// - `whole`: what a sum is cast to, so that it is read as a number of 64 bits;
    /// - `table`, `clustered`: the end of CREATE TABLE, the latter ordered by its own key;
    /// - `ignore:key`: the end of an INSERT that leaves an existing row alone;
    /// - `upsert:key:a,b`: the end of an INSERT that overwrites columns `a` and `b` of an existing row;
    /// - `skip_locked`: the end of a SELECT that claims rows.
    fn clause(self, mark: &str, argument: &str) -> String {
        let [sqlite, postgres, mysql] = match mark {
            "i64" => ["INTEGER", "BIGINT", "BIGINT"],
            "whole" => ["INTEGER", "BIGINT", "SIGNED"],
            "f64" => ["REAL", "DOUBLE PRECISION", "DOUBLE"],
            "bool" => ["INTEGER", "BOOLEAN", "BOOLEAN"],
            "text" => ["TEXT", "TEXT", "TEXT"],
            "longtext" => ["TEXT", "TEXT", "LONGTEXT"],
            // 190 characters of four bytes fit the shortest index limit.
            "key" => ["TEXT", "TEXT", "VARCHAR(190)"],
            "id16" => ["BLOB", "BYTEA", "BINARY(16)"],
            "bytes" => ["BLOB", "BYTEA", "LONGBLOB"],
            "table" => [" STRICT", "", self.mysql_table()],
            "clustered" => [" STRICT, WITHOUT ROWID", "", self.mysql_table()],
            "skip_locked" => ["", " FOR UPDATE SKIP LOCKED", " FOR UPDATE SKIP LOCKED"],
            "ignore" => return self.ignore(argument),
            "upsert" => return self.upsert(argument),
            // Unknown marks stay visible, and the database refuses them.
            _ => return format!("{{{mark}}}"),
        };
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
            Self::MariaDb | Self::MySql => mysql,
        }
        .to_owned()
    }

    /// Text compares byte by byte and blanks at the end count, as in the other two databases.
    const fn mysql_table(self) -> &'static str {
        match self {
            Self::MySql => " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin",
            _ => " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin",
        }
    }

    fn ignore(self, key: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!(" ON CONFLICT ({key}) DO NOTHING"),
            Self::MariaDb | Self::MySql => {
                // INSERT IGNORE would also swallow other errors.
                let first = key.split(',').next().unwrap_or(key);
                format!(" ON DUPLICATE KEY UPDATE {first} = {first}")
            }
        }
    }

    fn upsert(self, argument: &str) -> String {
        let (key, columns) = argument.split_once(':').unwrap_or((argument, ""));
        let set = |value: fn(&str) -> String| {
            let parts: Vec<_> = columns
                .split(',')
                .map(|c| format!("{c} = {}", value(c)))
                .collect();
            parts.join(", ")
        };
        match self {
            Self::Sqlite | Self::Postgres => format!(
                " ON CONFLICT ({key}) DO UPDATE SET {}",
                set(|column| format!("excluded.{column}"))
            ),
            Self::MariaDb | Self::MySql => format!(
                " ON DUPLICATE KEY UPDATE {}",
                set(|column| format!("VALUES({column})"))
            ),
        }
    }

    /// This database's text of a statement.
    ///
    /// Besides the marks of `clause`: `{rows:5}` becomes `count` rows of five placeholders, and
    /// `{list}` becomes `count` placeholders; both continue after the highest `$n` before them.
    pub(crate) fn expand(self, template: &str, count: usize) -> String {
        let mut text = String::with_capacity(template.len() + count * 8);
        let mut next = 1;
        let mut rest = template;
        while let Some(at) = rest.find(['{', '$']) {
            text.push_str(&rest[..at]);
            let tail = &rest[at + 1..];
            if rest[at..].starts_with('$') {
                let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
                self.placeholder(&mut text, &mut next);
                rest = &tail[digits..];
                continue;
            }
            let Some(end) = tail.find('}') else {
                text.push('{');
                rest = tail;
                continue;
            };
            let (mark, argument) = tail[..end].split_once(':').unwrap_or((&tail[..end], ""));
            match mark {
                "rows" => {
                    let columns = argument.parse().unwrap_or(1);
                    self.rows(&mut text, &mut next, (count, columns));
                }
                "list" => self.list(&mut text, &mut next, count),
                _ => text.push_str(&self.clause(mark, argument)),
            }
            rest = &tail[end + 1..];
        }
        text.push_str(rest);
        text
    }

    /// Placeholders stand in order, so numbering them anew keeps their meaning.
    fn placeholder(self, text: &mut String, next: &mut usize) {
        match self {
            Self::Postgres => {
                // Writing to a String cannot fail.
                let _ = write!(text, "${next}");
            }
            // SQLite knows both; it searches numbered ones by name, which took 40 % of a batch's time.
            Self::Sqlite | Self::MariaDb | Self::MySql => text.push('?'),
        }
        *next += 1;
    }

    fn list(self, text: &mut String, next: &mut usize, count: usize) {
        for i in 0..count {
            if i > 0 {
                text.push(',');
            }
            self.placeholder(text, next);
        }
    }

    fn rows(self, text: &mut String, next: &mut usize, (count, columns): (usize, usize)) {
        for row in 0..count {
            text.push_str(if row > 0 { ",(" } else { "(" });
            self.list(text, next, columns);
            text.push(')');
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        classify(&error)
    }
}

/// What an error of a driver means for the caller.
pub(crate) fn classify(error: &sqlx::Error) -> StoreError {
    let text = error.to_string();
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::PoolClosed => StoreError::Closed,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed => StoreError::Unavailable(text),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt(text),
            _ => StoreError::Sql(text),
        };
    };
    if database.is_unique_violation() {
        return StoreError::Conflict(text);
    }
    if let Some(mysql) = database.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return classify_mysql(mysql.number(), text);
    }
    let code = database.code().unwrap_or_default();
    if database
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        classify_sqlite(code.parse().unwrap_or(1), text)
    } else {
        classify_postgres(&code, text)
    }
}

/// Extended result codes: <https://www.sqlite.org/rescode.html>.
fn classify_sqlite(code: i64, text: String) -> StoreError {
    /// Growing the shared-memory file: the only place where a full disk is called an I/O error.
    const IOERR_SHMSIZE: i64 = 4874;
    match (code, code & 0xFF) {
        (IOERR_SHMSIZE, _) | (_, 13) => StoreError::DiskFull,
        // Any other failed read, write or fsync.
        (_, 10) => StoreError::Fatal(text),
        (_, 11 | 26) => StoreError::Corrupt(text),
        // Busy, locked, read-only, cannot open.
        (_, 5 | 6 | 8 | 14) => StoreError::Unavailable(text),
        _ => StoreError::Sql(text),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn classify_postgres(code: &str, text: String) -> StoreError {
    match code {
        "53100" => StoreError::DiskFull,
        "58030" => StoreError::Fatal(text),
        "XX001" | "XX002" => StoreError::Corrupt(text),
        "40001" | "40P01" => StoreError::Conflict(text),
        // A stand-by that is not yet, or no longer, the primary.
        "25006" => StoreError::Unavailable(text),
        _ if code.starts_with("08") || code.starts_with("57") || code.starts_with("53") => {
            StoreError::Unavailable(text)
        }
        _ => StoreError::Sql(text),
    }
}

/// <https://mariadb.com/kb/en/mariadb-error-codes/>.
fn classify_mysql(number: u16, text: String) -> StoreError {
    match number {
        1021 | 1114 => StoreError::DiskFull,
        1034 | 1035 | 1194 | 1712 => StoreError::Corrupt(text),
        // Deadlock, lock wait time-out.
        1205 | 1213 => StoreError::Conflict(text),
        // Too many connections, shutdown, killed, read-only, gone away.
        1040 | 1053 | 1077 | 1079 | 1159 | 1161 | 1290 | 1317 | 1792 | 1836 | 1927 => {
            StoreError::Unavailable(text)
        }
        _ => StoreError::Sql(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_written_once_and_read_by_all() {
        let insert = "INSERT INTO t (a,b) VALUES {rows:2}{ignore:a}";
        assert_eq!(
            Dialect::Postgres.expand(insert, 2),
            "INSERT INTO t (a,b) VALUES ($1,$2),($3,$4) ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(
            Dialect::Sqlite.expand(insert, 2),
            "INSERT INTO t (a,b) VALUES (?,?),(?,?) ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(
            Dialect::MariaDb.expand(insert, 2),
            "INSERT INTO t (a,b) VALUES (?,?),(?,?) ON DUPLICATE KEY UPDATE a = a"
        );
        let list = "UPDATE t SET a = $1 WHERE b = $2 AND c IN ({list})";
        assert_eq!(
            Dialect::Postgres.expand(list, 3),
            "UPDATE t SET a = $1 WHERE b = $2 AND c IN ($3,$4,$5)"
        );
        assert_eq!(
            Dialect::MySql.expand(list, 3),
            "UPDATE t SET a = ? WHERE b = ? AND c IN (?,?,?)"
        );
    }

    #[test]
    fn upsert_and_claim_have_each_databases_words() {
        let upsert = "INSERT INTO t (k,v) VALUES ($1,$2){upsert:k:v}";
        assert!(
            Dialect::Postgres
                .expand(upsert, 1)
                .ends_with("DO UPDATE SET v = excluded.v")
        );
        assert!(
            Dialect::MySql
                .expand(upsert, 1)
                .ends_with("UPDATE v = VALUES(v)")
        );
        assert_eq!(
            Dialect::Sqlite.expand("SELECT 1{skip_locked}", 1),
            "SELECT 1"
        );
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        let sqlite = |code| classify_sqlite(code, String::new());
        assert!(matches!(sqlite(13), StoreError::DiskFull));
        assert!(matches!(sqlite(4874), StoreError::DiskFull));
        assert!(matches!(sqlite(1034), StoreError::Fatal(_)));
        assert!(matches!(sqlite(11), StoreError::Corrupt(_)));
        assert!(matches!(
            classify_postgres("53100", String::new()),
            StoreError::DiskFull
        ));
        assert!(matches!(
            classify_postgres("57P01", String::new()),
            StoreError::Unavailable(_)
        ));
        assert!(matches!(
            classify_mysql(1114, String::new()),
            StoreError::DiskFull
        ));
    }
}
