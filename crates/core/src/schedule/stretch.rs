//! Parts of time and sets of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// From an instant up to, but without, a later one; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stretch {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
}

impl Stretch {
    /// From one instant to another; `None` unless the second is later.
    pub fn new(from: Time, to: Time) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Whether an instant is inside.
    pub fn contains(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// The part of it that lies within another.
    pub fn within(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        self.to.since(self.from)
    }
}

/// The same instants in order, each once: what touches or overlaps becomes one.
pub(crate) fn union(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut apart: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match apart.last_mut() {
            Some(last) if stretch.from <= last.to => last.to = last.to.max(stretch.to),
            _ => apart.push(stretch),
        }
    }
    apart
}

/// The parts of a stretch that lie within a set in order.
pub(super) fn cut(stretch: Stretch, set: &[Stretch]) -> impl Iterator<Item = Stretch> + '_ {
    let first = set.partition_point(|other| other.to <= stretch.from);
    set.iter()
        .skip(first)
        .map_while(move |other| stretch.within(*other))
}
