//! The dispatcher as one state machine: events in, decisions out.
//!
//! [`Dispatch`] holds the alerts, groups, silences and inhibitions in memory. [`Dispatch::apply`]
//! takes in the event log in its order, [`Dispatch::turn`] flushes the groups that are due, and
//! [`Dispatch::replay`] takes over a flush that was recorded before a restart. The same events and
//! the same turns give the same flushes.
//!
//! The rules are Alertmanager's (`dispatch`, `notify`, `nflog`, `provider/mem`), except where that
//! loses alerts:
//!
//! 1. What was told is kept per episode (an alert's fingerprint and the start it was first seen
//!    with), group and integration, and is written when the obligation is made, since that is
//!    durable. [`Dispatch::give_back`] takes it back.
//! 2. An episode that fired is told once, however short: when it is over before the flush, it is
//!    told as over and `missed`, also to an integration with `send_resolved: false`. An alert that
//!    was over when it first arrived never fired and is not told, even if its group is.
//! 3. An episode that was kept quiet (silenced, inhibited, muted) and still fires when that ends
//!    is told at the next flush. If it was quiet when it ended, its end is told to nobody who had
//!    not heard of it.
//! 4. A new episode of the same labels is always told, even if the last one's entry still stands
//!    or its end was not told yet; it takes the place of the last one in its groups.
//! 5. A recorded flush counts as done: resolved alerts leave their group at once, not when the
//!    last integration has answered. A resolve that could not be delivered comes back for a day.
//! 6. Alerts of lifecycle `event` are told once, as they came, and leave at the same flush. Events
//!    with the same labels do not replace each other; an exact repeat is ignored.
//! 7. Alerts of lifecycle `explicit` end at [`Time::NEVER`] until their source says otherwise.
//! 8. An episode goes on while its reports touch: a new start alone (two Prometheus replicas, a
//!    resolve with a start of its own) neither makes a new episode nor leaves the old one open. It
//!    keeps the start it was first seen with, while the alert's own may be merged to an earlier
//!    one. A report with a start after the end of what is over begins a new episode.
//! 9. With `send_resolved: false` nothing is written down when all alerts are over; Alertmanager
//!    writes an entry and so forgets that it told alerts which are silenced at that moment.
//! 10. An entry past its expiry counts as gone at once, not at the next maintenance run, and an
//!     empty group ends at once.
//! 11. Groups, timers and entries survive a restart; a reload that changes nothing changes nothing.
//! 12. On a route with flap detection an alert that comes and goes is told once as such, and then when it stays as it is;
//!     until then what is over stays in its group. It is off by default.
//! 13. When the clock is set back, the timers go back with it.

mod apply;
mod back;
mod checkpoint;
mod decide;
mod flaps;
mod group;
mod record;
mod reload;
mod repeats;
mod roll;
mod sweep;
#[cfg(test)]
mod tests;
mod turn;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use self::flaps::Flaps;
use self::group::{Group, Ids};
use self::repeats::Repeats;
use self::roll::Roll;
use crate::event::Seq;
use crate::inhibit::{InhibitRule, Inhibitor};
use crate::interval::Interval;
use crate::route::{Route, RouteTree};
use crate::silence::Silences;
use crate::time::Time;

pub use self::checkpoint::CheckpointChunk;
pub use self::group::GroupId;
pub use self::record::{Flush, FlushRecord, Judged, Mute, Obligation, Reason, Verdict};
pub use self::view::{AlertStatus, GroupRef};

/// The part of the configuration that decisions follow.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Content hash of the configuration.
    pub version: Arc<str>,
    /// Where alerts go.
    pub routes: RouteTree,
    /// The ways out of each receiver, in document order.
    pub receivers: HashMap<Arc<str>, Vec<IntegrationRule>>,
    /// What inhibits what.
    pub inhibit: Vec<InhibitRule>,
    /// Named time intervals.
    pub intervals: BTreeMap<String, Vec<Interval>>,
    /// End of a refreshing alert that is not re-sent. Ingest has applied it to what is in the log;
    /// it is here so that the rules are complete.
    pub resolve_timeout: Duration,
    /// How long expired silences are kept, and the longest life of an entry of what was told.
    pub silence_retention: Duration,
}

impl Rules {
    /// How long what was told to a route's integrations stands.
    fn entry_lives(&self, route: &Route) -> Duration {
        self.silence_retention.min(
            route
                .noise
                .longest_repeat(route.repeat_interval)
                .saturating_mul(2),
        )
    }
}

/// One way out of a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationRule {
    /// What stays the same across reloads.
    pub key: Arc<str>,
    /// Whether it is told that alerts are over.
    pub send_resolved: bool,
}

/// The dispatcher's memory.
#[derive(Clone, Debug)]
pub struct Dispatch {
    rules: Arc<Rules>,
    ids: Ids,
    cursor: Seq,
    /// The latest instant of a turn, replay, reload or collection.
    clock: Time,
    /// The number of the next flush that changes something.
    ordinal: u64,
    roll: Roll,
    groups: FxHashMap<GroupId, Group>,
    /// Every group's next look.
    timers: BTreeSet<(Time, GroupId)>,
    silences: Silences,
    inhibitor: Inhibitor,
    flaps: Flaps,
    repeats: Repeats,
}

impl Dispatch {
    /// An empty memory.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            ids: Ids::of(&rules.routes),
            flaps: Flaps::of(&rules.routes),
            repeats: Repeats::default(),
            inhibitor: Inhibitor::new(rules.inhibit.clone()),
            rules,
            cursor: 0,
            clock: Time::EPOCH,
            ordinal: 1,
            roll: Roll::default(),
            groups: FxHashMap::default(),
            timers: BTreeSet::new(),
            silences: Silences::default(),
        }
    }

    /// The number of the last event applied; 0 before the first.
    pub fn cursor(&self) -> Seq {
        self.cursor
    }

    /// The rules in force.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The silences in memory.
    pub fn silences(&self) -> &Silences {
        &self.silences
    }

    /// When the next group is due; nothing happens by time alone before.
    pub fn next_due(&self) -> Option<Time> {
        self.timers.first().map(|(due, _)| *due)
    }
}
