//! One connection type and one pool type over the three drivers, and the few calls made on them.
//!
//! Values are integers, texts and bytes, each possibly NULL: all that the portable schema has.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use futures_util::TryStreamExt as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow};
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::deadline::{self, within};
use crate::dialect::Dialect;
use crate::error::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

/// Prepared statements a connection keeps: all sizes of all the writer's statements.
pub(crate) const STATEMENTS: usize = 256;

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    /// In a decision's fact: the number of the decision's first notification, put in when it is known. NULL
    /// anywhere else.
    FirstNotification,
    /// The same for how many there are.
    NotificationCount,
    /// The same for the notification that so many others come before.
    Notification(u64),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

/// Positions, counts and hashes: the bits stay, whatever the sign says.
impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::Int(Some(value.cast_signed()))
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(without_nul(value)))
    }
}

impl From<Option<&str>> for Arg {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(without_nul))
    }
}

impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Vec<u8>> for Arg {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

/// PostgreSQL refuses NUL in a text; a provider's answer may well hold one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Statements as each database takes them.
type Texts = HashMap<(Dialect, Sql), Arc<str>>;

/// A statement with `count` rows or list items; its text per database is made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sql {
    template: &'static str,
    count: usize,
}

impl Sql {
    /// A statement of fixed size.
    pub(crate) const fn new(template: &'static str) -> Self {
        Self { template, count: 1 }
    }

    /// A statement whose `{rows}` or `{list}` is repeated. Callers keep to a few sizes, because each
    /// is prepared and cached on its own.
    pub(crate) const fn repeated(template: &'static str, count: usize) -> Self {
        Self { template, count }
    }

    fn text(self, dialect: Dialect) -> Arc<str> {
        static TEXTS: LazyLock<RwLock<Texts>> = LazyLock::new(RwLock::default);
        let known = |texts: &Texts| texts.get(&(dialect, self)).map(Arc::clone);
        // A poisoned cache still holds only whole texts.
        if let Some(text) = known(
            &TEXTS
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        ) {
            return text;
        }
        let text: Arc<str> = dialect.expand(self.template, self.count).into();
        let mut texts = TEXTS
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(texts.entry((dialect, self)).or_insert(text))
    }
}

/// A row's columns, by position.
pub(crate) trait Columns {
    fn int(&self, column: usize) -> Result<i64>;
    fn opt_int(&self, column: usize) -> Result<Option<i64>>;
    fn text(&self, column: usize) -> Result<String>;
    fn opt_text(&self, column: usize) -> Result<Option<String>>;
    fn bytes(&self, column: usize) -> Result<Vec<u8>>;
    /// A column that holds a `u64`'s bits.
    fn number(&self, column: usize) -> Result<u64> {
        Ok(self.int(column)?.cast_unsigned())
    }
}

macro_rules! columns {
    ($($row:ty),*) => {$(
        impl Columns for $row {
            fn int(&self, column: usize) -> Result<i64> {
                Ok(self.try_get(column)?)
            }
            fn opt_int(&self, column: usize) -> Result<Option<i64>> {
                Ok(self.try_get(column)?)
            }
            fn text(&self, column: usize) -> Result<String> {
                Ok(self.try_get(column)?)
            }
            fn opt_text(&self, column: usize) -> Result<Option<String>> {
                Ok(self.try_get(column)?)
            }
            fn bytes(&self, column: usize) -> Result<Vec<u8>> {
                Ok(self.try_get(column)?)
            }
        }
    )*};
}

columns!(SqliteRow, PgRow, MySqlRow);

/// Where connections come from.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
    MySql(MySqlConnectOptions),
}

/// One connection.
#[derive(Debug)]
pub(crate) enum Conn {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
    MySql(sqlx::MySqlConnection, Dialect),
}

