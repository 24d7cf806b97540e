//! Recurring silences. Their occurrences are silences of the log; here is only when they come.

use std::sync::Arc;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new("INSERT INTO silence_series (id, body) VALUES ($1, $2){upsert:id:body}");
const ALL: Sql = Sql::new("SELECT id, body FROM silence_series ORDER BY id LIMIT $1");

/// Most recurring silences, ended ones included.
pub const MAX_SERIES: usize = 10_000;

impl Writer {
    /// Writes a recurring silence down, in place of what was written of it.
    pub async fn put_silence_series(&self, id: &str, body: &str) -> Result<(), StoreError> {
        let (id, body): (Arc<str>, Arc<str>) = (id.into(), body.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*id).into(), (&*body).into()];
            Box::pin(async move { desk.execute(PUT, row).await })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// All recurring silences, as the engine writes them.
    pub async fn silence_series(&self) -> Result<Vec<(Arc<str>, String)>, StoreError> {
        let read = |row: &dyn Columns| Ok((row.text(0)?.into(), row.text(1)?));
        let most = vec![(MAX_SERIES as i64).into()];
        self.pool().fetch(ALL, most, read).await
    }
}
