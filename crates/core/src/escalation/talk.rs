//! Who is being told something in one turn, so that all of it is told at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::storm::{Bound, Leave, MOST, Slots, Telling};
use crate::time::Time;

/// One turn's tellings. All that is due for a person in the same turn is one.
pub(super) struct Talk<'s> {
    /// `None` when people may be told any number of times.
    bound: Option<(Bound, &'s mut Slots)>,
    /// Those who are being told, with how many incidents.
    speaking: BTreeMap<Arc<str>, usize>,
    /// What repeats the last telling by another way; noted at the end of the turn, so that all of it may.
    along: Vec<(Arc<str>, u64, Vec<Arc<str>>)>,
}

impl<'s> Talk<'s> {
    /// A turn in which everybody may be told.
    pub(super) fn free() -> Self {
        Self {
            bound: None,
            speaking: BTreeMap::new(),
            along: Vec::new(),
        }
    }

    pub(super) fn new(bound: Option<Bound>, slots: &'s mut Slots) -> Self {
        Self {
            bound: bound.map(|bound| (bound, slots)),
            ..Self::free()
        }
    }

    /// Until when a person is not told of this; `None` when they are told now, or nothing is to be told.
    pub(super) fn holds(&self, what: Telling<'_>, now: Time) -> Option<Time> {
        let (bound, slots) = self.bound.as_ref()?;
        if what.ways.is_empty() {
            return None;
        }
        match self.speaking.get(what.person) {
            Some(told) if *told < MOST => None,
            Some(_) => Some(now.after(bound.every)),
            None => match slots.leave(*bound, what, now) {
                Leave::Wait(until) => Some(until),
                Leave::Go | Leave::Along => None,
            },
        }
    }

    /// Whether anybody is being told.
    pub(super) fn is_speaking(&self) -> bool {
        !self.speaking.is_empty()
    }

    /// Whether this person is being told, and of more.
    pub(super) fn has_room_for(&self, person: &str) -> bool {
        self.speaking.get(person).is_some_and(|told| *told < MOST)
    }

    /// A person is told of this now.
    pub(super) fn tells(&mut self, what: Telling<'_>, now: Time) {
        let Some((bound, slots)) = &mut self.bound else {
            return;
        };
        if let Some(told) = self.speaking.get_mut(what.person) {
            *told += 1;
            slots.joins(what);
        } else if slots.leave(*bound, what, now) == Leave::Along {
            let person = Arc::clone(what.person);
            self.along.push((person, what.subject, what.ways.to_vec()));
        } else {
            slots.told(*bound, what, now);
            self.speaking.insert(Arc::clone(what.person), 1);
        }
    }

    /// The turn is over.
    pub(super) fn end(self) {
        let Some((_, slots)) = self.bound else { return };
        for (person, subject, ways) in &self.along {
            slots.joins(Telling {
                person,
                severity: crate::severity::Severity::Info,
                subject: *subject,
                ways,
            });
        }
    }
}
