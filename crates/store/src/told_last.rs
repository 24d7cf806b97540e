//! What people were told last, so that a restart does not tell them more often than the document allows.

use std::sync::Arc;

use crate::Store;
use crate::db::Sql;
use crate::error::StoreError;
use crate::notification::Fact;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO told_last (person, kind, body) VALUES ($1, $2, $3){upsert:person,kind:body}",
);
const READ: Sql = Sql::new("SELECT person, body FROM told_last WHERE kind = $1 ORDER BY person");

/// By what somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// By pages of escalations.
    Page,
    /// By notifications of receivers.
    Notice,
}

impl ToldBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Notice => "notice",
        }
    }
}

/// What a person was told last, as the engine writes it.
pub fn told_last(person: &str, by: ToldBy, body: &str) -> Fact {
    Fact {
        sql: PUT,
        row: vec![person.into(), by.as_str().into(), body.into()],
    }
}

impl Writer {
    /// Writes down what a person was told last.
    pub async fn tell_last(&self, person: &str, by: ToldBy, body: &str) -> Result<(), StoreError> {
        let (person, body): (Arc<str>, Arc<str>) = (person.into(), body.into());
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![(&*person).into(), by.as_str().into(), (&*body).into()];
            Box::pin(async move { desk.execute(PUT, row).await })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// What everybody was told last.
    pub async fn told_last(&self, by: ToldBy) -> Result<Vec<(Arc<str>, String)>, StoreError> {
        let read = |row: &dyn crate::db::Columns| Ok((row.text(0)?.into(), row.text(1)?));
        self.pool()
            .fetch(READ, vec![by.as_str().into()], read)
            .await
    }
}
