//! The rare rows: checkpoints, rejected requests, configuration versions, retention and its result.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::event::Seq;
use balefire_core::time::Time;

/// The dispatcher's memory at one instant. A start loads it and replays what came after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last event it contains.
    pub cursor: Seq,
    /// The last decision it contains.
    pub decision: u64,
    /// When it was taken.
    pub at: Time,
    /// The memory, in pieces of the engine's own making; a piece of about 1 MiB holds the writer up
    /// for a few milliseconds.
    pub chunks: Vec<Vec<u8>>,
}

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its number; assigned when it is written.
    pub seq: u64,
    /// When it came.
    pub at: Time,
    /// The source it came to.
    pub source: Arc<str>,
    /// Why it was refused.
    pub reason: Arc<str>,
    /// The first bytes of its body; cut to [`Rejected::MAX_HEAD`].
    pub head: Vec<u8>,
}

impl Rejected {
    /// How many bytes of a refused body are kept.
    pub const MAX_HEAD: usize = 1024;
}

/// A configuration as it was in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigVersion {
    /// The hash of its content, hexadecimal; at most 190 characters.
    pub hash: Arc<str>,
    /// When it came into force first.
    pub at: Time,
    /// The document as written, with its references to secrets unexpanded.
    pub document: Arc<str>,
    /// The document as it may be shown.
    pub redacted: Arc<str>,
}

/// How long and how much to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Rows older than this go.
    pub age: Duration,
    /// When the store is larger than this many bytes, the oldest rows go even if they are younger.
    pub bytes: Option<u64>,
}

/// What a prune removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Rows of the event log (each holds one group commit).
    pub event_rows: u64,
    /// Decisions.
    pub decisions: u64,
    /// Settled notifications, with their attempts.
    pub notifications: u64,
    /// Records of refused requests.
    pub rejected: u64,
    /// Alarms of `/alarm_v2`.
    pub alarms: u64,
    /// The bytes in use afterwards, without those of files.
    pub bytes: u64,
}

/// One thing the start check says about how safe acknowledged data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurabilityFinding {
    /// The setting, as the database calls it.
    pub setting: &'static str,
    /// Its value.
    pub value: String,
    /// Whether acknowledged data survives a power failure with it.
    pub safe: bool,
    /// What to do, when it is not.
    pub advice: &'static str,
}

/// How full and busy the writer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterStats {
    /// Calls that wait.
    pub queued: usize,
    /// Transactions committed since the start.
    pub commits: u64,
    /// Events appended since the start.
    pub events: u64,
    /// Whether the disk is full, so that appends are refused and the reserve is in use.
    pub disk_full: bool,
    /// Whether the database could not be reached, or did not answer, when it was last needed or looked at.
    pub away: bool,
}
