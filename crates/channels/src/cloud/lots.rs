//! The targets of one delivery as lots that a provider takes in one call, and the outcome of each target.

use crate::channel::{Outcome, Target};
use crate::error::{ErrorKind, SendError};
use crate::phone::Phone;

/// Numbers with their places among the targets.
pub(crate) type Lot = Vec<(usize, Phone)>;

/// What is to be called, and what came of it.
#[derive(Debug)]
pub(crate) struct Lots {
    waiting: Vec<Lot>,
    outcomes: Vec<Option<Outcome>>,
}

impl Lots {
    /// Lots of at most `most` numbers, those of China's mainland apart from others, as both clouds want it. A
    /// target that is no number has its outcome already.
    pub(crate) fn of(targets: &[Target], most: usize) -> Self {
        let mut outcomes = vec![None; targets.len()];
        let (mut mainland, mut others) = (Vec::new(), Vec::new());
        for (at, target) in targets.iter().enumerate() {
            match Phone::parse(&target.address) {
                Ok(phone) if phone.mainland().is_some() => mainland.push((at, phone)),
                Ok(phone) => others.push((at, phone)),
                Err(error) => {
                    let error = SendError::new(ErrorKind::Rejected, error.to_string())
                        .fix("write the number with its country: +8613800138000");
                    outcomes[at] = Some(Err(error));
                }
            }
        }
        let waiting = [others, mainland]
            .iter()
            .flat_map(|numbers| numbers.rchunks(most.max(1)))
            .map(<[_]>::to_vec)
            .collect();
        Self { waiting, outcomes }
    }

    /// The next lot to be called.
    pub(crate) fn next(&mut self) -> Option<Lot> {
        self.waiting.pop()
    }

    /// Puts a lot back in two halves: a number in it spoils the call for the others.
    pub(crate) fn halve(&mut self, mut lot: Lot) {
        let second = lot.split_off(lot.len().div_ceil(2));
        self.waiting.extend([second, lot]);
    }

    /// The same outcome for all of a lot.
    pub(crate) fn settle(&mut self, lot: &Lot, outcome: &Outcome) {
        for (at, _) in lot {
            self.put(*at, outcome.clone());
        }
    }

    /// The outcome of one target.
    pub(crate) fn put(&mut self, at: usize, outcome: Outcome) {
        self.outcomes[at] = Some(outcome);
    }

    /// One outcome per target, in order.
    pub(crate) fn outcomes(self) -> Vec<Outcome> {
        let missing = || {
            let why = "the number was not called";
            Err(SendError::new(ErrorKind::Transient, why))
        };
        self.outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(missing))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Receipt;

    fn target(address: &str) -> Target {
        Target {
            address: address.into(),
            label: address.into(),
        }
    }

    fn places(lot: &Lot) -> Vec<usize> {
        lot.iter().map(|(at, _)| *at).collect()
    }

    #[test]
    fn the_mainland_and_the_world_go_apart_and_no_lot_is_too_large() {
        let numbers = [
            "+8613800138000",
            "+442079460958",
            "nobody",
            "+8613900139000",
            "+8618712345678",
        ];
        let targets: Vec<Target> = numbers.into_iter().map(target).collect();
        let mut lots = Lots::of(&targets, 2);
        let mut called = Vec::new();
        while let Some(lot) = lots.next() {
            called.push(places(&lot));
            lots.settle(&lot, &Ok(Receipt::default()));
        }
        called.sort();
        assert_eq!(called, [vec![0], vec![1], vec![3, 4]]);
        let outcomes = lots.outcomes();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 4);
        let refused = outcomes[2].as_ref().expect_err("no number");
        assert_eq!(refused.kind, ErrorKind::Rejected);
    }

    #[test]
    fn a_halved_lot_comes_back_whole_and_in_order() {
        let numbers = ["+8613800138000", "+8613900139000", "+8618712345678"];
        let targets: Vec<Target> = numbers.into_iter().map(target).collect();
        let mut lots = Lots::of(&targets, 200);
        let all = lots.next().expect("a lot");
        lots.halve(all);
        let halves: Vec<_> = std::iter::from_fn(|| lots.next()).collect();
        assert_eq!(
            halves.iter().map(places).collect::<Vec<_>>(),
            [vec![0, 1], vec![2]]
        );
        let kinds: Vec<_> = lots.outcomes();
        assert!(kinds.iter().all(Result::is_err), "nobody was called");
    }
}
