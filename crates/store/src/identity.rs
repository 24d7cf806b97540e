//! Who people are at platforms, as these said last.

use std::sync::Arc;

use balefire_core::identity::{Identity, Platform, Standing};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO identity (person, platform, asked, id, standing, said, asked_at, found_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)\
     {upsert:person,platform:asked,id,standing,said,asked_at,found_at}",
);
const ALL: Sql = Sql::new(
    "SELECT person, platform, asked, id, standing, said, asked_at, found_at FROM identity \
     ORDER BY person, platform",
);
const DROP: Sql = Sql::new("DELETE FROM identity WHERE person = $1 AND platform = $2");

/// What a platform said last of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// The person's key.
    pub person: Arc<str>,
    /// The platform.
    pub platform: Platform,
    /// What it said.
    pub identity: Identity,
}

fn read(row: &dyn Columns) -> Result<IdentityRow, StoreError> {
    let odd = |what: &str| StoreError::Corrupt(format!("an identity's {what}"));
    let (platform, standing) = (row.text(1)?, row.text(4)?);
    Ok(IdentityRow {
        person: row.text(0)?.into(),
        platform: Platform::of(&platform).ok_or_else(|| odd("platform"))?,
        identity: Identity {
            asked: row.bytes(2)?.try_into().map_err(|_| odd("hash"))?,
            id: row.text(3)?,
            standing: Standing::of(&standing).ok_or_else(|| odd("standing"))?,
            said: row.text(5)?,
            asked_at: Time::from_micros(row.int(6)?),
            found_at: Time::from_micros(row.int(7)?),
        },
    })
}

impl Writer {
    /// Keeps what a platform said of a person, in place of what it said before.
    pub async fn put_identity(&self, row: IdentityRow) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let one = &row.identity;
            let args: Vec<Arg> = vec![
                (&*row.person).into(),
                row.platform.as_str().into(),
                one.asked.to_vec().into(),
                one.id.as_str().into(),
                one.standing.as_str().into(),
                one.said.as_str().into(),
                one.asked_at.micros().into(),
                one.found_at.micros().into(),
            ];
            Box::pin(async move { desk.execute(PUT, args).await })
        })
        .await
        .map(drop)
    }

    /// Forgets what a platform said of a person.
    pub async fn drop_identity(&self, person: &str, platform: Platform) -> Result<(), StoreError> {
        let person: Arc<str> = person.into();
        self.chore(move |desk: &mut Desk<'_>| {
            let args: Vec<Arg> = vec![(&*person).into(), platform.as_str().into()];
            Box::pin(async move { desk.execute(DROP, args).await })
        })
        .await
        .map(drop)
    }
}

impl Store {
    /// What platforms said last, by person and platform.
    pub async fn identities(&self) -> Result<Vec<IdentityRow>, StoreError> {
        self.pool().fetch(ALL, Vec::new(), read).await
    }
}
