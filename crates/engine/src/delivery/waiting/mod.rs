//! The queue of one lane: what is due now, worst and oldest first, and what is due later.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

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
    /// No deadline of a bundle that waits comes before, but for those that were looked at.
    next_deadline: Option<Time>,
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

    /// Takes in a bundle; of two for the same slot the newer stays, and the rows that are thereby
    /// superseded are answered. While the slot's former bundle is under way the new one is held
    /// back, so that firing is never told after resolved.
    pub(crate) fn push(&mut self, bundle: Bundle, now: Time) -> Vec<Notification> {
        let Some(slot) = bundle.slot().cloned() else {
            self.place(bundle, now);
            return Vec::new();
        };
        if self.busy.contains(&slot) {
            let (newest, superseded) = newest_of(self.held.remove(&slot), bundle);
            self.note_deadline(&newest);
            self.held.insert(slot, newest);
            return superseded;
        }
        let there = self.places.remove(&slot).and_then(|place| match place {
            Place::Due(severity, seq) => self.due.remove(&(severity, seq)),
            Place::Later(at, seq) => self.later.remove(&(at, seq)),
        });
        let (newest, superseded) = newest_of(there, bundle);
        self.place(newest, now);
        superseded
    }

    fn place(&mut self, bundle: Bundle, now: Time) {
        self.note_deadline(&bundle);
        let (slot, seq, at) = (bundle.slot().cloned(), bundle.seq(), bundle.next_try_at());
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
            self.place(bundle, now);
        }
    }

    /// Takes the worst and oldest bundle that is due; its slot is busy until [`Waiting::done`].
    pub(crate) fn pop(&mut self) -> Option<Bundle> {
        let (_, bundle) = self.due.pop_first()?;
        self.occupy(&bundle);
        Some(bundle)
    }

    /// The bundle that was just popped, and with it those that are due and alike, at most `most` in all.
    pub(crate) fn pop_alike(&mut self, first: Bundle, most: usize) -> Vec<Bundle> {
        let alike = self.due.iter().filter(|(_, bundle)| bundle.alike(&first));
        let keys: Vec<_> = alike.map(|(key, _)| *key).take(most - 1).collect();
        let mut bundles = vec![first];
        bundles.extend(keys.iter().filter_map(|key| self.due.remove(key)));
        for bundle in &bundles[1..] {
            self.occupy(bundle);
        }
        bundles
    }

    fn occupy(&mut self, bundle: &Bundle) {
        if let Some(slot) = bundle.slot() {
            self.places.remove(slot);
            self.busy.insert(slot.clone());
        }
    }

    /// The slot is free again; what was held back for it may wait its turn.
    pub(crate) fn done(&mut self, slot: Option<&Slot>, now: Time) {
        let Some(slot) = slot else { return };
        self.busy.remove(slot);
        if let Some(bundle) = self.held.remove(slot) {
            self.place(bundle, now);
        }
    }

    /// Takes out everything that waits and for which `gone` holds.
    pub(crate) fn take_where(&mut self, gone: impl Fn(&Bundle) -> bool) -> Vec<Bundle> {
        let mut taken: Vec<Bundle> = Vec::new();
        taken.extend(self.due.extract_if(.., |_, b| gone(b)).map(|(_, b)| b));
        taken.extend(self.later.extract_if(.., |_, b| gone(b)).map(|(_, b)| b));
        for slot in taken.iter().filter_map(Bundle::slot) {
            self.places.remove(slot);
        }
        taken.extend(self.held.extract_if(|_, b| gone(b)).map(|(_, b)| b));
        taken
    }

    /// When the next deadline may pass of what waits.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.next_deadline
    }

    /// Takes out what waits past its deadline and for which `gone` holds. The others are not looked at again:
    /// they have nobody else to go to and wait on.
    pub(crate) fn take_overdue(
        &mut self,
        now: Time,
        gone: impl Fn(&Bundle) -> bool,
    ) -> Vec<Bundle> {
        let taken = self.take_where(|bundle| bundle.deadline_at() <= now && gone(bundle));
        let waiting = self.due.values().chain(self.later.values());
        let deadlines = waiting.chain(self.held.values()).map(Bundle::deadline_at);
        self.next_deadline = deadlines.filter(|deadline| *deadline > now).min();
        taken
    }

    fn note_deadline(&mut self, bundle: &Bundle) {
        let deadline = bundle.deadline_at();
        let next = self
            .next_deadline
            .map_or(deadline, |next| next.min(deadline));
        self.next_deadline = Some(next);
    }

    /// The clock was set back by `span`: what waits for a time waits no longer than before.
    pub(crate) fn set_back(&mut self, span: Duration) {
        self.next_deadline = self.next_deadline.map(|at| at.before(span));
        let waiting = self.due.values_mut().chain(self.later.values_mut());
        for bundle in waiting.chain(self.held.values_mut()) {
            for row in &mut bundle.rows {
                row.deadline_at = row.deadline_at.before(span);
            }
        }
        for (_, mut bundle) in std::mem::take(&mut self.later) {
            for row in &mut bundle.rows {
                row.next_try_at = row.next_try_at.map(|at| at.before(span));
            }
            let (at, seq) = (bundle.next_try_at(), bundle.seq());
            if let Some(slot) = bundle.slot() {
                self.places.insert(slot.clone(), Place::Later(at, seq));
            }
            self.later.insert((at, seq), bundle);
        }
    }
}

/// Of a bundle that waits and one that comes, the newer, which takes over what the other had to say. A
/// retry that comes back, and a row that was read late from the store, are older than what waits.
fn newest_of(waits: Option<Bundle>, comes: Bundle) -> (Bundle, Vec<Notification>) {
    let Some(waits) = waits else {
        return (comes, Vec::new());
    };
    let (mut newer, older) = if waits.seq() > comes.seq() {
        (waits, comes)
    } else {
        (comes, waits)
    };
    let superseded = newer.supersede(older);
    (newer, superseded)
}
