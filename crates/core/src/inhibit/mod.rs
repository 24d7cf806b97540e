//! Inhibition: an alert that fires keeps others quiet.
//!
//! Each rule keeps its source alerts in slots, one per combination of values of its `equal` labels,
//! and in a slot by when they end; whether an alert is inhibited is then one look at the last of
//! them. A source that is resolved can so never hide one that still fires, which Alertmanager's
//! index of one source per slot cannot promise.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::alert::Alert;
use crate::fingerprint::Fingerprint;
use crate::label::Labels;
use crate::matcher::Matchers;
use crate::time::Time;

/// One rule: firing alerts that match `source` keep those that match `target` quiet while both
/// have the same values for the labels named in `equal`. A rule that says nothing inhibits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InhibitRule {
    /// Its name; may be empty.
    pub name: String,
    /// What inhibits.
    pub source: Matchers,
    /// What is inhibited.
    pub target: Matchers,
    /// Labels whose values must be the same on both sides; a missing label is an empty value.
    pub equal: Vec<String>,
}

/// Why an alert is inhibited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inhibition {
    /// The alert that fires; of several, the one that ends last.
    pub source: Fingerprint,
    /// The position of the rule.
    pub rule: usize,
}

/// The rules and the alerts that are on their source side.
#[derive(Clone, Debug)]
pub struct Inhibitor {
    rules: Arc<[InhibitRule]>,
    /// Per rule, its source alerts by their values of the `equal` labels.
    slots: Vec<FxHashMap<Box<str>, Slot>>,
    /// Where each source alert is.
    places: FxHashMap<Fingerprint, Placed>,
}

/// Source alerts with the same values, by their end.
#[derive(Clone, Debug, Default)]
struct Slot {
    /// Those that match the source side only.
    source_only: BTreeSet<(Time, Fingerprint)>,
    /// Those that match the target side too; they cannot inhibit alerts that match both sides.
    both_sides: BTreeSet<(Time, Fingerprint)>,
}

#[derive(Clone, Debug)]
struct Placed {
    ends_at: Time,
    places: Box<[Place]>,
}

#[derive(Clone, Debug)]
struct Place {
    rule: usize,
    values: Box<str>,
    both_sides: bool,
}

impl Slot {
    fn side(&mut self, both_sides: bool) -> &mut BTreeSet<(Time, Fingerprint)> {
        if both_sides {
            &mut self.both_sides
        } else {
            &mut self.source_only
        }
    }

    fn is_empty(&self) -> bool {
        self.source_only.is_empty() && self.both_sides.is_empty()
    }

    /// A source that still fires, if any may inhibit.
    fn firing(&self, target_is_both_sides: bool, now: Time) -> Option<Fingerprint> {
        let last = |side: &BTreeSet<(Time, Fingerprint)>| {
            side.last().filter(|(ends_at, _)| *ends_at > now).copied()
        };
        let both_sides = if target_is_both_sides {
            None
        } else {
            last(&self.both_sides)
        };
        last(&self.source_only)
            .max(both_sides)
            .map(|(_, source)| source)
    }
}

impl Inhibitor {
    /// No alerts yet.
    pub fn new(rules: impl Into<Arc<[InhibitRule]>>) -> Self {
        let rules = rules.into();
        let slots = vec![FxHashMap::default(); rules.len()];
        Self {
            rules,
            slots,
            places: FxHashMap::default(),
        }
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[InhibitRule] {
        &self.rules
    }

    /// Takes in an alert's newest state, firing or resolved.
    pub fn set(&mut self, fingerprint: Fingerprint, alert: &Alert) {
        let known = self.take(fingerprint);
        let places = match known {
            // The labels are what the fingerprint says, so the places have not changed.
            Some(known) => known.places,
            None => self.places_of(&alert.labels),
        };
        if places.is_empty() {
            return;
        }
        let ends_at = alert.ends_at;
        for place in &places {
            if let Some(slots) = self.slots.get_mut(place.rule) {
                let slot = slots.entry(place.values.clone()).or_default();
                slot.side(place.both_sides).insert((ends_at, fingerprint));
            }
        }
        self.places.insert(fingerprint, Placed { ends_at, places });
    }

    /// Forgets an alert.
    pub fn remove(&mut self, fingerprint: Fingerprint) {
        self.take(fingerprint);
    }

    /// The firing alert that keeps alerts with these labels quiet, if there is one.
    pub fn inhibited_by(&self, labels: &Labels, now: Time) -> Option<Fingerprint> {
        self.inhibition(labels, now)
            .map(|inhibition| inhibition.source)
    }

    /// Like [`Self::inhibited_by`], with the rule; the first rule that applies is named.
    pub fn inhibition(&self, labels: &Labels, now: Time) -> Option<Inhibition> {
        self.rules
            .iter()
            .zip(&self.slots)
            .enumerate()
            .find_map(|(rule, (words, slots))| {
                if slots.is_empty() || !words.target.matches(labels) {
                    return None;
                }
                let slot = slots.get(values(&words.equal, labels).as_str())?;
                let source = slot.firing(words.source.matches(labels), now)?;
                Some(Inhibition { source, rule })
            })
    }

    /// How many alerts are on some rule's source side.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no alert is on any rule's source side.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn places_of(&self, labels: &Labels) -> Box<[Place]> {
        let sides = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.source.matches(labels));
        sides
            .map(|(index, rule)| Place {
                rule: index,
                values: values(&rule.equal, labels).into(),
                both_sides: rule.target.matches(labels),
            })
            .collect()
    }

    /// Takes an alert out of its slots; slots that become empty go.
    fn take(&mut self, fingerprint: Fingerprint) -> Option<Placed> {
        let placed = self.places.remove(&fingerprint)?;
        for place in &placed.places {
            let Some(slots) = self.slots.get_mut(place.rule) else {
                continue;
            };
            let Some(slot) = slots.get_mut(&place.values) else {
                continue;
            };
            slot.side(place.both_sides)
                .remove(&(placed.ends_at, fingerprint));
            if slot.is_empty() {
                slots.remove(&place.values);
            }
        }
        Some(placed)
    }
}

/// The values of the `equal` labels in one text; a NUL ends each, because no value holds one.
fn values(equal: &[String], labels: &Labels) -> String {
    equal.iter().fold(String::new(), |mut text, name| {
        text.push_str(labels.value(name));
        text.push('\0');
        text
    })
}
