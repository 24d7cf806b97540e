//! Who was paged how often, and how much of it at night.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::time::Time;
use crate::wall::Zone;

/// Something somebody was told that they had to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// When.
    pub at: Time,
    /// Who; the key of a person.
    pub person: Arc<str>,
}

/// What fell to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged {
    /// Who.
    pub person: Arc<str>,
    /// How many pages.
    pub pages: usize,
    /// How many of them at night, by the person's clock.
    pub at_night: usize,
}

/// Whether it is night by a clock: from 22:00 to 06:00, as in the figures of schedules.
pub fn is_night(zone: &Zone, at: Time) -> bool {
    !(6..22).contains(&zone.clock(at).hour())
}

/// Pages by person, the one with most first, among equals by key. `zone_of` says whose clock counts for a person.
pub fn paged(pages: &[Page], zone_of: &dyn Fn(&str) -> Zone) -> Vec<Paged> {
    let mut by_person: BTreeMap<&Arc<str>, Vec<Time>> = BTreeMap::new();
    for page in pages {
        by_person.entry(&page.person).or_default().push(page.at);
    }
    let mut all: Vec<Paged> = by_person
        .into_iter()
        .map(|(person, times)| {
            let zone = zone_of(person);
            Paged {
                person: Arc::clone(person),
                pages: times.len(),
                at_night: times.iter().filter(|at| is_night(&zone, **at)).count(),
            }
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.pages));
    all
}
