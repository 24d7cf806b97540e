//! A group: the alerts of one route that share its labels, its timer, and who was told what.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::alert::Episode;
use crate::fingerprint::Fingerprint;
use crate::label::Labels;
use crate::route::{GroupBy, RouteIdx, RouteTree};
use crate::time::Time;

/// The name of a group: a hash of its route's key and ordinal and of its labels. It stays the same
/// across restarts and across reloads that keep the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u64);

/// Eight bytes in the store, as a hash has no small values that a variable length would save.
impl Serialize for GroupId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&format_args!("{:016x}", self.0))
        } else {
            self.0.to_be_bytes().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for GroupId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let digits = String::deserialize(deserializer)?;
            u64::from_str_radix(&digits, 16)
                .map(Self)
                .map_err(de::Error::custom)
        } else {
            <[u8; 8]>::deserialize(deserializer).map(|bytes| Self(u64::from_be_bytes(bytes)))
        }
    }
}

const OFFSET: u64 = 14_695_981_039_346_656_037;
const PRIME: u64 = 1_099_511_628_211;

fn fold(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// Works out group ids: per route, the hash of its key and ordinal.
#[derive(Clone, Debug)]
pub(super) struct Ids(Vec<u64>);

impl Ids {
    pub(super) fn of(routes: &RouteTree) -> Self {
        let seed = |(_, route): (RouteIdx, &crate::route::Route)| {
            fold(
                fold(fold(OFFSET, route.key.as_bytes()), &[0]),
                &route.ordinal.to_be_bytes(),
            )
        };
        Self(routes.iter().map(seed).collect())
    }

    /// The group that an alert with these labels belongs to on a route.
    pub(super) fn group(&self, routes: &RouteTree, route: RouteIdx, labels: &Labels) -> GroupId {
        let seed = self.0.get(route.0 as usize).copied().unwrap_or(OFFSET);
        let hash = match &routes[route].group_by {
            GroupBy::All => fold(seed, labels.packed().as_bytes()),
            GroupBy::Labels(names) => {
                let grouping = labels.iter().filter(|(name, _)| names.contains(*name));
                grouping.fold(seed, |hash, (name, value)| {
                    fold(
                        fold(fold(fold(hash, name.as_bytes()), &[0]), value.as_bytes()),
                        &[0],
                    )
                })
            }
        };
        GroupId(hash)
    }
}

/// A group of alerts.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) route: RouteIdx,
    pub(super) labels: Labels,
    /// When it is looked at next.
    pub(super) next: Time,
    /// Whether it was looked at before.
    pub(super) flushed: bool,
    /// A hash of what the rules said last; 0 before the first look.
    pub(super) said: u64,
    pub(super) members: Members,
    /// Who was told what; only destinations that know of something.
    pub(super) ledgers: Vec<Ledger>,
}

/// What one integration was told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) integration: Arc<str>,
    pub(super) told_at: Time,
    /// By episode.
    pub(super) told: Box<[Told]>,
}

/// An episode and what was said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) episode: Episode,
    /// Told as firing; else as over.
    pub(super) firing: bool,
}

impl Ledger {
    /// Whether the episode was told, and if so, whether as firing.
    pub(super) fn told(&self, episode: Episode) -> Option<bool> {
        let found = self
            .told
            .binary_search_by_key(&episode, |told| told.episode)
            .ok()?;
        self.told.get(found).map(|told| told.firing)
    }
}

impl Group {
    pub(super) fn ledger(&self, integration: &str) -> Option<&Ledger> {
        self.ledgers
            .iter()
            .find(|ledger| *ledger.integration == *integration)
    }

    /// Writes what an integration was told. What it heard of the end of present members stays.
    pub(super) fn write(&mut self, integration: &Arc<str>, told_at: Time, mut told: Vec<Told>) {
        let members = &self.members;
        let place = self
            .ledgers
            .iter()
            .position(|ledger| ledger.integration == *integration);
        if let Some(old) = place.and_then(|place| self.ledgers.get(place)) {
            let ends = old
                .told
                .iter()
                .filter(|old| !old.firing && members.contains(old.episode));
            let mut ends: Vec<Told> = ends.copied().collect();
            ends.retain(|end| !told.iter().any(|new| new.episode == end.episode));
            told.append(&mut ends);
        }
        told.sort_unstable();
        let ledger = Ledger {
            integration: Arc::clone(integration),
            told_at,
            told: told.into_boxed_slice(),
        };
        if let Some(old) = place.and_then(|place| self.ledgers.get_mut(place)) {
            *old = ledger;
        } else {
            self.ledgers.reserve_exact(1);
            self.ledgers.push(ledger);
        }
    }

    /// Forgets what was told of episodes that are no members any more, and empty ledgers.
    pub(super) fn tidy(&mut self) {
        let members = &self.members;
        for ledger in &mut self.ledgers {
            if ledger
                .told
                .iter()
                .any(|told| !members.contains(told.episode))
            {
                let kept = ledger
                    .told
                    .iter()
                    .filter(|told| members.contains(told.episode));
                ledger.told = kept.copied().collect();
            }
        }
        self.ledgers.retain(|ledger| !ledger.told.is_empty());
    }
}

/// The episodes of a group, in order. Most groups have one or a few.
#[derive(Clone, Debug)]
pub(super) enum Members {
    Few(Vec<Episode>),
    Many(BTreeSet<Episode>),
}

/// Members beyond which inserting into a sorted list costs more than a tree.
const FEW: usize = 64;

impl Members {
    pub(super) fn none() -> Self {
        Self::Few(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(tree) => tree.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn contains(&self, episode: Episode) -> bool {
        match self {
            Self::Few(list) => list.binary_search(&episode).is_ok(),
            Self::Many(tree) => tree.contains(&episode),
        }
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, episode: Episode) -> bool {
        match self {
            Self::Few(list) => {
                let Err(place) = list.binary_search(&episode) else {
                    return false;
                };
                if list.len() < FEW {
                    if list.is_empty() {
                        list.reserve_exact(1);
                    }
                    list.insert(place, episode);
                } else {
                    let mut tree: BTreeSet<Episode> = list.drain(..).collect();
                    tree.insert(episode);
                    *self = Self::Many(tree);
                }
                true
            }
            Self::Many(tree) => tree.insert(episode),
        }
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, episode: Episode) -> bool {
        match self {
            Self::Few(list) => {
                let Ok(place) = list.binary_search(&episode) else {
                    return false;
                };
                list.remove(place);
                true
            }
            Self::Many(tree) => tree.remove(&episode),
        }
    }

    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = Episode> + '_> {
        match self {
            Self::Few(list) => Box::new(list.iter().copied()),
            Self::Many(tree) => Box::new(tree.iter().copied()),
        }
    }

    /// The occurrences of one alert.
    pub(super) fn of(&self, fingerprint: Fingerprint) -> Vec<Episode> {
        let first = Episode {
            fingerprint,
            starts_at: Time::from_micros(i64::MIN),
        };
        match self {
            Self::Few(list) => {
                let start = list.partition_point(|episode| *episode < first);
                let from = list.iter().skip(start);
                from.take_while(|episode| episode.fingerprint == fingerprint)
                    .copied()
                    .collect()
            }
            Self::Many(tree) => tree
                .range(first..)
                .take_while(|episode| episode.fingerprint == fingerprint)
                .copied()
                .collect(),
        }
    }
}
