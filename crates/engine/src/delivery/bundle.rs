//! Notifications that go out in one call: the targets of one integration for one flush.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::Notification;
use rustc_hash::FxHasher;

use super::content::Content;

/// Rows that share content and integration, with what they are about.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    /// The rows, one per target, ascending by seq.
    pub(crate) rows: Vec<Notification>,
    /// What they tell.
    pub(crate) content: Content,
    /// Rows this bundle speaks for besides its own: replaced while waiting, settled when this is.
    pub(crate) absorbed: Vec<Notification>,
    /// Whether a stale credential was already refreshed for it.
    pub(crate) refreshed: bool,
}

/// What at most one waiting bundle may exist for: a group's integration and its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot(u64);

impl Bundle {
    /// The rows of one flush and integration, cut to what the channel takes in one call.
    pub(crate) fn of(rows: Vec<Notification>, content: &Content, per_call: usize) -> Vec<Self> {
        let mut bundles = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let rows: Vec<_> = rows.by_ref().take(per_call.max(1)).collect();
            bundles.push(Self {
                rows,
                content: content.clone(),
                absorbed: Vec::new(),
                refreshed: false,
            });
        }
        bundles
    }

    /// The first row's number: the bundle's own name and age.
    pub(crate) fn seq(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.seq)
    }

    /// How urgent it is.
    pub(crate) fn severity(&self) -> Severity {
        self.rows.first().map_or(Severity::Info, |row| row.severity)
    }

    /// When it may be tried next.
    pub(crate) fn next_try_at(&self) -> Time {
        self.rows
            .iter()
            .filter_map(|row| row.next_try_at)
            .max()
            .unwrap_or_default()
    }

    /// Which place in the queue it takes; `None` for messages that never replace another.
    pub(crate) fn slot(&self) -> Option<Slot> {
        let (Content::Group(group), Some(row)) = (&self.content, self.rows.first()) else {
            return None;
        };
        let mut hasher = FxHasher::default();
        (group.group, &row.integration, &row.target).hash(&mut hasher);
        Some(Slot(hasher.finish()))
    }

    /// Replaces `older`, which waits for the same slot: answers the rows that are superseded now.
    /// Those it still has to speak for stay with it until it is told.
    pub(crate) fn supersede(&mut self, older: Self) -> Vec<Notification> {
        let mut replaced = older.absorbed;
        let (Content::Group(mine), Content::Group(theirs)) = (&mut self.content, &older.content)
        else {
            return Vec::new();
        };
        let covered = mine.covers(theirs);
        mine.absorb(theirs);
        replaced.extend(older.rows);
        if covered {
            return replaced;
        }
        self.absorbed.extend(replaced);
        Vec::new()
    }

    /// The name of the integration.
    pub(crate) fn integration(&self) -> Arc<str> {
        self.rows
            .first()
            .map_or_else(|| Arc::from(""), |row| Arc::clone(&row.integration))
    }
}
