//! The memory written down in pieces, and read back.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::flaps::Starts;
use super::group::{Group, GroupId, Ledger, Members, Told};
use super::roll::Entry;
use super::{Dispatch, Rules};
use crate::alert::{Alert, Episode};
use crate::event::Seq;
use crate::fingerprint::Fingerprint;
use crate::label::Labels;
use crate::route::RouteIdx;
use crate::silence::Silence;
use crate::time::Time;

/// Items in one piece.
const PIECE: usize = 4096;

/// A piece of the memory; all pieces together are the whole. They are read back in any order.
/// Variants are only ever appended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckpointChunk(Piece);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Piece {
    Head {
        cursor: Seq,
        clock: Time,
        ordinal: u64,
        version: Arc<str>,
    },
    Alerts(Vec<KeptAlert>),
    Groups(Vec<KeptGroup>),
    Members(Vec<(GroupId, Episode)>),
    Ledgers(Vec<KeptLedger>),
    /// As JSON: what a silence is may grow.
    Silences(Vec<String>),
    /// How often alerts began of late; only where routes ask for it.
    Flaps(Vec<(Fingerprint, Starts)>),
    /// How often integrations were told the same again, where they were.
    Repeats(Vec<(GroupId, Arc<str>, u32)>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptAlert {
    alert: Arc<Alert>,
    since: Time,
    pins: u32,
    newest: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptGroup {
    id: GroupId,
    route: RouteIdx,
    labels: Labels,
    next: Time,
    flushed: bool,
    said: u64,
}

/// A long ledger is kept in several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptLedger {
    group: GroupId,
    integration: Arc<str>,
    told_at: Time,
    told: Vec<Told>,
}

impl Dispatch {
    /// The whole memory in pieces of at most some four thousand items, made one after the other.
    pub fn checkpoint(&self) -> impl Iterator<Item = CheckpointChunk> {
        let head = Piece::Head {
            cursor: self.cursor,
            clock: self.clock,
            ordinal: self.ordinal,
            version: Arc::clone(&self.rules.version),
        };
        let mut fingerprints: Vec<_> = self.roll.newest.keys().copied().collect();
        fingerprints.sort_unstable();
        let newest = fingerprints
            .into_iter()
            .filter_map(|f| self.roll.newest.get(&f));
        let mut episodes: Vec<_> = self.roll.older.keys().copied().collect();
        episodes.sort_unstable();
        let older = episodes.into_iter().filter_map(|e| self.roll.older.get(&e));
        let alerts = newest
            .map(|e| kept(e, true))
            .chain(older.map(|e| kept(e, false)));
        let silences = self.silences.list(self.clock);
        let silences = silences
            .into_iter()
            .filter_map(|(_, s)| serde_json::to_string(&*s).ok());
        std::iter::once(head)
            .chain(pieces(alerts, Piece::Alerts))
            .chain(pieces(self.in_order().map(kept_group), Piece::Groups))
            .chain(pieces(
                self.in_order().flat_map(kept_members),
                Piece::Members,
            ))
            .chain(pieces(
                self.in_order().flat_map(kept_ledgers),
                Piece::Ledgers,
            ))
            .chain(pieces(silences, Piece::Silences))
            .chain(pieces(self.flaps.kept().into_iter(), Piece::Flaps))
            .chain(pieces(self.repeats.kept().into_iter(), Piece::Repeats))
            .map(CheckpointChunk)
    }

    fn in_order(&self) -> impl Iterator<Item = (GroupId, &Group)> {
        let mut ids: Vec<GroupId> = self.groups.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter()
            .filter_map(|id| self.groups.get(&id).map(|group| (id, group)))
    }

    /// The memory that these pieces hold, under these rules. Rules of another version than the
    /// checkpoint's come into force at the checkpoint's time, as with [`Dispatch::set_rules`].
    pub fn restore(rules: Arc<Rules>, chunks: impl IntoIterator<Item = CheckpointChunk>) -> Self {
        let mut restored = Restored::new(rules);
        for CheckpointChunk(piece) in chunks {
            restored.take(piece);
        }
        restored.finish()
    }
}

/// Groups the items into pieces as they come.
fn pieces<T>(
    mut items: impl Iterator<Item = T>,
    piece: impl Fn(Vec<T>) -> Piece,
) -> impl Iterator<Item = Piece> {
    std::iter::from_fn(move || {
        let part: Vec<T> = items.by_ref().take(PIECE).collect();
        (!part.is_empty()).then(|| piece(part))
    })
}

fn kept(entry: &Entry, newest: bool) -> KeptAlert {
    KeptAlert {
        alert: Arc::clone(&entry.alert),
        since: entry.since,
        pins: entry.pins,
        newest,
    }
}

fn kept_group((id, group): (GroupId, &Group)) -> KeptGroup {
    KeptGroup {
        id,
        route: group.route,
        labels: group.labels.clone(),
        next: group.next,
        flushed: group.flushed,
        said: group.said,
    }
}

fn kept_members((id, group): (GroupId, &Group)) -> impl Iterator<Item = (GroupId, Episode)> {
    group.members.iter().map(move |episode| (id, episode))
}

fn kept_ledgers((id, group): (GroupId, &Group)) -> impl Iterator<Item = KeptLedger> {
    group.ledgers.iter().flat_map(move |ledger| {
        ledger.told.chunks(PIECE).map(move |told| KeptLedger {
            group: id,
            integration: Arc::clone(&ledger.integration),
            told_at: ledger.told_at,
            told: told.to_vec(),
        })
    })
}

/// Pieces on their way back.
struct Restored {
    dispatch: Dispatch,
    version: Arc<str>,
    groups: FxHashMap<GroupId, Group>,
    members: Vec<(GroupId, Episode)>,
    ledgers: Vec<KeptLedger>,
}

impl Restored {
    fn new(rules: Arc<Rules>) -> Self {
        Self {
            version: Arc::clone(&rules.version),
            dispatch: Dispatch::new(rules),
            groups: FxHashMap::default(),
            members: Vec::new(),
            ledgers: Vec::new(),
        }
    }

    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Head {
                cursor,
                clock,
                ordinal,
                version,
            } => {
                self.dispatch.cursor = cursor;
                self.dispatch.clock = clock;
                self.dispatch.ordinal = ordinal;
                self.version = version;
            }
            Piece::Alerts(alerts) => alerts.into_iter().for_each(|kept| self.take_alert(kept)),
            Piece::Groups(groups) => {
                let groups = groups.into_iter().map(|kept| (kept.id, group_of(kept)));
                self.groups.extend(groups);
            }
            Piece::Members(mut members) => self.members.append(&mut members),
            Piece::Ledgers(mut ledgers) => self.ledgers.append(&mut ledgers),
            Piece::Flaps(kept) => self.dispatch.flaps.restore(kept),
            Piece::Repeats(kept) => self.dispatch.repeats.restore(kept),
            Piece::Silences(silences) => {
                let silences = silences
                    .iter()
                    .filter_map(|json| serde_json::from_str(json).ok());
                silences.for_each(|silence: Silence| {
                    self.dispatch.silences.apply(silence);
                });
            }
        }
    }

    fn take_alert(&mut self, kept: KeptAlert) {
        let fingerprint = kept.alert.fingerprint();
        let entry = Entry {
            pins: kept.pins,
            ..Entry::new(kept.alert, kept.since)
        };
        if kept.newest {
            self.dispatch.inhibitor.set(fingerprint, &entry.alert);
            self.dispatch.roll.newest.insert(fingerprint, entry);
        } else {
            let episode = Episode {
                fingerprint,
                starts_at: kept.since,
            };
            self.dispatch.roll.older.insert(episode, entry);
        }
    }

    fn finish(mut self) -> Dispatch {
        for (id, episode) in self.members {
            if let Some(group) = self.groups.get_mut(&id) {
                group.members.insert(episode);
                self.dispatch.roll.joined(episode, !group.flushed);
            }
        }
        for kept in self.ledgers {
            if let Some(group) = self.groups.get_mut(&kept.group) {
                join_ledger(group, kept);
            }
        }
        let routes = &self.dispatch.rules.routes;
        let fits = self
            .groups
            .values()
            .all(|group| routes.route(group.route).is_some());
        if fits && self.version == self.dispatch.rules.version {
            self.dispatch.timers = self.groups.iter().map(|(id, g)| (g.next, *id)).collect();
            self.dispatch.groups = self.groups;
        } else {
            let now = self.dispatch.clock;
            self.dispatch.regroup(self.groups, now);
        }
        self.dispatch
    }
}

fn group_of(kept: KeptGroup) -> Group {
    Group {
        route: kept.route,
        labels: kept.labels,
        next: kept.next,
        flushed: kept.flushed,
        said: kept.said,
        members: Members::none(),
        ledgers: Vec::new(),
    }
}

fn join_ledger(group: &mut Group, kept: KeptLedger) {
    let known = group
        .ledgers
        .iter_mut()
        .find(|ledger| ledger.integration == kept.integration);
    if let Some(ledger) = known {
        let mut told = std::mem::take(&mut ledger.told).into_vec();
        told.extend(kept.told);
        told.sort_unstable();
        ledger.told = told.into_boxed_slice();
    } else {
        group.ledgers.reserve_exact(1);
        group.ledgers.push(Ledger {
            integration: kept.integration,
            told_at: kept.told_at,
            told: kept.told.into_boxed_slice(),
        });
    }
}
