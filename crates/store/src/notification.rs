//! Notifications and attempts: what must be told to whom, and how each try went.

use std::ops::Range;
use std::sync::Arc;

use balefire_core::event::Seq;
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::db::{Arg, Sql};

/// Where an obligation stands. The numbers are what the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// Not told yet; it is tried now or waits for its next try.
    Pending = 0,
    /// A provider has taken it.
    Delivered = 1,
    /// All ways failed; kept for people to see and to send again.
    DeadLettered = 2,
    /// Its fallback has taken over.
    HandedOver = 3,
    /// A newer notification of the same group and target replaced it.
    Superseded = 4,
    /// It is no longer wanted.
    Cancelled = 5,
}

impl NotificationState {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Delivered,
        Self::DeadLettered,
        Self::HandedOver,
        Self::Superseded,
        Self::Cancelled,
    ];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::DeadLettered => "dead_lettered",
            Self::HandedOver => "handed_over",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// Whether such a settlement only applies while the row is still pending: what was really
    /// delivered meanwhile stays delivered.
    pub(crate) const fn yields(self) -> bool {
        matches!(self, Self::Superseded | Self::Cancelled)
    }
}

/// An obligation to tell one target one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its number, ascending over the whole store; assigned by [`Writer::decide`](crate::Writer::decide).
    pub seq: u64,
    /// The stable identity: a hash of group, flush and target, so that a replay makes the same one.
    pub id: [u8; 16],
    /// The node that has claimed it.
    pub node: u16,
    /// The decision it follows from; assigned by [`Writer::decide`](crate::Writer::decide).
    pub decision: u64,
    /// The group it tells of, as a number the engine chose.
    pub group: u64,
    /// The receiver's name.
    pub receiver: Arc<str>,
    /// The integration's key, stable across reloads.
    pub integration: Arc<str>,
    /// The account's name; also the lane it is sent on.
    pub account: Arc<str>,
    /// Where it goes: a phone number, an address, a robot's key. Never a secret.
    pub target: Arc<str>,
    /// The target as people call it; may be empty.
    pub target_label: Arc<str>,
    /// Why it is sent.
    pub occasion: Occasion,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub state: NotificationState,
    /// When it was decided.
    pub created_at: Time,
    /// When it is tried again; `None` while its node is busy with it (a new one is tried at once).
    pub next_try_at: Option<Time>,
    /// When the fallback takes over, or the dead letter.
    pub deadline_at: Time,
    /// Tries so far.
    pub attempts: u32,
    /// What the last failed try said, and what to do about it.
    pub last_error: Option<Arc<str>>,
    /// The notification it is the fallback of.
    pub fallback_of: Option<u64>,
    /// What the engine needs to render it; small.
    pub payload: Vec<u8>,
}

/// One try at a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which notification.
    pub notification: u64,
    /// Which try, from 1. The same number again is the same attempt, and is not stored twice.
    pub number: u32,
    /// When it began.
    pub at: Time,
    /// How long it took, in microseconds.
    pub took_micros: u64,
    /// `ok`, or the word of the error's kind.
    pub kind: Arc<str>,
    /// The beginning of the provider's answer; cut to [`Attempt::MAX_ANSWER`] bytes.
    pub answer: Option<Arc<str>>,
    /// What a person can do about a failure, in words; `None` when there is nothing to say.
    pub fix: Option<Arc<str>>,
    /// The provider's own id of the message.
    pub provider_id: Option<Arc<str>>,
}

impl Attempt {
    /// How many bytes of an answer are kept.
    pub const MAX_ANSWER: usize = 256;
}

/// The outcome of one or more attempts: what the row becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Which notification.
    pub seq: u64,
    /// The tries to record.
    pub attempts: Vec<Attempt>,
    /// Where it stands now. `Superseded` and `Cancelled` only take effect on a pending row.
    pub state: NotificationState,
    /// When to try again, for a pending one.
    pub next_try_at: Option<Time>,
    /// Tries so far.
    pub tries: u32,
    /// What the last failed try said.
    pub last_error: Option<Arc<str>>,
    /// The message as rendered, kept for a dead letter.
    pub body: Option<Vec<u8>>,
}

impl Settlement {
    /// A plain change of state without an attempt, such as [`NotificationState::Superseded`].
    pub const fn state(seq: u64, state: NotificationState, tries: u32) -> Self {
        Self {
            seq,
            attempts: Vec::new(),
            state,
            next_try_at: None,
            tries,
            last_error: None,
            body: None,
        }
    }
}

/// What follows from a turn of the dispatcher, written in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When it was taken.
    pub at: Time,
    /// The last event it took into account.
    pub cursor: Seq,
    /// The configuration it was taken under (content hash).
    pub config_version: Arc<str>,
    /// The flush records, in the engine's own encoding.
    pub body: Vec<u8>,
    /// The obligations; their `seq` and `decision` are assigned when they are written.
    pub notifications: Vec<Notification>,
    /// Rows this decision replaces or withdraws, in the same transaction.
    pub settlements: Vec<Settlement>,
    /// What else becomes true with it, in the same transaction.
    pub facts: Vec<Fact>,
}

/// A row that is written with a decision, or not at all: that a reminder was told by it, say. Nouns make theirs. One that is
/// there already refuses the decision with [`StoreError::Conflict`](crate::StoreError::Conflict) where its noun says so: then
/// another node was first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub(crate) sql: Sql,
    pub(crate) row: Vec<Arg>,
}

impl Fact {
    /// Its row with the numbers that its decision's notifications got.
    pub(crate) fn numbered(&self, decided: &Decided) -> Vec<Arg> {
        let Range { start, end } = decided.notifications;
        let value = |arg: &Arg| match arg {
            Arg::FirstNotification => start.into(),
            Arg::NotificationCount => (end - start).into(),
            Arg::Notification(nth) => (start + nth).into(),
            other => other.clone(),
        };
        self.row.iter().map(value).collect()
    }
}

/// What numbers a decision and its notifications got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The decision's.
    pub decision: u64,
    /// The notifications', in the order they were given.
    pub notifications: Range<u64>,
}

/// A stored decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was taken.
    pub at: Time,
    /// The last event it took into account.
    pub cursor: Seq,
    /// The configuration it was taken under.
    pub config_version: Arc<str>,
    /// The flush records.
    pub body: Vec<u8>,
}

/// Which notifications to list; every `Some` narrows. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// In this state.
    pub state: Option<NotificationState>,
    /// Of this account.
    pub account: Option<Arc<str>>,
    /// Of this receiver.
    pub receiver: Option<Arc<str>>,
    /// Of this group.
    pub group: Option<u64>,
    /// Decided at or after this time.
    pub since: Option<Time>,
    /// Older than this number, for the next page.
    pub before_seq: Option<u64>,
    /// How many; 0 reads as 100, more than 1000 as 1000.
    pub limit: usize,
}