/// A borrowed connection of either origin.
#[derive(Debug)]
pub(crate) enum Link<'c> {
    Sqlite(&'c mut sqlx::SqliteConnection),
    Postgres(&'c mut sqlx::PgConnection),
    MySql(&'c mut sqlx::MySqlConnection, Dialect),
}

/// Runs one body against whichever driver is behind a link; `$db` names its database type.
macro_rules! on {
    ($link:expr, $db:ident, $conn:ident => $body:expr) => {
        match $link {
            Link::Sqlite($conn) => {
                type $db = sqlx::Sqlite;
                $body
            }
            Link::Postgres($conn) => {
                type $db = sqlx::Postgres;
                $body
            }
            Link::MySql($conn, _) => {
                type $db = sqlx::MySql;
                $body
            }
        }
    };
}

/// A query with its values bound.
macro_rules! bound {
    ($db:ident, $text:expr, $args:expr) => {
        $args.into_iter().fold(
            sqlx::query::<$db>(AssertSqlSafe($text)),
            |query, arg| match arg {
                Arg::Int(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
                Arg::FirstNotification | Arg::NotificationCount | Arg::Notification(_) => {
                    query.bind(None::<i64>)
                }
            },
        )
    };
}

impl Link<'_> {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_, dialect) => *dialect,
        }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(self, sql: Sql, args: Vec<Arg>) -> Result<u64> {
        let dialect = self.dialect();
        let text = sql.text(dialect);
        within(deadline::STATEMENT, dialect, async {
            on!(self, Db, conn => {
                Ok(bound!(Db, text, args).execute(conn).await?.rows_affected())
            })
        })
        .await
    }

    /// Reads rows, one after the other, so that only the results are held.
    pub(crate) async fn fetch<T: Send>(
        self,
        sql: Sql,
        args: Vec<Arg>,
        read: impl Fn(&dyn Columns) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        let dialect = self.dialect();
        let text = sql.text(dialect);
        on!(self, Db, conn => {
            let mut rows = bound!(Db, text, args).fetch(conn);
            let mut found = Vec::new();
            let mut next = async || Ok(rows.try_next().await?);
            while let Some(row) = within(deadline::STATEMENT, dialect, next()).await? {
                found.push(read(&row)?);
            }
            Ok(found)
        })
    }

    /// Runs text as it is: transaction control and settings.
    pub(crate) async fn raw(self, text: &'static str) -> Result<()> {
        within(deadline::STATEMENT, self.dialect(), async {
            on!(self, _Db, conn => {
                sqlx::raw_sql(text).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }
}

impl Conn {
    pub(crate) const fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(conn) => Link::Sqlite(conn),
            Self::Postgres(conn) => Link::Postgres(conn),
            Self::MySql(conn, dialect) => Link::MySql(conn, *dialect),
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_, dialect) => *dialect,
        }
    }

    pub(crate) async fn execute(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64> {
        self.link().execute(sql, args).await
    }

    pub(crate) async fn fetch<T: Send>(
        &mut self,
        sql: Sql,
        args: Vec<Arg>,
        read: impl Fn(&dyn Columns) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.link().fetch(sql, args, read).await
    }

    /// Reads one number; `None` when there is no row or it is NULL.
    pub(crate) async fn number(&mut self, sql: Sql, args: Vec<Arg>) -> Result<Option<i64>> {
        let rows = self.fetch(sql, args, |row| row.opt_int(0)).await?;
        Ok(rows.into_iter().next().flatten())
    }

    pub(crate) async fn begin(&mut self) -> Result<()> {
        let begin = self.dialect().begin();
        self.link().raw(begin).await
    }

    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.link().raw("COMMIT").await
    }

    /// Undoes an open transaction. SQLite may have done so itself after an error, so a failure says nothing.
    pub(crate) async fn rollback(&mut self) {
        let _ = self.link().raw("ROLLBACK").await;
    }

    pub(crate) async fn close(self) {
        // The data is committed; a connection that does not close cleanly is dropped.
        let _ = match self {
            Self::Sqlite(conn) => conn.close().await,
            Self::Postgres(conn) => conn.close().await,
            Self::MySql(conn, _) => conn.close().await,
        };
    }
}

impl Target {
    /// A connection of one's own.
    pub(crate) async fn connect(&self) -> Result<Conn> {
        let connecting = async {
            let mut conn = match self {
                Self::Sqlite(options) => {
                    Conn::Sqlite(sqlx::SqliteConnection::connect_with(options).await?)
                }
                Self::Postgres(options) => {
                    Conn::Postgres(sqlx::PgConnection::connect_with(options).await?)
                }
                Self::MySql(options) => {
                    let mut conn = sqlx::MySqlConnection::connect_with(options).await?;
                    let version: String = sqlx::query_scalar("SELECT VERSION()")
                        .fetch_one(&mut conn)
                        .await?;
                    let maria = version.to_lowercase().contains("mariadb");
                    let dialect = if maria {
                        Dialect::MariaDb
                    } else {
                        Dialect::MySql
                    };
                    Conn::MySql(conn, dialect)
                }
            };
            if let Some(session) = conn.dialect().session() {
                conn.link().raw(session).await?;
            }
            Ok(conn)
        };
        match tokio::time::timeout(deadline::CONNECT, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(StoreError::Unavailable(format!(
                "no connection within {} s",
                deadline::CONNECT.as_secs()
            ))),
        }
    }
}
