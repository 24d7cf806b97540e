//! The short codes of pages by text message: which number's owner may answer what with which.

use std::sync::Arc;

use balefire_core::reply::{CODE_LIVES, Code};
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Columns, Sql};
use crate::error::StoreError;
use crate::notification::Fact;
use crate::writer::{Desk, Writer};

const PUT: Sql = Sql::new(
    "INSERT INTO reply_code (phone, code, person, incidents, expires_at) \
     VALUES ($1, $2, $3, $4, $5){upsert:phone,code:person,incidents,expires_at}",
);
const OF_PHONE: Sql = Sql::new(
    "SELECT code, person, incidents, expires_at FROM reply_code WHERE phone = $1 AND expires_at > $2 \
     ORDER BY expires_at DESC, code LIMIT 1000",
);
const OVER: Sql = Sql::new("DELETE FROM reply_code WHERE expires_at <= $1");

/// A code that a page went out with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyCode {
    /// The code.
    pub code: Code,
    /// The key of who was paged.
    pub person: Arc<str>,
    /// The incidents that the page named.
    pub incidents: Vec<u64>,
    /// Until when it is good.
    pub expires_at: Time,
}

/// The code of a page to a number, written with the decision that makes the page.
pub fn coded(phone: &str, code: &ReplyCode) -> Fact {
    let incidents: Vec<String> = code.incidents.iter().map(u64::to_string).collect();
    Fact {
        sql: PUT,
        row: vec![
            phone.into(),
            i64::from(code.code.number()).into(),
            (&*code.person).into(),
            incidents.join(",").as_str().into(),
            code.expires_at.micros().into(),
        ],
    }
}

impl ReplyCode {
    /// A code that is given out now.
    pub fn new(code: Code, person: &Arc<str>, incidents: Vec<u64>, now: Time) -> Self {
        Self {
            code,
            person: Arc::clone(person),
            incidents,
            expires_at: now.after(CODE_LIVES),
        }
    }
}

fn read(row: &dyn Columns) -> Result<ReplyCode, StoreError> {
    let number = row.int(0)?;
    let odd = |what: String| StoreError::Corrupt(what);
    let code = Code::from_number(number).ok_or_else(|| odd(format!("the code {number}")))?;
    let text = row.text(2)?;
    let numbers = text.split(',').filter(|number| !number.is_empty());
    let incidents: Result<Vec<u64>, _> = numbers.map(str::parse).collect();
    Ok(ReplyCode {
        code,
        person: row.text(1)?.into(),
        incidents: incidents.map_err(|_| odd(format!("what the code {code} is about")))?,
        expires_at: Time::from_micros(row.int(3)?),
    })
}

impl Writer {
    /// Drops the codes that are over.
    pub async fn drop_codes(&self, now: Time) -> Result<(), StoreError> {
        self.chore(move |desk: &mut Desk<'_>| {
            Box::pin(async move { desk.execute(OVER, vec![now.micros().into()]).await })
        })
        .await?;
        Ok(())
    }
}

impl Store {
    /// The codes of a number (E.164) that are good, the newest first.
    pub async fn reply_codes(&self, phone: &str, now: Time) -> Result<Vec<ReplyCode>, StoreError> {
        let args = vec![phone.into(), now.micros().into()];
        self.pool().fetch(OF_PHONE, args, read).await
    }
}
