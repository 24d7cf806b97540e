//! How long a database server may take. One that a network has cut off says nothing, not even that it is gone,
//! so every wait for it ends. SQLite's file is on this machine: it answers or fails.

use std::time::Duration;

use crate::dialect::Dialect;
use crate::error::StoreError;

/// To a connection, or to a free one of the pool.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// To the answer of a connection that was idle: four of them fit into the wait for a connection.
pub(crate) const PING: Duration = Duration::from_secs(1);
/// To the end of one commit: a sender that waits for it gives up after 10 s, as a rule.
pub(crate) const COMMIT: Duration = Duration::from_secs(8);
/// To the next row, or to the end of a statement of rare work.
pub(crate) const STATEMENT: Duration = Duration::from_secs(30);
/// To the end of all connections, for a stop takes 10 s in all.
pub(crate) const CLOSE: Duration = Duration::from_secs(1);

/// Waits for a server no longer than `limit`.
///
/// # Errors
///
/// [`StoreError::Unavailable`] when there was no answer, besides those of `work`. The connection that was
/// waited for is in an unknown state then.
pub(crate) async fn within<T>(
    limit: Duration,
    dialect: Dialect,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    if dialect == Dialect::Sqlite {
        return work.await;
    }
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Unavailable(format!(
            "no answer within {} s",
            limit.as_secs()
        ))),
    }
}
