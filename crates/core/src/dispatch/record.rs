//! What a flush decided: the part that is stored, and the words around it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::group::GroupId;
use crate::alert::{Alert, Episode};
use crate::fingerprint::Fingerprint;
use crate::label::Labels;
use crate::message::Status;
use crate::time::Time;

/// One look at a group, as it is stored and replayed.
///
/// It holds what cannot be looked up. The version of the rules is the decision's; the group's
/// labels, receiver and route key follow from it and the alerts, and are in [`Flush`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlushRecord {
    /// Which group.
    pub group: GroupId,
    /// The number of this flush among all flushes that changed something; never used twice, also
    /// when a group ends and comes back.
    pub ordinal: u64,
    /// When it was taken; the instant all rules were asked about.
    pub at: Time,
    /// The time intervals that kept the whole group quiet, if any did.
    pub muted: Option<Mute>,
    /// The group's alerts, sorted by job, instance and labels, with what the rules said of each.
    pub alerts: Vec<Judged>,
    /// Who must be told, in the order of the receiver's integrations.
    pub obligations: Vec<Obligation>,
}

/// An alert of a flushed group and what the rules said of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Judged {
    /// Which occurrence of which alert.
    pub episode: Episode,
    /// Whether it fired then. An alert of lifecycle `event` always counts as firing.
    pub status: Status,
    /// What the rules said.
    pub verdict: Verdict,
}

impl Judged {
    /// Whether it is kept in its group until it stays as it is.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.verdict, Verdict::Flapping { .. })
    }
}

/// What the rules said of an alert at a flush. Variants are only ever appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing kept it quiet; the obligations say who is told.
    Passed,
    /// This alert fires and inhibits it.
    Inhibited(Fingerprint),
    /// The whole group is quiet, see [`FlushRecord::muted`].
    Muted,
    /// These silences match, in order of their ids.
    Silenced(Vec<Arc<str>>),
    /// It was kept quiet when it ended and nobody had been told of it, so nobody needs to know.
    OverInQuiet,
    /// It comes and goes, which was told, and has not stayed as it is for long enough.
    Flapping {
        /// Since when it comes and goes.
        since: Time,
    },
}

/// Which time intervals kept a group quiet. Variants are only ever appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mute {
    /// The flush was inside these mute intervals.
    Inside(Vec<Arc<str>>),
    /// The flush was outside all of these active intervals.
    Outside(Vec<Arc<str>>),
}

impl Mute {
    /// The names of the intervals, as Alertmanager's `mutedBy` lists them.
    pub fn names(&self) -> &[Arc<str>] {
        match self {
            Self::Inside(names) | Self::Outside(names) => names,
        }
    }
}

/// One destination that must be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The integration's stable key.
    pub integration: Arc<str>,
    /// Why now.
    pub reason: Reason,
    /// Whether any of the episodes fires.
    pub firing: bool,
    /// What is told, in the order of the record's alerts.
    pub episodes: Vec<(Episode, Status)>,
    /// Those of them that are over and of which this destination never heard while they fired.
    pub missed: Vec<Episode>,
}

/// Why a destination is told, in Alertmanager's words. Variants are only ever appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// It knows of nothing that fires in this group.
    FirstNotification,
    /// Something fires of which it does not know.
    NewAlerts,
    /// Something it knows of is over, something else still fires.
    SomeResolved,
    /// Nothing fires any more.
    AllResolved,
    /// Nothing changed for the repeat interval.
    RepeatInterval,
}

impl Reason {
    /// Alertmanager's `notification_reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstNotification => "first notification",
            Self::NewAlerts => "new alerts added",
            Self::SomeResolved => "some alerts resolved",
            Self::AllResolved => "all alerts resolved",
            Self::RepeatInterval => "repeat interval elapsed",
        }
    }
}

/// A flush as it was taken: the record and what it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Flush {
    /// The part to be stored.
    pub record: FlushRecord,
    /// The receiver's name.
    pub receiver: Arc<str>,
    /// Alertmanager's key of the route.
    pub route_key: Arc<str>,
    /// The labels the group is keyed by.
    pub group_labels: Labels,
    /// The alerts as they stood, in the order of the record's; empty when nothing changed.
    pub alerts: Vec<Arc<Alert>>,
    /// Whether the record must be stored. When not, the rules said the same as last time, nobody
    /// is told, and the record's alerts are left out.
    pub changed: bool,
}
