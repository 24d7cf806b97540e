//! How the notifications of one obligation end: a receiver's entry may have several targets.

use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::dispatch::GroupId;
use balefire_store::Notification;
use rustc_hash::FxHashMap;

use crate::delivery::content::{Content, GroupContent};
use crate::delivery::shared::Ending;

/// An obligation: the decision, the group and the integration that was to be told.
type Obligation = (u64, u64, Arc<str>);

/// Rows of an obligation that have not ended, and whether any target was told.
#[derive(Debug, Default)]
struct Left {
    rows: usize,
    told: bool,
}

/// The end of an obligation: all its rows have ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Closed {
    pub(crate) group: GroupId,
    /// The integration whose group entry it concerns; a fallback's is that of the original one.
    pub(crate) integration: Arc<str>,
    pub(crate) episodes: Vec<Episode>,
    /// No target was told.
    pub(crate) untold: bool,
}

/// Counts the open rows of each obligation.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    open: FxHashMap<Obligation, Left>,
}

impl Tally {
    /// Takes in durable rows; answers the episodes of each obligation among them.
    pub(crate) fn opened(&mut self, rows: &[Notification]) -> Vec<Vec<Episode>> {
        let mut obligations = Vec::new();
        for row in rows {
            let key = (row.decision, row.group, Arc::clone(&row.integration));
            let left = self.open.entry(key).or_default();
            left.rows += 1;
            if left.rows == 1 {
                let content = Content::decode(&row.payload);
                obligations.push(content.map(|c| episodes(c.episodes())).unwrap_or_default());
            }
        }
        obligations
    }

    /// Takes in a row's end; answers the obligation's when it was the last.
    pub(crate) fn ended(&mut self, ending: Ending) -> Option<Closed> {
        let Ending {
            decision,
            integration,
            content,
            untold,
        } = ending;
        let key = (decision, content.group, Arc::clone(&integration));
        let left = self.open.get_mut(&key)?;
        left.rows = left.rows.saturating_sub(1);
        left.told |= !untold;
        if left.rows > 0 {
            return None;
        }
        let told = left.told;
        self.open.remove(&key);
        let GroupContent { group, origin, .. } = content;
        Some(Closed {
            group: GroupId(group),
            integration: origin.unwrap_or(integration),
            episodes: episodes(&content.episodes),
            untold: !told,
        })
    }
}

fn episodes(told: &[(Episode, balefire_core::message::Status)]) -> Vec<Episode> {
    told.iter().map(|(episode, _)| *episode).collect()
}
