//! The queue of one lane: what is due now, worst and oldest first, and what is due later.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::Notification;
use rustc_hash::{FxHashMap, FxHashSet};

use super::bundle::{Bundle, Slot};

/// Bundles that wait, at most one for each slot.
#[derive(Default)]
pub(crate) struct Waiting {
    due: BTreeMap<(Reverse<Severity>, u64), Bundle>,
    later: BTreeMap<(Time, u64), Bundle>,
    places: FxHashMap<Slot, Place>,
    busy: FxHashSet<Slot>,
    held: FxHashMap<Slot, Bundle>,
}

#[derive(Clone, Copy)]
enum Place {
    Due(Reverse<Severity>, u64),
    Later(Time, u64),
}

impl Waiting {
    /// How many bundles wait.
    pub(crate) fn len(&self) -> usize {
        self.due.len() + self.later.len() + self.held.len()
    }

    /// How many bundles wait and are due.
    pub(crate) fn due(&self) -> usize {
        self.due.len()
    }

    /// Takes in a bundle; one that waited for the same slot is replaced, and the rows that are thereby
    /// superseded are answered. While the slot's former bundle is under way the new one is held
    /// back, so that firing is never told after resolved.
    pub(crate) fn push(&mut self, mut bundle: Bundle, now: Time) -> Vec<Notification> {
        let Some(slot) = bundle.slot() else {
            self.place(bundle, now);
            return Vec::new();
        };
        if self.busy.contains(&slot) {
            let superseded = self
                .held
                .remove(&slot)
                .map(|older| bundle.supersede(older))
                .unwrap_or_default();
            self.held.insert(slot, bundle);
            return superseded;
        }
        let older = self.places.remove(&slot).and_then(|place| match place {
            Place::Due(severity, seq) => self.due.remove(&(severity, seq)),
            Place::Later(at, seq) => self.later.remove(&(at, seq)),
        });
        let superseded = match older {
            // A retry that comes back finds a newer bundle waiting: the newer one stays.
            Some(mut waiting) if waiting.seq() > bundle.seq() => {
                let superseded = waiting.supersede(bundle);
                bundle = waiting;
                superseded
            }
            Some(older) => bundle.supersede(older),
            None => Vec::new(),
        };
        self.place(bundle, now);
        superseded
    }

    fn place(&mut self, bundle: Bundle, now: Time) {
        let (slot, seq, at) = (bundle.slot(), bundle.seq(), bundle.next_try_at());
        let place = if at <= now {
            let severity = Reverse(bundle.severity());
            self.due.insert((severity, seq), bundle);
            Place::Due(severity, seq)
        } else {
            self.later.insert((at, seq), bundle);
            Place::Later(at, seq)
        };
        if let Some(slot) = slot {
            self.places.insert(slot, place);
        }
    }

    /// When the next bundle that is not yet due will be.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.later.first_key_value().map(|((at, _), _)| *at)
    }

    /// Moves what has become due to the due.
    pub(crate) fn ripen(&mut self, now: Time) {
        while let Some(entry) = self
            .later
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            let bundle = entry.remove();
            let (slot, key) = (bundle.slot(), (Reverse(bundle.severity()), bundle.seq()));
            self.due.insert(key, bundle);
            if let Some(slot) = slot {
                self.places.insert(slot, Place::Due(key.0, key.1));
            }
        }
    }

    /// Takes the worst and oldest bundle that is due; its slot is busy until [`Waiting::done`].
    pub(crate) fn pop(&mut self) -> Option<Bundle> {
        let (_, bundle) = self.due.pop_first()?;
        if let Some(slot) = bundle.slot() {
            self.places.remove(&slot);
            self.busy.insert(slot);
        }
        Some(bundle)
    }

    /// The slot is free again; what was held back for it may wait its turn.
    pub(crate) fn done(&mut self, slot: Option<Slot>, now: Time) {
        let Some(slot) = slot else { return };
        self.busy.remove(&slot);
        if let Some(bundle) = self.held.remove(&slot) {
            self.push(bundle, now);
        }
    }
}
