//! What was decided and told, read back from the store: for the API, the console and explanations.
//!
//! All reads are bounded. What lies too far back is left out rather than searched for without end.

mod recall;
mod story;
mod told;

use std::sync::Arc;

use balefire_core::dispatch::FlushRecord;
use balefire_core::event::{Event, Input, Seq};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use balefire_store::{DecisionRow, Store, StoreError};

use crate::codec::{self, Unreadable};

pub use recall::Recall;
pub use story::{Story, titles};
pub use told::{Told, ToldGroup};

/// Largest decision that is unpacked, in bytes.
const DECISION_BYTES: usize = 64 << 20;
/// Decisions looked through for one alert.
const DECISIONS: u64 = 2048;
/// Decisions read at a time.
const DECISION_PAGE: u64 = 256;
/// Events looked through for one alert.
const EVENTS: usize = 20_000;
/// Events read at a time.
const EVENT_PAGE: usize = 1000;

/// Why history could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of ours cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// A decision with its flushes.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was taken.
    pub at: Time,
    /// The last event it took into account.
    pub cursor: Seq,
    /// The configuration it was taken under.
    pub config_version: Arc<str>,
    /// The flushes that changed something; empty for messages that belong to no group.
    pub flushes: Vec<FlushRecord>,
}

impl Decided {
    fn read(row: DecisionRow) -> Result<Self, Unreadable> {
        Ok(Self {
            seq: row.seq,
            at: row.at,
            cursor: row.cursor,
            config_version: row.config_version,
            flushes: codec::unpack(&row.body, DECISION_BYTES)?,
        })
    }
}

/// Up to `limit` decisions after number `after`, in order.
pub async fn flushes(
    store: &Store,
    after: u64,
    limit: usize,
) -> Result<Vec<Decided>, HistoryError> {
    let rows = store.decisions(after, limit).await?;
    rows.into_iter()
        .map(|row| Decided::read(row).map_err(HistoryError::from))
        .collect()
}

/// One decision.
pub async fn decision(store: &Store, seq: u64) -> Result<Option<Decided>, HistoryError> {
    let row = store.decision(seq).await?;
    Ok(row.map(Decided::read).transpose()?)
}

/// The latest decisions that looked at an alert, newest first, at most `most`; each with only the
/// flushes the alert is in. Looks through the last 2048 decisions.
pub async fn flushes_of(
    store: &Store,
    fingerprint: Fingerprint,
    most: usize,
) -> Result<Vec<Decided>, HistoryError> {
    let last = store.last_decision().await?;
    let mut found = Vec::new();
    let mut upto = last;
    while upto > last.saturating_sub(DECISIONS) && found.len() < most {
        let after = upto.saturating_sub(DECISION_PAGE);
        for mut decided in flushes(store, after, (upto - after) as usize)
            .await?
            .into_iter()
            .rev()
        {
            decided.flushes.retain(|flush| {
                flush
                    .alerts
                    .iter()
                    .any(|judged| judged.episode.fingerprint == fingerprint)
            });
            if !decided.flushes.is_empty() && found.len() < most {
                found.push(decided);
            }
        }
        upto = after;
    }
    Ok(found)
}

/// The latest reports of an alert, newest first, at most `most`. Looks through the last 20 000 events.
pub async fn reports_of(
    store: &Store,
    fingerprint: Fingerprint,
    most: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut before = Seq::MAX;
    let mut found = Vec::new();
    let mut scanned = 0;
    while scanned < EVENTS && found.len() < most {
        let page = store.events_before(before, EVENT_PAGE).await?;
        let Some(oldest) = page.last() else { break };
        before = oldest.seq;
        scanned += page.len();
        found.extend(page.into_iter().filter(|event| is_of(event, fingerprint)));
    }
    found.truncate(most);
    Ok(found)
}

fn is_of(event: &Event, wanted: Fingerprint) -> bool {
    match &event.input {
        Input::Alert { alert, .. } => alert.fingerprint() == wanted,
        Input::Refresh { fingerprint, .. } | Input::Key { fingerprint, .. } => {
            *fingerprint == wanted
        }
        Input::Silence(_) | Input::Configuration(_) => false,
    }
}
