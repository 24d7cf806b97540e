//! How the notifications of one obligation end: a receiver's entry may have several targets.

use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::dispatch::GroupId;
use balefire_core::message::Status;
use balefire_store::Notification;
use rustc_hash::FxHashMap;

use crate::delivery::content::{Content, GroupContent};
use crate::delivery::shared::Ending;

/// Who is told: a group and the integration that was to be told. A fallback's notifications count for the
/// integration they stand in for.
type Listener = (u64, Arc<str>);

/// What one decision obliges us to tell a listener.
#[derive(Debug)]
struct Obligation {
    decision: u64,
    /// Rows that have not ended.
    rows: usize,
    /// Whether any target was told, or a newer notification took over.
    told: bool,
    episodes: Vec<Episode>,
}

/// The end of an obligation: all its rows have ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Closed {
    pub(crate) group: GroupId,
    pub(crate) integration: Arc<str>,
    /// Episodes that need no longer be kept for it.
    pub(crate) settled: Vec<Episode>,
    /// Episodes that nobody was told of and that no later obligation tells either.
    pub(crate) untold: Vec<Episode>,
}

/// Counts the open rows of each obligation.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// By listener, in the order of the decisions; one that has ended stays while an older one is open.
    open: FxHashMap<Listener, Vec<Obligation>>,
}

impl Tally {
    /// Takes in durable rows; answers the episodes of each obligation that they open.
    pub(crate) fn opened(&mut self, rows: &[Notification]) -> Vec<Vec<Episode>> {
        let mut begun = Vec::new();
        for row in rows {
            // Messages that belong to no group are nobody's obligation to tell again.
            let Some(Content::Group(content)) = Content::decode(&row.payload) else {
                continue;
            };
            let obligations = self.open.entry(listener(row, &content)).or_default();
            let place = obligations.partition_point(|known| known.decision < row.decision);
            match obligations.get_mut(place) {
                Some(known) if known.decision == row.decision => {
                    if known.rows == 0 {
                        // A dead letter that is tried again: its episodes are needed once more.
                        begun.push(known.episodes.clone());
                        known.told = false;
                    }
                    known.rows += 1;
                }
                _ => {
                    let episodes = episodes(&content.episodes);
                    begun.push(episodes.clone());
                    let obligation = Obligation {
                        decision: row.decision,
                        rows: 1,
                        told: false,
                        episodes,
                    };
                    obligations.insert(place, obligation);
                }
            }
        }
        begun
    }

    /// Takes in a row's end; answers the obligation's when it was the last.
    pub(crate) fn ended(&mut self, ending: Ending) -> Option<Closed> {
        let Ending {
            decision,
            integration,
            content,
            untold,
        } = ending;
        let GroupContent { group, origin, .. } = content;
        let listener = (group, origin.unwrap_or(integration));
        let obligations = self.open.get_mut(&listener)?;
        let place = obligations
            .iter()
            .position(|known| known.decision == decision && known.rows > 0)?;
        let known = &mut obligations[place];
        known.rows -= 1;
        known.told |= !untold;
        if known.rows > 0 {
            return None;
        }
        let (told, mine) = (known.told, known.episodes.clone());
        let later = &obligations[place + 1..];
        let again = |episode: &Episode| later.iter().any(|o| o.episodes.contains(episode));
        let (untold, settled) = mine
            .into_iter()
            .partition(|episode| !told && !again(episode));
        match obligations.iter().position(|known| known.rows > 0) {
            Some(first_open) => drop(obligations.drain(..first_open)),
            None => drop(self.open.remove(&listener)),
        }
        let (group, integration) = listener;
        Some(Closed {
            group: GroupId(group),
            integration,
            settled,
            untold,
        })
    }
}

fn listener(row: &Notification, content: &GroupContent) -> Listener {
    let integration = content.origin.as_ref().unwrap_or(&row.integration);
    (row.group, Arc::clone(integration))
}

fn episodes(told: &[(Episode, Status)]) -> Vec<Episode> {
    told.iter().map(|(episode, _)| *episode).collect()
}
