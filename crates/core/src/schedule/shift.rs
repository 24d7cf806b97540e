//! Shifts: who is on call from when to when.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::stretch::Stretch;
use super::timeline::Answer;
use super::turns::People;
use super::{LATEST, MAX_RANGE, RangeError, Schedule};
use crate::time::Time;

/// Who is on call at an instant, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnCall {
    /// Who is called; nobody when empty.
    pub people: People,
    /// The layer that says so before overrides, from 0; `None` when all are off.
    pub layer: Option<usize>,
    /// The overrides that changed it.
    pub overrides: Vec<Arc<str>>,
    /// What each layer says by itself; `None` while it is off.
    pub layers: Vec<Option<People>>,
}

/// A part of time in which the same people are on call for the same reason; as long as that holds,
/// and never without people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Who, at least one.
    pub people: People,
    /// From when to when.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// The layer, from 0; `None` when only an override says so.
    pub layer: Option<usize>,
    /// The overrides that changed what the layer says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Arc<str>>,
}

/// A part of a layer's turn, whatever the layers above it and the overrides say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerShift {
    /// From when to when.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// Whose turn it is.
    pub people: People,
}

/// A change of who is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// Who is on call until then.
    pub before: People,
    /// Who is on call from then on.
    pub after: People,
}

impl Schedule {
    /// Who is on call at an instant.
    pub fn on_call_at(&self, at: Time) -> OnCall {
        let at = at.min(LATEST);
        let layers: Vec<Option<People>> = self
            .layers
            .iter()
            .map(|layer| layer.people_at(&self.zone, &self.calendar, at))
            .collect();
        let layer = layers.iter().rposition(Option::is_some);
        let people = layers
            .iter()
            .rev()
            .find_map(Clone::clone)
            .unwrap_or_else(|| People::from([]));
        let holding: Vec<_> = self
            .overrides
            .iter()
            .filter(|one| one.when.contains(at))
            .collect();
        let (people, overrides) = super::overrides::apply(&people, &holding);
        OnCall {
            people,
            layer,
            overrides,
            layers,
        }
    }

    /// The shifts within a part of time of at most [`MAX_RANGE`], in order, cut at its ends. They
    /// never overlap; where nobody is on call, there is none.
    pub fn shifts(&self, from: Time, to: Time) -> Result<Vec<Shift>, RangeError> {
        Ok(self.shifts_within(super::range(from, to)?))
    }

    pub(super) fn shifts_within(&self, within: Stretch) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::new();
        for answer in self.answers(within) {
            match shifts.last_mut() {
                Some(last) if last.goes_on(&answer) => last.stretch.to = answer.stretch.to,
                _ if answer.people.is_empty() => {}
                _ => shifts.push(Shift {
                    people: answer.people,
                    stretch: answer.stretch,
                    layer: answer.layer,
                    overrides: answer.overrides,
                }),
            }
        }
        shifts
    }

    /// What each layer says by itself within a part of time of at most [`MAX_RANGE`], lowest first: its
    /// turns in order, cut at the ends of that time and where the layer goes on and off.
    pub fn layer_shifts(&self, from: Time, to: Time) -> Result<Vec<Vec<LayerShift>>, RangeError> {
        let within = super::range(from, to)?;
        let of_layer = |layer: &super::Layer| {
            let pieces = layer.pieces(&self.zone, &self.calendar, within).into_iter();
            let shifts = pieces.map(|piece| LayerShift {
                stretch: piece.stretch,
                people: piece.people,
            });
            shifts.collect()
        };
        Ok(self.layers.iter().map(of_layer).collect())
    }

    /// The next change of who is on call after an instant, within [`MAX_RANGE`].
    pub fn next_handover(&self, after: Time) -> Option<Change> {
        let before = self.on_call_at(after).people;
        let mut from = after;
        let mut span = Duration::from_hours(24);
        while from < after.after(MAX_RANGE) {
            let within = Stretch::new(from, from.after(span))?;
            let mut answers = self.answers(within).into_iter();
            if let Some(answer) = answers.find(|answer| answer.people != before) {
                return Some(Change {
                    at: answer.stretch.from,
                    before,
                    after: answer.people,
                });
            }
            from = within.to;
            span = (span * 8).min(MAX_RANGE);
        }
        None
    }

    /// When a shift that was cut at its beginning began.
    pub(super) fn began(&self, shift: &Shift) -> Time {
        let layers = self.layers.iter().map(|layer| layer.begins(&self.zone));
        let overrides = self.overrides.iter().map(|one| one.when.from);
        let earliest = layers.chain(overrides).min().unwrap_or(shift.stretch.from);
        let mut began = shift.stretch.from;
        let mut span = Duration::from_hours(7 * 24);
        while let Some(within) = Stretch::new(earliest.max(began.before(span)), began) {
            let before = self.shifts_within(within);
            let Some(same) = before.last().filter(|last| {
                last.stretch.to == began
                    && (&last.people, last.layer, &last.overrides)
                        == (&shift.people, shift.layer, &shift.overrides)
            }) else {
                break;
            };
            let is_whole = same.stretch.from > within.from;
            began = same.stretch.from;
            if is_whole {
                break;
            }
            span = (span * 4).min(MAX_RANGE);
        }
        began
    }
}

impl Shift {
    /// Whether an answer is more of the same shift.
    fn goes_on(&self, answer: &Answer) -> bool {
        self.stretch.to == answer.stretch.from
            && self.people == answer.people
            && self.layer == answer.layer
            && self.overrides == answer.overrides
    }
}
