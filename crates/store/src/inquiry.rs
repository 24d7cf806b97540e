//! What a provider is still to be asked about: it says only then what became of what it took.

use std::sync::Arc;

use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::receipt::hash;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO inquiry (hash, account, provider_id, place, sent_at, asked, next_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7){ignore:hash}",
);
const DUE: Sql = Sql::new(
    "SELECT account, provider_id, place, sent_at, asked, next_at FROM inquiry \
     WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
);
/// Of two who go on with one at once, the second finds another time.
const GO_ON: Sql =
    Sql::new("UPDATE inquiry SET asked = $1, next_at = $2 WHERE hash = $3 AND next_at = $4");
const DROP: Sql = Sql::new("DELETE FROM inquiry WHERE hash = $1");

/// A question that waits for its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Through which account it went.
    pub account: Arc<str>,
    /// The provider's own id of what it took.
    pub provider_id: Arc<str>,
    /// The options of an entry that can ask, as JSON.
    pub place: Arc<str>,
    /// When it was sent.
    pub sent_at: Time,
    /// How often it was asked.
    pub asked: u32,
    /// When it is asked next.
    pub next_at: Time,
}

fn read(row: &dyn Columns) -> Result<Inquiry, StoreError> {
    Ok(Inquiry {
        account: row.text(0)?.into(),
        provider_id: row.text(1)?.into(),
        place: row.text(2)?.into(),
        sent_at: Time::from_micros(row.int(3)?),
        asked: row.int(4)? as u32,
        next_at: Time::from_micros(row.int(5)?),
    })
}

impl Writer {
    /// Notes what is to be asked; noting it twice is fine.
    pub async fn put_inquiries(&self, inquiries: Vec<Inquiry>) -> Result<(), StoreError> {
        let inquiries = Arc::new(inquiries);
        self.chore(move |desk: &mut Desk<'_>| {
            let inquiries = Arc::clone(&inquiries);
            Box::pin(async move {
                for one in inquiries.iter() {
                    let row: Vec<Arg> = vec![
                        hash(&one.account, &one.provider_id).into(),
                        (&*one.account).into(),
                        (&*one.provider_id).into(),
                        (&*one.place).into(),
                        one.sent_at.micros().into(),
                        i64::from(one.asked).into(),
                        one.next_at.micros().into(),
                    ];
                    desk.execute(PUT, row).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Lets a question wait until `next_at`, asked so often; `false` when somebody else went on with it first.
    pub async fn go_on_with_inquiry(
        &self,
        inquiry: &Inquiry,
        asked: u32,
        next_at: Time,
    ) -> Result<bool, StoreError> {
        let hash = hash(&inquiry.account, &inquiry.provider_id);
        let before = inquiry.next_at;
        let changed = self.chore(move |desk: &mut Desk<'_>| {
            let row: Vec<Arg> = vec![
                i64::from(asked).into(),
                next_at.micros().into(),
                hash.clone().into(),
                before.micros().into(),
            ];
            Box::pin(async move { desk.execute(GO_ON, row).await })
        });
        Ok(changed.await? == 1)
    }

    /// Nothing is left to ask.
    pub async fn drop_inquiry(&self, inquiry: &Inquiry) -> Result<(), StoreError> {
        let hash = hash(&inquiry.account, &inquiry.provider_id);
        self.chore(move |desk: &mut Desk<'_>| {
            let row = vec![hash.clone().into()];
            Box::pin(async move { desk.execute(DROP, row).await })
        })
        .await
        .map(drop)
    }
}

impl Store {
    /// Up to `limit` questions whose time has come, the longest overdue first.
    pub async fn due_inquiries(&self, now: Time, limit: usize) -> Result<Vec<Inquiry>, StoreError> {
        let args = vec![now.micros().into(), (limit as i64).into()];
        self.pool().fetch(DUE, args, read).await
    }
}
