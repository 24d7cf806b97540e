//! The whole answer over a part of time: layers on top of each other, then overrides.

use std::sync::Arc;

use super::Schedule;
use super::layer::Piece;
use super::overrides::{self, Override};
use super::stretch::Stretch;
use super::turns::People;
use crate::time::Time;

/// A part of time with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) stretch: Stretch,
    /// Who is on call; nobody when empty.
    pub(super) people: People,
    /// The layer that says so before overrides, from 0.
    pub(super) layer: Option<usize>,
    /// The overrides that changed what the layer says.
    pub(super) overrides: Vec<Arc<str>>,
    /// Lower layers that are on too, with their people.
    pub(super) hidden: Vec<(usize, People)>,
}

impl Schedule {
    /// Answers in order, without holes, from the beginning to the end of a part of time. Neighbours
    /// may say the same.
    pub(super) fn answers(&self, within: Stretch) -> Vec<Answer> {
        let mut layers: Vec<_> = self
            .layers
            .iter()
            .map(|layer| layer.pieces(&self.zone, &self.calendar, within))
            .collect();
        let overrides: Vec<&Override> = self
            .overrides
            .iter()
            .filter(|one| one.when.within(within).is_some())
            .collect();
        let edges = edges(within, &layers, &overrides);
        // Read forward from the end of each list, so that nothing is searched twice.
        for pieces in &mut layers {
            pieces.reverse();
        }
        let mut coming = overrides.into_iter().peekable();
        let mut holding: Vec<&Override> = Vec::new();
        let mut answers = Vec::with_capacity(edges.len());
        for pair in edges.windows(2) {
            let Some(stretch) = Stretch::new(pair[0], pair[1]) else {
                continue;
            };
            holding.retain(|one| one.when.to > stretch.from);
            while let Some(one) = coming.next_if(|one| one.when.from <= stretch.from) {
                holding.push(one);
            }
            answers.push(Self::answer(stretch, &mut layers, &holding));
        }
        answers
    }

    fn answer(stretch: Stretch, layers: &mut [Vec<Piece>], holding: &[&Override]) -> Answer {
        let mut on: Vec<(usize, People)> = Vec::new();
        for (number, pieces) in layers.iter_mut().enumerate() {
            while pieces
                .pop_if(|piece| piece.stretch.to <= stretch.from)
                .is_some()
            {}
            let piece = pieces
                .last()
                .filter(|piece| piece.stretch.contains(stretch.from));
            on.extend(piece.map(|piece| (number, Arc::clone(&piece.people))));
        }
        let top = on.pop();
        let layer = top.as_ref().map(|(number, _)| *number);
        let people = top.map_or_else(|| People::from([]), |(_, people)| people);
        let (people, overrides) = if holding.is_empty() {
            (people, vec![])
        } else {
            overrides::apply(&people, holding)
        };
        Answer {
            stretch,
            people,
            layer,
            overrides,
            hidden: on,
        }
    }
}

/// Every instant at which something may change, with both ends.
fn edges(within: Stretch, layers: &[Vec<Piece>], overrides: &[&Override]) -> Vec<Time> {
    let pieces = layers.iter().flatten().map(|piece| piece.stretch);
    let whens = overrides.iter().filter_map(|one| one.when.within(within));
    let mut edges: Vec<Time> = pieces
        .chain(whens)
        .chain([within])
        .flat_map(|stretch| [stretch.from, stretch.to])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}
