//! All policies together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::policy::{Known, Policy, PolicySpec};
use super::problem::PolicyError;

/// All policies, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies(BTreeMap<Arc<str>, Policy>);

impl Policies {
    /// Checks policies against what they name and against each other; all that is wrong is told.
    pub fn new(
        specs: &BTreeMap<Arc<str>, PolicySpec>,
        known: &Known,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let mut policies = BTreeMap::new();
        for (name, spec) in specs {
            let name = Arc::clone(name);
            match Policy::new(&name, spec, known) {
                Ok(policy) => _ = policies.insert(name, policy),
                Err(mut found) => errors.append(&mut found),
            }
        }
        for name in specs.keys() {
            // Each policy of a circle, and each that leads into it, finds it in the same words.
            let found = dead_end(name, specs).filter(|found| !errors.contains(found));
            errors.extend(found);
        }
        if errors.is_empty() {
            Ok(Self(policies))
        } else {
            Err(errors)
        }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.keys()
    }

    /// The policy of that name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.0.get(name)
    }
}

/// A circle that a policy's fallbacks end in, or a fallback that does not exist; told the same
/// whichever of its policies is looked at first.
fn dead_end(first: &Arc<str>, specs: &BTreeMap<Arc<str>, PolicySpec>) -> Option<PolicyError> {
    let mut way = vec![first];
    loop {
        let last = *way.last()?;
        let Some(spec) = specs.get(last) else {
            let (policy, then) = (Arc::clone(way.iter().rev().nth(1)?), Arc::clone(last));
            return Some(PolicyError::UnknownPolicy { policy, then });
        };
        let next = spec.then.as_ref()?;
        if let Some(begin) = way.iter().position(|known| *known == next) {
            let mut circle = way.split_off(begin);
            let start = circle.iter().enumerate().min_by_key(|(_, name)| *name)?.0;
            circle.rotate_left(start);
            let circle = circle.into_iter().cloned().collect();
            return Some(PolicyError::Circle { circle });
        }
        way.push(next);
    }
}
