//! What people were paged for last, so that a restart does not page them more often than the document allows.

use std::sync::Arc;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::notification::Fact;

const PUT: Sql =
    Sql::new("INSERT INTO told_last (person, body) VALUES ($1, $2){upsert:person:body}");
const READ: Sql = Sql::new("SELECT person, body FROM told_last ORDER BY person");

/// What a person was paged for last, as the engine writes it.
pub fn told_last(person: &str, body: &str) -> Fact {
    Fact {
        sql: PUT,
        row: vec![person.into(), body.into()],
    }
}

impl Store {
    /// What everybody was paged for last.
    pub async fn told_last(&self) -> Result<Vec<(Arc<str>, String)>, StoreError> {
        let read = |row: &dyn Columns| Ok((row.text(0)?.into(), row.text(1)?));
        self.pool().fetch(READ, Vec::new(), read).await
    }
}
