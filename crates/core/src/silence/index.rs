//! Which silences can match an alert at all.
//!
//! Nearly every silence asks for some label to equal some value. Each set of matchers is filed
//! under one such pair, so that an alert is only compared with sets filed under its own pairs and
//! with the few that have none.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Silence;
use crate::label::Labels;
use crate::matcher::{MatchOp, Matchers};

type ByValue = FxHashMap<Box<str>, Vec<Arc<Silence>>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By label name, then value.
    filed: FxHashMap<Box<str>, ByValue>,
    /// Those with a set that asks for no value; a silence may be here and above.
    rest: Vec<Arc<Silence>>,
}

impl Index {
    pub(super) fn insert(&mut self, silence: &Arc<Silence>) {
        for set in &silence.matcher_sets {
            let place = match filing(set) {
                Some((name, value)) => self
                    .filed
                    .entry(name.into())
                    .or_default()
                    .entry(value.into())
                    .or_default(),
                None => &mut self.rest,
            };
            place.push(Arc::clone(silence));
        }
    }

    pub(super) fn remove(&mut self, silence: &Silence) {
        for set in &silence.matcher_sets {
            let Some((name, value)) = filing(set) else {
                self.rest.retain(|filed| filed.id != silence.id);
                continue;
            };
            let Some(values) = self.filed.get_mut(name) else {
                continue;
            };
            let Some(place) = values.get_mut(value) else {
                continue;
            };
            place.retain(|filed| filed.id != silence.id);
            if place.is_empty() {
                values.remove(value);
            }
            if values.is_empty() {
                self.filed.remove(name);
            }
        }
    }

    /// Every silence that may match these labels; the same one may come more than once.
    pub(super) fn candidates(&self, labels: &Labels) -> impl Iterator<Item = &Silence> {
        let filed = labels
            .iter()
            .filter_map(|(name, value)| self.filed.get(name)?.get(value))
            .flatten();
        filed.chain(&self.rest).map(|silence| &**silence)
    }
}

/// The pair a set of matchers is filed under: what its first positive matcher asks for. A missing
/// label cannot be looked up, so a matcher for the empty value does not do.
fn filing(set: &Matchers) -> Option<(&str, &str)> {
    set.iter()
        .find(|matcher| matcher.op() == MatchOp::Equal && !matcher.value().is_empty())
        .map(|matcher| (matcher.name(), matcher.value()))
}
