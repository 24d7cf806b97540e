//! Templates whose renderings keep killing workers are held back, so that one bad template does not take
//! the workers from all others.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use crate::template::{RenderError, Template};

/// So many hard failures in a row, and a template is held back.
const STRIKES: u32 = 5;
/// One in so many renderings of a template that is held back is tried all the same.
const TRIAL: u32 = 16;
/// Most templates remembered; a plan has far fewer.
const REMEMBERED: usize = 1024;

/// Hard failures in a row, by template.
#[derive(Debug, Default)]
pub(super) struct Strikes(Mutex<HashMap<u64, u32>>);

impl Strikes {
    /// Whether a rendering may be tried. Held-back templates count up to their next trial here.
    pub(super) fn allow(&self, template: u64) -> bool {
        let mut strikes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = strikes
            .get_mut(&template)
            .filter(|count| **count >= STRIKES)
        else {
            return true;
        };
        *count += 1;
        if *count < STRIKES + TRIAL {
            return false;
        }
        *count = STRIKES;
        true
    }

    /// Takes in how a rendering went: only what cost a worker counts against the template.
    pub(super) fn record(&self, template: u64, outcome: Option<&RenderError>) {
        let mut strikes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Some(RenderError::Busy | RenderError::Unavailable(_)) => {}
            Some(error) if cost_a_worker(error) => {
                if strikes.len() < REMEMBERED || strikes.contains_key(&template) {
                    let count = strikes.entry(template).or_insert(0);
                    *count = (*count + 1).min(STRIKES);
                }
            }
            _ => {
                strikes.remove(&template);
            }
        }
    }
}

/// The name of a template in the table.
pub(super) fn name(template: &Template) -> u64 {
    let mut hasher = DefaultHasher::new();
    template.hash(&mut hasher);
    hasher.finish()
}

const fn cost_a_worker(error: &RenderError) -> bool {
    use crate::template::Limit;
    matches!(
        error,
        RenderError::Died
            | RenderError::Timeout
            | RenderError::Limit(Limit::Memory | Limit::Processor)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hard_failures_hold_a_template_back_but_for_a_trial_now_and_then() {
        let strikes = Strikes::default();
        for _ in 0..STRIKES {
            assert!(strikes.allow(1));
            strikes.record(1, Some(&RenderError::Timeout));
        }
        let allowed = (0..2 * TRIAL).filter(|_| strikes.allow(1)).count();
        assert_eq!(allowed, 2);
        assert!(strikes.allow(2));
    }

    #[test]
    fn a_success_or_an_ordinary_error_clears_the_record() {
        let strikes = Strikes::default();
        for _ in 0..STRIKES {
            strikes.record(1, Some(&RenderError::Died));
        }
        strikes.record(1, None);
        assert!(strikes.allow(1));
        for _ in 0..10 {
            strikes.record(1, Some(&RenderError::Busy));
        }
        assert!(strikes.allow(1));
    }
}
