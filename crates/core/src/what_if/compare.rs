//! Where two histories differ.
//!
//! For each who and way, what is told of each alert is paired: first what was told at the same time, then what is left in its
//! order, if it is not too far apart. What has no partner was told by one of the two alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::Telling;
use crate::fingerprint::Fingerprint;
use crate::time::Time;

/// Two tellings of the same thing that are further apart are not the same telling, but two others.
const APART: Duration = Duration::from_hours(1);

/// How a telling differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It would not be made any more.
    OnlyBefore,
    /// It would be made in addition.
    OnlyAfter,
    /// It would be made later by so much.
    Later(Duration),
    /// It would be made earlier by so much.
    Earlier(Duration),
}

/// Something that would be told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// When: by the document as it is, or as it would be for what it alone tells.
    pub at: Time,
    /// Who.
    pub who: Arc<str>,
    /// By which way.
    pub way: Arc<str>,
    /// How it differs.
    pub how: How,
    /// The alerts, and whether they fire.
    pub alerts: BTreeSet<(Fingerprint, bool)>,
}

/// How often somebody is told, by the one and by the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// By the document as it is.
    pub before: usize,
    /// By the other.
    pub after: usize,
}

/// How often each is told; `name` says under which name a telling is counted, if it is.
pub fn counts(
    before: &[Telling],
    after: &[Telling],
    name: impl Fn(&Telling) -> Option<Arc<str>>,
) -> BTreeMap<Arc<str>, Counted> {
    let mut counts: BTreeMap<Arc<str>, Counted> = BTreeMap::new();
    for name in before.iter().filter_map(&name) {
        counts.entry(name).or_default().before += 1;
    }
    for name in after.iter().filter_map(&name) {
        counts.entry(name).or_default().after += 1;
    }
    counts
}

type Subject<'t> = (&'t Arc<str>, &'t Arc<str>, Fingerprint, bool);
type Times = (Vec<Time>, Vec<Time>);
type Key = (Time, Arc<str>, Arc<str>, How);

/// What would be told otherwise, in order of time.
pub fn compare(before: &[Telling], after: &[Telling]) -> Vec<Difference> {
    let mut times: BTreeMap<Subject<'_>, Times> = BTreeMap::new();
    for telling in before {
        for (alert, fires) in &telling.alerts {
            let subject = (&telling.who, &telling.way, *alert, *fires);
            times.entry(subject).or_default().0.push(telling.at);
        }
    }
    for telling in after {
        for (alert, fires) in &telling.alerts {
            let subject = (&telling.who, &telling.way, *alert, *fires);
            times.entry(subject).or_default().1.push(telling.at);
        }
    }
    let mut found: BTreeMap<Key, BTreeSet<(Fingerprint, bool)>> = BTreeMap::new();
    for ((who, way, alert, fires), (before, after)) in times {
        for (at, how) in differ(before, after) {
            let key = (at, Arc::clone(who), Arc::clone(way), how);
            found.entry(key).or_default().insert((alert, fires));
        }
    }
    let difference = |((at, who, way, how), alerts)| Difference {
        at,
        who,
        way,
        how,
        alerts,
    };
    found.into_iter().map(difference).collect()
}

/// The times of one list that the other does not have; both are in order.
fn without(times: &[Time], other: &[Time]) -> Vec<Time> {
    let mut other = other.iter().peekable();
    let mut left = Vec::new();
    for at in times {
        while other.next_if(|one| *one < at).is_some() {}
        if other.next_if(|one| *one == at).is_none() {
            left.push(*at);
        }
    }
    left
}

fn differ(mut before: Vec<Time>, mut after: Vec<Time>) -> Vec<(Time, How)> {
    before.sort_unstable();
    after.sort_unstable();
    let (only_before, only_after) = (without(&before, &after), without(&after, &before));
    let (mut before, mut after) = (
        only_before.into_iter().peekable(),
        only_after.into_iter().peekable(),
    );
    let mut found = Vec::new();
    while let (Some(old), Some(new)) = (before.peek().copied(), after.peek().copied()) {
        let apart = old.since(new).max(new.since(old));
        if apart <= APART {
            let how = if new > old {
                How::Later(apart)
            } else {
                How::Earlier(apart)
            };
            found.push((old, how));
            before.next();
            after.next();
        } else if old < new {
            found.push((old, How::OnlyBefore));
            before.next();
        } else {
            found.push((new, How::OnlyAfter));
            after.next();
        }
    }
    found.extend(before.map(|at| (at, How::OnlyBefore)));
    found.extend(after.map(|at| (at, How::OnlyAfter)));
    found
}
