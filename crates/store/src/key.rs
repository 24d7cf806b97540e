//! Which alert a sender's own key stands for, so that a resolve with other labels closes the right one.
//!
//! Rows are written with the log's [`Input::Key`](balefire_core::event::Input::Key), in the same transaction.

use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;

use crate::Store;
use crate::db::{Arg, Sql};
use crate::error::StoreError;

pub(crate) const UPSERT: &str = "INSERT INTO alert_key (hash, source_key, fingerprint, at) \
    VALUES {rows:4}{upsert:hash:source_key,fingerprint,at}";
const FIND: Sql = Sql::new("SELECT source_key, fingerprint FROM alert_key WHERE hash = $1");

/// FNV-1a over 128 bits (parameters: <http://www.isthe.com/chongo/tech/comp/fnv/>). Keys may be longer than an
/// index entry; the whole key is stored beside it and compared.
pub(crate) fn hash(key: &str) -> Vec<u8> {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = key.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    hash.to_be_bytes().to_vec()
}

pub(crate) fn row(key: &str, fingerprint: Fingerprint, at: Time) -> Vec<Arg> {
    vec![
        hash(key).into(),
        key.into(),
        fingerprint.0.into(),
        at.micros().into(),
    ]
}

impl Store {
    /// The alert that a key (source name and the sender's own key, as in the log) stood for last.
    pub async fn alert_of_key(&self, key: &str) -> Result<Option<Fingerprint>, StoreError> {
        let found = self.pool().one(FIND, vec![hash(key).into()], |row| {
            Ok((row.text(0)?, Fingerprint(row.number(1)?)))
        });
        Ok(found
            .await?
            .filter(|(stored, _)| stored == key)
            .map(|(_, fingerprint)| fingerprint))
    }
}
