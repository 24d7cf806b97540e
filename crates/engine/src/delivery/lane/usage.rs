//! What a quota has seen before this process: a restart must not spend it twice, since providers punish
//! going over it (a DingTalk robot is silent for ten minutes).

use std::collections::BTreeSet;

use balefire_core::time::Time;
use balefire_store::{NotificationFilter, Store, StoreError};

/// The newest notifications that are looked through.
const LOOKED_AT: usize = 1000;
/// Of these, at most so many have their tries read.
const READ: usize = 200;

/// When calls were made on a lane since then. Rows that went out in one call have tries that began and ended at
/// the same instants.
pub(super) async fn former_calls(
    store: &Store,
    lane: &str,
    since: Time,
) -> Result<Vec<Time>, StoreError> {
    let filter = NotificationFilter {
        limit: LOOKED_AT,
        ..NotificationFilter::default()
    };
    let newest = store.notifications(&filter).await?;
    let tried = newest
        .iter()
        .filter(|row| *row.account == *lane && row.attempts > 0)
        .take(READ);
    let mut calls = BTreeSet::new();
    for row in tried {
        let attempts = store.attempts(row.seq).await?;
        let recent = attempts.iter().filter(|attempt| attempt.at >= since);
        calls.extend(recent.map(|attempt| (attempt.at, attempt.took_micros)));
    }
    Ok(calls.into_iter().map(|(at, _)| at).collect())
}
