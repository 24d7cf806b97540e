//! Overrides: for once, other people than the layers say.
//!
//! A *cover* puts people, or nobody, in place of whoever is on call. A *stand-in* puts one person,
//! or nobody, in place of another wherever that one is on call. A *swap* is two stand-ins that are
//! made and taken back as one. Covers do not overlap each other, and stand-ins for the same person
//! do not, so that there is always one answer; where both are there, the cover holds. Stand-ins look at
//! what the layers say and not at each other: two people who stand in for each other change places.
//! An override that leaves nobody leaves a gap; a lower layer does not come forward.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::stretch::Stretch;
use super::turns::{MAX_PEOPLE, People};
use crate::time::Time;

/// Most overrides of a schedule, past ones included; past ones beyond that are no longer needed.
pub const MAX_OVERRIDES: usize = 10_000;

/// What an override does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// These people in place of whoever is on call; none: nobody.
    Cover(Vec<Arc<str>>),
    /// One in place of another.
    StandIn {
        /// Who is not there.
        absent: Arc<str>,
        /// Who is there instead; `None`: nobody.
        by: Option<Arc<str>>,
    },
}

/// An override: a fact that people make, with an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// What it is known by.
    pub id: Arc<str>,
    /// When.
    pub when: Stretch,
    /// Who instead.
    pub instead: Instead,
    /// The id of the swap it is half of.
    #[serde(default)]
    pub swap: Option<Arc<str>>,
}

/// One half of a swap: whose time is given away, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Who gives it away.
    pub person: Arc<str>,
    /// Which time.
    pub when: Stretch,
}

/// Why overrides are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// Too many.
    #[error("{0} overrides; {MAX_OVERRIDES} at most: remove past ones")]
    TooMany(usize),
    /// Two of one id.
    #[error("two overrides are called {0:?}")]
    IdTwice(Arc<str>),
    /// It ends when it begins, or before.
    #[error("override {id:?} ends at {to}, which is not after its beginning at {from}")]
    NoLength {
        /// Which.
        id: Arc<str>,
        /// Its beginning.
        from: Time,
        /// Its end.
        to: Time,
    },
    /// Somebody who is not among the people.
    #[error("override {id:?}: nobody is called {person:?}")]
    UnknownPerson {
        /// Which.
        id: Arc<str>,
        /// Who was written.
        person: Arc<str>,
    },
    /// Too many people, or one of them twice.
    #[error("override {0:?}: a cover is up to {MAX_PEOPLE} different people")]
    People(Arc<str>),
    /// Somebody stands in for themselves.
    #[error("override {id:?}: {person:?} cannot stand in for themselves")]
    ForThemselves {
        /// Which.
        id: Arc<str>,
        /// Who.
        person: Arc<str>,
    },
    /// Two covers at once, or two stand-ins for the same person.
    #[error("overrides {first:?} and {second:?} both say who is there from {} to {}; end one where the other begins", .at.from, .at.to)]
    Overlap {
        /// The one that begins earlier.
        first: Arc<str>,
        /// The other.
        second: Arc<str>,
        /// Where they overlap.
        at: Stretch,
    },
    /// A swap of other than two stand-ins.
    #[error("swap {swap:?} has {halves} of its two stand-ins; make and remove both together")]
    HalfASwap {
        /// Which.
        swap: Arc<str>,
        /// How many there are.
        halves: usize,
    },
}

impl Override {
    /// A swap: each of the two stands in for the other in the time that the other gives away.
    pub fn swap(id: &str, one: &Given, other: &Given) -> [Self; 2] {
        let half = |end: &str, given: &Given, by: &Given| Self {
            id: format!("{id}/{end}").into(),
            when: given.when,
            instead: Instead::StandIn {
                absent: Arc::clone(&given.person),
                by: Some(Arc::clone(&by.person)),
            },
            swap: Some(id.into()),
        };
        [half("1", one, other), half("2", other, one)]
    }

    /// Everybody it names.
    pub(super) fn people(&self) -> Vec<&Arc<str>> {
        match &self.instead {
            Instead::Cover(people) => people.iter().collect(),
            Instead::StandIn { absent, by } => std::iter::once(absent).chain(by).collect(),
        }
    }

    fn check(&self, known: &dyn Fn(&str) -> bool) -> Result<(), OverrideError> {
        let id = Arc::clone(&self.id);
        let Stretch { from, to } = self.when;
        if from >= to {
            return Err(OverrideError::NoLength { id, from, to });
        }
        let people = self.people();
        if let Some(person) = people.iter().find(|person| !known(person)) {
            let person = Arc::clone(person);
            return Err(OverrideError::UnknownPerson { id, person });
        }
        let twice = (1..people.len()).find(|at| people[..*at].contains(&people[*at]));
        match (&self.instead, twice) {
            (Instead::StandIn { absent, .. }, Some(_)) => Err(OverrideError::ForThemselves {
                id,
                person: Arc::clone(absent),
            }),
            (Instead::Cover(people), twice) if twice.is_some() || people.len() > MAX_PEOPLE => {
                Err(OverrideError::People(id))
            }
            _ => Ok(()),
        }
    }

