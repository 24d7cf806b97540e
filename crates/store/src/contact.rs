//! Which addresses are known to reach a person, by a hash of the address: another address is not verified.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_core::verification::{CodeHash, Pending, Verification};

use crate::Store;
use crate::db::{Arg, Columns, Sql};
use crate::error::StoreError;
use crate::writer::{Desk, Writer};

const ONE: Sql = Sql::new(
    "SELECT address, verified_at, code, sent_at, guesses, sends, counted_from FROM contact \
     WHERE person = $1 AND address = $2",
);
const OF_PERSON: Sql = Sql::new(
    "SELECT address, verified_at, code, sent_at, guesses, sends, counted_from FROM contact \
     WHERE person = $1 ORDER BY address LIMIT 1000",
);
const VERIFIED: Sql =
    Sql::new("SELECT person, address FROM contact WHERE verified_at <> 0 ORDER BY person, address");
const PUT: Sql = Sql::new(
    "INSERT INTO contact (person, address, verified_at, code, sent_at, guesses, sends, counted_from) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)\
     {upsert:person,address:verified_at,code,sent_at,guesses,sends,counted_from}",
);

/// A hash of an address and of how it is reached.
pub type AddressHash = [u8; 16];

fn hash(bytes: Vec<u8>) -> Result<[u8; 16], StoreError> {
    let odd = |_| StoreError::Corrupt("a hash of a contact".to_owned());
    bytes.try_into().map_err(odd)
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn read(row: &dyn Columns) -> Result<(AddressHash, Verification), StoreError> {
    let code: CodeHash = hash(row.bytes(2)?)?;
    // Never verified, and no code out, are times of 0.
    let at = |micros: i64| (micros != 0).then(|| Time::from_micros(micros));
    let guesses = count(row.int(4)?);
    let pending = at(row.int(3)?).map(|sent_at| Pending {
        hash: code,
        sent_at,
        guesses,
    });
    let verification = Verification {
        verified_at: at(row.int(1)?),
        pending,
        sends: count(row.int(5)?),
        counted_from: Time::from_micros(row.int(6)?),
    };
    Ok((hash(row.bytes(0)?)?, verification))
}

fn row(person: &str, address: AddressHash, now: &Verification) -> Vec<Arg> {
    let micros = |at: Option<Time>| at.map_or(0, Time::micros);
    let pending = now.pending.as_ref();
    vec![
        person.into(),
        address.to_vec().into(),
        micros(now.verified_at).into(),
        pending.map_or([0; 16], |one| one.hash).to_vec().into(),
        micros(pending.map(|one| one.sent_at)).into(),
        i64::from(pending.map_or(0, |one| one.guesses)).into(),
        i64::from(now.sends).into(),
        now.counted_from.micros().into(),
    ]
}

impl Writer {
    /// Changes how an address stands by what `decide` makes of it as it is; what that answers. It may be asked again when
    /// another node was first.
    pub async fn verify_contact<T, F>(
        &self,
        person: &str,
        address: AddressHash,
        decide: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Verification) -> T + Send + Sync + 'static,
    {
        let (person, decide): (Arc<str>, _) = (person.into(), Arc::new(decide));
        self.chore(move |desk: &mut Desk<'_>| {
            let (person, decide) = (Arc::clone(&person), Arc::clone(&decide));
            Box::pin(async move {
                let key = vec![(&*person).into(), address.to_vec().into()];
                let known = desk.conn.fetch(ONE, key, read).await?.pop();
                let mut stands = known.map(|(_, stands)| stands).unwrap_or_default();
                let answer = decide(&mut stands);
                desk.execute(PUT, row(&person, address, &stands)).await?;
                Ok(answer)
            })
        })
        .await
    }
}

impl Store {
    /// Every address that is known to reach somebody, with their key.
    pub async fn verified_contacts(&self) -> Result<Vec<(Arc<str>, AddressHash)>, StoreError> {
        let read = |row: &dyn Columns| Ok((row.text(0)?.into(), hash(row.bytes(1)?)?));
        self.pool().fetch(VERIFIED, Vec::new(), read).await
    }

    /// How the addresses of a person stand of which something is known.
    pub async fn contacts(
        &self,
        person: &str,
    ) -> Result<Vec<(AddressHash, Verification)>, StoreError> {
        self.pool()
            .fetch(OF_PERSON, vec![person.into()], read)
            .await
    }
}
