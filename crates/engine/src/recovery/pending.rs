//! The notifications that waited when the last process ended.

use std::collections::BTreeSet;
use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_store::{Store, StoreError};

use crate::tally::Tally;

/// Waiting notifications read at a time.
const PAGE: usize = 4096;

/// What is known of them; they themselves stay in the store.
#[derive(Default)]
pub(super) struct Pending {
    accounts: BTreeSet<Arc<str>>,
    episodes: Vec<Episode>,
    tally: Tally,
    count: usize,
}

impl Pending {
    /// Reads them all, a page at a time; the lanes read them again when they have room.
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut pending = Self::default();
        let mut after = 0;
        loop {
            let rows = store.pending(None, after, PAGE).await?;
            let Some(last) = rows.last() else {
                return Ok(pending);
            };
            after = last.seq;
            pending.count += rows.len();
            pending
                .episodes
                .extend(pending.tally.opened(&rows).into_iter().flatten());
            for row in &rows {
                if !pending.accounts.contains(&row.account) {
                    pending.accounts.insert(Arc::clone(&row.account));
                }
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// One item for each obligation's episode.
    pub(super) fn episodes(&self) -> impl Iterator<Item = Episode> + '_ {
        self.episodes.iter().copied()
    }

    /// The lanes that have work, and the open obligations.
    pub(super) fn into_parts(self) -> (BTreeSet<Arc<str>>, Tally) {
        (self.accounts, self.tally)
    }
}
