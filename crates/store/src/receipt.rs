//! What providers say afterwards about what they took: that a phone has it, that none could be reached.

use std::sync::Arc;

use balefire_core::time::Time;
use serde::Serialize;

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::key;
use crate::writer::{Desk, Writer};

const AWAIT: Sql =
    Sql::new("INSERT INTO awaited (notification, hash) VALUES ($1, $2){ignore:notification,hash}");
const AWAITING: Sql = Sql::new(
    "SELECT notification FROM awaited WHERE hash = $1 ORDER BY notification DESC LIMIT $2",
);
const KNOWN: Sql = Sql::new(
    "SELECT number, at, state, provider_id, detail FROM receipt WHERE notification = $1 ORDER BY number",
);
const PUT: Sql = Sql::new(
    "INSERT INTO receipt (notification, number, at, state, provider_id, detail) \
     VALUES ($1, $2, $3, $4, $5, $6)",
);

/// The newest are looked through alone: what is older has been said, or never will be.
const IS_AWAITED: Sql = Sql::new(
    "SELECT a.notification FROM awaited a JOIN notification n ON n.seq = a.notification \
     WHERE n.account = $1 AND n.created_at >= $2 \
     AND a.notification > (SELECT COALESCE(MAX(m.seq), 0) - 20000 FROM notification m) \
     AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.notification = a.notification) \
     ORDER BY a.notification DESC LIMIT 1",
);

/// Notifications that one of a provider's ids may stand for: the numbers of one call.
const OF_ONE: i64 = 1_000;
/// Receipts of one notification that are kept; no provider says so much.
const MOST: usize = 32;
/// Longest detail that is kept, in characters.
const DETAIL: usize = 300;

/// What a provider says. The numbers are what the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// The phone or the person has it.
    Delivered = 1,
    /// It did not get there.
    Failed = 2,
    /// Somebody picked up.
    Answered = 3,
    /// Somebody pressed a key.
    Pressed = 4,
    /// The person has opened it.
    Read = 5,
    /// The provider kept it from the person.
    Refused = 6,
}

impl ReceiptState {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Delivered,
        Self::Failed,
        Self::Answered,
        Self::Pressed,
        Self::Read,
        Self::Refused,
    ];

    /// Whether it says that it did not get there.
    pub const fn is_miss(self) -> bool {
        matches!(self, Self::Failed | Self::Refused)
    }

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Answered => "answered",
            Self::Pressed => "pressed",
            Self::Read => "read",
            Self::Refused => "refused",
        }
    }

    fn from_number(number: i64) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|state| *state as i64 == number);
        found.ok_or_else(|| StoreError::Corrupt(format!("a receipt says {number}")))
    }
}

/// What a provider will say something of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Through which account it went.
    pub account: Arc<str>,
    /// The provider's own id of it.
    pub provider_id: Arc<str>,
    /// The notification.
    pub notification: u64,
}

/// What a provider said of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// When we heard it.
    pub at: Time,
    /// What it comes to.
    pub state: ReceiptState,
    /// The provider's own id of what it is about.
    pub provider_id: Arc<str>,
    /// In the provider's words; cut.
    pub detail: Arc<str>,
}

pub(crate) fn hash(account: &str, provider_id: &str) -> Vec<u8> {
    key::hash(&format!("{account}\0{provider_id}"))
}

fn read(row: &dyn Columns) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        at: Time::from_micros(row.int(1)?),
        state: ReceiptState::from_number(row.int(2)?)?,
        provider_id: row.text(3)?.into(),
        detail: row.text(4)?.into(),
    })
}

async fn put(
    desk: &mut Desk<'_>,
    notification: u64,
    receipt: &Receipt,
) -> Result<bool, StoreError> {
    let known = desk.conn.fetch(KNOWN, vec![notification.into()], read);
    let known = known.await?;
    let same =
        |known: &Receipt| known.state == receipt.state && known.provider_id == receipt.provider_id;
    if known.len() >= MOST || known.iter().any(same) {
        return Ok(false);
    }
    let detail: String = receipt.detail.chars().take(DETAIL).collect();
    let row: Vec<Arg> = vec![
        notification.into(),
        (known.len() as i64 + 1).into(),
        receipt.at.micros().into(),
        (receipt.state as i64).into(),
        (&*receipt.provider_id).into(),
        detail.as_str().into(),
    ];
    desk.execute(PUT, row).await?;
    Ok(true)
}

impl Writer {
    /// Notes what providers will say something of; noting it twice is fine.
    pub async fn await_receipts(&self, awaited: Vec<Awaited>) -> Result<(), StoreError> {
        let awaited = Arc::new(awaited);
        self.chore(move |desk: &mut Desk<'_>| {
            let awaited = Arc::clone(&awaited);
            Box::pin(async move {
                for one in awaited.iter() {
                    let hash = hash(&one.account, &one.provider_id);
                    let row = vec![one.notification.into(), hash.into()];
                    desk.execute(AWAIT, row).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Writes down what a provider said; `false` when it said the same before.
    pub async fn put_receipt(
        &self,
        notification: u64,
        receipt: Receipt,
    ) -> Result<bool, StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            let receipt = receipt.clone();
            Box::pin(async move { put(desk, notification, &receipt).await })
        })
        .await
    }
}

impl Store {
    /// The notifications that a provider's id stands for, the newest first: one for each number of the call.
    pub async fn awaiting(&self, account: &str, provider_id: &str) -> Result<Vec<u64>, StoreError> {
        let args = vec![hash(account, provider_id).into(), OF_ONE.into()];
        self.pool().fetch(AWAITING, args, |row| row.number(0)).await
    }

    /// Whether something that went through this account since `since` has no receipt yet.
    pub async fn awaits_receipts(&self, account: &str, since: Time) -> Result<bool, StoreError> {
        let Some(account) = self.word_id(account).await? else {
            return Ok(false);
        };
        let args = vec![account.into(), since.micros().into()];
        let found = self.pool().one(IS_AWAITED, args, |row| row.number(0));
        Ok(found.await?.is_some())
    }

    /// What was said of a notification, in the order in which it was heard.
    pub async fn receipts(&self, notification: u64) -> Result<Vec<Receipt>, StoreError> {
        self.pool()
            .fetch(KNOWN, vec![notification.into()], read)
            .await
    }
}
