//! The calls that share a commit, and their answers.

use std::ops::RangeInclusive;

use balefire_core::event::{Event, Input, Seq};
use balefire_core::time::Time;

use crate::error::StoreError;
use crate::notification::{Decided, Decision, Settlement};
use crate::writer::plan::Batch;
use crate::writer::{Answer, Call};

/// Calls and encoded bytes that share a commit at most.
const MAX_CALLS: usize = 512;
const MAX_BYTES: usize = 4 << 20;

struct Append {
    inputs: Vec<Input>,
    encoded: Vec<u8>,
    at: Time,
    answer: Answer<RangeInclusive<Seq>>,
}

/// Appends, decisions and settlements that are written together.
#[derive(Default)]
pub(crate) struct Hot {
    appends: Vec<Append>,
    decisions: Vec<(Box<Decision>, Answer<Decided>)>,
    settlements: Vec<(Vec<Settlement>, Answer<()>)>,
    bytes: usize,
}

impl Hot {
    /// Takes a call in, or hands it back when it is not one that shares a commit.
    pub(crate) fn take(&mut self, call: Call) -> Option<Call> {
        match call {
            Call::Append {
                inputs,
                encoded,
                at,
                answer,
            } => {
                self.bytes += encoded.len();
                self.appends.push(Append {
                    inputs,
                    encoded,
                    at,
                    answer,
                });
            }
            Call::Decide { decision, answer } => {
                self.bytes += decision.body.len() + decision.notifications.len() * 256;
                self.decisions.push((decision, answer));
            }
            Call::Settle {
                settlements,
                answer,
            } => {
                self.bytes += settlements.len() * 256;
                self.settlements.push((settlements, answer));
            }
            other @ (Call::Chore(_) | Call::Close(_)) => return Some(other),
        }
        None
    }

    pub(crate) fn calls(&self) -> usize {
        self.appends.len() + self.decisions.len() + self.settlements.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.calls() >= MAX_CALLS || self.bytes >= MAX_BYTES
    }

    pub(crate) fn batch(&self) -> Batch<'_> {
        Batch {
            appends: self
                .appends
                .iter()
                .map(|append| (&*append.inputs, &*append.encoded, append.at))
                .collect(),
            decisions: self
                .decisions
                .iter()
                .map(|(decision, _)| &**decision)
                .collect(),
            settlements: self
                .settlements
                .iter()
                .map(|(settlements, _)| &**settlements)
                .collect(),
        }
    }

    /// The events that now have these numbers, and their size when encoded.
    pub(crate) fn take_events(&mut self, numbers: &[RangeInclusive<Seq>]) -> (Vec<Event>, usize) {
        let mut events = Vec::new();
        let mut bytes = 0;
        for (append, range) in self.appends.iter_mut().zip(numbers) {
            let at = append.at;
            let inputs = std::mem::take(&mut append.inputs);
            events.extend(
                range
                    .clone()
                    .zip(inputs)
                    .map(|(seq, input)| Event { seq, at, input }),
            );
            bytes += append.encoded.len();
        }
        (events, bytes)
    }

    // Below, a caller that gave up needs no answer, so a failed send is nothing.

    pub(crate) fn answer(self, appended: Vec<RangeInclusive<Seq>>, decided: Vec<Decided>) {
        for (append, range) in self.appends.into_iter().zip(appended) {
            let _ = append.answer.send(Ok(range));
        }
        for ((_, answer), decided) in self.decisions.into_iter().zip(decided) {
            let _ = answer.send(Ok(decided));
        }
        for (_, answer) in self.settlements {
            let _ = answer.send(Ok(()));
        }
    }

    pub(crate) fn refuse_appends(&mut self, error: &StoreError) {
        for append in self.appends.drain(..) {
            let _ = append.answer.send(Err(error.clone()));
        }
    }

    pub(crate) fn fail(mut self, error: &StoreError) {
        self.refuse_appends(error);
        for (_, answer) in self.decisions {
            let _ = answer.send(Err(error.clone()));
        }
        for (_, answer) in self.settlements {
            let _ = answer.send(Err(error.clone()));
        }
    }

    /// Each call by itself, in the order of one commit.
    pub(crate) fn split(self) -> impl Iterator<Item = Self> {
        let appends = self.appends.into_iter().map(|append| Self {
            appends: vec![append],
            ..Self::default()
        });
        let decisions = self.decisions.into_iter().map(|decision| Self {
            decisions: vec![decision],
            ..Self::default()
        });
        let settlements = self.settlements.into_iter().map(|settlement| Self {
            settlements: vec![settlement],
            ..Self::default()
        });
        appends.chain(decisions).chain(settlements)
    }
}
