//! How a route keeps from saying too much: flap detection and the back-off of repeats. Both are off unless the document
//! asks for them, so that a route without them does what Alertmanager's does.

use std::time::Duration;

/// What a route does against noise; parts that are `None` are off, or inherited while a tree is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    /// Alerts that come and go.
    pub flapping: Option<Flapping>,
    /// How repeats become rarer.
    pub backoff: Option<Backoff>,
}

/// When an alert is flapping, and what that changes.
///
/// An alert that began `starts` times within `within` is flapping. It is told once as such; after that, its beginnings
/// are told only when it has fired for `hold` without a break, and its end only when it has been over for `hold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// Beginnings that make it flapping, 2 to [`Flapping::MOST_STARTS`]; 0 switches it off below a route that has it.
    pub starts: u32,
    /// In which time they come.
    pub within: Duration,
    /// How long it must stay as it is to be believed; at most `within`.
    pub hold: Duration,
}

impl Flapping {
    /// Most beginnings that can be asked for; so many are remembered of each alert.
    pub const MOST_STARTS: u32 = 100;
}

/// How the time between repeats grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// What each wait is multiplied with, in percent: 100 to 1000; 100 switches it off.
    pub percent: u32,
    /// The longest wait.
    pub longest: Duration,
}

impl Backoff {
    /// How long after the last message an unchanged group is told again, when it was repeated `repeats` times since it
    /// last changed. Never shorter than `first`.
    pub fn interval(self, first: Duration, repeats: u32) -> Duration {
        let longest = self.longest.max(first);
        let mut wait = first;
        for _ in 0..repeats {
            if self.percent <= 100 || wait >= longest {
                break;
            }
            wait = wait.saturating_mul(self.percent) / 100;
        }
        wait.min(longest)
    }
}

impl Noise {
    /// What a route does that says this itself and inherits the rest.
    #[must_use]
    pub fn over(self, above: Self) -> Self {
        Self {
            flapping: self.flapping.or(above.flapping),
            backoff: self.backoff.or(above.backoff),
        }
    }

    /// When alerts count as flapping; `None` when it is off.
    pub fn flapping(self) -> Option<Flapping> {
        self.flapping.filter(|flapping| flapping.starts > 0)
    }

    /// How long after the last message an unchanged group is told again.
    pub fn repeat_interval(self, first: Duration, repeats: u32) -> Duration {
        self.backoff
            .map_or(first, |backoff| backoff.interval(first, repeats))
    }

    /// The longest such wait.
    pub fn longest_repeat(self, first: Duration) -> Duration {
        let grows = self.backoff.filter(|backoff| backoff.percent > 100);
        grows.map_or(first, |backoff| backoff.longest.max(first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against real numbers: first × (percent / 100) ^ repeats, within its bounds.
        #[test]
        fn waits_grow_by_the_factor_up_to_the_longest(
            first in 1_u64..100_000, percent in 100_u32..1_000, longest in 1_u64..1_000_000, repeats in 0_u32..12,
        ) {
            let backoff = Backoff { percent, longest: Duration::from_secs(longest) };
            let wait = backoff.interval(Duration::from_secs(first), repeats).as_secs_f64();
            let exact = first as f64 * (f64::from(percent) / 100.0).powi(repeats.cast_signed());
            let expected = exact.min(longest.max(first) as f64);
            prop_assert!((wait - expected).abs() < 1e-6 * expected, "{} and {}", wait, expected);
        }
    }

    #[test]
    fn a_child_takes_over_what_it_does_not_say() {
        let flapping = Flapping {
            starts: 4,
            within: Duration::from_hours(1),
            hold: Duration::from_mins(10),
        };
        let above = Noise {
            flapping: Some(flapping),
            backoff: None,
        };
        assert_eq!(Noise::default().over(above).flapping(), Some(flapping));
        let off = Noise {
            flapping: Some(Flapping {
                starts: 0,
                ..flapping
            }),
            backoff: None,
        };
        assert_eq!(off.over(above).flapping(), None);
        let hour = Duration::from_hours(1);
        assert_eq!(Noise::default().repeat_interval(hour, 9), hour);
        assert_eq!(Noise::default().longest_repeat(hour), hour);
    }
}
