//! A database of its own for each test, on each of the three engines.

use std::sync::atomic::{AtomicU32, Ordering};

use balefire_core::secret::Secret;
use balefire_store::{OpenError, Options, Store, StoreUrl};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

/// An empty database that is gone after the test.
pub(crate) struct Place {
    pub(crate) engine: Engine,
    pub(crate) url: StoreUrl,
    name: String,
    _folder: tempfile::TempDir,
}

fn setting(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

fn postgres() -> String {
    setting(
        "BALEFIRE_TEST_POSTGRES",
        "postgres://postgres@127.0.0.1:5432/test",
    )
}

fn mysql() -> String {
    setting("BALEFIRE_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test")
}

/// The same server, another database.
fn other_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("a URL that ends in /DATABASE");
    format!("{server}/{name}")
}

pub(crate) async fn postgres_admin(sql: String) {
    let mut conn = PgConnection::connect(&postgres()).await.unwrap_or_else(|error| {
        panic!("PostgreSQL is not reachable (apt install postgresql, start it, or set BALEFIRE_TEST_POSTGRES): {error}")
    });
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut conn)
        .await
        .expect("PostgreSQL statement");
}

pub(crate) async fn mysql_admin(sql: String) {
    let mut conn = MySqlConnection::connect(&mysql()).await.unwrap_or_else(|error| {
        panic!("MariaDB is not reachable (apt install mariadb-server, start it, or set BALEFIRE_TEST_MYSQL): {error}")
    });
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut conn)
        .await
        .expect("MariaDB statement");
}

impl Place {
    pub(crate) async fn make(engine: Engine) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("balefire_{}_{number}", std::process::id());
        let folder = tempfile::tempdir().expect("a folder");
        let url = match engine {
            Engine::Sqlite => StoreUrl::Embedded(folder.path().join("data")),
            Engine::Postgres => {
                postgres_admin(format!("DROP DATABASE IF EXISTS {name}")).await;
                postgres_admin(format!("CREATE DATABASE {name}")).await;
                StoreUrl::Postgres(Secret::new(other_database(&postgres(), &name)))
            }
            Engine::MySql => {
                mysql_admin(format!("DROP DATABASE IF EXISTS {name}")).await;
                mysql_admin(format!("CREATE DATABASE {name}")).await;
                StoreUrl::MySql(Secret::new(other_database(&mysql(), &name)))
            }
        };
        Self {
            engine,
            url,
            name,
            _folder: folder,
        }
    }

    pub(crate) async fn remove(self) {
        match self.engine {
            Engine::Sqlite => {}
            Engine::Postgres => {
                postgres_admin(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
            }
            Engine::MySql => mysql_admin(format!("DROP DATABASE {}", self.name)).await,
        }
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open(1).await.expect("the store opens")
    }

    /// Another node beside this one. A data folder belongs to one process; there both are the same.
    pub(crate) async fn beside(&self, first: &Store) -> Store {
        match self.engine {
            Engine::Sqlite => first.clone(),
            _ => self.try_open(2).await.expect("a second node"),
        }
    }

    pub(crate) async fn try_open(&self, node: u16) -> Result<Store, OpenError> {
        Store::open(&self.url, Options { node, readers: 2 }).await
    }

    /// Runs a statement past the store, as damage or another program would.
    pub(crate) async fn meddle(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.url {
            StoreUrl::Embedded(folder) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new();
                let options = options.filename(folder.join("balefire.db"));
                let mut conn = sqlx::SqliteConnection::connect_with(&options)
                    .await
                    .expect("SQLite");
                sqlx::raw_sql(sql)
                    .execute(&mut conn)
                    .await
                    .expect("statement");
                conn.close().await.expect("closes");
            }
            StoreUrl::Postgres(url) => {
                let mut conn = PgConnection::connect(url.reveal())
                    .await
                    .expect("PostgreSQL");
                sqlx::raw_sql(sql)
                    .execute(&mut conn)
                    .await
                    .expect("statement");
            }
            StoreUrl::MySql(url) => {
                let mut conn = MySqlConnection::connect(url.reveal())
                    .await
                    .expect("MariaDB");
                sqlx::raw_sql(sql)
                    .execute(&mut conn)
                    .await
                    .expect("statement");
            }
        }
    }
}
