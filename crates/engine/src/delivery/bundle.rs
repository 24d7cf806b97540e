//! Notifications that go out in one call: the targets of one integration for one flush.

use std::sync::Arc;

use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::Notification;

use super::content::Content;
use super::per_call::PerCall;

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
    /// Whether one of its targets was told already.
    pub(crate) told: bool,
    /// Whether it waited for the end of its account's quiet hours: what did goes out as one digest.
    pub(crate) held: bool,
    slot: Option<Slot>,
}

/// What at most one waiting bundle may exist for: a group's integration and its targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    group: u64,
    integration: Arc<str>,
    /// The first target; it stands for all that go out in the same call.
    target: Arc<str>,
}

impl Bundle {
    /// The rows of one flush and integration, cut to what the channel takes in one call.
    pub(crate) fn of(rows: Vec<Notification>, content: &Content, per_call: &PerCall) -> Vec<Self> {
        let per_call = rows.first().map_or(1, |row| per_call.of(&row.integration));
        let mut bundles = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let rows: Vec<_> = rows.by_ref().take(per_call).collect();
            bundles.push(Self {
                slot: slot_of(&rows, content),
                rows,
                content: content.clone(),
                absorbed: Vec::new(),
                refreshed: false,
                told: false,
                held: false,
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

    /// When its fallback takes over; the earliest of its targets'.
    pub(crate) fn deadline_at(&self) -> Time {
        let deadlines = self.rows.iter().map(|row| row.deadline_at);
        deadlines.min().unwrap_or(Time::NEVER)
    }

    /// Which place in the queue it takes; `None` for messages that never replace another. It stays the
    /// same when some of the targets have been told.
    pub(crate) fn slot(&self) -> Option<&Slot> {
        self.slot.as_ref()
    }

    /// Replaces `older`, which waits for the same slot: answers the rows that are superseded now.
    /// Those it still has to speak for stay with it until it is told. It must be told by the time the
    /// older one had to be: a group that changes often must not put its fallback off for ever.
    pub(crate) fn supersede(&mut self, older: Self) -> Vec<Notification> {
        let mut replaced = older.absorbed;
        let covered = match (&mut self.content, &older.content) {
            (Content::Group(mine), Content::Group(theirs)) => {
                let covered = mine.covers(theirs);
                mine.absorb(theirs);
                covered
            }
            // Of a series only the newest is told.
            (Content::Direct { .. }, Content::Direct { .. }) => {
                replaced.extend(older.rows);
                return replaced;
            }
            _ => false,
        };
        // What waited for the end of quiet hours was not late.
        let deadline = older.rows.iter().filter(|_| !older.held);
        let deadline = deadline.map(|row| row.deadline_at).min();
        for row in &mut self.rows {
            row.deadline_at = row.deadline_at.min(deadline.unwrap_or(row.deadline_at));
        }
        replaced.extend(older.rows);
        if covered {
            return replaced;
        }
        self.absorbed.extend(replaced);
        Vec::new()
    }

    /// The name of the integration; empty for a direct message.
    pub(crate) fn integration(&self) -> &str {
        self.rows.first().map_or("", |row| &row.integration)
    }

    /// Whether `other` goes to the same targets through the same integration, so that one call can tell both.
    pub(crate) fn alike(&self, other: &Self) -> bool {
        fn targets(bundle: &Bundle) -> impl Iterator<Item = &Arc<str>> {
            bundle.rows.iter().map(|row| &row.target)
        }
        self.content.own_way().is_none()
            && other.content.own_way().is_none()
            && self.integration() == other.integration()
            && targets(self).eq(targets(other))
    }
}

fn slot_of(rows: &[Notification], content: &Content) -> Option<Slot> {
    let row = rows.first()?;
    match content {
        Content::Group(group) => Some(Slot {
            group: group.group,
            integration: Arc::clone(&row.integration),
            target: Arc::clone(&row.target),
        }),
        // Whatever its targets: each message of a series stands in for those before it.
        Content::Direct { .. } if row.group != 0 => Some(Slot {
            group: row.group,
            integration: Arc::clone(&row.integration),
            target: Arc::default(),
        }),
        Content::Direct { .. } | Content::Fixed { .. } | Content::Page(_) | Content::Verify(_) => {
            None
        }
    }
}

/// Whether two rows that follow each other go out in one call.
pub(crate) fn together(a: &Notification, b: &Notification) -> bool {
    a.decision == b.decision
        && a.group == b.group
        && a.integration == b.integration
        && a.account == b.account
        && a.next_try_at == b.next_try_at
        && a.payload == b.payload
}
