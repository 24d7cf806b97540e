//! Messages at chat platforms that later ones answer or change.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO posted (id, at, live, body) VALUES ($1, $2, $3, $4){upsert:id:at,live,body}",
);
const ONE: Sql = Sql::new("SELECT id, at, live, body FROM posted WHERE id = $1");
const LIVE: Sql =
    Sql::new("SELECT id, at, live, body FROM posted WHERE live = 1 ORDER BY id LIMIT $1");
const DROP: Sql = Sql::new("DELETE FROM posted WHERE id = $1");
const OLD: Sql = Sql::new("DELETE FROM posted WHERE at < $1");

/// A message that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedRow {
    /// A hash of the group, the account and the place; at most 190 characters.
    pub id: Arc<str>,
    /// When it was last written.
    pub at: Time,
    /// Whether the message is kept as things stand.
    pub is_live: bool,
    /// What the engine knows of it, JSON.
    pub body: Arc<str>,
}

fn read(row: &dyn Columns) -> Result<PostedRow, StoreError> {
    Ok(PostedRow {
        id: row.text(0)?.into(),
        at: Time::from_micros(row.int(1)?),
        is_live: row.int(2)? != 0,
        body: row.text(3)?.into(),
    })
}

impl Writer {
    /// Writes down what was posted, in place of what was written under its id.
    pub async fn put_posted(&self, row: PostedRow) -> Result<(), StoreError> {
        let row = Arc::new(row);
        self.chore(move |desk: &mut Desk<'_>| {
            let args = vec![
                (&*row.id).into(),
                row.at.micros().into(),
                i64::from(row.is_live).into(),
                (&*row.body).into(),
            ];
            Box::pin(async move { desk.execute(PUT, args).await })
        })
        .await
        .map(drop)
    }

    /// Forgets a message.
    pub async fn drop_posted(&self, id: &str) -> Result<(), StoreError> {
        let id: Arc<str> = id.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let args = vec![(&*id).into()];
            Box::pin(async move { desk.execute(DROP, args).await })
        })
        .await
        .map(drop)
    }

    /// Forgets the messages that nothing was written of since.
    pub async fn drop_posted_before(&self, since: Time) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            Box::pin(async move { desk.execute(OLD, vec![since.micros().into()]).await })
        })
        .await
        .map(drop)
    }
}

impl Store {
    /// The message of this id.
    pub async fn posted(&self, id: &str) -> Result<Option<PostedRow>, StoreError> {
        let found = self.pool().fetch(ONE, vec![id.into()], read).await?;
        Ok(found.into_iter().next())
    }

    /// The messages that are kept as things stand, at most `most`.
    pub async fn posted_live(&self, most: usize) -> Result<Vec<PostedRow>, StoreError> {
        let args = vec![(most as i64).into()];
        self.pool().fetch(LIVE, args, read).await
    }
}
