//! The silences in memory.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::index::Index;
use super::{Silence, SilenceState};
use crate::label::Labels;
use crate::time::Time;

/// All silences that are kept.
#[derive(Clone, Debug, Default)]
pub struct Silences {
    by_id: FxHashMap<Arc<str>, Arc<Silence>>,
    index: Index,
    version: u64,
}

impl Silences {
    /// Takes in a silence's state from the log. An older state than the one that is known changes
    /// nothing; whether it changed something is the answer.
    pub fn apply(&mut self, silence: Silence) -> bool {
        if let Some(known) = self.by_id.get(&silence.id) {
            if silence.updated_at < known.updated_at || silence == **known {
                return false;
            }
            self.index.remove(known);
        }
        let silence = Arc::new(silence);
        self.index.insert(&silence);
        self.by_id.insert(Arc::clone(&silence.id), silence);
        self.version += 1;
        true
    }

    /// The silence of an id.
    pub fn get(&self, id: &str) -> Option<&Silence> {
        self.by_id.get(id).map(|silence| &**silence)
    }

    /// How many are kept, expired ones included.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// A number that changes whenever [`Self::apply`] changes something. An answer of
    /// [`Self::mutes`] stays true while this and the labels stay the same and
    /// [`Self::next_change`] has not come.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The ids of the active silences that match, in order of their ids.
    pub fn mutes(&self, labels: &Labels, now: Time) -> Vec<Arc<str>> {
        let mut ids: Vec<Arc<str>> = self
            .index
            .candidates(labels)
            .filter(|silence| silence.state(now) == SilenceState::Active && silence.matches(labels))
            .map(|silence| Arc::clone(&silence.id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// When the next silence begins or ends by the clock alone, after `now`.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        self.by_id
            .values()
            .flat_map(|silence| [silence.starts_at, silence.ends_at])
            .filter(|change| *change > now && !change.is_never())
            .min()
    }

    /// All of them with their states: active ones by their end, pending ones by their start,
    /// expired ones latest first; those that are alike by their ids.
    pub fn list(&self, now: Time) -> Vec<(SilenceState, Arc<Silence>)> {
        let mut list: Vec<_> = self
            .by_id
            .values()
            .map(|silence| (silence.state(now), Arc::clone(silence)))
            .collect();
        list.sort_unstable_by(listing_order);
        list
    }

    /// Forgets those that have been over for the retention; their ids are the answer, in order.
    pub fn prune(&mut self, now: Time, retention: Duration) -> Vec<Arc<str>> {
        let mut gone: Vec<Arc<str>> = self
            .by_id
            .values()
            .filter(|silence| silence.ends_at.after(retention) < now)
            .map(|silence| Arc::clone(&silence.id))
            .collect();
        gone.sort_unstable();
        for id in &gone {
            if let Some(silence) = self.by_id.remove(id) {
                self.index.remove(&silence);
            }
        }
        gone
    }
}

fn listing_order(a: &(SilenceState, Arc<Silence>), b: &(SilenceState, Arc<Silence>)) -> Ordering {
    let within = || match a.0 {
        SilenceState::Active => a.1.ends_at.cmp(&b.1.ends_at),
        SilenceState::Pending => a.1.starts_at.cmp(&b.1.starts_at),
        SilenceState::Expired => b.1.ends_at.cmp(&a.1.ends_at),
    };
    a.0.cmp(&b.0)
        .then_with(within)
        .then_with(|| a.1.id.cmp(&b.1.id))
}
