//! What the event log holds: every input that can change a decision, in one order.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::fingerprint::Fingerprint;
use crate::time::Time;

/// A position in the event log of this node: the number of an event, from 1.
pub type Seq = u64;

/// One input. Variants are only ever appended: the log of an older release must stay readable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// An alert's state as a source sent it, complete.
    Alert {
        /// The name of the configured source (or built-in one) that sent it.
        source: Arc<str>,
        /// The alert.
        alert: Box<Alert>,
    },
    /// A firing alert re-sent without any change but its end.
    Refresh {
        /// Which alert.
        fingerprint: Fingerprint,
        /// Its new end.
        ends_at: Time,
        /// Whether that end was invented from the resolve timeout.
        timeout: bool,
    },
    /// A silence created, edited or expired: its whole new state, as JSON of `silence::Silence`.
    Silence(Arc<str>),
    /// The configuration changed to this version (content hash, hexadecimal).
    Configuration(Arc<str>),
    /// A sender's key now stands for these labels (packed), so that a later resolve finds them.
    Key {
        /// Source name and the sender's own key.
        key: Arc<str>,
        /// The alert it stands for.
        fingerprint: Fingerprint,
    },
}

/// An input with its place in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number.
    pub seq: Seq,
    /// When it was received.
    pub at: Time,
    /// What it was.
    pub input: Input,
}
