//! What made the most noise.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How often something was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    /// What.
    pub what: Arc<str>,
    /// How many notifications it made.
    pub notifications: usize,
}

/// Those of which most was told, the noisiest first, among equals in the order of their names; `most` at most.
pub fn noisiest(told: impl Iterator<Item = Arc<str>>, most: usize) -> Vec<Noise> {
    let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for what in told {
        *counts.entry(what).or_default() += 1;
    }
    let mut noise: Vec<Noise> = counts
        .into_iter()
        .map(|(what, notifications)| Noise {
            what,
            notifications,
        })
        .collect();
    noise.sort_by_key(|one| std::cmp::Reverse(one.notifications));
    noise.truncate(most);
    noise
}
