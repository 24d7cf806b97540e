//! Connections for readers.

use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;

use crate::db::{Arg, Columns, Link, Sql, Target};
use crate::deadline;
use crate::dialect::Dialect;
use crate::error::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

/// Connections for readers.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
    MySql(sqlx::MySqlPool, Dialect),
}

impl Target {
    /// Connections for readers; none is made before it is needed.
    pub(crate) fn pool(&self, dialect: Dialect, readers: u32) -> Pool {
        match self {
            Self::Sqlite(options) => Pool::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(readers)
                    .acquire_timeout(deadline::CONNECT)
                    // The writer alone writes; a mistake must not.
                    .connect_lazy_with(options.clone().pragma("query_only", "ON")),
            ),
            Self::Postgres(options) => Pool::Postgres(
                PgPoolOptions::new()
                    .max_connections(readers)
                    .acquire_timeout(deadline::CONNECT)
                    .test_before_acquire(false)
                    .before_acquire(|conn, _| Box::pin(still_speaks(conn)))
                    .connect_lazy_with(options.clone()),
            ),
            Self::MySql(options) => Pool::MySql(
                MySqlPoolOptions::new()
                    .max_connections(readers)
                    .acquire_timeout(deadline::CONNECT)
                    .test_before_acquire(false)
                    .before_acquire(|conn, _| Box::pin(still_speaks(conn)))
                    .connect_lazy_with(options.clone()),
                dialect,
            ),
        }
    }
}

/// Asks an idle connection whether it still works. The pool's own question would wait for the answer for as long
/// as for a connection, and nobody would get another one.
async fn still_speaks<C: sqlx::Connection>(conn: &mut C) -> std::result::Result<bool, sqlx::Error> {
    match tokio::time::timeout(deadline::PING, conn.ping()).await {
        Ok(answered) => answered.map(|()| true),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// Whether a connection says nothing any more: the pool must not wait for it.
const fn is_lost<T>(found: &Result<T>) -> bool {
    matches!(found, Err(StoreError::Unavailable(_)))
}

impl Pool {
    pub(crate) async fn fetch<T: Send>(
        &self,
        sql: Sql,
        args: Vec<Arg>,
        read: impl Fn(&dyn Columns) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(pool) => {
                let mut conn = pool.acquire().await?;
                Link::Sqlite(&mut conn).fetch(sql, args, read).await
            }
            Self::Postgres(pool) => {
                let mut conn = pool.acquire().await?;
                let found = Link::Postgres(&mut conn).fetch(sql, args, read).await;
                if is_lost(&found) {
                    drop(conn.detach());
                }
                found
            }
            Self::MySql(pool, dialect) => {
                let mut conn = pool.acquire().await?;
                let link = Link::MySql(&mut conn, *dialect);
                let found = link.fetch(sql, args, read).await;
                if is_lost(&found) {
                    drop(conn.detach());
                }
                found
            }
        }
    }

    /// Reads the first row, if there is one.
    pub(crate) async fn one<T: Send>(
        &self,
        sql: Sql,
        args: Vec<Arg>,
        read: impl Fn(&dyn Columns) -> Result<T> + Send,
    ) -> Result<Option<T>> {
        Ok(self.fetch(sql, args, read).await?.into_iter().next())
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_, dialect) => *dialect,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
            Self::MySql(pool, _) => pool.close().await,
        }
    }
}