    /// What is wrong with another that begins later, or at the same time, when this one holds.
    fn contradicts(&self, later: &Self) -> Option<OverrideError> {
        let at = self.when.within(later.when)?;
        (self.kind() == later.kind()).then(|| OverrideError::Overlap {
            first: Arc::clone(&self.id),
            second: Arc::clone(&later.id),
            at,
        })
    }

    /// What is wrong with it when it is part of a swap that is not two stand-ins.
    fn half_a_swap(&self, halves: &BTreeMap<Arc<str>, (usize, usize)>) -> Option<OverrideError> {
        let swap = self.swap.as_ref()?;
        let found = halves.get(swap).copied().unwrap_or_default();
        (found != (2, 0)).then(|| OverrideError::HalfASwap {
            swap: Arc::clone(swap),
            halves: found.0,
        })
    }

    /// What may not overlap: covers with covers, stand-ins with those for the same person.
    fn kind(&self) -> Option<&Arc<str>> {
        match &self.instead {
            Instead::Cover(_) => None,
            Instead::StandIn { absent, .. } => Some(absent),
        }
    }
}

/// Those overrides that hold by themselves and beside each other, in order of their beginnings, and
/// what is wrong with the others. Of two that contradict each other the one that begins later goes;
/// of a swap both halves.
pub(super) fn checked(
    mut overrides: Vec<Override>,
    known: &dyn Fn(&str) -> bool,
) -> (Vec<Override>, Vec<OverrideError>) {
    let mut errors = Vec::new();
    if overrides.len() > MAX_OVERRIDES {
        errors.push(OverrideError::TooMany(overrides.len()));
        overrides.sort_by_key(|one| Reverse(one.when.to));
        overrides.truncate(MAX_OVERRIDES);
    }
    let mut keep = |list: &mut Vec<Override>,
                    wrong: &mut dyn FnMut(&Override) -> Option<OverrideError>| {
        list.retain(|one| {
            let error = wrong(one);
            let holds = error.is_none();
            errors.extend(error);
            holds
        });
    };
    keep(&mut overrides, &mut |one| one.check(known).err());
    let mut ids = BTreeSet::new();
    keep(&mut overrides, &mut |one| {
        let is_new = ids.insert(Arc::clone(&one.id));
        (!is_new).then(|| OverrideError::IdTwice(Arc::clone(&one.id)))
    });
    overrides.sort_by(|a, b| (a.kind(), a.when, &a.id).cmp(&(b.kind(), b.when, &b.id)));
    let mut last: Option<Override> = None;
    keep(&mut overrides, &mut |one| {
        let overlap = last.as_ref().and_then(|last| last.contradicts(one));
        if overlap.is_none() {
            last = Some(one.clone());
        }
        overlap
    });
    let halves = halves(&overrides);
    keep(&mut overrides, &mut |one| one.half_a_swap(&halves));
    overrides.sort_by(|a, b| (a.when, &a.id).cmp(&(b.when, &b.id)));
    (overrides, errors)
}

/// How many stand-ins each swap has, and how many other overrides.
fn halves(overrides: &[Override]) -> BTreeMap<Arc<str>, (usize, usize)> {
    let mut halves = BTreeMap::new();
    for one in overrides {
        if let Some(swap) = &one.swap {
            let (stand_ins, others): &mut (usize, usize) =
                halves.entry(Arc::clone(swap)).or_default();
            match one.instead {
                Instead::StandIn { .. } => *stand_ins += 1,
                Instead::Cover(_) => *others += 1,
            }
        }
    }
    halves
}

/// What becomes of the layers' answer under the overrides that hold: who, and by which of them.
pub(super) fn apply(people: &People, holding: &[&Override]) -> (People, Vec<Arc<str>>) {
    let cover = holding.iter().find_map(|one| match &one.instead {
        Instead::Cover(people) => Some((one, people)),
        Instead::StandIn { .. } => None,
    });
    if let Some((cover, people)) = cover {
        return (people.as_slice().into(), vec![Arc::clone(&cover.id)]);
    }
    let mut by_which = Vec::new();
    let mut there: Vec<Arc<str>> = Vec::new();
    for person in people.iter() {
        let stand_in = holding.iter().find_map(|one| match &one.instead {
            Instead::StandIn { absent, by } if absent == person => Some((one, by.as_ref())),
            _ => None,
        });
        let who = match stand_in {
            Some((one, by)) => {
                by_which.push(Arc::clone(&one.id));
                by
            }
            None => Some(person),
        };
        // Who stands in may be on call already.
        if let Some(who) = who.filter(|who| !there.contains(who)) {
            there.push(Arc::clone(who));
        }
    }
    (there.into(), by_which)
}
