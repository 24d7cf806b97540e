//! Which differences last: one that is seen in two rounds running counts, because the two servers are
//! never asked at the same instant.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::time::Time;

use super::compare::Difference;

/// What the rounds so far have shown.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// Seen in the last round, with when they were first seen.
    seen: BTreeMap<Difference, Time>,
    /// Of those, the ones that last.
    lasting: BTreeSet<Difference>,
}

/// What a round changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// Differences that now last.
    pub(crate) began: Vec<Difference>,
    /// Differences that lasted and are gone.
    pub(crate) ended: Vec<Difference>,
}

impl Rounds {
    /// Takes the differences of a round in.
    pub(crate) fn learn(&mut self, found: Vec<Difference>, now: Time) -> News {
        let mut seen = BTreeMap::new();
        let mut lasting = BTreeSet::new();
        let mut began = Vec::new();
        for difference in found {
            if let Some(since) = self.seen.get(&difference) {
                if !self.lasting.contains(&difference) {
                    began.push(difference.clone());
                }
                lasting.insert(difference.clone());
                seen.insert(difference, *since);
            } else {
                seen.insert(difference, now);
            }
        }
        let ended = self.lasting.difference(&lasting).cloned().collect();
        (self.seen, self.lasting) = (seen, lasting);
        News { began, ended }
    }

    /// The differences that last, each with when it was first seen.
    pub(crate) fn lasting(&self) -> impl Iterator<Item = (&Difference, Time)> {
        self.seen
            .iter()
            .filter(|(difference, _)| self.lasting.contains(*difference))
            .map(|(difference, since)| (difference, *since))
    }

    /// Everything the last round showed.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Difference> {
        self.seen.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadow::compare::{Kind, Map};

    fn difference(receiver: &str) -> Difference {
        Difference {
            labels: Map::new(),
            receiver: receiver.to_owned(),
            alert: None,
            kind: Kind::OnlyThere,
        }
    }

    #[test]
    fn a_difference_counts_from_its_second_round_and_is_dated_from_its_first() {
        let mut rounds = Rounds::default();
        let (a, b) = (difference("a"), difference("b"));
        let at = Time::from_secs;
        assert_eq!(rounds.learn(vec![a.clone()], at(1)).began, []);
        assert_eq!(rounds.lasting().count(), 0);
        let news = rounds.learn(vec![a.clone(), b.clone()], at(2));
        assert_eq!((news.began, news.ended), (vec![a.clone()], vec![]));
        assert_eq!(rounds.lasting().collect::<Vec<_>>(), [(&a, at(1))]);
        // One that was away for a round begins anew; one that is still there is no news.
        let news = rounds.learn(vec![a.clone()], at(3));
        assert_eq!((news.began, news.ended), (vec![], vec![]));
        assert_eq!(rounds.learn(vec![b.clone()], at(4)).ended, [a]);
        assert_eq!(rounds.lasting().count(), 0);
        assert_eq!(rounds.seen().collect::<Vec<_>>(), [&b]);
    }
}
