//! Opening a store: lock, library, schema, start check, numbers, and then the writer.

use std::path::Path;
use std::sync::Arc;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::db::{self, Conn, Sql, Target};
use crate::embedded::{self, Ground, Lock};
use crate::error::{OpenError, StoreError};
use crate::name::Names;
use crate::tail::Fresh;
use crate::writer::{self, Numbers, Outage, Task, Writer};
use crate::{Inner, Store, StoreUrl, check, durability, migrate};

const SQLITE_VERSION: Sql = Sql::new("SELECT sqlite_version()");

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The number this process writes as; every process on the same database needs its own.
    pub node: u16,
    /// Connections for reading, besides the writer's.
    pub readers: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            node: 1,
            readers: 4,
        }
    }
}

impl Store {
    /// Opens a store, and makes it when it is not there yet.
    ///
    /// # Errors
    ///
    /// Each way it can fail is a variant of [`OpenError`] whose text says what to do.
    pub async fn open(url: &StoreUrl, options: Options) -> Result<Self, OpenError> {
        let place = url.to_string();
        let in_place = |error| OpenError::Store {
            place: place.clone(),
            error,
        };
        let (target, lock) = reach(url)?;
        let mut conn = target.connect().await.map_err(in_place)?;
        if let StoreUrl::Embedded(folder) = url {
            check_library(&mut conn).await.map_err(in_place)??;
            protect(folder)?;
        }
        let durability = durability::findings(&mut conn).await.map_err(in_place)?;
        durability::refuse_unsafe(&durability)?;
        migrate::run(&mut conn, &place).await?;
        check::tail(&mut conn).await.map_err(in_place)?;
        let ground = match url {
            StoreUrl::Embedded(folder) => Some(Ground::new(folder)?),
            _ => None,
        };
        let names = Arc::new(Names::default());
        names.reload_with(&mut conn).await.map_err(in_place)?;
        let numbers = Numbers::load(&mut conn, options.node)
            .await
            .map_err(in_place)?;
        let fresh = Arc::new(Fresh::new(numbers.event - 1));
        let pool = target.pool(conn.dialect(), options.readers.max(1));
        let (writer, calls, status) = Writer::new();
        let task = Task {
            target,
            conn: Some(conn),
            node: options.node,
            numbers,
            names: Arc::clone(&names),
            fresh: Arc::clone(&fresh),
            status,
            ground,
            outage: Outage::default(),
        };
        writer::start(task, calls);
        let node = options.node;
        Ok(Self(Arc::new(Inner {
            node,
            place,
            pool,
            names,
            fresh,
            writer,
            durability,
            lock,
        })))
    }
}

/// How to connect; a data folder is made and locked first.
pub(crate) fn reach(url: &StoreUrl) -> Result<(Target, Option<Lock>), OpenError> {
    // The text of a URL that cannot be read may hold a password.
    let unreadable = |scheme: &str| OpenError::Address(format!("{scheme}://…"));
    match url {
        StoreUrl::Embedded(folder) => {
            embedded::make_folder(folder)?;
            let lock = Lock::take(folder)?;
            Ok((Target::Sqlite(embedded::options(folder)), Some(lock)))
        }
        StoreUrl::Postgres(url) => {
            let options = url.reveal().parse::<PgConnectOptions>();
            let options = options
                .map_err(|_| unreadable("postgres"))?
                .application_name("balefire");
            Ok((
                Target::Postgres(options.statement_cache_capacity(db::STATEMENTS)),
                None,
            ))
        }
        StoreUrl::MySql(url) => {
            let options = url.reveal().parse::<MySqlConnectOptions>();
            let options = options.map_err(|_| unreadable("mysql"))?.charset("utf8mb4");
            Ok((
                Target::MySql(options.statement_cache_capacity(db::STATEMENTS)),
                None,
            ))
        }
    }
}

async fn check_library(conn: &mut Conn) -> Result<Result<(), OpenError>, StoreError> {
    let found = conn
        .fetch(SQLITE_VERSION, Vec::new(), |row| row.text(0))
        .await?;
    let found = found.into_iter().next().unwrap_or_default();
    if embedded::version_is_sound(&found) {
        return Ok(Ok(()));
    }
    Ok(Err(OpenError::Library { found }))
}

/// The database holds alerts and addresses: for its owner only.
fn protect(folder: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(embedded::FILE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| OpenError::Folder { path, error })
}
